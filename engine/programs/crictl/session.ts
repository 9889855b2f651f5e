/** What all of crictl's commands share: the connection, its errors, options, and printing. */
import { fixed, parseTemplate, TemplateExecError, TemplateSyntaxError } from '#engine/programs/common/gotemplate/template'
import { parseYaml } from '#engine/base/yaml/parser'
import { emitYaml } from '#engine/base/yaml/emit'
import { criClient, type CriClient } from '#engine/cri/transport'
import { RpcError } from '#engine/cri/rpc'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'

/** Ends the program; printed as logrus prints a fatal line. */
export class Fatal extends Error {
  override readonly name = 'Fatal'
}

export interface Options { readonly flags: ReadonlyMap<string, readonly string[]>; readonly operands: readonly string[] }

export function flag(options: Options, ...names: string[]): string | undefined {
  for (const name of names) {
    const given = options.flags.get(name)
    if (given) return given.at(-1)
  }
  return undefined
}

export function has(options: Options, ...names: string[]): boolean {
  return names.some((name) => options.flags.has(name) && options.flags.get(name)?.at(-1) !== 'false')
}

/** Options anywhere before `--`; `valued` take the next argument. Those of `stopAfter` operands keep their own flags. */
export function parseOptions(args: readonly string[], valued: ReadonlySet<string>, known: ReadonlySet<string>, stopAfter = Number.POSITIVE_INFINITY): Options {
  const flags = new Map<string, string[]>()
  const operands: string[] = []
  const put = (name: string, value: string): void => void flags.set(name, [...(flags.get(name) ?? []), value])
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    if (operands.length >= stopAfter || arg === '--') return { flags, operands: [...operands, ...args.slice(arg === '--' ? i + 1 : i)] }
    const [name = '', ...rest] = arg.replace(/^--?/, '').split('=')
    if (!arg.startsWith('-') || arg === '-') operands.push(arg)
    else if (rest.length > 0) put(name, rest.join('='))
    else if (valued.has(name)) put(name, args[++i] ?? '')
    else for (const each of switches(arg, name, known)) put(each, 'true')
  }
  return { flags, operands }
}

/** The switches an argument stands for: itself, or each letter of a cluster. */
function switches(arg: string, name: string, known: ReadonlySet<string>): string[] {
  if (known.has(name)) return [name]
  const letters = [...name]
  if (arg.startsWith('--') || !letters.every((letter) => known.has(letter))) throw new UsageFailure(name)
  return letters
}

export class UsageFailure extends Error {
  override readonly name = 'UsageFailure'

  constructor(readonly flag: string) {
    super(`flag provided but not defined: -${flag}`)
  }
}

const configPath = '/etc/crictl.yaml'
const defaults = ['unix:///run/containerd/containerd.sock', 'unix:///run/crio/crio.sock', 'unix:///var/run/cri-dockerd.sock']

export class Session {
  private clients: CriClient | undefined

  constructor(
    readonly process: Process,
    private readonly global: Options,
  ) {}

  async out(text: string): Promise<void> {
    await this.process.stdout.write(text)
  }

  async warn(message: string): Promise<void> {
    await this.process.stderr.write(logLine(this.process, 'warning', message))
  }

  async cri(): Promise<CriClient> {
    this.clients ??= await this.connect()
    return this.clients
  }

