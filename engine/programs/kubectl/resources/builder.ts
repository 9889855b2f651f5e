/** From the arguments and flags of a command line to the objects they mean (cli-runtime's resource builder). */
import type { KubeObject } from '#engine/api/object'
import { parseGroupVersion } from '#engine/api/object'
import { isReason, StatusError } from '#engine/api/status'
import { matchesLabels, parseLabelSelector } from '#engine/api/selector'
import { ConnectionError } from '#engine/client/errors'
import { query } from '#engine/client/client'
import type { Mapping } from '#engine/programs/common/kube/discovery'
import { Aggregate, CliError, PlainError, throwAll } from '../session/errors'
import { namespaces, resourcePath, type Session } from '../session/session'
import { asTyped } from './typed'
import { asObject, checkKind, decodeDocuments, isList, validationError } from './decode'
import { findSources, type Source } from './files'
import type { Info } from './info'

export interface BuildRequest {
  readonly args?: readonly string[]
  readonly filenames?: readonly string[]
  readonly kustomize?: string
  readonly recursive?: boolean
  readonly selector?: string
  readonly fieldSelector?: string
  /** `--all`. */
  readonly all?: boolean
  readonly allNamespaces?: boolean
  /** A type without name or selector means all of them. */
  readonly allowEmptySelector?: boolean
  readonly subresource?: string
  /** Objects from files are fetched anew. */
  readonly latest?: boolean
  /** Default true: named objects are fetched. */
  readonly fetch?: boolean
  /** No server: files only. */
  readonly local?: boolean
  readonly validate?: boolean
  readonly chunkSize?: number
  readonly accept?: string
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly singleResourceType?: boolean
  readonly typed?: boolean // Files hold objects of known types only.
  readonly stopAtError?: boolean
  /** Lists stay lists; default false. */
  readonly keepLists?: boolean
  /** `get TYPE NAME` in the ways of `ResourceNames(default type)`. */
  readonly defaultType?: string
  readonly ignoreNotFound?: boolean
  readonly overrideNamespace?: string
  /** Text in hand instead of files; its objects are taken as they stand, without the namespace of the context. */
  readonly stream?: { readonly name: string; readonly text: string }
}

export interface Built {
  /** Calls `visit` for each object in turn; errors are kept and thrown together at the end. */
  visit(visit: (info: Info) => Promise<void>): Promise<void>
  /** The objects that could be had, and the error of the others. */
  infos(): Promise<{ infos: Info[]; error: Error | undefined }>
  /** The user asked for exactly one object. */
  readonly singleItemImplied: boolean
  readonly targetsSingleItems: boolean
}

interface Target {
  load(visit: (info: Info) => Promise<void>): Promise<void>
}

export const missingResource = new CliError(`You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`)

const specificNamespace = 'namespace may not be empty when retrieving a resource by name'

/** Finds out what is meant; objects are fetched by `visit` and `infos`. Throws for what cannot be meant at all. */
export async function build(session: Session, request: BuildRequest): Promise<Built> {
  if (!request.local && session.flags.string('namespace') !== '') session.connectForSearch()
  const planner = new Planner(session, request)
  const plan = request.stream ? planner.ofText(request.stream) : await planner.plan()
  return new Visitor(session, request, plan)
}

interface Plan {
  readonly targets: readonly Target[]
  readonly singleItemImplied: boolean
  readonly targetsSingleItems: boolean
}

class Visitor implements Built {
  readonly singleItemImplied: boolean
  readonly targetsSingleItems: boolean

  constructor(
    private readonly session: Session,
    private readonly request: BuildRequest,
    private readonly plan: Plan,
  ) {
    this.singleItemImplied = plan.singleItemImplied
    this.targetsSingleItems = plan.targetsSingleItems
  }

  async visit(visit: (info: Info) => Promise<void>): Promise<void> {
    const own: Error[] = []
    const source: Error[] = []
    const guarded = async (info: Info): Promise<void> => {
      try {
        await this.prepare(info)
        await visit(info)
      } catch (error) {
        if (isFatal(error) || this.request.stopAtError) throw error
        if (this.request.ignoreNotFound && error instanceof StatusError && error.status.reason === 'NotFound') return
        own.push(error as Error)
      }
    }
    for (const target of this.plan.targets) {
      try {
        await target.load(guarded)
      } catch (error) {
        if (isFatal(error) || this.request.stopAtError) throw error
        if (this.request.ignoreNotFound && error instanceof StatusError && error.status.reason === 'NotFound') continue
        source.push(...(error instanceof SourceErrors ? error.errors : [error as Error]))
      }
    }
    throwAll(source.length === 0 ? own : [...own, source.length === 1 ? (source[0] as Error) : new Aggregate(source)].map((error, index, all) => (all.length > 1 && error instanceof Aggregate ? new PlainError(error.message) : error)))
  }

