import { bool, string, stringArray } from '#engine/programs/common/cobra/flags'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { type Alias, type Defaults, emptyPreference, type FlagDefault, kubercPath, readPreference, writePreference } from './file'

export const setKuberc = verb({
  use: 'set --section (defaults|aliases) --command COMMAND',
  short: 'Set values in the kuberc configuration',
  long: 'Set values in the kuberc configuration file.\n\n --section says whether defaults or aliases are set.\n\n Defaults are default values for the flags of a command; --command names the command only ("get", "set env").\n\n Aliases are new names for a command, with defaults of their own and with arguments before (--prependarg) and after (--appendarg) those that are given.',
  example: '# Set default output format for \'get\' command\nkubectl alpha kuberc set --section defaults --command get --option output=wide\n\n# Create an alias \'getn\' for \'get\' command with prepended \'nodes\' resource\nkubectl alpha kuberc set --section aliases --name getn --command get --prependarg nodes --option output=wide\n\n# Overwrite an existing default\nkubectl alpha kuberc set --section defaults --command get --option output=json --overwrite',
  flags: [
    stringArray('appendarg', 'Argument after those that are given (may be repeated, for aliases only)'),
    string('command', "Command to configure (e.g., 'get', 'create', 'set env')", { required: true }),
    string('name', 'Alias name (required for --section=aliases)'),
    stringArray('option', 'Flag option in the form flag=value (may be repeated)'),
    bool('overwrite', 'Allow overwriting existing entries'),
    stringArray('prependarg', 'Argument before those that are given (may be repeated, for aliases only)'),
    string('section', "Section to modify: 'defaults' or 'aliases'", { required: true }),
  ],
  run: runSet,
})

async function runSet(session: Session): Promise<void> {
  const path = kubercPath(session)
  checkFlags(session)
  const options = session.flags.list('option').map(parseOption)
  const preference = readPreference(session, path) ?? emptyPreference
  if (session.flags.string('section') === 'defaults') await writePreference(session, path, { ...preference, defaults: withDefaults(session, preference.defaults ?? [], options) })
  else await writePreference(session, path, { ...preference, aliases: withAlias(session, preference.aliases ?? [], options) })
}

function checkFlags({ flags }: Session): void {
  const section = flags.string('section')
  if (section !== 'defaults' && section !== 'aliases') throw new CliError(`--section must be "defaults" or "aliases", got: ${section}`)
  if (section === 'aliases') {
    if (flags.string('name') === '') throw new CliError('--name is required when --section=aliases')
    return
  }
  if (flags.string('name') !== '') throw new CliError('--name should not be specified when --section=defaults')
  if (flags.list('prependarg').length > 0 || flags.list('appendarg').length > 0) throw new CliError('--prependarg and --appendarg are only valid for --section=aliases')
}

function parseOption(text: string): FlagDefault {
  const equals = text.indexOf('=')
  if (equals < 0) throw new CliError(`invalid option format ${JSON.stringify(text)}, expected flag=value`)
  return { name: text.slice(0, equals), default: text.slice(equals + 1) }
}

function withDefaults({ flags }: Session, list: readonly Defaults[], options: readonly FlagDefault[]): Defaults[] {
  const command = flags.string('command')
  const at = list.findIndex((entry) => entry.command === command)
  if (at >= 0 && !flags.bool('overwrite')) throw new CliError(`defaults for command ${JSON.stringify(command)} already exist, use --overwrite to replace`)
  return put(list, at, { command, options: options.length > 0 ? options : null })
}

function withAlias({ flags }: Session, list: readonly Alias[], options: readonly FlagDefault[]): Alias[] {
  const name = flags.string('name')
  const at = list.findIndex((entry) => entry.name === name)
  if (at >= 0 && !flags.bool('overwrite')) throw new CliError(`alias ${JSON.stringify(name)} already exists, use --overwrite to replace`)
  const before = flags.list('prependarg')
  const after = flags.list('appendarg')
  return put(list, at, {
    name, command: flags.string('command'),
    ...(before.length > 0 ? { prependArgs: before } : {}), ...(after.length > 0 ? { appendArgs: after } : {}), ...(options.length > 0 ? { options } : {}),
  })
}

function put<T>(list: readonly T[], at: number, entry: T): T[] {
  return at < 0 ? [...list, entry] : list.map((old, index) => (index === at ? entry : old))
}
