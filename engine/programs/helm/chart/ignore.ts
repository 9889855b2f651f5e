/** .helmignore: shell patterns, one a line, a trailing slash for directories, `!` to turn one around. */
import { globPattern } from './glob'

export interface IgnoreRules {
  ignores(path: string, isDirectory: boolean): boolean
}

interface Rule {
  readonly negate: boolean
  readonly onlyDirectories: boolean
  matches(path: string): boolean
}

/** Files whose names begin with a dot are no templates. Throws on a line that is no pattern. */
export function parseIgnore(text: string): IgnoreRules {
  const rules = [...text.split('\n'), 'templates/.?*'].flatMap(parseRule)
  return { ignores: (path, isDirectory) => path !== '' && path !== '.' && path !== './' && ignored(rules, path, isDirectory) }
}

function ignored(rules: readonly Rule[], path: string, isDirectory: boolean): boolean {
  for (const rule of rules) {
    if (rule.negate) {
      if (rule.onlyDirectories && !isDirectory) return true
      if (!rule.matches(path)) return true
      continue
    }
    if (rule.onlyDirectories && !isDirectory) continue
    if (rule.matches(path)) return true
  }
  return false
}

function parseRule(line: string): Rule[] {
  let pattern = line.trim()
  if (pattern === '' || pattern.startsWith('#')) return []
  if (pattern.includes('**')) throw new Error('double-star (**) syntax is not supported')
  const negate = pattern.startsWith('!')
  if (negate) pattern = pattern.slice(1)
  const onlyDirectories = pattern.endsWith('/')
  if (onlyDirectories) pattern = pattern.slice(0, -1)
  return [{ negate, onlyDirectories, matches: matcher(pattern) }]
}

/** With a slash inside a pattern means the whole path, otherwise the last name. */
function matcher(pattern: string): (path: string) => boolean {
  const anchored = pattern.startsWith('/')
  const expression = globPattern(anchored ? pattern.slice(1) : pattern)
  if (anchored || pattern.includes('/')) return (path) => expression.test(path)
  return (path) => expression.test(path.slice(path.lastIndexOf('/') + 1))
}