  async infos(): Promise<{ infos: Info[]; error: Error | undefined }> {
    const infos: Info[] = []
    try {
      await this.visit((info) => {
        infos.push(info)
        return Promise.resolve()
      })
    } catch (error) {
      if (isFatal(error)) throw error
      return { infos, error: error as Error }
    }
    return { infos, error: undefined }
  }

  private async prepare(info: Info): Promise<void> {
    if (info.source !== '' && !this.request.local && !this.request.stream) this.applyNamespace(info)
    const fetch = this.request.latest ? info.name !== '' : info.object === undefined && this.request.fetch !== false
    if (info.object !== undefined && !(this.request.latest && info.source !== '')) return
    if (fetch) info.object = await this.fetch(info)
  }

  /** Where an object is missing, its namespace may be: then that is what is told. */
  private async fetch({ mapping, namespace, name }: Info): Promise<KubeObject> {
    try {
      return await this.session.request('GET', resourcePath(mapping, namespace, name, this.request.subresource) + query({ ...this.request.parameters }), { ...(this.request.accept ? { accept: this.request.accept } : {}) })
    } catch (error) {
      if (isReason(error, 'NotFound') && namespace !== '' && namespace !== 'default') await this.refuseMissingNamespace(namespace)
      throw error
    }
  }

  private async refuseMissingNamespace(name: string): Promise<void> {
    try {
      await this.session.get(namespaces, '', name)
    } catch (error) {
      if (isReason(error, 'NotFound')) throw error
    }
  }

  private applyNamespace(info: Info): void {
    const wanted = this.request.overrideNamespace ?? this.session.namespace
    if (!info.mapping.namespaced) {
      info.namespace = ''
      if (info.object?.metadata.namespace !== undefined) delete info.object.metadata.namespace
    } else if (info.namespace === '') {
      info.namespace = wanted
      if (info.object) info.object.metadata.namespace = wanted
    } else if (info.namespace !== wanted && this.session.namespaceGiven)
      throw new CliError(`the namespace from the provided object ${JSON.stringify(info.namespace)} does not match the namespace ${JSON.stringify(wanted)}. You must pass '--namespace=${info.namespace}' to perform this operation.`)
  }
}

class SourceErrors extends Error {
  constructor(readonly errors: readonly Error[]) {
    super('')
  }
}

function isFatal(error: unknown): boolean {
  return !(error instanceof Error) || error.name === 'ProcessKilled' || error.name === 'AssertionError' || error instanceof TypeError || error instanceof RangeError
}

class Planner {
  constructor(
    private readonly session: Session,
    private readonly request: BuildRequest,
  ) {}

  async plan(): Promise<Plan> {
    const { filenames = [], kustomize = '' } = this.request
    if (filenames.length > 0 && kustomize !== '') throw new CliError('only one of -f or -k can be specified')
    if (kustomize !== '' && this.request.recursive) throw new CliError("the -k flag can't be used with -f or -R")
    const args = this.normalized()
    const combined = combinedForm(args)
    if (filenames.length > 0 || kustomize !== '') return this.byPaths(args, combined)
    if (this.request.local) throw new CliError('you must specify resources by --filename when --local is set.\nExample resource specifications include:\n   \'-f rsrc.yaml\'\n   \'--filename=rsrc.json\'')
    const selecting = this.isSelecting()
    if (!combined) return await this.byTypes(args, selecting)
    if (selecting) throw new CliError('selectors and the all flag cannot be used when passing resource/name arguments')
    return await this.byTuples(args)
  }

  private isSelecting(): boolean {
    const { all = false, selector = '', fieldSelector = '' } = this.request
    const selected = selector !== '' || fieldSelector !== ''
    if (all && selected) throw new CliError(`setting 'all' parameter but found a non empty selector. `)
    return all || selected
  }

  /** `TYPE`, `TYPE NAME...`. */
  private async byTypes(args: readonly string[], selecting: boolean): Promise<Plan> {
    const [types, ...names] = args
    if (types === undefined) throw selecting ? new CliError('at least one resource must be specified to use a selector') : missingResource
    if (names.length > 0 && selecting) throw new CliError('name cannot be provided when a selector is specified')
    if (names.length > 0) return await this.byNames(types, names)
    if (selecting || this.request.allowEmptySelector) return await this.bySelector(types)
    await this.mappings(types)
    throw new CliError('resource(s) were provided, but no name was specified')
  }

  ofText({ name, text }: { readonly name: string; readonly text: string }): Plan {
    const source: Source = { name, read: () => Promise.resolve(text) }
    return { targets: [{ load: (visit) => this.loadSource(source, visit) }], singleItemImplied: false, targetsSingleItems: true }
  }

