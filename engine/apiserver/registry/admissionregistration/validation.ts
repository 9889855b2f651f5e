/** Webhook configurations. */
import type { KubeObject } from '#engine/api/object'
import { duplicate, FieldPath, invalid, notSupported, required } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { dnsLabel, dnsSubdomain, qualifiedName } from '#engine/api/validation/names'
import { validateLabelSelector } from '#engine/api/validation/selectors'
import { checkName } from '#engine/apiserver/registry/core/pods/validation/errors'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { compileProblem } from './expressions'

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']

export function validateWebhooks(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [index, hook] of listOf(object.webhooks).entries()) {
    const at = FieldPath.root('webhooks').index(index)
    validateWebhook(errors, hook, at, object.kind === 'MutatingWebhookConfiguration')
    const name = (hook.name ?? '') as string
    if (name !== '' && seen.has(name)) errors.push(duplicate(at.child('name'), name))
    seen.add(name)
  }
  return errors
}

function validateWebhook(errors: FieldError[], hook: Free, at: FieldPath, mutating: boolean): void {
  const name = (hook.name ?? '') as string
  if (name === '') errors.push(required(at.child('name'), ''))
  else if (dnsSubdomain(name).length > 0) errors.push(invalid(at.child('name'), name, dnsSubdomain(name).join(',')))
  else if (name.split('.').length < 3) errors.push(invalid(at.child('name'), name, 'should be a domain with at least three segments separated by dots'))
  for (const [position, rule] of listOf(hook.rules).entries()) validateRule(errors, rule, at.child('rules').index(position))
  oneOf(errors, hook.failurePolicy, ['Fail', 'Ignore'], at.child('failurePolicy'))
  oneOf(errors, hook.matchPolicy, ['Equivalent', 'Exact'], at.child('matchPolicy'))
  if (hook.sideEffects === undefined || hook.sideEffects === null) errors.push(required(at.child('sideEffects'), 'must specify one of None, NoneOnDryRun'))
  else oneOf(errors, hook.sideEffects, ['None', 'NoneOnDryRun'], at.child('sideEffects'))
  const seconds = hook.timeoutSeconds as number | undefined
  if (seconds !== undefined && (seconds > 30 || seconds < 1)) errors.push(invalid(at.child('timeoutSeconds'), seconds, 'the timeout value must be between 1 and 30 seconds'))
  for (const field of ['namespaceSelector', 'objectSelector']) errors.push(...validateLabelSelector(hook[field], at.child(field)))
  validateClient(errors, hook.clientConfig ?? {}, at.child('clientConfig'))
  validateReviewVersions(errors, hook, at.child('admissionReviewVersions'))
  if (mutating) oneOf(errors, hook.reinvocationPolicy, ['IfNeeded', 'Never'], at.child('reinvocationPolicy'))
  validateConditions(errors, listOf(hook.matchConditions), at.child('matchConditions'))
}

function oneOf(errors: FieldError[], value: unknown, supported: readonly string[], at: FieldPath): void {
  if (value !== undefined && value !== null && !supported.includes(value as string)) errors.push(notSupported(at, value, supported))
}

export function validateConditions(errors: FieldError[], conditions: readonly Free[], at: FieldPath): void {
  const seen = new Set<string>()
  for (const [index, condition] of conditions.entries()) {
    const where = at.index(index)
    const name = (condition.name ?? '') as string
    if (!condition.expression || (condition.expression as string).trim() === '') errors.push(required(where.child('expression'), ''))
    else {
      const problem = compileProblem(condition.expression as string, 'bool', [])
      if (problem !== '') errors.push(invalid(where.child('expression'), condition.expression, problem))
    }
    if (name === '') errors.push(required(where.child('name'), ''))
    else checkName(errors, name, qualifiedName, where.child('name'))
    if (name !== '' && seen.has(name)) errors.push(duplicate(where.child('name'), name))
    seen.add(name)
  }
}

/** Which requests are meant: the same for webhooks and policies. */
export function validateRule(errors: FieldError[], rule: Free, at: FieldPath): void {
  const ops = listOf(rule.operations) as string[]
  if (ops.length === 0) errors.push(required(at.child('operations'), ''))
  if (ops.length > 1 && ops.includes('*')) errors.push(invalid(at.child('operations'), ops, "if '*' is present, must not specify other operations"))
  for (const [index, op] of ops.entries()) if (!operations.includes(op)) errors.push(notSupported(at.child('operations').index(index), op, operations))
  validateGroupsAndVersions(errors, rule, at)
  validateResources(errors, listOf(rule.resources) as string[], at.child('resources'))
  oneOf(errors, rule.scope, ['*', 'Cluster', 'Namespaced'], at.child('scope'))
}

function validateGroupsAndVersions(errors: FieldError[], rule: Free, at: FieldPath): void {
  for (const [field, what] of [['apiGroups', 'API groups'], ['apiVersions', 'API versions']] as const) {
    const list = listOf(rule[field]) as string[]
    if (list.length === 0) errors.push(required(at.child(field), ''))
    if (list.length > 1 && list.includes('*')) errors.push(invalid(at.child(field), list, `if '*' is present, must not specify other ${what}`))
    if (field === 'apiVersions') for (const [index, version] of list.entries()) if (version === '') errors.push(required(at.child(field).index(index), ''))
  }
}

