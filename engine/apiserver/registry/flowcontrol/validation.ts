/** Flow schemas and priority levels. */
import type { KubeObject } from '#engine/api/object'
import { FieldPath, forbidden, invalid, notSupported, required } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { dnsLabel, dnsSubdomain } from '#engine/api/validation/names'
import { checkName } from '#engine/apiserver/registry/core/pods/validation/errors'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

const path = FieldPath.root('spec')
const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch']

export function validateFlowSchema(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  const precedence = (spec.matchingPrecedence ?? 0) as number
  if (precedence <= 0) errors.push(invalid(path.child('matchingPrecedence'), precedence, 'must be a positive value'))
  if (precedence > 10000) errors.push(invalid(path.child('matchingPrecedence'), precedence, 'must not be greater than 10000'))
  if (precedence === 1 && object.metadata.name !== 'exempt') errors.push(invalid(path.child('matchingPrecedence'), precedence, "only the schema named 'exempt' may have matchingPrecedence 1"))
  const method = spec.distinguisherMethod?.type as string | undefined
  if (method !== undefined && method !== 'ByUser' && method !== 'ByNamespace') errors.push(notSupported(path.child('distinguisherMethod', 'type'), { Type: method }, ['ByNamespace', 'ByUser']))
  const level = (spec.priorityLevelConfiguration?.name ?? '') as string
  if (level === '') errors.push(required(path.child('priorityLevelConfiguration', 'name'), 'must reference a priority level'))
  else checkName(errors, level, dnsSubdomain, path.child('priorityLevelConfiguration', 'name'))
  for (const [index, rule] of listOf(spec.rules).entries()) validateRules(errors, rule, path.child('rules').index(index))
  return errors
}

function validateRules(errors: FieldError[], rule: Free, at: FieldPath): void {
  validateSubjects(errors, rule, at)
  if (listOf(rule.resourceRules).length === 0 && listOf(rule.nonResourceRules).length === 0) errors.push(required(at, 'at least one of resourceRules and nonResourceRules has to be non-empty'))
  for (const kind of ['resourceRules', 'nonResourceRules'] as const) for (const [index, item] of listOf(rule[kind]).entries()) validateRuleItem(errors, item, kind, at.child(kind).index(index))
}

function validateSubjects(errors: FieldError[], rule: Free, at: FieldPath): void {
  if (listOf(rule.subjects).length === 0) errors.push(required(at.child('subjects'), 'subjects must contain at least one value'))
  for (const [index, subject] of listOf(rule.subjects).entries()) {
    const where = at.child('subjects').index(index)
    const field = ({ User: 'user', Group: 'group', ServiceAccount: 'serviceAccount' } as Record<string, string>)[subject.kind as string]
    if (field === undefined) errors.push(notSupported(where.child('kind'), subject.kind ?? '', ['Group', 'ServiceAccount', 'User']))
    else if (!subject[field]) errors.push(required(where.child(field), `${field} is required when subject kind is '${subject.kind as string}'`))
    else {
      validateSubject(errors, subject, field, where.child(field))
      for (const other of ['serviceAccount', 'user', 'group']) if (other !== field && subject[other]) errors.push(forbidden(where.child(other), `${other} is forbidden when subject kind is not '${other.charAt(0).toUpperCase()}${other.slice(1)}'`))
    }
  }
}

function validateSubject(errors: FieldError[], subject: Free, field: string, where: FieldPath): void {
  const { name, namespace } = subject[field] as { readonly name?: string; readonly namespace?: string }
  if (!name) errors.push(required(where.child('name'), ''))
  if (field !== 'serviceAccount') return
  if (name && name !== '*') checkName(errors, name, dnsSubdomain, where.child('name'))
  if (namespace) checkName(errors, namespace, dnsLabel, where.child('namespace'))
  else errors.push(required(where.child('namespace'), 'must specify namespace for service account'))
}

interface ListRule {
  readonly field: string
  readonly missing: string
  readonly others: string
  readonly entry?: (errors: FieldError[], value: string, at: FieldPath) => void
}

const verbRule: ListRule = { field: 'verbs', missing: 'verbs must contain at least one value', others: 'verbs' }
const lists: Readonly<Record<'resourceRules' | 'nonResourceRules', readonly ListRule[]>> = {
  resourceRules: [
    verbRule,
    { field: 'apiGroups', missing: 'resource rules must supply at least one api group', others: 'api groups' },
    { field: 'resources', missing: 'resource rules must supply at least one resource', others: 'resources' },
    { field: 'namespaces', missing: 'resource rules that are not cluster scoped must supply at least one namespace', others: 'namespaces', entry: validateNamespace },
  ],
  nonResourceRules: [verbRule, { field: 'nonResourceURLs', missing: 'nonResourceURLs must contain at least one value', others: 'non-resource URLs', entry: validateUrl }],
}

function validateRuleItem(errors: FieldError[], item: Free, kind: keyof typeof lists, where: FieldPath): void {
  for (const { field, missing, others, entry } of lists[kind]) {
    const list = listOf(item[field]) as string[]
    const at = where.child(field)
    if (list.length === 0) {
      if (field !== 'namespaces' || item.clusterScope !== true) errors.push(required(at, missing))
    } else if (list.includes('*')) {
      if (list.length > 1) errors.push(invalid(at, list, `if '*' is present, must not specify other ${others}`))
    } else if (field === 'verbs') {
      if (!list.every((verb) => verbs.includes(verb))) errors.push(notSupported(at, list, verbs))
    } else if (entry) for (const [index, value] of list.entries()) entry(errors, value, at.index(index))
  }
}

