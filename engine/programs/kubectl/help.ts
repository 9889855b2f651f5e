/** Help in the layout of kubectl's templates. */
import { allFlags, children, isAvailable, type ResolvedCommand } from '../common/cobra/command'
import { bareValue, type Flag, Flags } from '../common/cobra/flags'
import { formatDuration } from '../common/cobra/values'

const groupOrder = [
  'Basic Commands (Beginner):', 'Basic Commands (Intermediate):', 'Deploy Commands:', 'Cluster Management Commands:', 'Troubleshooting and Debugging Commands:', 'Advanced Commands:', 'Settings Commands:', 'Subcommands provided by plugins:', 'Other Commands:',
]

/** Commands that help does not list. */
const unlisted = ['help', 'options']

export function kubectlHelp(command: ResolvedCommand): string {
  if (command.path === 'kubectl options') return ''
  return `${(command.spec.long ?? command.spec.short).trim()}${kubectlUsage(command)}`
}

/** The help without what the command is for. */
export function kubectlUsage(command: ResolvedCommand): string {
  const { spec } = command
  const sections: string[] = ['']
  if (spec.aliases?.length) sections.push(`Aliases:\n${[command.name, ...spec.aliases].join(', ')}`)
  if (spec.example) sections.push(`Examples:\n${spec.example.split('\n').map((line) => `  ${line}`).join('\n').trimEnd()}`)
  const below = children(command).filter((child) => isAvailable(child) && !unlisted.includes(child.name))
  if (below.length > 0) sections.push(commandGroups(command, below))
  const inherited = new Set(command.parent ? [] : (spec.persistentFlags ?? []).map((flag) => flag.name))
  const own = [...(spec.flags ?? [])].filter((flag) => !flag.hidden && !inherited.has(flag.name))
  if (own.length > 0) sections.push(`Options:\n${flagUsages(own).trimEnd()}`)
  if (spec.run || !command.parent) sections.push(`Usage:\n  ${usageLine(command)}`)
  let text = `${sections.join('\n\n')}\n`
  const tips: string[] = []
  if (children(command).length > 0) tips.push(`Use "${command.path} <command> --help" for more information about a given command.\n`)
  if (spec.run || !command.parent) tips.push(`Use "${command.path.split(' ')[0] as string} options" for a list of global command-line options (applies to all commands).\n`)
  if (tips.length > 0) text += `\n${tips.join('')}`
  return text
}

function commandGroups(command: ResolvedCommand, below: readonly ResolvedCommand[]): string {
  const width = Math.max(11, ...children(command).map((child) => child.name.length))
  const lines = (list: readonly ResolvedCommand[], column = width): string => list.map((child) => `\n  ${child.name.padEnd(column)}   ${child.spec.short}`).join('')
  if (command.parent) return `Available Commands:${lines([...below].sort((a, b) => (a.name < b.name ? -1 : 1)))}`
  return groupOrder.map((group) => `${group}${lines(below.filter((child) => (child.spec.group ?? 'Other Commands:') === group), group.includes('plugins') ? 11 : width)}`).join('\n\n')
}

export function usageLine(command: ResolvedCommand): string {
  let line = `${command.path}${command.spec.use.slice(command.name.length)}`
  if (!command.spec.noFlagsInUsage && !line.includes('[flags]')) line += ' [flags]'
  return line.includes('[options]') ? line : `${line} [options]`
}

export function flagUsages(flags: readonly Flag[]): string {
  return [...flags].filter((flag) => !flag.hidden).sort((a, b) => (a.name < b.name ? -1 : 1)).map(flagUsage).join('')
}

function flagUsage(flag: Flag): string {
  const head = flag.shorthand ? `    -${flag.shorthand}, ` : '    '
  const note = flag.deprecated === undefined ? '' : ` (DEPRECATED: ${flag.deprecated})`
  return `${head}--${flag.name}=${defaultText(flag)}:\n\t${flag.usage.replaceAll('\n', '\n\t')}${note}\n\n`
}

export function defaultText(flag: Flag): string {
  if (flag.defaultText !== undefined) return flag.defaultText
  if (flag.kind === 'string') return `'${String(flag.default)}'`
  if (flag.kind === 'duration') return formatDuration(flag.default as number)
  if (Array.isArray(flag.default)) return `[${(flag.default as string[]).join(',')}]`
  if (flag.default instanceof Map) return '[]'
  return String(flag.default)
}

export function optionsHelp(flags: readonly Flag[]): string {
  return `The following options can be passed to any command:\n\n${flagUsages(flags)}`
}

export { allFlags, bareValue, Flags }
