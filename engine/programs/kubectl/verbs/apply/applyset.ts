/** ApplySets (alpha): a parent object remembers what was applied together, so that what has left the set can be pruned. */
import { sha256 } from '@noble/hashes/sha2.js'
import { copyObject, type KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { encodeUtf8, toBase64 } from '#engine/base/bytes'
import { query } from '#engine/client/client'
import type { Info } from '#engine/programs/kubectl/resources/info'
import type { Mapping } from '#engine/programs/common/kube/discovery'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { builtin, clientGitVersion, type DryRun, resourcePath, type Session } from '#engine/programs/kubectl/session/session'
import { cascadeOf } from '../delete/delete'
import { patchObject, resultPrinter } from '../write'

const prefix = 'applyset.kubernetes.io'
const idLabel = `${prefix}/id`
const partOf = `${prefix}/part-of`
const toolingAnnotation = `${prefix}/tooling`
const kindsAnnotation = `${prefix}/contains-group-kinds`
const namespacesAnnotation = `${prefix}/additional-namespaces`
const manager = 'kubectl-applyset'

const definitions = builtin('apiextensions.k8s.io', 'v1', 'customresourcedefinitions', 'CustomResourceDefinition', false)
const secrets = builtin('', 'v1', 'secrets', 'Secret')

interface Members {
  /** `Deployment.apps`, `ConfigMap`. */
  readonly kinds: ReadonlyMap<string, Mapping>
  readonly namespaces: ReadonlySet<string>
}

const nobody: Members = { kinds: new Map(), namespaces: new Set() }

/** `[RESOURCE][.GROUP]/NAME`; a Secret where no resource is named. */
export async function findApplySet(session: Session, reference: string): Promise<ApplySet> {
  const slash = reference.indexOf('/')
  const [type, name] = slash < 0 ? [undefined, reference] : [reference.slice(0, slash), reference.slice(slash + 1)]
  const invalid = (why: string): CliError => new CliError(`invalid parent reference ${JSON.stringify(reference)}: ${why}`)
  if (name === '') throw invalid('name cannot be blank')
  if (type === undefined) return new ApplySet(session, secrets, name)
  if (type === '') throw invalid('a resource must be present, got: /, Resource=')
  const [resource = '', ...group] = type.split('.')
  const mapping = (await session.discovery()).find(type)
  if (!mapping) throw invalid(`no matches for ${group.join('.')}/, Resource=${resource}`)
  return new ApplySet(session, mapping, name)
}

export class ApplySet {
  private known = nobody
  private given = nobody
  private readonly namespace: string

  constructor(
    private readonly session: Session,
    private readonly mapping: Mapping,
    private readonly name: string,
  ) {
    // The kubeconfig's namespace does not count: only what the flag says.
    this.namespace = mapping.namespaced ? session.flags.string('namespace') : ''
  }

  async check(): Promise<void> {
    const { mapping } = this
    if (mapping.namespaced && this.namespace === '') throw new CliError('namespace is required to use namespace-scoped ApplySet')
    if (isBuiltinParent(mapping) || (await this.isPermitted())) return
    throw new CliError(`resource "${mapping.group}/${mapping.version}, Resource=${mapping.resource}" is not permitted as an ApplySet parent`)
  }

  private async isPermitted(): Promise<boolean> {
    const { items } = await this.session.list(definitions, '', { labelSelector: `${prefix}/is-parent-type=true` })
    return items.some(({ metadata }) => metadata.name === `${this.mapping.resource}.${this.mapping.group}`)
  }

  private get id(): string {
    const { name, namespace, mapping } = this
    const digest = sha256(encodeUtf8(`${name}.${namespace}.${mapping.kind}.${mapping.group}`))
    return `applyset-${toBase64(digest).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')}-v1`
  }

  /** The parent first holds what was and what will be there, so that nothing is lost if the rest fails; then each object is marked. */
  async begin(infos: readonly Info[], dryRun: DryRun, validation: string): Promise<void> {
    this.known = await this.fetch()
    this.given = membersOf(infos)
    await this.updateParent(joined(this.known, this.given), dryRun, validation)
    for (const { object } of infos) if (object) this.mark(object)
  }

  private mark(object: KubeObject): void {
    if (object.metadata.labels && partOf in object.metadata.labels) throw new CliError(`ApplySet label ${JSON.stringify(partOf)} already set in input data`)
    object.metadata.labels = { ...object.metadata.labels, [partOf]: this.id }
  }

  private async fetch(): Promise<Members> {
    const shown = JSON.stringify(`${this.mapping.resource}.${this.mapping.group}/${this.name}`)
    let parent: KubeObject
    try {
      parent = await this.session.get(this.mapping, this.namespace, this.name)
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw new CliError(`failed to fetch ApplySet parent object ${shown}: ${(error as Error).message}`)
      if (!isBuiltinParent(this.mapping)) throw new CliError('custom resource ApplySet parents cannot be created automatically')
      return nobody
    }
    const { annotations = {}, labels = {} } = parent.metadata
    this.checkParent(shown, annotations, labels)
    const namespaces = (annotations[namespacesAnnotation] ?? '').split(',').filter((namespace) => namespace !== '')
    return { kinds: await this.kindsIn(shown, annotations[kindsAnnotation]), namespaces: new Set([...namespaces, ...(this.namespace === '' ? [] : [this.namespace])]) }
  }

  private checkParent(shown: string, annotations: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): void {
    const tooling = annotations[toolingAnnotation]
    if (tooling === undefined) throw new CliError(`ApplySet parent object ${shown} already exists and is missing required annotation ${JSON.stringify(toolingAnnotation)}`)
    const tool = tooling.split('/')[0] as string
    if (tool !== 'kubectl') throw new CliError(`ApplySet parent object ${shown} already exists and is managed by tooling ${JSON.stringify(tool)} instead of "kubectl"`)
    const id = labels[idLabel]
    if (id === undefined) throw new CliError(`ApplySet parent object ${shown} exists and does not have required label ${idLabel}`)
    if (id !== this.id) throw new CliError(`ApplySet parent object ${shown} exists and has incorrect value for label ${JSON.stringify(idLabel)} (got: ${id}, want: ${this.id})`)
  }

  private async kindsIn(shown: string, text: string | undefined): Promise<Map<string, Mapping>> {
    const fail = (why: string): CliError => new CliError(`parsing ApplySet annotation on ${shown}: ${why}`)
    if (text === undefined) throw fail(`kubectl requires the ${JSON.stringify(kindsAnnotation)} annotation to be set on all ApplySet parent objects`)
    const discovery = await this.session.discovery()
    const out = new Map<string, Mapping>()
    for (const name of text.split(',').filter((entry) => entry !== '')) {
      const [kind = '', ...group] = name.split('.')
      const mapping = discovery.forKind(group.join('.'), kind)
      if (!mapping) throw fail(`could not find mapping for kind in ${JSON.stringify(kindsAnnotation)} annotation: no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group.join('.'))}`)
      out.set(name, mapping)
    }
    return out
  }

  /** Fields that others took are taken back. */
  private async updateParent(members: Members, dryRun: DryRun, validation: string): Promise<void> {
    if (dryRun === 'client') return
    const { mapping, name, namespace, session } = this
    const annotations = { [namespacesAnnotation]: [...members.namespaces].filter((other) => other !== namespace).sort().join(','), [kindsAnnotation]: [...members.kinds.keys()].sort().join(','), [toolingAnnotation]: `kubectl/${clientGitVersion}` }
    const body = { apiVersion: mapping.group === '' ? mapping.version : `${mapping.group}/${mapping.version}`, kind: mapping.kind, metadata: { annotations, labels: { [idLabel]: this.id }, name, ...(namespace === '' ? {} : { namespace }) } }
    const send = (force: boolean): Promise<KubeObject> => patchObject(session, mapping, namespace, name, 'apply', body, { dryRun, fieldManager: manager, fieldValidation: validation, force })
    try {
      await send(false).catch(async (error: unknown) => {
        if (!isReason(error, 'Conflict')) throw error
        await session.err(`${session.stamp('W')} applyset.go:447] WARNING: failed to update ApplySet: ${(error as Error).message}\nApplySet field manager ${manager} should own these fields. Retrying with conflicts forced.\n`)
        await send(true)
      })
    } catch (error) {
      if ((error as Error).name === 'ProcessKilled') throw error
      throw new CliError(`failed to update ApplySet: ${(error as Error).message}`)
    }
  }

  /** What was part of the set and was not applied this time goes; then the parent forgets it. */
  async prune(dryRun: DryRun, validation: string, applied: ReadonlySet<string>): Promise<void> {
    const { session } = this
    const printer = resultPrinter(session, 'pruned', dryRun)
    for (const { mapping, object } of await this.left(applied)) {
      const { name = '', namespace = '' } = object.metadata
      if (dryRun !== 'client') await session.request('DELETE', resourcePath(mapping, namespace, name) + query({ dryRun: dryRun === 'server' ? 'All' : undefined }), { body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: cascadeOf(session) } })
      await session.out(printer.print(object))
    }
    await this.updateParent(this.given, dryRun, validation)
  }

  private async left(applied: ReadonlySet<string>): Promise<{ mapping: Mapping; object: KubeObject }[]> {
    const out: { mapping: Mapping; object: KubeObject }[] = []
    for (const mapping of this.known.kinds.values()) {
      for (const namespace of mapping.namespaced ? this.known.namespaces : ['']) {
        const { items } = await this.session.list(mapping, namespace, { labelSelector: `${partOf}=${this.id}` })
        const apiVersion = mapping.group === '' ? mapping.version : `${mapping.group}/${mapping.version}`
        for (const item of items) if (!applied.has(item.metadata.uid ?? '')) out.push({ mapping, object: { ...copyObject(item), apiVersion, kind: mapping.kind } })
      }
    }
    return out
  }
}

function isBuiltinParent({ group, resource }: Mapping): boolean {
  return group === '' && (resource === 'secrets' || resource === 'configmaps')
}

function membersOf(infos: readonly Info[]): Members {
  return { kinds: new Map(infos.map(({ mapping }) => [mapping.group === '' ? mapping.kind : `${mapping.kind}.${mapping.group}`, mapping])), namespaces: new Set(infos.map(({ namespace }) => namespace).filter((namespace) => namespace !== '')) }
}

function joined(a: Members, b: Members): Members {
  return { kinds: new Map([...a.kinds, ...b.kinds]), namespaces: new Set([...a.namespaces, ...b.namespaces]) }
}