function validateNamespace(errors: FieldError[], name: string, at: FieldPath): void {
  for (const words of dnsLabel(name)) errors.push(invalid(at, name, `each member of this list must be '*' or a DNS-1123 label; ${words}`))
}

function validateUrl(errors: FieldError[], url: string, at: FieldPath): void {
  const wrong = (words: string): number => errors.push(invalid(at, url, words))
  if (url === '/' || url === '*') return
  if (url === '') errors.push(required(at, 'nonResourceURL must not be empty'))
  else if (!url.startsWith('/')) wrong('must start with slash')
  else if (url.includes(' ')) wrong('must not contain white-space')
  else if (url.includes('//')) wrong('must not contain double slash')
  else if (url.slice(0, -1).includes('*') || (url.endsWith('*') && !url.endsWith('/*'))) wrong('wildcard can only do suffix matching')
}

export function validatePriorityLevel(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  if ((object.metadata.name === 'exempt') !== (spec.type === 'Exempt')) errors.push(invalid(path.child('type'), spec.type ?? '', "must be 'Exempt' if and only if `name` is 'exempt'"))
  if (spec.type === 'Exempt') {
    if (spec.limited) errors.push(forbidden(path.child('limited'), 'must be nil if the type is not Limited'))
    if (spec.exempt) validateShares(errors, spec.exempt, path.child('exempt'))
  } else if (spec.type === 'Limited') {
    if (spec.exempt) errors.push(forbidden(path.child('exempt'), 'must be nil if the type is Limited'))
    if (!spec.limited) errors.push(required(path.child('limited'), 'must not be empty when type is Limited'))
    else validateLimited(errors, spec.limited, path.child('limited'))
  } else errors.push(notSupported(path.child('type'), spec.type ?? '', ['Exempt', 'Limited']))
  return errors
}

function validateLimited(errors: FieldError[], limited: Free, at: FieldPath): void {
  if ((limited.nominalConcurrencyShares ?? 0) < 0) errors.push(invalid(at.child('nominalConcurrencyShares'), limited.nominalConcurrencyShares, 'must be a non-negative integer'))
  const { type, queuing } = limited.limitResponse ?? {}
  const where = at.child('limitResponse')
  validateLimitResponse(errors, type, queuing, where)
  const lendable = limited.lendablePercent as number | undefined
  if (lendable !== undefined && (lendable < 0 || lendable > 100)) errors.push(invalid(at.child('lendablePercent'), lendable, 'must be between 0 and 100, inclusive'))
  if (limited.borrowingLimitPercent !== undefined && limited.borrowingLimitPercent < 0) errors.push(invalid(at.child('borrowingLimitPercent'), limited.borrowingLimitPercent, 'if specified, must be a non-negative integer'))
}

function validateLimitResponse(errors: FieldError[], type: string | undefined, queuing: Free, where: FieldPath): void {
  if (type === 'Reject') {
    if (queuing) errors.push(forbidden(where.child('queuing'), 'must be nil if limited.limitResponse.type is not Limited'))
  } else if (type === 'Queue') {
    if (!queuing) errors.push(required(where.child('queuing'), 'must not be empty if limited.limitResponse.type is Limited'))
    else validateQueuing(errors, queuing, where.child('queuing'))
  } else errors.push(notSupported(where.child('type'), type ?? '', ['Queue', 'Reject']))
}

function validateShares(errors: FieldError[], exempt: Free, at: FieldPath): void {
  const { nominalConcurrencyShares: shares = 0, lendablePercent: lendable = 0 } = exempt as { readonly nominalConcurrencyShares?: number; readonly lendablePercent?: number }
  if (shares < 0) errors.push(invalid(at.child('nominalConcurrencyShares'), shares, 'must be a non-negative integer'))
  if (lendable < 0 || lendable > 100) errors.push(invalid(at.child('lendablePercent'), lendable, 'must be between 0 and 100, inclusive'))
}

const maxQueues = 10_000_000
/** Of the hash by which a request's queues are chosen. */
const maxHashBits = 60

function validateQueuing(errors: FieldError[], queuing: Free, at: FieldPath): void {
  const { queueLengthLimit = 0, queues = 0, handSize = 0 } = queuing as { readonly queueLengthLimit?: number; readonly queues?: number; readonly handSize?: number }
  if (queueLengthLimit <= 0) errors.push(invalid(at.child('queueLengthLimit'), queueLengthLimit, 'must be positive'))
  if (queues <= 0) errors.push(invalid(at.child('queues'), queues, 'must be positive'))
  else if (queues > maxQueues) errors.push(invalid(at.child('queues'), queues, `must not be greater than ${maxQueues}`))
  const bits = entropyBits(queues, handSize)
  if (handSize <= 0) errors.push(invalid(at.child('handSize'), handSize, 'must be positive'))
  else if (handSize > queues) errors.push(invalid(at.child('handSize'), handSize, `should not be greater than queues (${queues})`))
  else if (bits > maxHashBits) errors.push(invalid(at.child('handSize'), handSize, `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${maxHashBits}`))
}

function entropyBits(deckSize: number, handSize: number): number {
  return Math.ceil(Math.log2(deckSize) * handSize)
}
