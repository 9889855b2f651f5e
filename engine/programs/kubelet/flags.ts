/** pflag's way of reading the kubelet's flags, and which field of the configuration each stands for. */
import type { KubeletFlags } from '#engine/kubelet/config/config'
import { parseGoDuration } from '#engine/kubelet/config/duration'
import { kubeletFlags } from './flags.table'

export class FlagError extends Error {
  override readonly name = 'FlagError'
}

export interface ParsedKubelet {
  readonly flags: KubeletFlags
  readonly version: boolean
  readonly help: boolean
  /** Names of given flags that belong into the configuration file. */
  readonly deprecated: readonly string[]
}

export function parseKubeletFlags(args: readonly string[]): ParsedKubelet {
  const values = new Map<string, string[]>()
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    if (arg === '--') break
    if (!arg.startsWith('-') || arg === '-') throw new FlagError(`unknown command ${JSON.stringify(arg)}`)
    i += readFlag(arg, args[i + 1], values)
  }
  return { flags: toFlags(values), version: values.has('version'), help: values.has('help'), deprecated: [...values.keys()].filter((name) => !current.has(name)) }
}

/** How many further arguments it took. */
function readFlag(arg: string, next: string | undefined, values: Map<string, string[]>): number {
  const short = !arg.startsWith('--')
  const body = arg.slice(short ? 1 : 2)
  if (short) return readShort(body, next, values)
  const equals = body.indexOf('=')
  const name = equals < 0 ? body : body.slice(0, equals)
  const type = kubeletFlags[name]
  if (type === undefined) throw new FlagError(`failed to parse kubelet flag: unknown flag: --${name}`)
  if (equals >= 0) return set(values, name, type, body.slice(equals + 1), 0)
  if (type === 'bool' || type === 'version') return set(values, name, type, 'true', 0)
  if (next === undefined) throw new FlagError(`failed to parse kubelet flag: flag needs an argument: --${name}`)
  return set(values, name, type, next, 1)
}

function readShort(body: string, next: string | undefined, values: Map<string, string[]>): number {
  const letter = body.charAt(0)
  if (letter === 'h') return set(values, 'help', 'bool', 'true', 0)
  if (letter !== 'v') throw new FlagError(`failed to parse kubelet flag: unknown shorthand flag: '${letter}' in -${body}`)
  const inline = body.slice(1).replace(/^=/, '')
  if (inline !== '') return set(values, 'v', 'Level', inline, 0)
  if (next === undefined) throw new FlagError(`failed to parse kubelet flag: flag needs an argument: 'v' in -v`)
  return set(values, 'v', 'Level', next, 1)
}

function set(values: Map<string, string[]>, name: string, type: string, value: string, took: number): number {
  const complaint = wrong(type, value)
  if (complaint !== undefined) throw new FlagError(`failed to parse kubelet flag: invalid argument ${JSON.stringify(value)} for "${name === 'v' ? '-v, --v' : `--${name}`}" flag: ${complaint}`)
  const known = values.get(name)
  if (known && (type === 'strings' || type.startsWith('map'))) known.push(value)
  else values.set(name, [value])
  return took
}

function wrong(type: string, value: string): string | undefined {
  if (type === 'bool' && !/^(1|0|t|f|T|F|true|false|TRUE|FALSE|True|False)$/.test(value)) return `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`
  if (/^(int(32|64)?|Level)$/.test(type) && !/^[+-]?\d+$/.test(value)) return `strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`
  if (type === 'duration' && parseGoDuration(value) === undefined) return `time: invalid duration ${JSON.stringify(value)}`
  if (type === 'ip' && !/^[\d.]+$|:/.test(value)) return `failed to parse IP: ${JSON.stringify(value)}`
  if (type.startsWith('map') && value !== '' && value.split(',').some((pair) => !/[=<]/.test(pair))) return `malformed pair, expect string=string`
  return undefined
}

const numbers = new Set(['int', 'int32'])

