/** Flags of a daemon from a table of lines: `--secure-port int  default=10259`, below headings `# Secure serving flags:`. */
import { bool, duration, type Flag, float, int, string, stringArray, stringMap, strings } from '#engine/programs/common/cobra/flags'
import { parseDuration } from '#engine/programs/common/cobra/values'

export interface FlagSection {
  readonly title: string
  readonly flags: readonly Flag[]
  /** The lines themselves, for usage texts. */
  readonly lines: readonly string[]
}

const shape = /^(?:-(\w), )?--([\w-]+)(?:\[=\w+\])?(?:\s+(.*?))?(?:\s+default=(.*))?$/

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

function flagOf(line: string): Flag {
  const match = shape.exec(line)
  if (!match) throw new Error(`flag table: ${line}`)
  const [, shorthand = '', name = '', type = '', fallback] = match
  const names = shorthand ? `${name},${shorthand}` : name
  const text = fallback?.replace(/^"|"$/g, '') ?? ''
  if (name === 'version') return string('version', '', { bare: 'true' })
  switch (type) {
    case '': return bool(names, '', { default: text === 'true' })
    case 'int': case 'int32': case 'int64': case 'uint': case 'uint32': case 'Level': return int(names, '', { default: text === '' ? 0 : Number(text) })
    case 'float': case 'float32': case 'float64': return float(names, '', { default: text === '' ? 0 : Number(text) })
    case 'duration': return duration(names, '', { default: text === '' ? 0 : parseDuration(text) })
    case 'strings': return strings(names, '', { default: listOf(text) })
    case 'stringArray': case 'namedCertKey': case 'colonSeparatedMultimapStringString': return stringArray(names, '')
    case 'stringToString': return stringMap(names, '')
    default: return string(names, '', { default: text })
  }
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
