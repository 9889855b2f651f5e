/** What may stand in an audit policy. */
import { FieldPath, invalid, notSupported, required, type FieldError } from '#engine/api/field'
import { dnsSubdomain } from '#engine/api/validation/names'
import type { PolicyDocument, Rule } from './policy'

const levels = ['None', 'Metadata', 'Request', 'RequestResponse']
const stages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic']

export function validatePolicy(policy: PolicyDocument): FieldError[] {
  const errors = validateStages(policy.omitStages, FieldPath.root('omitStages'))
  for (const [index, rule] of policy.rules.entries()) errors.push(...validateRule(rule, FieldPath.root('rules').index(index)))
  return errors
}

function validateRule(rule: Rule, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (!rule.level) errors.push(required(path.child('level'), ''))
  else if (!levels.includes(rule.level)) errors.push(notSupported(path.child('level'), rule.level, levels))
  const urls = path.child('nonResourceURLs')
  for (const [index, url] of (rule.nonResourceURLs ?? []).entries()) errors.push(...validateUrl(url, urls.index(index)))
  for (const [index, resource] of (rule.resources ?? []).entries()) errors.push(...validateResource(resource, path.child('resources').index(index)))
  errors.push(...validateStages(rule.omitStages, path.child('omitStages')))
  if (rule.nonResourceURLs?.length && (rule.resources?.length || rule.namespaces?.length)) errors.push(invalid(urls, rule.nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'))
  return errors
}

function validateUrl(url: string, path: FieldPath): FieldError[] {
  if (url === '*') return []
  const errors: FieldError[] = []
  if (!url.startsWith('/')) errors.push(invalid(path, url, "non-resource URL rules must begin with a '/' character"))
  if (url.slice(0, -1).includes('*')) errors.push(invalid(path, url, "non-resource URL wildcards '*' must be the final character of the rule"))
  return errors
}

function validateResource(resource: NonNullable<Rule['resources']>[number], path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (resource.group) {
    const wrong = dnsSubdomain(resource.group)
    if (wrong.length > 0) errors.push(invalid(path.child('group'), resource.group, wrong.join(',')))
  }
  if (resource.resourceNames?.length && !resource.resources?.length) errors.push(invalid(path.child('resourceNames'), resource.resourceNames, 'using resourceNames requires at least one resource'))
  return errors
}

function validateStages(given: readonly string[] | undefined, path: FieldPath): FieldError[] {
  return (given ?? []).flatMap((stage, index) => (stages.includes(stage) ? [] : [notSupported(path.index(index), stage, stages)]))
}
