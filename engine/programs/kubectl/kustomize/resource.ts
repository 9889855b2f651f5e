/** Objects on their way through the build, with the names they had before. */
import { parseGroupVersion } from '#engine/api/object'
import type { PatchMeta } from '#engine/programs/common/patch/schema'
import { CliError } from '../session/errors'
import { isClusterScoped } from './scope.table'

export type Data = Record<string, unknown>

export interface Gvk {
  readonly group: string
  readonly version: string
  readonly kind: string
}

export interface ResourceId extends Gvk {
  readonly name: string
  readonly namespace: string
}

export interface Origin {
  readonly path?: string
  readonly configuredIn?: string
  readonly configuredBy?: { readonly apiVersion: string; readonly kind: string; readonly name?: string; readonly namespace?: string }
}

export type Behavior = 'unspecified' | 'create' | 'replace' | 'merge'

export class Resource {
  readonly previous: ResourceId[] = []
  readonly prefixes: string[] = []
  readonly suffixes: string[] = []
  needsHash = false
  behavior: Behavior = 'unspecified'
  /** Options of the patch that renamed it, which allow later patches to find it by its old name. */
  allowNameChange = false
  allowKindChange = false
  /** Where it came from, and what changed it: for `buildMetadata`. */
  origin: Origin | undefined
  readonly transformations: Origin[] = []

  constructor(public object: Data) {}

  get metadata(): Data {
    return (this.object['metadata'] ??= {}) as Data
  }

  get name(): string {
    return String(this.metadata['name'] ?? '')
  }

  set name(value: string) {
    this.metadata['name'] = value
  }

  get namespace(): string {
    return String(this.metadata['namespace'] ?? '')
  }

  get kind(): string {
    return String(this.object['kind'] ?? '')
  }

  get gvk(): Gvk {
    const { group, version } = parseGroupVersion(String(this.object['apiVersion'] ?? ''))
    return { group, version, kind: this.kind }
  }

  get id(): ResourceId {
    return { ...this.gvk, name: this.name, namespace: this.namespace }
  }

  get originalId(): ResourceId {
    return this.previous[0] ?? this.id
  }

  get allIds(): ResourceId[] {
    return [...this.previous, this.id]
  }

  /** Keeps the present name before it changes. */
  remember(): void {
    const { id } = this
    const last = this.previous.at(-1)
    if (!last || idText(last) !== idText(id)) this.previous.push(id)
  }
}

export function gvkText({ group, version, kind }: Gvk): string {
  return `${kind || '[noKind]'}.${version || '[noVer]'}.${group || '[noGrp]'}`
}

export function idText(id: ResourceId): string {
  return `${gvkText(id)}/${id.name || '[noName]'}.${id.namespace || '[noNs]'}`
}

/** Go's %#v of an id. */
function goText({ group, version, kind, name, namespace }: ResourceId): string {
  return `resid.ResId{Gvk:resid.Gvk{Group:${JSON.stringify(group)}, Version:${JSON.stringify(version)}, Kind:${JSON.stringify(kind)}, isClusterScoped:false}, Name:${JSON.stringify(name)}, Namespace:${JSON.stringify(namespace)}}`
}

function effectiveNamespace(id: ResourceId): string {
  return isClusterScoped(id) ? '_cluster' : id.namespace || 'default'
}

/** Group, kind, name and namespace agree; versions may differ. */
export function sameId(a: ResourceId, b: ResourceId): boolean {
  return a.group === b.group && a.kind === b.kind && a.name === b.name && effectiveNamespace(a) === effectiveNamespace(b)
}

export class ResourceMap {
  readonly list: Resource[] = []

  /** `schema`: how lists of a kind merge, where the kustomization brings its own OpenAPI. */
  constructor(readonly schema?: (gvk: Gvk) => PatchMeta) {}

  append(resource: Resource): void {
    const { id } = resource
    if (this.list.some((other) => sameId(other.id, id) && other.gvk.version === id.version)) throw new CliError(`may not add resource with an already registered id: ${idText(id)}`)
    this.list.push(resource)
  }

  remove(resource: Resource): void {
    this.list.splice(this.list.indexOf(resource), 1)
  }

  /** Generated objects replace or join what is there, as their behavior says. */
  absorb(resource: Resource): void {
    const { id } = resource
    const found = this.list.filter((other) => other.allIds.some((known) => sameId(known, id)))
    if (found.length > 1) throw new CliError(`found multiple objects ${idText(id)} that could accept merge of ${idText(id)}`)
    const [target] = found
    const { behavior } = resource
    if (!target) {
      if (behavior === 'merge' || behavior === 'replace') throw new CliError(`id ${goText(id)} does not exist; cannot merge or replace`)
      return this.append(resource)
    }
    if (behavior === 'replace') replaceContent(target, resource)
    else if (behavior === 'merge') mergeContent(target, resource)
    else throw new CliError(`id ${goText(id)} exists; behavior must be merge or replace`)
    target.behavior = behavior
  }
}

/** Names and the need of a hash stay those of the object that was there. */
function replaceContent(target: Resource, by: Resource): void {
  const { name, namespace } = target
  target.object = { ...by.object, metadata: { ...joined(target.metadata, by.metadata), name, ...(namespace === '' ? {} : { namespace }) } }
}

function mergeContent(target: Resource, by: Resource): void {
  const old = target.object
  replaceContent(target, by)
  for (const field of ['data', 'binaryData']) {
    const both = { ...(old[field] as Data | undefined), ...(by.object[field] as Data | undefined) }
    if (Object.keys(both).length > 0) target.object[field] = both
  }
}

function joined(first: Data, second: Data): Data {
  const out: Data = { ...first, ...second }
  for (const field of ['labels', 'annotations']) {
    const both = { ...(first[field] as Data | undefined), ...(second[field] as Data | undefined) }
    if (Object.keys(both).length > 0) out[field] = both
  }
  return out
}