  /** `pods,svc a b` is `pods/a pods/b svc/a svc/b`. */
  private normalized(): string[] {
    const args = [...(this.request.args ?? [])]
    if (this.request.defaultType !== undefined && args.length > 0) return args.map((arg) => (arg.includes('/') ? arg : `${this.request.defaultType as string}/${arg}`))
    if (args.length < 2) return args
    const types = unique((args[0] as string).split(','))
    return types.length > 1 ? types.flatMap((type) => args.slice(1).map((name) => `${type}/${name}`)) : args
  }

  private async mappings(types: string): Promise<Mapping[]> {
    const out: Mapping[] = []
    const discovery = await this.session.discovery()
    const words = types.split(',').flatMap((word) => {
      const expanded = discovery.category(word)
      return expanded.length > 0 ? expanded : [word]
    })
    if (this.request.singleResourceType && unique(words).length > 1) throw new CliError('you may only specify a single resource type')
    for (const word of unique(words)) {
      const mapping = await this.session.mappingFor(word)
      if (!out.includes(mapping)) out.push(mapping)
    }
    return out
  }

  private async byTuples(args: readonly string[]): Promise<Plan> {
    const targets: Target[] = []
    for (const arg of args) {
      const parts = arg.split('/')
      if (parts.length !== 2) throw new CliError('arguments in resource/name form may not have more than one slash')
      const [type = '', name = ''] = parts
      if (type === '' || name === '' || type.includes(',')) throw new CliError('arguments in resource/name form must have a single resource and name')
      targets.push({ type, name } as unknown as Target)
    }
    const loaded: Target[] = []
    for (const { type, name } of targets as unknown as { type: string; name: string }[]) loaded.push(this.named(await this.session.mappingFor(type), name))
    if (this.request.singleResourceType && new Set((targets as unknown as { type: string }[]).map((entry) => entry.type)).size > 1) throw new CliError('you may only specify a single resource type')
    return { targets: loaded, singleItemImplied: loaded.length === 1, targetsSingleItems: true }
  }

  private async byNames(types: string, names: readonly string[]): Promise<Plan> {
    const mappings = await this.mappings(types)
    if (mappings.length > 1) throw new CliError('you must specify only one resource')
    const mapping = mappings[0] as Mapping
    return { targets: names.map((name) => this.named(mapping, name)), singleItemImplied: names.length === 1, targetsSingleItems: true }
  }

  private named(mapping: Mapping, name: string): Target {
    let namespace = ''
    if (mapping.namespaced) {
      if (this.request.allNamespaces) throw new CliError('a resource cannot be retrieved by name across all namespaces')
      namespace = this.request.overrideNamespace ?? this.session.namespace
      if (namespace === '') throw new CliError(specificNamespace)
    }
    return { load: (visit) => visit({ mapping, namespace, name, source: '', object: undefined }) }
  }

  private async bySelector(types: string): Promise<Plan> {
    const mappings = await this.mappings(types)
    if ((this.request.subresource ?? '') !== '') throw new CliError('subresource cannot be used when bulk resources are specified')
    return { targets: mappings.map((mapping) => ({ load: (visit) => this.select(mapping, visit) })), singleItemImplied: false, targetsSingleItems: false }
  }

  private async select(mapping: Mapping, visit: (info: Info) => Promise<void>): Promise<void> {
    const namespace = mapping.namespaced && !this.request.allNamespaces ? (this.request.overrideNamespace ?? this.session.namespace) : ''
    const { selector = '', fieldSelector = '' } = this.request
    let next: string | undefined
    do {
      const fields: Record<string, unknown> = { labelSelector: selector, fieldSelector, limit: this.request.chunkSize === 0 ? undefined : (this.request.chunkSize ?? 500), continue: next, ...this.request.parameters }
      const list = await this.fetchList(mapping, namespace, fields, selector, fieldSelector)
      next = (list['metadata'] as { continue?: string } | undefined)?.continue
      if (this.request.keepLists || list.kind === 'Table') await visit({ mapping, namespace, name: '', source: '', object: list })
      else for (const item of (list['items'] as KubeObject[] | null) ?? []) await visit(itemInfo(mapping, item))
    } while (next)
  }

  private async fetchList(mapping: Mapping, namespace: string, fields: Record<string, unknown>, selector: string, fieldSelector: string): Promise<KubeObject> {
    try {
      return await this.session.request('GET', resourcePath(mapping, namespace) + query(fields), { ...(this.request.accept ? { accept: this.request.accept } : {}) })
    } catch (error) {
      if (error instanceof StatusError && (error.status.reason === 'BadRequest' || error.status.reason === 'NotFound')) {
        const subject = `${mapping.group}/${mapping.version}, Resource=${mapping.resource}`
        const message = selector === '' && fieldSelector === '' ? `Unable to list ${JSON.stringify(subject)}: ${error.message}` : `Unable to find ${JSON.stringify(subject)} that match label selector ${JSON.stringify(selector)}, field selector ${JSON.stringify(fieldSelector)}: ${error.message}`
        throw new StatusError({ ...error.status, message })
      }
      throw error
    }
  }

