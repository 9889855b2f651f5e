/** From a request that may be served to the handler that serves it. */
import type { HttpResponse } from '#engine/base/http'
import { failure } from '#engine/api/status'
import { notFoundError, unknownResourceError } from '#engine/api/errors'
import { actions } from './actions/table'
import { binding } from './actions/binding'
import type { ServedResource } from './catalog'
import { warn, type Call } from './chain/call'
import { textResponse } from './chain/respond'
import { objectResponse } from './chain/shape'
import { watchResponse } from './chain/stream'
import { Aggregator } from './aggregation/aggregator'
import { CustomResources } from './customresources/controller'
import { Endpoints } from './endpoints/endpoints'
import type { RestCore, Answer } from './rest/core'
import { componentStatusList, namedComponentStatus } from './registry/core/componentstatuses/probe'
import type { Subresource } from './registry/resource'
import type { DispatchOptions } from './dispatch-options'
import { create } from './rest/create'
import { get } from './rest/get'
import { asTyped, list } from './rest/list'
import { patch } from './rest/patch'
import { remove, removeCollection } from './rest/remove'
import { scale } from './rest/scale'
import { update } from './rest/update'
import { watch } from './rest/watch'

const deprecated: Readonly<Record<string, string>> = {
  '/v1/endpoints': 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  '/v1/componentstatuses': 'v1 ComponentStatus is deprecated in v1.19+',
}

export class Dispatcher {
  private readonly endpoints: Endpoints
  private readonly customResources: CustomResources
  private readonly aggregator: Aggregator

  constructor(private readonly options: DispatchOptions) {
    this.customResources = new CustomResources(options.core.catalog, options.core.services)
    this.aggregator = new Aggregator(options.core.catalog, options.core.services)
    this.endpoints = new Endpoints(options, () => this.aggregator.remoteVersions(), {
      documents: () => new Map([...this.customResources.documents().documents, ...this.aggregator.documents()]), v2: () => this.customResources.documents(),
    })
  }

  /** Starts what follows the store: custom resources, aggregated APIs. */
  async start(signal: AbortSignal): Promise<void> {
    await this.customResources.start(signal)
    await this.aggregator.start(signal)
  }

  /** Throws, or rejects, with the Status that answers. */
  dispatch(call: Call): Promise<HttpResponse> {
    const { info } = call
    const served = info.isResource ? this.options.core.catalog.served(info.group, info.version, info.resource) : undefined
    if (served) return this.dispatchTo(call, served)
    return info.path.startsWith('/apis/') || info.isResource ? this.elsewhere(call) : this.endpoints.serve(call)
  }

  private async elsewhere(call: Call): Promise<HttpResponse> {
    return (await this.aggregator.proxy(call)) ?? (call.info.isResource ? this.unknown(call) : this.endpoints.serve(call))
  }

  private dispatchTo(call: Call, served: ServedResource): Promise<HttpResponse> {
    const { info } = call
    const text = deprecated[`${info.group}/${info.version}/${info.resource}`]
    if (text !== undefined) {
      warn(call, text)
      this.options.metrics.set('apiserver_requested_deprecated_apis', { group: info.group, removed_release: '', resource: info.resource, subresource: info.subresource, version: info.version }, 1)
    }
    if (served.definition.deprecation !== undefined) warn(call, served.definition.deprecation)
    if (info.name !== '' && info.namespace === '' && served.definition.scope === 'namespaced') return Promise.reject(unknownResourceError())
    if (info.subresource !== '') return this.subresource(call, served)
    return this.resource(call, served)
  }

  private unknown(call: Call): HttpResponse {
    const { info } = call
    if (info.group === '' && info.version === 'v1') throw unknownResourceError()
    if (this.options.core.catalog.versionsOf(info.group).includes(info.version)) throw unknownResourceError()
    return textResponse(404, '404 page not found\n')
  }

  private resource(call: Call, served: ServedResource): Promise<HttpResponse> {
    const { core } = this.options
    const { verb } = call.info
    if (!served.verbs.includes(verb) || !hasRoute(call.info, served)) throw notAllowed()
    if (verb === 'watch') return watchResponse(call, served, () => watch(core, call, served))
    if (verb === 'create' && isBindings(served)) return this.bindings(call)
    const handler = isComponentStatuses(served) ? () => this.components(call) : handlers[verb]
    if (!handler) throw notAllowed()
    return handler(core, call, served).then((answer) => this.answer(call, served, answer))
  }

  private async components(call: Call): Promise<Answer> {
    const probes = { dialer: this.options.core.services.dialer, etcd: this.options.etcd }
    if (call.info.verb === 'get') return { status: 200, object: await namedComponentStatus(probes, call.info.name) }
    return { status: 200, object: asTyped({ kind: 'ComponentStatusList', apiVersion: 'v1', metadata: {}, items: await componentStatusList(probes) }) }
  }

  private async subresource(call: Call, served: ServedResource): Promise<HttpResponse> {
    const { core } = this.options
    const { info } = call
    const entry = served.subresources.find((sub) => sub.name === info.subresource)
    if (!entry) throw served.custom ? notFoundError({ group: info.group, resource: info.resource }, info.name) : unknownResourceError()
    const action = actions[`${info.group}/${info.resource}/${info.subresource}`]
    if (action) return action({ call, served, core, entry, ...(this.options.tokenSigner ? { tokenSigner: this.options.tokenSigner } : {}) })
    if (!entry.verbs.includes(info.verb)) throw notAllowed()
    const view = served.definition.subresources?.[info.subresource]
    if (!view) throw unknownResourceError()
    return this.answer(call, served, await this.view(call, served, view))
  }

  private view(call: Call, served: ServedResource, view: Subresource): Promise<Answer> {
    const { core } = this.options
    if (view.kind === 'scale' && view.scale) return scale(core, call, served, view.scale)
    switch (call.info.verb) {
      case 'get': return get(call, served)
      case 'update': return update(core, call, served, view)
      case 'patch': return patch(core, call, served, view)
      default: throw notAllowed()
    }
  }

  /** The old way to bind: a Binding of its own. */
  private bindings(call: Call): Promise<HttpResponse> {
    const { core } = this.options
    const pods = core.catalog.served('', 'v1', 'pods') as ServedResource
    return binding({ call, served: pods, core, entry: { name: 'binding', verbs: ['create'], kind: { group: '', version: 'v1', kind: 'Binding' } } })
  }

  private answer(call: Call, served: ServedResource, answer: Answer): HttpResponse {
    return objectResponse(call, served, answer.status, answer.object)
  }
}

const handlers: Readonly<Record<string, (core: RestCore, call: Call, served: ServedResource) => Promise<Answer>>> = {
  get: (_, call, served) => get(call, served), list, create, update, patch, delete: remove, deletecollection: removeCollection,
}

const methodsOfObject = ['GET', 'PUT', 'PATCH', 'DELETE']
const methodsOfCollection = ['GET', 'POST', 'DELETE']

/** An object is read, replaced, patched and deleted; a collection is listed, added to and emptied; all namespaces together are only listed. */
function hasRoute({ method, name, namespace }: Call['info'], { definition }: ServedResource): boolean {
  if (name !== '') return methodsOfObject.includes(method)
  return definition.scope === 'namespaced' && namespace === '' ? method === 'GET' : methodsOfCollection.includes(method)
}

function isComponentStatuses({ definition }: ServedResource): boolean {
  return definition.plural === 'componentstatuses' && definition.group === ''
}

function isBindings({ definition }: ServedResource): boolean {
  return definition.plural === 'bindings' && definition.group === ''
}

function notAllowed(): Error {
  return failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
}
