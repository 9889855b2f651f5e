/** Help texts in cobra's own layout, as kubeadm, etcdctl and helm print them. */
import { allFlags, children, inheritedFlags, isAvailable, type ResolvedCommand } from './command'
import { type Flag, Flags } from './flags'
import { formatDuration } from './values'

export function cobraHelp(command: ResolvedCommand): string {
  const text = (command.spec.long ?? command.spec.short).trimEnd()
  const head = text === '' ? '' : `${text}\n\n`
  return `${head}${cobraUsage(command)}`
}

export function cobraUsage(command: ResolvedCommand): string {
  const { spec } = command
  const subcommands = children(command).filter(isAvailable)
  let out = 'Usage:'
  if (spec.run) out += `\n  ${useLine(command)}`
  if (subcommands.length > 0) out += `\n  ${command.path} [command]`
  if (spec.aliases?.length) out += `\n\nAliases:\n  ${[command.name, ...spec.aliases].join(', ')}`
  if (spec.example) out += `\n\nExamples:\n${spec.example}`
  if (subcommands.length > 0) out += commandGroups(command, subcommands)
  const inherited = new Flags(inheritedFlags(command)).all()
  const local = allFlags(command).all().filter((flag) => !inherited.some((other) => other.name === flag.name))
  if (local.some((flag) => !flag.hidden)) out += `\n\nFlags:\n${cobraFlagUsages(local).trimEnd()}`
  if (inherited.some((flag) => !flag.hidden)) out += `\n\nGlobal Flags:\n${cobraFlagUsages(inherited).trimEnd()}`
  if (subcommands.length > 0) out += `\n\nUse "${command.path} [command] --help" for more information about a command.`
  return `${out}\n`
}

function commandGroups(command: ResolvedCommand, subcommands: readonly ResolvedCommand[]): string {
  const width = Math.max(11, ...children(command).map((child) => child.name.length))
  const lines = (list: readonly ResolvedCommand[]): string => list.map((child) => `\n  ${child.name.padEnd(width)} ${child.spec.short}`).join('')
  const sorted = [...subcommands].sort((a, b) => (a.name < b.name ? -1 : 1))
  const groups = [...new Set(sorted.map((child) => child.spec.group ?? ''))]
  if (groups.every((group) => group === '')) return `\n\nAvailable Commands:${lines(sorted)}`
  return groups.map((group) => `\n\n${group === '' ? 'Additional Commands:' : group}${lines(sorted.filter((child) => (child.spec.group ?? '') === group))}`).join('')
}

export function useLine(command: ResolvedCommand): string {
  const rest = command.spec.use.slice(command.name.length)
  const line = `${command.path}${rest}`
  if (command.spec.noFlagsInUsage || line.includes('[flags]')) return line
  return `${line} [flags]`
}

const typeNames: Readonly<Record<string, string>> = { strings: 'strings', stringArray: 'stringArray', stringMap: 'stringToString', count: 'count', float: 'float32', string: 'string', int: 'int', int32: 'int32', int64: 'int', uint: 'uint', duration: 'duration' }

export function cobraFlagUsages(flags: readonly Flag[]): string {
  const rows = flags.filter((flag) => !flag.hidden && flag.deprecated === undefined).map((flag) => flagRow(flag))
  const width = Math.max(0, ...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `${left.padEnd(width)}   ${right.replaceAll('\n', `\n${' '.repeat(width + 3)}`)}\n`).join('')
}

function flagRow(flag: Flag): [string, string] {
  const quoted = /`([^`]*)`/.exec(flag.usage)
  const usage = flag.usage.replaceAll('`', '')
  let left = flag.shorthand ? `  -${flag.shorthand}, --${flag.name}` : `      --${flag.name}`
  const type = quoted?.[1] ?? flag.typeName ?? (flag.kind === 'bool' ? '' : (typeNames[flag.kind] ?? 'string'))
  if (type !== '') left += ` ${type}`
  if (flag.bare !== undefined) left += flag.kind === 'string' ? `[="${flag.bare}"]` : flag.kind === 'bool' && flag.bare === 'true' ? '' : `[=${flag.bare}]`
  const text = defaultText(flag)
  return [left, text === '' ? usage : `${usage} (default ${flag.kind === 'string' && flag.defaultText === undefined ? JSON.stringify(text) : text})`]
}

function defaultText(flag: Flag): string {
  if (flag.defaultText !== undefined) return flag.defaultText
  const value = flag.default
  if (flag.kind === 'duration') return value === 0 ? '' : formatDuration(value as number)
  if (Array.isArray(value)) return value.length === 0 ? '' : `[${value.join(',')}]`
  if (value instanceof Map) return value.size === 0 ? '' : `[${[...value].map(([key, item]) => `${String(key)}=${String(item)}`).join(',')}]`
  if (value === false || value === 0 || value === '') return ''
  return String(value)
}