  private async byPaths(args: readonly string[], combined: boolean): Promise<Plan> {
    const { sources, errors, several } = await this.sources()
    if (errors.length > 0) throwAll(errors)
    if (args.length > 0) throw new CliError(combined ? 'resource/name arguments cannot be provided when a path is specified' : 'when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well')
    const targets = sources.map((source) => ({ load: (visit: (info: Info) => Promise<void>) => this.loadSource(source, visit) }))
    return { targets, singleItemImplied: !several && targets.length === 1, targetsSingleItems: true }
  }

  private async sources(): Promise<ReturnType<typeof findSources>> {
    const { kustomize = '' } = this.request
    if (kustomize === '') return findSources(this.session, this.request.filenames ?? [], this.request.recursive ?? false)
    const text = (await this.session.kustomize(kustomize)).documents.join('---\n')
    return { sources: [{ name: kustomize, read: () => Promise.resolve(text) }], errors: [], several: true }
  }

  private async loadSource(source: Source, visit: (info: Info) => Promise<void>): Promise<void> {
    const errors: Error[] = []
    const text = await source.read()
    for (const value of decodeDocuments(text, source.name)) {
      if (this.request.validate) await this.validate(value, source.name)
      try {
        await this.visitObject(asObject(value, source.name, this.request.typed), source.name, visit)
      } catch (error) {
        if (isFatal(error) || this.request.stopAtError) throw error
        errors.push(error as Error)
      }
    }
    if (errors.length > 0) throw new SourceErrors(errors)
  }

  private async validate(value: unknown, source: string): Promise<void> {
    checkKind(value, source)
    try {
      await this.session.discovery(0)
    } catch (error) {
      if (error instanceof ConnectionError) throw validationError(source, `failed to download openapi: ${error.message.replace('/api?timeout', '/openapi/v2?timeout')}`)
      throw error
    }
  }

  private async visitObject(read: KubeObject, source: string, visit: (info: Info) => Promise<void>): Promise<void> {
    const object = this.request.typed && !isList(read) ? asTyped(read, source) : read
    if (isList(object) && !this.request.keepLists) {
      for (const item of object['items'] as unknown[]) await this.visitObject(asObject(item, source), source, visit)
      return
    }
    if ((this.request.selector ?? '') !== '' && !matchesLabels(parseLabelSelector(this.request.selector as string), object.metadata.labels ?? {})) return
    const mapping = this.request.local ? localMapping(object) : await this.mappingOf(object, source)
    await visit({ mapping, namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '', source, object })
  }

  private async mappingOf(object: KubeObject, source: string): Promise<Mapping> {
    const { group, version } = parseGroupVersion(object.apiVersion)
    const mapping = await this.session.lookUp((discovery) => discovery.forKind(group, object.kind, version), 1).catch((error: unknown) => {
      throw error instanceof ConnectionError ? new CliError(`unable to recognize ${JSON.stringify(source)}: ${error.message}`) : (error as Error)
    })
    if (mapping) return mapping
    throw new CliError(`resource mapping not found for name: ${JSON.stringify(object.metadata.name ?? '')} namespace: ${JSON.stringify(object.metadata.namespace ?? '')} from ${JSON.stringify(source)}: no matches for kind ${JSON.stringify(object.kind)} in version ${JSON.stringify(object.apiVersion)}\nensure CRDs are installed first`)
  }
}

function itemInfo(mapping: Mapping, item: KubeObject): Info {
  const typed: KubeObject = item.kind ? item : { ...item, apiVersion: mapping.group === '' ? mapping.version : `${mapping.group}/${mapping.version}`, kind: mapping.kind }
  return { mapping, namespace: typed.metadata.namespace ?? '', name: typed.metadata.name ?? '', source: '', object: typed }
}

export function localMapping(object: KubeObject): Mapping {
  const { group, version } = parseGroupVersion(object.apiVersion)
  return { group, version, resource: `${object.kind.toLowerCase()}s`, singular: object.kind.toLowerCase(), kind: object.kind, namespaced: true, verbs: [], shortNames: [], categories: [], subresources: [] }
}

function combinedForm(args: readonly string[]): boolean {
  const slashes = args.filter((arg) => arg.includes('/')).length
  if (slashes > 0 && slashes !== args.length)
    throw new CliError("there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'")
  return slashes > 0
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)]
}
