/** create role, clusterrole, rolebinding, clusterrolebinding. */
import type { Flag } from '#engine/programs/common/cobra/flags'
import { string, stringArray, stringMap, strings } from '#engine/programs/common/cobra/flags'
import { CliError, PlainError } from '#engine/programs/kubectl/session/errors'
import { builtin, type Session } from '#engine/programs/kubectl/session/session'
import { generator } from './generator'

const rbac = 'rbac.authorization.k8s.io'
const standardVerbs = ['*', 'get', 'delete', 'list', 'create', 'update', 'patch', 'watch', 'proxy', 'deletecollection', 'use', 'bind', 'escalate', 'impersonate']
const nonResourceVerbs = ['*', 'get', 'put', 'post', 'head', 'options', 'delete', 'patch']
const specialVerbs: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  use: [['policy', 'podsecuritypolicies'], ['extensions', 'podsecuritypolicies']], bind: [[rbac, 'roles'], [rbac, 'clusterroles']], escalate: [[rbac, 'roles'], [rbac, 'clusterroles']],
  impersonate: [['', 'users'], ['', 'serviceaccounts'], ['', 'groups'], ['authentication.k8s.io', 'userextras']],
}

/** Why a list of pairs is refused. */
function pairsProblem(text: string): string | undefined {
  return text.split(',').every((pair) => pair.includes('=')) ? undefined : 'malformed pair, expect string=string'
}

const ruleFlags: readonly Flag[] = [
  strings('resource', 'Resource that the rule applies to'),
  stringArray('resource-name', 'Resource in the white list that the rule applies to, repeat this flag for multiple items'),
  strings('verb', 'Verb that applies to the resources contained in the rule'),
]

interface Target {
  readonly resource: string
  readonly group: string
  readonly subresource: string
}

function verbsOf(session: Session): string[] {
  const verbs = session.flags.list('verb')
  return verbs.includes('*') ? ['*'] : [...new Set(verbs)]
}

function targetsOf(session: Session): Target[] {
  const out: Target[] = []
  for (const word of session.flags.list('resource')) {
    const slash = word.indexOf('/')
    const [left, subresource] = slash < 0 ? [word, ''] : [word.slice(0, slash), word.slice(slash + 1)]
    const dot = left.indexOf('.')
    const target = { resource: dot < 0 ? left : left.slice(0, dot), group: dot < 0 ? '' : left.slice(dot + 1), subresource }
    if (target.resource === '*' && dot < 0 && slash < 0) return [target]
    out.push(target)
  }
  return out
}

async function rulesOf(session: Session, verbs: readonly string[], targets: readonly Target[]): Promise<Record<string, unknown>[]> {
  const groups = new Map<string, string[]>()
  for (const target of targets) {
    if (target.resource === '') throw new CliError('resource must be specified if apiGroup/subresource specified')
    const found = target.resource === '*' ? undefined : await session.lookUp((discovery) => discovery.find(target.group === '' ? target.resource : `${target.resource}.${target.group}`))
    const known = checkVerbs(verbs, found?.resource ?? target.resource, found?.group ?? target.group)
    if (!found && !known && target.resource !== '*') throw noMatch(target)
    const group = found?.group ?? target.group
    const name = (found?.resource ?? target.resource) + (target.subresource === '' ? '' : `/${target.subresource}`)
    const list = groups.get(group) ?? []
    if (!list.includes(name)) list.push(name)
    groups.set(group, list)
  }
  const names = [...new Set(session.flags.list('resource-name'))]
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([group, resources]) => ({ verbs: [...verbs], apiGroups: [group], resources, ...(names.length > 0 ? { resourceNames: names } : {}) }))
}

/** True where a special verb vouches for a resource the server does not list. */
function checkVerbs(verbs: readonly string[], resource: string, group: string): boolean {
  let known = false
  for (const verb of verbs) {
    const allowed = specialVerbs[verb]
    if (!allowed) continue
    if (!allowed.some(([inGroup, name]) => inGroup === group && name === resource)) throw new CliError(`can not perform '${verb}' on '${resource}' in group '${group}'`)
    known = true
  }
  return known
}

function noMatch(target: Target): Error {
  const where = target.group === '' ? '' : ` in group ${JSON.stringify(target.group)}`
  return new PlainError(`the server doesn't have a resource type ${JSON.stringify(target.resource)}${where}`)
}

async function warnVerbs(session: Session, verbs: readonly string[]): Promise<void> {
  for (const verb of verbs) if (!standardVerbs.includes(verb)) await session.err(`Warning: '${verb}' is not a standard resource verb\n`)
}

export const role = generator({
  use: 'role NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] [--dry-run=server|client|none]', short: 'Create a role with single rule',
  example: '# A role that may get, watch and list pods\nkubectl create role pod-reader --verb=get --verb=list --verb=watch --resource=pods\n\n# With an API group\nkubectl create role foo --verb=get,list,watch --resource=rs.apps',
  flags: ruleFlags, mapping: builtin(rbac, 'v1', 'roles', 'Role'),
  async make(session, name) {
    const verbs = verbsOf(session)
    if (verbs.length === 0) throw new CliError('at least one verb must be specified')
    await warnVerbs(session, verbs)
    const targets = targetsOf(session)
    if (targets.length === 0) throw new CliError('at least one resource must be specified')
    return { kind: 'Role', apiVersion: `${rbac}/v1`, metadata: { name }, rules: await rulesOf(session, verbs, targets) }
  },
})

