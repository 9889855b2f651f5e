/**
 * Bindings by subject. Objects of the cache never change, so an index holds as long as the very same objects are listed; it is
 * made anew only after a binding or a role was written.
 */
import type { KubeObject } from '#engine/api/object'
import type { UserInfo } from '#engine/apiserver/authentication/user'
import type { ObjectReader, StandingReader } from '#engine/apiserver/services'
import type { PolicyRule } from './rules'

interface Subject { readonly kind: string; readonly name: string; readonly namespace?: string; readonly apiGroup?: string }
interface RoleRef { readonly kind: string; readonly name: string }

export interface Grant {
  readonly rules: readonly PolicyRule[]
  /** Says where the rules come from: `RBAC: allowed by ` goes before it. */
  readonly source: string
}

export interface Grants {
  readonly grants: readonly Grant[]
  readonly errors: readonly string[]
}

interface Entry { readonly binding: KubeObject; readonly subject: Subject }

const group = 'rbac.authorization.k8s.io'

class Index {
  private objects: readonly KubeObject[] = []
  private bySubject = new Map<string, Entry[]>()

  of(objects: readonly KubeObject[]): ReadonlyMap<string, readonly Entry[]> {
    if (!same(objects, this.objects)) this.build(objects)
    return this.bySubject
  }

  private build(objects: readonly KubeObject[]): void {
    this.objects = [...objects]
    this.bySubject = new Map()
    for (const binding of objects) {
      const seen = new Set<string>()
      for (const subject of (binding.subjects ?? []) as Subject[]) {
        const key = subjectKey(subject, binding.metadata.namespace ?? '')
        if (key === '' || seen.has(key)) continue
        seen.add(key)
        const list = this.bySubject.get(key)
        if (list) list.push({ binding, subject })
        else this.bySubject.set(key, [{ binding, subject }])
      }
    }
  }
}

function same(a: readonly KubeObject[], b: readonly KubeObject[]): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}

function subjectKey(subject: Subject, bindingNamespace: string): string {
  switch (subject.kind) {
    case 'User': return `u:${subject.name}`
    case 'Group': return `g:${subject.name}`
    case 'ServiceAccount': {
      const namespace = subject.namespace || bindingNamespace
      return namespace === '' ? '' : `u:system:serviceaccount:${namespace}:${subject.name}`
    }
    default: return ''
  }
}

const resources = [`clusterrolebindings.${group}`, `clusterroles.${group}`, `rolebindings.${group}`, `roles.${group}`]

export class RuleResolver {
  private readonly cluster = new Index()
  private readonly namespaces = new Map<string, Index>()

  constructor(private readonly reader: ObjectReader) {}

  /** What the user is granted in the namespace ('' for the whole cluster only). Ends early when `stop` says so. Returns errors, at once where nothing has to be waited for. */
  visit(user: UserInfo, namespace: string, stop: (grant: Grant) => boolean): readonly string[] | Promise<readonly string[]> {
    const standing = this.reader.standing(resources)
    return standing ? this.walk(standing, user, namespace, stop) : this.stand().then((later) => this.walk(later, user, namespace, stop))
  }

  async grantsOf(user: UserInfo, namespace: string): Promise<Grants> {
    const grants: Grant[] = []
    const errors = await this.visit(user, namespace, (grant) => {
      grants.push(grant)
      return false
    })
    return { grants, errors }
  }

  /** Undefined when the role is not there. */
  async rulesOf(ref: RoleRef, namespace: string): Promise<readonly PolicyRule[] | undefined> {
    return rulesIn(this.reader.standing(resources) ?? (await this.stand()), ref, namespace)
  }

  private async stand(): Promise<StandingReader> {
    for (;;) {
      for (const resource of resources) await this.reader.list(resource)
      const standing = this.reader.standing(resources)
      if (standing) return standing
    }
  }

  private walk(reader: StandingReader, user: UserInfo, namespace: string, stop: (grant: Grant) => boolean): readonly string[] {
    const errors: string[] = []
    const keys = [`u:${user.username}`, ...user.groups.map((item) => `g:${item}`)]
    const granted = (index: ReadonlyMap<string, readonly Entry[]>): boolean => grantedBy(reader, index, keys, errors, stop)
    if (granted(this.cluster.of(reader.list(`clusterrolebindings.${group}`))) || namespace === '') return errors
    let local = this.namespaces.get(namespace)
    if (!local) this.namespaces.set(namespace, (local = new Index()))
    granted(local.of(reader.list(`rolebindings.${group}`, namespace)))
    return errors
  }
}

/** True where `stop` has said so. */
function grantedBy(reader: StandingReader, index: ReadonlyMap<string, readonly Entry[]>, keys: readonly string[], errors: string[], stop: (grant: Grant) => boolean): boolean {
  const seen = new Set<KubeObject>()
  for (const key of keys) {
    for (const entry of index.get(key) ?? []) {
      if (seen.has(entry.binding)) continue
      seen.add(entry.binding)
      const ref = entry.binding.roleRef as RoleRef
      const rules = rulesIn(reader, ref, entry.binding.metadata.namespace ?? '')
      if (!rules) errors.push(`${ref.kind.toLowerCase()}.${group} ${JSON.stringify(ref.name)} not found`)
      else if (stop({ rules, source: describe(entry, ref) })) return true
    }
  }
  return false
}

function rulesIn(reader: StandingReader, ref: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
  const role = ref.kind === 'ClusterRole' ? reader.get(`clusterroles.${group}`, '', ref.name) : reader.get(`roles.${group}`, namespace, ref.name)
  return role ? ((role.rules ?? []) as PolicyRule[]) : undefined
}

function describe(entry: Entry, ref: RoleRef): string {
  const { name = '', namespace } = entry.binding.metadata
  const head = namespace === undefined ? `ClusterRoleBinding ${JSON.stringify(name)}` : `RoleBinding ${JSON.stringify(`${name}/${namespace}`)}`
  const { subject } = entry
  const who = subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace || (namespace ?? '')}` : subject.name
  return `${head} of ${ref.kind} ${JSON.stringify(ref.name)} to ${subject.kind} ${JSON.stringify(who)}`
}
