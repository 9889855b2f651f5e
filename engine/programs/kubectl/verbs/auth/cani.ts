import { type PolicyRule, ruleRows } from '#engine/programs/kubectl/verbs/rules'
import { alignTabs, tableTabs } from '#engine/programs/common/tabwriter/tabwriter'
import { bool, string } from '#engine/programs/common/cobra/flags'
import { allNamespacesFlag } from '#engine/programs/kubectl/flagsets'
import { CliError, ExitError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { ConnectionError } from '#engine/client/errors'
import type { Mapping } from '#engine/programs/common/kube/discovery'
import { verb } from '../verb'

const knownVerbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', 'use', 'bind', 'impersonate', '*', 'approve', 'sign', 'escalate', 'attest']

export const canI = verb({
  use: 'can-i VERB [TYPE | TYPE/NAME | NONRESOURCEURL]',
  short: 'Check whether an action is allowed',
  long: 'Check whether an action is allowed.\n\n VERB is a logical Kubernetes API verb like \'get\', \'list\', \'watch\', \'delete\', etc. TYPE is a Kubernetes resource. Shortcuts and groups will be resolved. NONRESOURCEURL is a partial URL that starts with "/". NAME is the name of a particular Kubernetes resource. This command pairs nicely with impersonation. See --as global flag.',
  example: '# Check to see if I can create pods in any namespace\nkubectl auth can-i create pods --all-namespaces\n\n# Check to see if service account "foo" of namespace "dev" can list pods in the namespace "prod"\nkubectl auth can-i list pods --as=system:serviceaccount:dev:foo -n prod\n\n# List all allowed actions in namespace "foo"\nkubectl auth can-i --list --namespace=foo',
  flags: [
    allNamespacesFlag,
    bool('list', 'If true, prints all allowed actions.'),
    bool('no-headers', 'If true, prints allowed actions without headers'),
    bool('quiet,q', 'If true, suppress output and just return the exit code.'),
    string('subresource', 'SubResource such as pod/log or deployment/scale'),
  ],
  run: runCanI,
})

interface Question {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly name: string
  readonly url: string
}

async function runCanI(session: Session): Promise<number> {
  const { flags } = session
  if (flags.bool('list')) {
    if (session.args.length > 0) throw new CliError('list option must be specified with no arguments')
    if (flags.bool('quiet') || flags.bool('all-namespaces') || flags.string('subresource') !== '') throw new CliError("list option can't be specified with neither quiet, all-namespaces nor subresource options")
    await listRules(session)
    return 0
  }
  const question = await questionOf(session)
  const namespace = flags.bool('all-namespaces') ? '' : session.namespace
  const attributes = question.url !== ''
    ? { nonResourceAttributes: { verb: question.verb, path: question.url } }
    : { resourceAttributes: { namespace, verb: question.verb, group: question.group, resource: question.resource, subresource: question.subresource, name: question.name } }
  const review = await session.request<{ status?: { allowed?: boolean; reason?: string; evaluationError?: string } }>('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: attributes } })
  const allowed = review.status?.allowed === true
  if (!flags.bool('quiet')) await session.out(answer(allowed, review.status?.reason ?? '', review.status?.evaluationError ?? ''))
  if (!allowed) throw new ExitError(1)
  return 0
}

/** A reason is told only with a refusal. */
function answer(allowed: boolean, reason: string, problem: string): string {
  if (allowed) return 'yes\n'
  return `no${reason === '' ? '' : ` - ${reason}`}${problem === '' ? '' : ` - ${problem}`}\n`
}

function twoArguments(session: Session): string {
  return `you must specify two arguments: verb resource or verb resource/resourceName.\nSee '${session.path} -h' for help and examples.`
}

async function questionOf(session: Session): Promise<Question> {
  const [verbName, what, ...rest] = session.args
  if (verbName === undefined || what === undefined || rest.length > 0) throw new CliError(twoArguments(session))
  const subresource = session.flags.string('subresource')
  if (what.startsWith('/')) {
    if (subresource !== '') throw new CliError('--subresource can not be used with NonResourceURL')
    return { verb: verbName, group: '', resource: '', subresource: '', name: '', url: what }
  }
  const slash = what.indexOf('/')
  const word = slash < 0 ? what : what.slice(0, slash)
  const found = await resolve(session, word)
  await warnings(session, verbName, word, found)
  const split = slash < 0 ? '' : what.slice(slash + 1)
  return { verb: verbName, group: found.group, resource: found.resource, subresource, name: split, url: '' }
}

/** A server that does not answer knows no resource; the question itself will tell. */
async function mappingOf(session: Session, word: string): Promise<Mapping | undefined> {
  try {
    return await session.lookUp((discovery) => discovery.find(word))
  } catch (error) {
    if (error instanceof ConnectionError) return undefined
    throw error
  }
}

interface Found {
  readonly group: string
  readonly resource: string
  readonly known: boolean
  readonly namespaced: boolean
  readonly verbs: readonly string[]
}

async function resolve(session: Session, word: string): Promise<Found> {
  if (word === '*') return { group: '*', resource: '*', known: true, namespaced: true, verbs: [] }
  const mapping = await mappingOf(session, word)
  if (mapping) return { group: mapping.group, resource: mapping.resource, known: true, namespaced: mapping.namespaced, verbs: mapping.verbs }
  const [resource = '', ...group] = word.split('.')
  return { group: group.join('.'), resource, known: false, namespaced: true, verbs: [] }
}

/** Names that rules know although no API serves them. */
const beyondResources = new Set(['users', 'groups'])

async function warnings(session: Session, verbName: string, word: string, found: Found): Promise<void> {
  const where = found.group === '' || found.group === '*' ? '' : ` in group '${found.group}'`
  if (!found.known && !beyondResources.has(found.resource)) await session.err(`Warning: the server doesn't have a resource type '${found.resource}'${where}\n\n`)
  else if (!found.namespaced && !session.flags.bool('all-namespaces')) await session.err(`Warning: resource '${found.resource}' is not namespace scoped${where}\n\n`)
  if (!knownVerbs.includes(verbName) && !found.verbs.includes(verbName)) await session.err(`Warning: verb '${verbName}' is not a known verb\n\n`)
}

interface Rules {
  readonly status?: { readonly resourceRules?: readonly PolicyRule[]; readonly nonResourceRules?: readonly PolicyRule[]; readonly incomplete?: boolean; readonly evaluationError?: string }
}

async function listRules(session: Session): Promise<void> {
  const review = await session.request<Rules>('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', { body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace: session.namespace } } })
  if (review.status?.incomplete && review.status.evaluationError) await session.err(`Warning: the list may be incomplete: ${review.status.evaluationError}\n`)
  const lines = ruleRows([...(review.status?.resourceRules ?? []), ...(review.status?.nonResourceRules ?? [])])
  const header = session.flags.bool('no-headers') ? [] : [['Resources', 'Non-Resource URLs', 'Resource Names', 'Verbs']]
  await session.out(alignTabs([...header, ...lines].map((line) => `${line.join('\t')}\n`).join(''), tableTabs))
}
