/** What ssh knows before it connects: its command line, ~/.ssh/config, /etc/ssh/ssh_config. */
import { UsageError } from '#engine/linux/abi/flags'
import type { Process } from '#engine/linux/abi/process'

export interface SshOptions {
  user: string
  host: string
  /** As typed, for messages. */
  alias: string
  port: number
  command: string | undefined
  /** -t, -tt and -T. */
  terminal: 'auto' | 'force' | 'never'
  noInput: boolean
  quiet: boolean
  verbose: number
  identities: string[]
  givenIdentities: string[]
  settings: Map<string, string>
}

const withValue = 'BbcDEeFIiJLlmOoPpQRSWw'
const usage = `usage: ssh [-46AaCfGgKkMNnqsTtVvXxYy] [-B bind_interface] [-b bind_address]
           [-c cipher_spec] [-D [bind_address:]port] [-E log_file]
           [-e escape_char] [-F configfile] [-I pkcs11] [-i identity_file]
           [-J destination] [-L address] [-l login_name] [-m mac_spec]
           [-O ctl_cmd] [-o option] [-P tag] [-p port] [-Q query_option]
           [-R address] [-S ctl_path] [-W host:port] [-w local_tun[:remote_tun]]
           destination [command [argument ...]]
`

export function parseSsh(process: Process, args: readonly string[]): SshOptions {
  const options: SshOptions = { user: '', host: '', alias: '', port: 0, command: undefined, terminal: 'auto', noInput: false, quiet: false, verbose: 0, identities: [], givenIdentities: [], settings: new Map() }
  let index = 0
  let destination: string | undefined
  for (; index < args.length; index++) {
    const arg = args[index] as string
    if (arg === '--') {
      index++
      break
    }
    if (!arg.startsWith('-') || arg === '-') {
      if (destination !== undefined) break
      destination = arg
      continue
    }
    index += cluster(options, arg, args[index + 1])
  }
  destination ??= args[index++]
  if (destination === undefined) throw new UsageError(usage)
  if (index < args.length) options.command = args.slice(index).join(' ')
  resolveDestination(process, options, destination)
  return options
}

/** One word of flags; returns how many further words it took. */
function cluster(options: SshOptions, arg: string, next: string | undefined): number {
  for (let at = 1; at < arg.length; at++) {
    const letter = arg.charAt(at)
    if (!withValue.includes(letter)) {
      flag(options, letter)
      continue
    }
    const inline = arg.slice(at + 1)
    const value = inline !== '' ? inline : next
    if (value === undefined) throw new UsageError(`option requires an argument -- ${letter}\n${usage}`)
    valued(options, letter, value)
    return inline === '' ? 1 : 0
  }
  return 0
}

function flag(options: SshOptions, letter: string): void {
  if (letter === 't') options.terminal = 'force'
  else if (letter === 'T') options.terminal = 'never'
  else if (letter === 'n') options.noInput = true
  else if (letter === 'q') options.quiet = true
  else if (letter === 'v') options.verbose++
  else if (!'46AaCfGgKkMNsVXxYy'.includes(letter)) throw new UsageError(`unknown option -- ${letter}\n${usage}`)
}

function valued(options: SshOptions, letter: string, value: string): void {
  if (letter === 'p') options.port = portOf(value)
  else if (letter === 'l') options.user = value
  else if (letter === 'i') options.givenIdentities.push(value)
  else if (letter === 'o') setOption(options, value)
  else if ('LRDJWw'.includes(letter)) throw new UsageError(`-${letter}: forwarding is not supported in this simulation\n`)
}

function portOf(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new UsageError(`Bad port '${text}'\n`)
  return port
}

function setOption(options: SshOptions, text: string): void {
  const match = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*)$/.exec(text)
  if (!match) throw new UsageError(`command-line: line 0: missing argument after option ${text}\n`)
  options.settings.set((match[1] as string).toLowerCase(), (match[2] as string).replace(/^"(.*)"$/, '$1'))
}

function resolveDestination(process: Process, options: SshOptions, destination: string): void {
  const uri = /^ssh:\/\/(.*)$/.exec(destination)?.[1] ?? destination
  const at = uri.lastIndexOf('@')
  if (at >= 0) options.user = uri.slice(0, at)
  options.alias = at >= 0 ? uri.slice(at + 1) : uri
  const home = homeOf(process)
  for (const path of [`${home}/.ssh/config`, '/etc/ssh/ssh_config']) applyConfig(process, options, path)
  options.host = (options.settings.get('hostname') ?? options.alias).replace('%h', options.alias)
  options.user = options.user || options.settings.get('user') || (process.env.get('USER') ?? 'root')
  options.port = options.port || portOf(options.settings.get('port') ?? '22')
  options.identities = identitiesOf(options, home)
}

function homeOf(process: Process): string {
  return process.env.get('HOME') ?? '/root'
}

function identitiesOf(options: SshOptions, home: string): string[] {
  const own = options.settings.get('identityfile')
  const given = [...options.givenIdentities, ...(own === undefined ? [] : [own.replace(/^~/, home)])]
  return given.length > 0 ? given : ['id_rsa', 'id_ecdsa', 'id_ed25519'].map((name) => `${home}/.ssh/${name}`)
}

function applyConfig(process: Process, options: SshOptions, path: string): void {
  if (!process.files.exists(path)) return
  let applies = true
  for (const raw of process.files.readText(path).split('\n')) {
    const match = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(raw)
    if (!match || raw.trim().startsWith('#')) continue
    const key = (match[1] as string).toLowerCase()
    const value = (match[2] as string).replace(/^"(.*)"$/, '$1')
    if (key === 'host') applies = value.split(/\s+/).some((pattern) => new RegExp(`^${pattern.replace(/[.+^${}()|\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`).test(options.alias))
    else if (key === 'match') applies = value === 'all'
    else if (applies && !options.settings.has(key)) options.settings.set(key, value)
  }
}
