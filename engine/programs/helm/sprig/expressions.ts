/** Regular expressions in RE2's syntax. */
import { RE2JS } from 're2js'
import { toInteger, fn, type FunctionTable } from './define'

/** Throws in the words of regexp.MustCompile. */
function compiled(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    throw new Error(`error parsing regexp: ${(error as Error).message.replace(/^error parsing regexp: /, '')}`)
  }
}

interface Match {
  readonly start: number
  readonly end: number
  readonly groups: readonly (string | null)[]
  readonly names: Readonly<Record<string, number>>
}

function matches(pattern: string, text: string, most = Infinity): Match[] {
  const expression = compiled(pattern)
  const matcher = expression.matcher(text)
  const names = expression.namedGroups()
  const out: Match[] = []
  while (out.length < most && matcher.find()) {
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index))
    out.push({ start: matcher.start(), end: matcher.end(), groups, names })
  }
  return out
}

/** `$1`, `${1}`, `$name`; `$$` is a dollar. */
function expanded(template: string, { groups, names }: Match): string {
  return template.replace(/\$(?:(\$)|\{(\w+)\}|(\w+))/g, (_, dollar?: string, braced?: string, bare?: string) => {
    if (dollar !== undefined) return '$'
    const name = braced ?? bare ?? ''
    return groups[/^\d+$/.test(name) ? Number(name) : (names[name] ?? -1)] ?? ''
  })
}

function replaced(pattern: string, text: string, replacement: (match: Match) => string): string {
  let out = ''
  let at = 0
  for (const match of matches(pattern, text)) {
    out += text.slice(at, match.start) + replacement(match)
    at = match.end
  }
  return out + text.slice(at)
}

function split(pattern: string, text: string, count: number): string[] {
  if (count === 0) return []
  const out: string[] = []
  let at = 0
  for (const { start, end } of matches(pattern, text)) {
    if (count > 0 && out.length === count - 1) break
    if (end === 0) continue
    out.push(text.slice(at, start))
    at = end
  }
  return [...out, text.slice(at)]
}

function isMatch(pattern: string, text: string): boolean {
  try {
    return matches(pattern, text, 1).length > 0
  } catch {
    return false
  }
}

/** Without `must` a pattern that is none is a panic of MustCompile. */
function panicking<A extends unknown[], R>(call: (pattern: string, ...rest: A) => R): (pattern: string, ...rest: A) => R {
  return (pattern, ...rest) => {
    try {
      return call(pattern, ...rest)
    } catch (error) {
      throw new Error(`regexp: Compile(${/[`\x00-\x08\x0a-\x1f]/.test(pattern) ? JSON.stringify(pattern) : `\`${pattern}\``}): ${(error as Error).message}`)
    }
  }
}

function twins<A extends unknown[], R>(name: string, signature: string, call: (pattern: string, ...rest: A) => R): FunctionTable {
  return { [name]: fn(signature, panicking(call) as (...args: never[]) => unknown), [`must${name.charAt(0).toUpperCase()}${name.slice(1)}`]: fn(signature, call as (...args: never[]) => unknown) }
}

const found = (pattern: string, text: string): string => matches(pattern, text, 1)[0]?.groups[0] ?? ''
const literal = (pattern: string, text: string, by: string): string => replaced(pattern, text, () => by)

export const expressionFunctions: FunctionTable = {
  regexMatch: fn('string string', isMatch),
  mustRegexMatch: fn('string string', (pattern: string, text: string) => matches(pattern, text, 1).length > 0),
  ...twins('regexFind', 'string string', found),
  ...twins('regexFindAll', 'string string int', (pattern: string, text: string, count: object) => matches(pattern, text, Number(count) < 0 ? Infinity : Number(count)).map(({ groups }) => groups[0] ?? '')),
  ...twins('regexReplaceAll', 'string string string', (pattern: string, text: string, by: string) => replaced(pattern, text, (match) => expanded(by, match))),
  ...twins('regexReplaceAllLiteral', 'string string string', literal),
  ...twins('regexSplit', 'string string int', (pattern: string, text: string, count: object) => split(pattern, text, toInteger(count))),
  regexQuoteMeta: fn('string', (text: string) => text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')),
}
