/** The server's own client: requests through its chain as system:apiserver. */
import { emptyBody, valueBody, type HttpRequest, type HttpResponse } from '#engine/base/http'
import { encodeUtf8 } from '#engine/base/bytes'
import type { KubeObject } from '#engine/api/object'
import { StatusError, type Status, failure } from '#engine/api/status'
import type { Catalog } from '#engine/apiserver/catalog'
import type { LoopbackClient, ResourceName } from '#engine/apiserver/services'

export class Loopback implements LoopbackClient {
  constructor(
    private readonly send: (request: HttpRequest) => Promise<HttpResponse>,
    private readonly catalog: Catalog,
  ) {}

  async get(resource: ResourceName, namespace: string, name: string): Promise<KubeObject> {
    return (await this.call('GET', this.path(resource, namespace, name))) as KubeObject
  }

  async list(resource: ResourceName, namespace: string, query: Readonly<Record<string, string>> = {}): Promise<readonly KubeObject[]> {
    const list = (await this.call('GET', this.path(resource, namespace) + queryText(query))) as { items: KubeObject[] }
    return list.items
  }

  async create(resource: ResourceName, namespace: string, object: KubeObject, query: Readonly<Record<string, string>> = {}): Promise<KubeObject> {
    return (await this.call('POST', this.path(resource, namespace) + queryText(query), object)) as KubeObject
  }

  async update(resource: ResourceName, object: KubeObject, subresource?: string): Promise<KubeObject> {
    return (await this.call('PUT', this.path(resource, object.metadata.namespace ?? '', object.metadata.name, subresource), object)) as KubeObject
  }

  async patch(resource: ResourceName, namespace: string, name: string, patch: unknown, type: string, subresource?: string): Promise<KubeObject> {
    return (await this.call('PATCH', this.path(resource, namespace, name, subresource), patch, type)) as KubeObject
  }

  async delete(resource: ResourceName, namespace: string, name: string, options?: unknown): Promise<void> {
    await this.call('DELETE', this.path(resource, namespace, name), options)
  }

  private path(resource: ResourceName, namespace: string, name?: string, subresource?: string): string {
    const definition = this.catalog.named(resource)
    if (!definition) throw failure(404, 'NotFound', 'the server could not find the requested resource', {})
    const root = definition.group === '' ? `/api/${definition.version}` : `/apis/${definition.group}/${definition.version}`
    const inNamespace = definition.scope === 'namespaced' && namespace !== '' ? `/namespaces/${namespace}` : ''
    return `${root}${inNamespace}/${definition.plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}${subresource ? `/${subresource}` : ''}`
  }

  private async call(method: string, path: string, value?: unknown, type = 'application/json'): Promise<unknown> {
    const body = value === undefined ? emptyBody : valueBody(value, (object) => encodeUtf8(JSON.stringify(object)))
    const response = await this.send({ method, path, headers: { accept: 'application/json', 'content-type': type, 'user-agent': 'kube-apiserver/v1.35.4 (linux/amd64)' }, body })
    const answer = response.body.value ?? (JSON.parse(await response.body.text()) as unknown)
    if (response.status >= 400) throw new StatusError(answer as Status)
    return answer
  }
}

function queryText(query: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(query).toString()
  return text === '' ? '' : `?${text}`
}