/** Flags named otherwise than their field. */
const fieldNames: Readonly<Record<string, string>> = { 'pod-manifest-path': 'staticPodPath', 'client-ca-file': 'authentication.x509.clientCAFile', 'anonymous-auth': 'authentication.anonymous.enabled', 'authentication-token-webhook': 'authentication.webhook.enabled', 'authorization-mode': 'authorization.mode', 'cluster-dns': 'clusterDNS', 'cpu-cfs-quota': 'cpuCFSQuota', 'image-gc-high-threshold': 'imageGCHighThresholdPercent', 'image-gc-low-threshold': 'imageGCLowThresholdPercent', 'resolv-conf': 'resolvConf', 'event-qps': 'eventRecordQPS', 'registry-qps': 'registryPullQPS', 'pod-max-pids': 'podPidsLimit', 'minimum-image-ttl-duration': 'imageMinimumGCAge', 'pod-cidr': 'podCIDR', 'provider-id': 'providerID' }

/** Flags without a field in the file, and those that may stay beside it. */
const current = new Set(['config', 'config-dir', 'kubeconfig', 'bootstrap-kubeconfig', 'hostname-override', 'node-ip', 'node-labels', 'root-dir', 'cert-dir', 'cloud-provider', 'exit-on-lock-contention', 'lock-file', 'image-credential-provider-bin-dir', 'image-credential-provider-config', 'runtime-cgroups', 'provider-id', 'v', 'vmodule', 'log-flush-frequency', 'help', 'version'])

const own = new Set(['config', 'config-dir', 'kubeconfig', 'bootstrap-kubeconfig', 'hostname-override', 'node-ip', 'node-labels', 'root-dir', 'cert-dir', 'v', 'help', 'version'])

function toFlags(values: ReadonlyMap<string, string[]>): KubeletFlags {
  const one = (name: string, fallback = ''): string => values.get(name)?.at(-1) ?? fallback
  const overrides: Record<string, unknown> = {}
  for (const [name, given] of values) if (!own.has(name)) override(overrides, name, given)
  const rootDirectory = one('root-dir', '/var/lib/kubelet')
  return {
    config: one('config'), configDirectory: one('config-dir'), kubeconfig: one('kubeconfig'), bootstrapKubeconfig: one('bootstrap-kubeconfig'), hostnameOverride: one('hostname-override'), nodeIp: one('node-ip'),
    nodeLabels: pairs(values.get('node-labels') ?? []), rootDirectory, certDirectory: one('cert-dir', `${rootDirectory}/pki`), verbosity: Number(one('v', '0')), overrides,
  }
}

function override(into: Record<string, unknown>, name: string, given: readonly string[]): void {
  const type = kubeletFlags[name] ?? 'string'
  const value = convert(type, given)
  const path = (fieldNames[name] ?? camel(name)).split('.')
  let at = into
  for (const part of path.slice(0, -1)) at = (at[part] ??= {}) as Record<string, unknown>
  at[path.at(-1) ?? name] = name === 'register-with-taints' ? taints(given.join(',')) : value
}

function convert(type: string, given: readonly string[]): unknown {
  const last = given.at(-1) ?? ''
  if (type === 'bool') return /^(1|t|T|true|TRUE|True)$/.test(last)
  if (numbers.has(type)) return Number(last)
  if (type === 'strings') return given.flatMap((text) => text.split(',')).filter((text) => text !== '')
  if (type === 'mapStringBool') return Object.fromEntries(Object.entries(pairs(given)).map(([key, value]) => [key, value === 'true']))
  return type.startsWith('map') ? pairs(given) : last
}

function pairs(given: readonly string[]): Record<string, string> {
  const out: Record<string, string> = {}
  for (const pair of given.flatMap((text) => text.split(',')).filter((text) => text !== '')) {
    const at = pair.search(/[=<]/)
    out[pair.slice(0, at)] = pair.slice(at + 1)
  }
  return out
}

function taints(text: string): { key: string; value?: string; effect: string }[] {
  return text.split(',').filter((part) => part !== '').map((part) => {
    const [pair = '', effect = ''] = part.split(':')
    const [key = '', value] = pair.split('=')
    return { key, ...(value ? { value } : {}), effect }
  })
}

function camel(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