export const clusterRole = generator({
  use: 'clusterrole NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--dry-run=server|client|none]', short: 'Create a cluster role',
  example: '# A cluster role that may get, watch and list pods\nkubectl create clusterrole pod-reader --verb=get,list,watch --resource=pods\n\n# With a non-resource URL\nkubectl create clusterrole "foo" --verb=get --non-resource-url=/logs/*',
  flags: [...ruleFlags, stringMap('aggregation-rule', 'An aggregation label selector for combining ClusterRoles.', { defaultText: '', check: pairsProblem }), strings('non-resource-url', 'A partial url that user should have access to.')],
  mapping: builtin(rbac, 'v1', 'clusterroles', 'ClusterRole', false),
  async make(session, name) {
    const { flags } = session
    const verbs = verbsOf(session)
    const urls = [...new Set(flags.list('non-resource-url'))]
    const aggregation = flags.map('aggregation-rule')
    const head = { kind: 'ClusterRole', apiVersion: `${rbac}/v1`, metadata: { name } }
    if (aggregation.size > 0) {
      if (urls.length > 0 || verbs.length > 0 || flags.list('resource').length > 0 || flags.list('resource-name').length > 0) throw new CliError('aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames')
      return { ...head, rules: null, aggregationRule: { clusterRoleSelectors: [{ matchLabels: Object.fromEntries(aggregation) }] } }
    }
    if (verbs.length === 0) throw new CliError('at least one verb must be specified')
    const targets = targetsOf(session)
    if (targets.length === 0 && urls.length === 0) throw new CliError('one of resource or nonResourceURL must be specified')
    if (targets.length > 0) await warnVerbs(session, verbs)
    checkUrls(verbs, urls)
    const rules = await rulesOf(session, verbs, targets)
    return { ...head, rules: [...rules, ...(urls.length > 0 ? [{ verbs, nonResourceURLs: urls }] : [])] }
  },
})

function checkUrls(verbs: readonly string[], urls: readonly string[]): void {
  if (urls.length === 0) return
  for (const verb of verbs) if (!nonResourceVerbs.includes(verb)) throw new CliError(`invalid verb: '${verb}' for nonResourceURL`)
  for (const url of urls) {
    if (url === '*') continue
    if (url === '' || !url.startsWith('/')) throw new CliError('nonResourceURL should start with /')
    if (url.slice(0, -1).includes('*')) throw new CliError("nonResourceURL only supports wildcard matches when '*' is at the end")
  }
}

const subjectFlags: readonly Flag[] = [
  stringArray('group', 'Groups to bind to the role. The flag can be repeated to add multiple groups.'),
  stringArray('serviceaccount', 'Service accounts to bind to the role, in the format <namespace>:<name>. The flag can be repeated to add multiple service accounts.'),
  stringArray('user', 'Usernames to bind to the role. The flag can be repeated to add multiple users.'),
]

export function subjectsOf(session: Session): Record<string, string>[] {
  const { flags } = session
  const subjects: Record<string, string>[] = []
  for (const name of flags.list('user')) subjects.push({ kind: 'User', apiGroup: rbac, name })
  for (const name of flags.list('group')) subjects.push({ kind: 'Group', apiGroup: rbac, name })
  for (const account of flags.list('serviceaccount')) {
    const parts = account.split(':')
    if (parts.length !== 2 || parts.includes('')) throw new CliError('serviceaccount must be <namespace>:<name>')
    subjects.push({ kind: 'ServiceAccount', name: parts[1] as string, namespace: parts[0] as string })
  }
  return subjects
}

export const roleBinding = generator({
  use: 'rolebinding NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]', short: 'Create a role binding for a particular role or cluster role',
  example: '# The admin cluster role for two users and a group\nkubectl create rolebinding admin --clusterrole=admin --user=user1 --user=user2 --group=group1',
  flags: [...subjectFlags, string('clusterrole', 'ClusterRole this RoleBinding should reference'), string('role', 'Role this RoleBinding should reference')],
  mapping: builtin(rbac, 'v1', 'rolebindings', 'RoleBinding'), failure: 'failed to create rolebinding: ',
  make(session, name) {
    const [clusterrole, inNamespace] = [session.flags.string('clusterrole'), session.flags.string('role')]
    if ((clusterrole === '') === (inNamespace === '')) throw new CliError('exactly one of clusterrole or role must be specified')
    const subjects = subjectsOf(session)
    return { kind: 'RoleBinding', apiVersion: `${rbac}/v1`, metadata: { name }, ...(subjects.length > 0 ? { subjects } : {}), roleRef: { apiGroup: rbac, kind: clusterrole === '' ? 'Role' : 'ClusterRole', name: clusterrole || inNamespace } }
  },
})

export const clusterRoleBinding = generator({
  use: 'clusterrolebinding NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]', short: 'Create a cluster role binding for a particular cluster role',
  example: '# The cluster-admin role for two users and a group\nkubectl create clusterrolebinding cluster-admin --clusterrole=cluster-admin --user=user1 --user=user2 --group=group1',
  flags: [...subjectFlags, string('clusterrole', 'ClusterRole this ClusterRoleBinding should reference', { required: true })],
  mapping: builtin(rbac, 'v1', 'clusterrolebindings', 'ClusterRoleBinding', false), failure: 'failed to create clusterrolebinding: ',
  make(session, name) {
    const subjects = subjectsOf(session)
    return { kind: 'ClusterRoleBinding', apiVersion: `${rbac}/v1`, metadata: { name }, ...(subjects.length > 0 ? { subjects } : {}), roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: session.flags.string('clusterrole') } }
  },
})
