/** Rules of roles as kubectl lists them: one line for each resource, in the order of the rules as Go prints them. */

export interface PolicyRule {
  readonly verbs?: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

interface SimpleRule {
  readonly verbs: string[]
  readonly group?: string
  readonly resource?: string
  readonly name?: string
  readonly url?: string
}

/** Cells: resource, URLs, resource names, verbs. */
export function ruleRows(rules: readonly PolicyRule[]): string[][] {
  const simple = [...resourceRules(rules), ...rules.flatMap(urlRules)]
  const ordered = simple.map((rule) => ({ rule, text: goText(rule) })).sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
  return ordered.map(({ rule }) => [resourceText(rule), `[${rule.url ?? ''}]`, `[${rule.name ?? ''}]`, `[${rule.verbs.join(' ')}]`])
}

/** Verbs of the same resource are joined. */
function resourceRules(rules: readonly PolicyRule[]): SimpleRule[] {
  const found = new Map<string, SimpleRule>()
  for (const rule of rules.flatMap(perResource)) {
    const key = JSON.stringify([rule.group, rule.resource, rule.name])
    const known = found.get(key)
    if (!known) found.set(key, rule)
    else known.verbs.push(...rule.verbs.filter((verb) => !known.verbs.includes(verb)))
  }
  return [...found.values()]
}

function perResource({ apiGroups = [], resources = [], resourceNames = [], verbs = [] }: PolicyRule): SimpleRule[] {
  const names: readonly (string | undefined)[] = resourceNames.length > 0 ? resourceNames : [undefined]
  return apiGroups.flatMap((group) => resources.flatMap((resource) => names.map((name) => ({ group, resource, verbs: [...verbs], ...(name === undefined ? {} : { name }) }))))
}

/** URLs stay apart, a line for each verb. */
function urlRules({ nonResourceURLs = [], verbs = [] }: PolicyRule): SimpleRule[] {
  return nonResourceURLs.flatMap((url) => verbs.map((verb) => ({ url, verbs: [verb] })))
}

function goText({ verbs, group, resource, name, url }: SimpleRule): string {
  return `Verbs:[${verbs.join(' ')}],APIGroups:[${group ?? ''}],Resources:[${resource ?? ''}],ResourceNames:[${name ?? ''}],NonResourceURLs:[${url ?? ''}],}`
}

function resourceText({ group, resource }: SimpleRule): string {
  if (resource === undefined) return ''
  const slash = resource.indexOf('/')
  const [head, rest] = slash < 0 ? [resource, ''] : [resource.slice(0, slash), resource.slice(slash)]
  return `${head}${group ? `.${group}` : ''}${rest}`
}
