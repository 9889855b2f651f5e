/** dockerd's configuration: flags, and /etc/docker/daemon.json beside them; what is said in both is a mistake. */
import type { Files } from '#engine/linux/abi/files'

export interface DockerConfig {
  readonly hosts: readonly string[]
  readonly root: string
  readonly execRoot: string
  readonly bip: string
  readonly insecureRegistries: readonly string[]
  readonly registryMirrors: readonly string[]
  readonly logDriver: string
  readonly logOpts: Readonly<Record<string, string>>
  readonly dns: readonly string[]
  readonly labels: readonly string[]
  readonly debug: boolean
  readonly iptables: boolean
  readonly userlandProxy: boolean
  readonly liveRestore: boolean
  readonly pidfile: string
}

export class ConfigFailure extends Error {
  override readonly name = 'ConfigFailure'
}

const defaults: DockerConfig = {
  hosts: [], root: '/var/lib/docker', execRoot: '/run/docker', bip: '', insecureRegistries: [], registryMirrors: [], logDriver: 'json-file', logOpts: {}, dns: [], labels: [], debug: false, iptables: true,
  userlandProxy: true, liveRestore: false, pidfile: '/var/run/docker.pid',
}

type Kind = 'text' | 'list' | 'switch' | 'map'
/** Names in daemon.json; the flag of a list is in the singular. */
const settings: Readonly<Record<string, readonly [key: keyof DockerConfig, kind: Kind, flag?: string]>> = {
  hosts: ['hosts', 'list', 'host'], 'data-root': ['root', 'text'], 'exec-root': ['execRoot', 'text'], bip: ['bip', 'text'], 'insecure-registries': ['insecureRegistries', 'list', 'insecure-registry'],
  'registry-mirrors': ['registryMirrors', 'list', 'registry-mirror'], 'log-driver': ['logDriver', 'text'], 'log-opts': ['logOpts', 'map', 'log-opt'], dns: ['dns', 'list'], labels: ['labels', 'list', 'label'],
  debug: ['debug', 'switch'], iptables: ['iptables', 'switch'], 'userland-proxy': ['userlandProxy', 'switch'], 'live-restore': ['liveRestore', 'switch'], pidfile: ['pidfile', 'text'],
}
/** Known to the real daemon, and without effect here. */
const accepted = new Set(['containerd', 'exec-opts', 'storage-driver', 'storage-opts', 'log-level', 'experimental', 'default-address-pools', 'ipv6', 'ip-forward', 'ip-masq', 'icc', 'features', 'max-concurrent-downloads', 'max-concurrent-uploads', 'shutdown-timeout', 'default-runtime', 'runtimes', 'group', 'mtu', 'tls', 'tlsverify', 'metrics-addr', 'builder', 'selinux-enabled', 'userns-remap', 'default-ulimits', 'init'])
const shorts: Readonly<Record<string, string>> = { H: 'host', D: 'debug', G: 'group', l: 'log-level', s: 'storage-driver' }

type Given = Map<string, string[]>

export function loadDockerConfig(files: Files, args: readonly string[]): DockerConfig {
  const flags = parseFlags(args)
  const explicit = flags.get('config-file')?.at(-1)
  const path = explicit ?? '/etc/docker/daemon.json'
  const file = files.exists(path) || explicit !== undefined ? readDocument(files, path) : {}
  checkClash(flags, file, path)
  const out: Record<string, unknown> = { ...defaults }
  for (const [name, [key, kind, flag = name]] of Object.entries(settings)) {
    const given = flags.get(flag)
    if (file[name] !== undefined) out[key] = file[name]
    if (given) out[key] = fromFlag(given, kind)
  }
  return out as unknown as DockerConfig
}

function fromFlag(given: readonly string[], kind: Kind): unknown {
  if (kind === 'list') return given
  if (kind === 'switch') return given.at(-1) !== 'false'
  if (kind === 'map') return Object.fromEntries(given.map((entry) => [entry.split('=')[0], entry.slice(entry.indexOf('=') + 1)]))
  return given.at(-1)
}

function parseFlags(args: readonly string[]): Given {
  const out: Given = new Map()
  const byFlag = new Map(Object.entries(settings).map(([name, [, kind, flag = name]]) => [flag, kind]))
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    const match = /^(--?)([^=]+)(?:=(.*))?$/.exec(arg)
    if (!match) throw new ConfigFailure(`unknown command: ${arg}`)
    const [, dashes, raw = '', inline] = match
    const name = dashes === '-' ? (shorts[raw.charAt(0)] ?? raw) : raw
    const kind = byFlag.get(name)
    if (kind === undefined && !accepted.has(name) && name !== 'config-file') throw new ConfigFailure(dashes === '-' ? `unknown shorthand flag: '${raw.charAt(0)}' in -${raw}` : `unknown flag: --${name}`)
    const value = kind === 'switch' ? (inline ?? 'true') : (inline ?? (dashes === '-' && raw.length > 1 ? raw.slice(1) : args[++i]))
    if (value === undefined) throw new ConfigFailure(`flag needs an argument: --${name}`)
    out.set(name, [...(out.get(name) ?? []), value])
  }
  return out
}

function readDocument(files: Files, path: string): Record<string, unknown> {
  if (!files.exists(path)) throw new ConfigFailure(`unable to configure the Docker daemon with file ${path}: open ${path}: no such file or directory`)
  const text = files.readText(path)
  if (text.trim() === '') return {}
  let document: Record<string, unknown>
  try {
    document = JSON.parse(text) as Record<string, unknown>
  } catch (error) {
    throw new ConfigFailure(`unable to configure the Docker daemon with file ${path}: ${jsonWords(text, error as Error)}`)
  }
  const unknown = Object.keys(document).filter((name) => !(name in settings) && !accepted.has(name))
  if (unknown.length > 0) throw new ConfigFailure(`unable to configure the Docker daemon with file ${path}: the following directives don't match any configuration option: ${unknown.join(', ')}`)
  return document
}

/** As encoding/json words what it does not like. */
function jsonWords(text: string, error: Error): string {
  const at = Number(/position (\d+)/.exec(error.message)?.[1] ?? text.length)
  const char = text.charAt(at)
  if (char === '') return 'unexpected EOF'
  const before = text.slice(0, at).trimEnd().at(-1) ?? ''
  const where = before === ',' || before === '{' ? 'looking for beginning of object key string' : before === ':' || before === '[' || before === '' ? 'looking for beginning of value' : before === ']' ? 'after array element' : 'after object key:value pair'
  return `invalid character '${char === '\n' ? '\\n' : char === "'" ? "\\'" : char}' ${where}`
}

function checkClash(flags: Given, file: Record<string, unknown>, path: string): void {
  const both = Object.entries(settings).filter(([name, [, , flag = name]]) => flags.has(flag) && file[name] !== undefined)
  if (both.length === 0) return
  const text = both.map(([name, [, kind, flag = name]]) => {
    const given = flags.get(flag) ?? []
    const shown = (value: unknown): string => (Array.isArray(value) ? `[${value.join(' ')}]` : String(value))
    return `${name}: (from flag: ${kind === 'list' ? shown(given) : (given.at(-1) ?? '')}, from file: ${shown(file[name])})`
  })
  throw new ConfigFailure(`unable to configure the Docker daemon with file ${path}: the following directives are specified both as a flag and in the configuration file: ${text.join(', ')}`)
}
