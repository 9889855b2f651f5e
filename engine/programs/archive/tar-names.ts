/** `--transform s/old/new/` and `--strip-components`. */
import { posixRegExp } from '#engine/shell/patterns/posix'

export function transformName(name: string, expressions: readonly string[]): string {
  return expressions.flatMap((text) => text.split(';')).reduce((current, text) => apply(current, text.trim()), name)
}

function apply(name: string, expression: string): string {
  const delimiter = expression[1]
  if (!expression.startsWith('s') || delimiter === undefined) return name
  const [, pattern = '', replacement = '', flags = ''] = expression.split(new RegExp(`(?<!\\\\)\\${delimiter}`))
  const regex = posixRegExp(pattern.replaceAll(`\\${delimiter}`, delimiter), { extended: flags.includes('x'), ignoreCase: flags.includes('i'), global: flags.includes('g') })
  return name.replace(regex, (match: string, ...groups: unknown[]) => replacement.replace(/\\(\d)|\\(.)|&/g, (_, group?: string, escaped?: string) => (group !== undefined ? String(groups[Number(group) - 1] ?? (group === '0' ? match : '')) : (escaped ?? match))))
}

/** Undefined where nothing is left. */
export function stripComponents(name: string, count: number): string | undefined {
  if (count === 0) return name
  const parts = name.split('/').filter((part, index) => part !== '' || index === 0)
  const rest = parts.slice(count).join('/')
  return rest === '' ? undefined : rest + (name.endsWith('/') ? '/' : '')
}
