/** Flags of a daemon from a table of lines: `--secure-port int  default=10259`, below headings `# Secure serving flags:`. */
import { bool, duration, type Flag, type FlagValue, float, int, string, stringArray, stringMap, strings } from '#engine/programs/common/cobra/flags'
import { parseDuration } from '#engine/programs/common/cobra/values'

export interface FlagSection {
  readonly title: string
  readonly flags: readonly Flag[]
  /** The lines themselves, for usage texts. */
  readonly lines: readonly string[]
}

const shape = /^(?:-(\w), )?--([\w-]+)(?:\[=\w+\])?(?:\s+(?!default=)(.*?))?(?:\s+default=(.*))?$/

export function flagSections(table: string): FlagSection[] {
  const sections: { title: string; flags: Flag[]; lines: string[] }[] = []
  for (const line of table.trim().split('\n')) {
    if (line.startsWith('# ')) sections.push({ title: line.slice(2), flags: [], lines: [] })
    else if (line.startsWith('-')) {
      const section = sections.at(-1)
      section?.lines.push(line)
      section?.flags.push(flagOf(line))
    }
  }
  return sections
}

const numbers = new Set(['int', 'int32', 'int64', 'uint', 'uint32', 'Level'])
const fractions = new Set(['float', 'float32', 'float64'])
const repeated = new Set(['stringArray', 'namedCertKey', 'colonSeparatedMultimapStringString'])

function flagOf(line: string): Flag {
  const match = shape.exec(line)
  if (!match) throw new Error(`flag table: ${line}`)
  const [, shorthand = '', name = '', type = '', fallback = ''] = match
  const names = shorthand ? `${name},${shorthand}` : name
  const text = fallback.replace(/^"|"$/g, '')
  if (name === 'version') return string('version', '', { bare: 'true' })
  return (makers.get(type) ?? string)(names, '', defaultOf(type, text))
}

const makers = new Map<string, typeof bool>([['', bool], ['duration', duration], ['strings', strings], ['stringToString', stringMap], ...[...numbers].map((type) => [type, int] as const), ...[...fractions].map((type) => [type, float] as const), ...[...repeated].map((type) => [type, stringArray] as const)])

function defaultOf(type: string, text: string): { default?: FlagValue } {
  if (type === '') return { default: text === 'true' }
  if (numbers.has(type) || fractions.has(type)) return { default: Number(text) }
  if (type === 'duration') return { default: text === '' ? 0 : parseDuration(text) }
  if (type === 'strings') return { default: listOf(text) }
  return repeated.has(type) || type === 'stringToString' ? {} : { default: text }
}

function listOf(text: string): string[] {
  const inner = text.replace(/^\[|\]$/g, '')
  return inner === '' ? [] : inner.split(',')
}

/** What follows `Error: unknown flag: ...`. */
export function usageText(name: string, sections: readonly FlagSection[]): string {
  const parts = sections.map((section) => `${section.title.replace(/^(.)/, (letter) => letter.toUpperCase())}\n\n${section.lines.map((line) => `${line.startsWith('--') ? '      ' : '  '}${line.replace(/\s+default=(.*)$/, ' (default $1)')}`).join('\n')}\n`)
  return `Usage:\n  ${name} [flags]\n\n${parts.join('\n')}`
}
