/** Flow schemas and priority levels. */
import type { KubeObject } from '#engine/api/object'
import { FieldPath, forbidden, invalid, notSupported, required } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { dnsSubdomain } from '#engine/api/validation/names'
import { checkName } from '#engine/apiserver/registry/core/pods/validation/errors'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

const path = FieldPath.root('spec')
const verbs = ['*', 'create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch']

export function validateFlowSchema(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  const precedence = (spec.matchingPrecedence ?? 0) as number
  if (precedence <= 0) errors.push(invalid(path.child('matchingPrecedence'), precedence, 'must be a positive value'))
  if (precedence > 10000) errors.push(invalid(path.child('matchingPrecedence'), precedence, 'must not be greater than 10000'))
  if (precedence === 1 && object.metadata.name !== 'exempt') errors.push(invalid(path.child('matchingPrecedence'), precedence, 'only the schema named "exempt" may have matchingPrecedence 1'))
  const method = spec.distinguisherMethod?.type as string | undefined
  if (method !== undefined && method !== 'ByUser' && method !== 'ByNamespace') errors.push(notSupported(path.child('distinguisherMethod'), { Type: method }, ['ByNamespace', 'ByUser']))
  const level = (spec.priorityLevelConfiguration?.name ?? '') as string
  if (level === '') errors.push(required(path.child('priorityLevelConfiguration', 'name'), 'must reference a priority level'))
  else checkName(errors, level, dnsSubdomain, path.child('priorityLevelConfiguration', 'name'))
  for (const [index, rule] of listOf(spec.rules).entries()) validateRules(errors, rule, path.child('rules').index(index))
  return errors
}

function validateRules(errors: FieldError[], rule: Free, at: FieldPath): void {
  validateSubjects(errors, rule, at)
  if (listOf(rule.resourceRules).length === 0 && listOf(rule.nonResourceRules).length === 0) errors.push(required(at, 'at least one of resourceRules and nonResourceRules has to be non-empty'))
  for (const [kind, fields] of [['resourceRules', ['verbs', 'apiGroups', 'resources']], ['nonResourceRules', ['verbs', 'nonResourceURLs']]] as const) {
    for (const [index, item] of listOf(rule[kind]).entries()) validateRuleItem(errors, item, kind, fields, at.child(kind).index(index))
  }
}

function validateSubjects(errors: FieldError[], rule: Free, at: FieldPath): void {
  if (listOf(rule.subjects).length === 0) errors.push(required(at.child('subjects'), 'subjects must contain at least one value'))
  for (const [index, subject] of listOf(rule.subjects).entries()) {
    const where = at.child('subjects').index(index)
    const field = ({ User: 'user', Group: 'group', ServiceAccount: 'serviceAccount' } as Record<string, string>)[subject.kind as string]
    if (field === undefined) errors.push(notSupported(where.child('kind'), subject.kind ?? '', ['Group', 'ServiceAccount', 'User']))
    else if (!subject[field]) errors.push(required(where.child(field), `${field} is required when subject kind is '${subject.kind as string}'`))
    else if (!subject[field].name) errors.push(required(where.child(field, 'name'), ''))
  }
}

function validateRuleItem(errors: FieldError[], item: Free, kind: 'resourceRules' | 'nonResourceRules', fields: readonly string[], where: FieldPath): void {
  for (const field of fields) validateEntries(errors, listOf(item[field]) as string[], kind, field, where.child(field))
  if (kind === 'resourceRules' && listOf(item.namespaces).length === 0 && item.clusterScope !== true) errors.push(required(where.child('namespaces'), 'resource rules that are not cluster scoped must supply at least one namespace'))
}

function validateEntries(errors: FieldError[], list: readonly string[], kind: 'resourceRules' | 'nonResourceRules', field: string, at: FieldPath): void {
  if (list.length === 0) errors.push(required(at, `${field} must contain at least one value`))
  else if (list.length > 1 && list.includes('*')) errors.push(invalid(at, list, `if '*' is present, must not specify other ${field}`))
  else if (field === 'nonResourceURLs') for (const [index, url] of list.entries()) validateUrl(errors, url, at.index(index))
  else if (field === 'verbs' && kind === 'resourceRules' && !list.every((verb) => verbs.includes(verb))) errors.push(notSupported(at, list, verbs))
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
  if ((object.metadata.name === 'exempt') !== (spec.type === 'Exempt')) errors.push(invalid(path.child('type'), spec.type ?? '', "type must be 'Exempt' if and only if name is 'exempt'"))
  if (spec.type === 'Exempt') {
    if (spec.limited) errors.push(forbidden(path.child('limited'), "must be nil if the type is 'Exempt'"))
    if (!spec.exempt && object.metadata.name === 'exempt') return errors
  } else if (spec.type === 'Limited') {
    if (spec.exempt) errors.push(forbidden(path.child('exempt'), "must be nil if the type is 'Limited'"))
    if (!spec.limited) errors.push(required(path.child('limited'), "must not be empty when type is 'Limited'"))
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
    if (queuing) errors.push(forbidden(where.child('queuing'), "must be nil if limited.limitResponse.type is not 'Limited'"))
  } else if (type === 'Queue') {
    if (!queuing) errors.push(required(where.child('queuing'), 'must not be empty if limited.limitResponse.type is \'Limited\''))
    else {
      for (const field of ['queueLengthLimit', 'queues', 'handSize']) if ((queuing[field] ?? 0) <= 0) errors.push(invalid(where.child('queuing', field), queuing[field] ?? 0, 'must be positive'))
      if (queuing.handSize > queuing.queues) errors.push(invalid(where.child('queuing', 'handSize'), queuing.handSize, `should not be greater than queues (${queuing.queues as number})`))
    }
  } else errors.push(notSupported(where.child('type'), type ?? '', ['Queue', 'Reject']))
}
