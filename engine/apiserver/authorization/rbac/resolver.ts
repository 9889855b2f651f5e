/**
 * Bindings by subject. Objects of the cache never change, so an index holds as long as the very same objects are listed; it is
 * made anew only after a binding or a role was written.
 */
import type { KubeObject } from '#engine/api/object'
import type { UserInfo } from '#engine/apiserver/authentication/user'
import type { ObjectReader } from '#engine/apiserver/services'
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

export class RuleResolver {
  private readonly cluster = new Index()
  private readonly namespaces = new Map<string, Index>()

  constructor(private readonly reader: ObjectReader) {}

  /** What the user is granted in the namespace ('' for the whole cluster only). Ends early when `stop` says so. */
  async visit(user: UserInfo, namespace: string, stop: (grant: Grant) => boolean): Promise<readonly string[]> {
    const errors: string[] = []
    const keys = [`u:${user.username}`, ...user.groups.map((item) => `g:${item}`)]
    const index = this.cluster.of(await this.reader.list(`clusterrolebindings.${group}`))
    if (await this.walk(index, keys, errors, stop)) return errors
    if (namespace === '') return errors
    let local = this.namespaces.get(namespace)
    if (!local) this.namespaces.set(namespace, (local = new Index()))
    await this.walk(local.of(await this.reader.list(`rolebindings.${group}`, namespace)), keys, errors, stop)
    return errors
  }

  async grantsOf(user: UserInfo, namespace: string): Promise<Grants> {
    const grants: Grant[] = []
    const errors = await this.visit(user, namespace, (grant) => {
      grants.push(grant)
      return false
    })
    return { grants, errors }
  }

  private async walk(index: ReadonlyMap<string, readonly Entry[]>, keys: readonly string[], errors: string[], stop: (grant: Grant) => boolean): Promise<boolean> {
    const seen = new Set<KubeObject>()
    for (const key of keys) {
      for (const entry of index.get(key) ?? []) {
        if (seen.has(entry.binding)) continue
        seen.add(entry.binding)
        const ref = entry.binding.roleRef as RoleRef
        const rules = await this.rulesOf(ref, entry.binding.metadata.namespace ?? '')
        if (!rules) errors.push(`${ref.kind.toLowerCase()}.${group} ${JSON.stringify(ref.name)} not found`)
        else if (stop({ rules, source: describe(entry, ref) })) return true
      }
    }
    return false
  }

  /** Undefined when the role is not there. */
  async rulesOf(ref: RoleRef, namespace: string): Promise<readonly PolicyRule[] | undefined> {
    const role = ref.kind === 'ClusterRole' ? await this.reader.get(`clusterroles.${group}`, '', ref.name) : await this.reader.get(`roles.${group}`, namespace, ref.name)
    return role ? ((role.rules ?? []) as PolicyRule[]) : undefined
  }
}

function describe(entry: Entry, ref: RoleRef): string {
  const { name = '', namespace } = entry.binding.metadata
  const head = namespace === undefined ? `ClusterRoleBinding ${JSON.stringify(name)}` : `RoleBinding ${JSON.stringify(`${name}/${namespace}`)}`
  const { subject } = entry
  const who = subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace || (namespace ?? '')}` : subject.name
  return `${head} of ${ref.kind} ${JSON.stringify(ref.name)} to ${subject.kind} ${JSON.stringify(who)}`
}