function validateResources(errors: FieldError[], list: readonly string[], at: FieldPath): void {
  if (list.length === 0) errors.push(required(at, ''))
  const wild = collectWildcards(errors, list, at)
  for (const [index, item] of list.entries()) {
    const [resource = '', sub] = item.split('/')
    if (item === '*/*' || sub === undefined) continue
    if (sub !== '*' && wild.resources.has(resource)) errors.push(invalid(at.index(index), item, `if '${resource}/*' is present, must not specify ${item}`))
    if (resource !== '*' && wild.subs.has(sub)) errors.push(invalid(at.index(index), item, `if '*/${sub}' is present, must not specify ${item}`))
  }
  if (list.length > 1 && list.includes('*') && list.some((item) => item !== '*' && !item.includes('/'))) errors.push(invalid(at, list, "if '*' is present, must not specify other resources without subresources"))
}

/** Resources named with all their subresources, and subresources named for all resources. */
function collectWildcards(errors: FieldError[], list: readonly string[], at: FieldPath): { readonly resources: ReadonlySet<string>; readonly subs: ReadonlySet<string> } {
  const subs = new Set<string>()
  const resources = new Set<string>()
  for (const [index, item] of list.entries()) {
    if (item === '') errors.push(required(at.index(index), ''))
    if (item === '*/*' && list.length > 1) errors.push(invalid(at, list, "if '*/*' is present, must not specify other resources"))
    const [resource = '', sub] = item.split('/')
    if (sub === undefined) continue
    if (sub === '*') resources.add(resource)
    if (resource === '*') subs.add(sub)
  }
  return { resources, subs }
}

function validateClient(errors: FieldError[], client: Free, at: FieldPath): void {
  const both = (client.url ?? undefined) === undefined ? !client.service : Boolean(client.service)
  if (both) errors.push(required(at, 'exactly one of url or service is required'))
  else if (client.url !== undefined) validateUrl(errors, client.url as string, at.child('url'))
  else validateService(errors, client.service, at.child('service'))
}

function validateUrl(errors: FieldError[], text: string, at: FieldPath): void {
  const form = '; desired format: https://host[/path]'
  if (!URL.canParse(text)) {
    errors.push(required(at, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URI for request${form}`))
    return
  }
  const url = new URL(text)
  if (url.protocol !== 'https:') errors.push(invalid(at, url.protocol.slice(0, -1), `'https' is the only allowed URL scheme${form}`))
  if (url.host === '') errors.push(invalid(at, url.host, `host must be specified${form}`))
  if (url.username !== '') errors.push(invalid(at, url.username, `user information is not permitted in the URL${form}`))
  if (url.hash !== '') errors.push(invalid(at, url.hash.slice(1), `fragments are not permitted in the URL${form}`))
  if (url.search !== '') errors.push(invalid(at, url.search.slice(1), `query parameters are not permitted in the URL${form}`))
}

export function validateService(errors: FieldError[], service: Free, at: FieldPath): void {
  if (!service.name) errors.push(required(at.child('name'), 'service name is required'))
  if (!service.namespace) errors.push(required(at.child('namespace'), 'service namespace is required'))
  if (service.port !== undefined && (service.port < 1 || service.port > 65535)) errors.push(invalid(at.child('port'), service.port, 'port is not valid: must be between 1 and 65535, inclusive'))
  if (service.path !== undefined) validateServicePath(errors, service.path as string, at)
}

function validateServicePath(errors: FieldError[], path: string, at: FieldPath): void {
  if (path === '' || path === '/') return
  if (!path.startsWith('/')) errors.push(invalid(at.child('path'), path, "must start with a '/'"))
  const parts = path.slice(1).split('/')
  for (const [index, part] of parts.entries()) {
    if (part === '' && index < parts.length - 1) errors.push(invalid(at.child('path'), path, `segment[${index}] may not be empty`))
    else if (part !== '') for (const text of dnsSubdomain(part)) errors.push(invalid(at.child('path'), path, `segment[${index}]: ${text}`))
  }
}

function validateReviewVersions(errors: FieldError[], hook: Free, at: FieldPath): void {
  const versions = listOf(hook.admissionReviewVersions) as string[]
  if (versions.length === 0) {
    errors.push(required(at, 'must specify one of v1, v1beta1'))
    return
  }
  const seen = new Set<string>()
  for (const [index, version] of versions.entries()) {
    if (seen.has(version)) errors.push(invalid(at.index(index), version, 'duplicate version'))
    seen.add(version)
    for (const text of dnsLabel(version)) errors.push(invalid(at.index(index), version, text))
  }
  if (!versions.some((version) => version === 'v1' || version === 'v1beta1')) errors.push(invalid(at, versions, 'must include at least one of v1, v1beta1'))
}