  /** A call whose failure is told twice, as the client library and crictl both do. */
  async call<T>(what: string, name: string, pairs: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      const date = new Date(this.process.clock.now())
      const two = (value: number): string => String(value).padStart(2, '0')
      const stamp = `E${two(date.getUTCMonth() + 1)}${two(date.getUTCDate())} ${date.toISOString().slice(11, 23)}000`
      const tail = Object.entries(pairs).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`).join('')
      await this.process.stderr.write(`${stamp} ${String(this.process.pid).padStart(7)} log.go:32] "${name} from runtime service failed" err=${JSON.stringify(error.message)}${tail}\n`)
      throw new Fatal(`${what}: ${error.message}`)
    }
  }

  private async connect(): Promise<CriClient> {
    const endpoint = await this.endpoint()
    const client = criClient(this.process.net, endpoint)
    try {
      await client.runtime.Version({ version: '0.1.0' })
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      throw new Fatal(`validate service connection: validate CRI v1 runtime API for endpoint ${JSON.stringify(endpoint)}: ${error.message}`)
    }
    return client
  }

  private async endpoint(): Promise<string> {
    const given = flag(this.global, 'runtime-endpoint', 'r') ?? this.process.env.get('CONTAINER_RUNTIME_ENDPOINT') ?? (await this.configured())
    if (given) return given
    const words = 'As the default settings are now deprecated, you should set the endpoint instead.'
    await this.warn(`runtime connect using default endpoints: [${defaults.join(' ')}]. ${words}`)
    await this.warn(`image connect using default endpoints: [${defaults.join(' ')}]. ${words}`)
    return defaults.find((endpoint) => this.process.files.exists(endpoint.slice('unix://'.length))) ?? (defaults[0] as string)
  }

  private async configured(): Promise<string | undefined> {
    const path = flag(this.global, 'config', 'c') ?? this.process.env.get('CRI_CONFIG_FILE') ?? configPath
    const settings = readConfig(this.process, path)
    if (!settings) await this.warn(`Config "${path}" does not exist, trying next: "/usr/local/bin/crictl.yaml"`)
    const value = settings?.['runtime-endpoint']
    return typeof value === 'string' && value !== '' ? value : undefined
  }
}

export function readConfig(process: Process, path: string): Record<string, unknown> | undefined {
  try {
    return (parseYaml(process.files.readText(path)) ?? {}) as Record<string, unknown>
  } catch (error) {
    if (isErrno(error)) return undefined
    throw new Fatal(`load config file: ${(error as Error).message}`)
  }
}

export { configPath }

export function logLine(process: Process, level: string, message: string): string {
  const stamp = `${new Date(Math.floor(process.clock.now())).toISOString().slice(0, 19)}Z`
  return `time="${stamp}" level=${level} msg=${JSON.stringify(message)}\n`
}

/** Times are 64-bit integers: protobuf's JSON has them as text. */
const longFields = new Set(['createdAt', 'timestamp', 'size', 'usageCoreNanoSeconds', 'usageNanoCores', 'workingSetBytes', 'usageBytes', 'rssBytes', 'usedBytes', 'inodesUsed', 'cpuPeriod', 'cpuQuota', 'cpuShares', 'memoryLimitInBytes', 'oomScoreAdj', 'value', 'uid'])

export function protoJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(protoJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, typeof item === 'number' && longFields.has(key) ? String(BigInt(Math.round(item))) : protoJson(item)]))
}

export function render(value: unknown, format: string | undefined, template?: string): string | undefined {
  if (format === 'go-template') return `${byTemplate(value, template ?? '')}\n`
  if (format === 'json') return `${JSON.stringify(value, null, 2)}\n`
  if (format === 'yaml') return emitYaml(value)
  return undefined
}

function byTemplate(value: unknown, text: string): string {
  try {
    return parseTemplate('', text, { functions: { json: fixed(1, (given) => JSON.stringify(given)) } }).execute(JSON.parse(JSON.stringify(value)))
  } catch (error) {
    if (error instanceof TemplateSyntaxError) throw new Fatal(`failed to parse go-template: ${error.message}`)
    if (error instanceof TemplateExecError) throw new Fatal(`failed to template data: ${error.message}`)
    throw error
  }
}

export function truncated(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 13)
}

/** RFC 3339 with nanoseconds, without trailing zeros; zero is Go's zero time. */
export function timeOf(ns: number): string {
  if (ns === 0) return '0001-01-01T00:00:00Z'
  const ms = ns / 1e6
  const whole = Math.floor(ms / 1000)
  const fraction = String(Math.round(ms * 1e6 - whole * 1e9)).padStart(9, '0').replace(/0+$/, '')
  return `${new Date(whole * 1000).toISOString().slice(0, 19)}${fraction === '' ? '' : `.${fraction}`}Z`
}
