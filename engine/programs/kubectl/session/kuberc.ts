/** ~/.kube/kuberc: aliases of commands and defaults of their flags. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { parseYaml } from '#engine/base/yaml/parser'
import { allFlags, type Command, commandName, findCommand, type ResolvedCommand, rootCommand } from '#engine/programs/common/cobra/command'
import { isObject } from '../resources/metadata'
import { PlainError } from './errors'

interface Option {
  readonly name: string
  readonly default: string
}

interface Preferences {
  readonly aliases?: null | readonly { readonly name: string; readonly command: string; readonly prependArgs?: readonly string[]; readonly appendArgs?: readonly string[]; readonly options?: readonly Option[] }[]
  readonly defaults?: null | readonly { readonly command: string; readonly options?: readonly Option[] }[]
}

/** The fields of each version. The first called defaults overrides, and options flags. */
const versions: Readonly<Record<string, readonly string[]>> = {
  'kubectl.config.k8s.io/v1alpha1': ['apiVersion', 'kind', 'aliases', 'overrides', 'credentialPluginPolicy', 'credentialPluginAllowlist'],
  'kubectl.config.k8s.io/v1beta1': ['apiVersion', 'kind', 'aliases', 'defaults', 'credentialPluginPolicy', 'credentialPluginAllowlist'],
}

/** The arguments as the preferences have them. Throws what is wrong with the preferences. */
export async function withPreferences(process: Process, root: Command): Promise<readonly string[]> {
  const args = process.argv.slice(1)
  try {
    const preferences = await load(process, args)
    if (!preferences) return args
    await warnOfStrangers(process, root, preferences)
    return applyDefaults(root, applyAlias(root, args, preferences), preferences)
  } catch (error) {
    if (error instanceof PlainError) throw new PlainError(`error occurred while applying preferences ${error.message}`)
    throw error
  }
}

async function warnOfStrangers(process: Process, root: Command, { defaults }: Preferences): Promise<void> {
  for (const { command } of defaults ?? []) {
    const target = findCommand(rootCommand(root), command.split(/\s+/))
    if (target.args.some((word) => word !== '')) await process.stderr.write(`Warning: command ${JSON.stringify(command)} not found to set kuberc override\n`)
  }
}

function explicitPath(args: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => arg === '--kuberc' || arg.startsWith('--kuberc='))
  const arg = args[at]
  if (arg === undefined || args.slice(0, at).includes('--')) return undefined
  return arg === '--kuberc' ? args[at + 1] : arg.slice('--kuberc='.length)
}

async function load(process: Process, args: readonly string[]): Promise<Preferences | undefined> {
  const explicit = explicitPath(args)
  const environment = process.env.get('KUBERC')
  if (process.env.get('KUBECTL_KUBERC') === 'false' || environment === 'off') return undefined
  const path = explicit ?? (environment || `${process.env.get('HOME') ?? ''}/.kube/kuberc`)
  let text: string
  try {
    text = process.files.readText(path)
  } catch (error) {
    if (!isErrno(error)) throw error
    if (explicit === undefined && !environment) return undefined
    throw new PlainError(`kuberc error kuberc: open ${path}: ${error.message.toLowerCase()}`)
  }
  return await decode(process, text, path)
}

async function decode(process: Process, text: string, path: string): Promise<Preferences> {
  let value: unknown
  try {
    value = parseYaml(text)
  } catch {
    value = undefined
  }
  const known = isObject(value) && value['kind'] === 'Preference' ? versions[String(value['apiVersion'])] : undefined
  if (!isObject(value) || !known) throw new PlainError(`kuberc error kuberc: no valid preferences found in ${path}, use --v=5 to see details`)
  const unknown = Object.keys(value).filter((key) => !known.includes(key)).sort()
  if (unknown.length > 0) await process.stderr.write(`kuberc: ignoring strict decoding error in ${path}: strict decoding error: ${unknown.map((key) => `unknown field ${JSON.stringify(key)}`).join(', ')}`)
  return known.includes('overrides') ? ofFirstVersion(value) : (value as Preferences)
}

type FirstVersion = Record<string, readonly { readonly command: string; readonly flags?: readonly Option[] }[]>

function ofFirstVersion(value: Record<string, unknown>): Preferences {
  const { aliases = [], overrides = [] } = value as FirstVersion
  const renamed = <T extends { readonly flags?: readonly Option[] }>(entry: T): T => ({ ...entry, options: entry.flags ?? [] })
  return { aliases: aliases.map(renamed), defaults: overrides.map(renamed) } as unknown as Preferences
}

function applyAlias(root: Command, args: readonly string[], preferences: Preferences): readonly string[] {
  const aliases = preferences.aliases ?? []
  if (aliases.some(({ name }) => !/^[a-zA-Z]+$/.test(name))) throw new PlainError('invalid alias name, can only include alphabetical characters')
  const at = args.findIndex((arg) => !arg.startsWith('-'))
  const word = args[at]
  const alias = aliases.find(({ name }) => name === word)
  if (!alias || root.commands?.some((command) => commandName(command) === word || command.aliases?.includes(word as string))) return args
  const words = alias.command.split(/\s+/)
  const target = findCommand(rootCommand(root), words)
  if (target.args.length > 0) throw new PlainError(`command ${JSON.stringify(alias.command)} not found to set alias ${JSON.stringify(alias.name)}: [${target.args.join(' ')}]`)
  const given = [...args.slice(0, at), ...words, ...(alias.prependArgs ?? []), ...args.slice(at + 1), ...(alias.appendArgs ?? [])]
  return withOptions(target.command, given, alias.options ?? [])
}

function applyDefaults(root: Command, args: readonly string[], preferences: Preferences): readonly string[] {
  const defaults = preferences.defaults ?? []
  const { command } = findCommand(rootCommand(root), args)
  const path = command.path.split(' ').slice(1).join(' ')
  const entries = defaults.filter((entry) => entry.command === path)
  return entries.reduce<readonly string[]>((given, entry) => withOptions(command, given, entry.options ?? []), args)
}

/** Adds the flags that are not given. */
function withOptions(command: ResolvedCommand, args: readonly string[], options: readonly Option[]): readonly string[] {
  const flags = allFlags(command)
  const missing = options.find(({ name }) => !flags.lookup(name))
  if (missing) throw new PlainError(`invalid flag ${missing.name} for command ${commandName(command.spec)}`)
  try {
    flags.parse([...args], command.spec.interspersed ?? true)
  } catch {
    return args
  }
  const added = options.filter(({ name }) => !flags.changed(name)).map((option) => `--${option.name}=${option.default}`)
  const dash = args.indexOf('--')
  return dash < 0 ? [...args, ...added] : [...args.slice(0, dash), ...added, ...args.slice(dash)]
}
