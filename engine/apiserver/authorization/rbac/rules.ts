/** Policy rules: what one allows, whether some rules cover another. */
import type { AuthorizationAttributes } from '#engine/apiserver/authorization/authorizer'

export interface PolicyRule {
  readonly verbs: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

const has = (list: readonly string[] | undefined, value: string): boolean => list !== undefined && (list.includes('*') || list.includes(value))

export function ruleAllows(rule: PolicyRule, attributes: AuthorizationAttributes): boolean {
  if (!has(rule.verbs, attributes.verb)) return false
  if (!attributes.isResource) return (rule.nonResourceURLs ?? []).some((url) => urlMatches(url, attributes.path))
  if (!has(rule.apiGroups, attributes.group) || !resourceMatches(rule.resources, attributes.resource, attributes.subresource)) return false
  return !rule.resourceNames?.length || rule.resourceNames.includes(attributes.name)
}

function urlMatches(pattern: string, path: string): boolean {
  if (pattern === '*' || pattern === path) return true
  return pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, ''))
}

function resourceMatches(list: readonly string[] | undefined, resource: string, subresource: string): boolean {
  if (!list) return false
  const full = subresource === '' ? resource : `${resource}/${subresource}`
  return list.includes('*') || list.includes(full) || (subresource !== '' && list.includes(`*/${subresource}`))
}

/** Do the owner's rules allow everything the rule does? */
export function coversRule(owned: readonly PolicyRule[], rule: PolicyRule): boolean {
  return uncovered(owned, [rule]).length === 0
}

/** The atomic parts of the wanted rules that the owned ones do not cover. */
export function uncovered(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(atoms).filter((atom) => !owned.some((rule) => coversAtom(rule, atom)))
}

function atoms(rule: PolicyRule): PolicyRule[] {
  const out: PolicyRule[] = []
  for (const group of rule.apiGroups ?? []) {
    for (const resource of rule.resources ?? []) {
      for (const verb of rule.verbs) {
        if (!rule.resourceNames?.length) out.push({ verbs: [verb], apiGroups: [group], resources: [resource] })
        for (const name of rule.resourceNames ?? []) out.push({ verbs: [verb], apiGroups: [group], resources: [resource], resourceNames: [name] })
      }
    }
  }
  for (const url of rule.nonResourceURLs ?? []) for (const verb of rule.verbs) out.push({ verbs: [verb], nonResourceURLs: [url] })
  return out
}

function coversAtom(rule: PolicyRule, atom: PolicyRule): boolean {
  if (!has(rule.verbs, atom.verbs[0] ?? '')) return false
  if (atom.nonResourceURLs) return (rule.nonResourceURLs ?? []).some((url) => urlMatches(url, atom.nonResourceURLs?.[0] ?? ''))
  const [resource = '', subresource = ''] = (atom.resources?.[0] ?? '').split('/')
  if (!has(rule.apiGroups, atom.apiGroups?.[0] ?? '') || !resourceMatches(rule.resources, resource, subresource)) return false
  return !rule.resourceNames?.length || (atom.resourceNames?.[0] !== undefined && rule.resourceNames.includes(atom.resourceNames[0]))
}

/** A rule as escalation errors print it: `{APIGroups:["apps"], Resources:["deployments"], Verbs:["get"]}`. */
export function ruleText(rule: PolicyRule): string {
  const list = (values: readonly string[]): string => `[${values.map((item) => JSON.stringify(item)).join(' ')}]`.replace(/" "/g, '", "')
  const parts: string[] = []
  if (rule.apiGroups?.length) parts.push(`APIGroups:${list(rule.apiGroups)}`)
  if (rule.resources?.length) parts.push(`Resources:${list(rule.resources)}`)
  if (rule.nonResourceURLs?.length) parts.push(`NonResourceURLs:${list(rule.nonResourceURLs)}`)
  if (rule.resourceNames?.length) parts.push(`ResourceNames:${list(rule.resourceNames)}`)
  if (rule.verbs.length > 0) parts.push(`Verbs:${list(rule.verbs)}`)
  return `{${parts.join(', ')}}`
}

/** Rules that differ in nothing but their verbs are told as one. */
export function compactRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const merged = new Map<string, PolicyRule>()
  for (const rule of rules) {
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames, rule.nonResourceURLs])
    const known = merged.get(key)
    merged.set(key, known ? { ...known, verbs: [...new Set([...known.verbs, ...rule.verbs])] } : rule)
  }
  return [...merged.values()].map((rule) => ({ ...rule, verbs: [...rule.verbs].sort() }))
}
