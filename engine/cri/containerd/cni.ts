/**
 * The Container Network Interface as the runtime sees it: configuration read from a directory, plugins run as executables
 * with the operation in their environment and the configuration on standard input.
 */
import { concatBytes, decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { exitCodeOf } from '#engine/linux/abi/signals'
import type { PortMapping } from '../api'
import { errorText } from '../rpc'

interface PluginConfig { type: string; capabilities?: Record<string, boolean>; [field: string]: unknown }
export interface NetworkList { readonly name: string; readonly cniVersion: string; readonly plugins: readonly PluginConfig[]; readonly path: string }

/** A plugin's result, as far as it is read. */
export interface CniResult { readonly cniVersion?: string; readonly ips?: readonly { address: string; gateway?: string }[]; readonly interfaces?: readonly { name: string; mac?: string; sandbox?: string }[]; readonly [field: string]: unknown }

export interface SandboxNetwork { readonly containerId: string; readonly netns: string; readonly podName: string; readonly podNamespace: string; readonly podUid: string; readonly portMappings: readonly PortMapping[] }

/** The configuration cannot be used, or a plugin failed: in the words of go-cni and libcni. */
export class CniError extends Error {
  override readonly name = 'CniError'
}

export class Cni {
  private network: NetworkList | undefined
  private failure = 'cni config load failed: no network config found in /etc/cni/net.d: cni plugin not initialized: failed to load cni config'

  constructor(
    private readonly process: Process,
    private readonly confDir: string,
    private readonly binDirs: readonly string[],
  ) {}

  /** Reads the directory anew: the first usable file in the order of names counts. */
  load(): void {
    try {
      this.network = this.firstNetwork()
      if (!this.network) this.failure = `no network config found in ${this.confDir}: cni plugin not initialized: failed to load cni config`
    } catch (error) {
      this.network = undefined
      this.failure = `${errorText(error)}: invalid cni config: failed to load cni config`
    }
  }

  ready(): boolean {
    return this.network !== undefined
  }

  loadFailure(): string {
    return this.failure
  }

  current(): NetworkList | undefined {
    return this.network
  }

  /** A list that was chosen otherwise than by the order of names. */
  use(network: NetworkList): void {
    this.network = network
  }

  async add(sandbox: SandboxNetwork, ifname = 'eth0'): Promise<CniResult> {
    const network = this.present()
    await this.run('ADD', { type: 'loopback', name: 'cni-loopback', cniVersion: '0.3.1' }, { ...sandbox, ifname: 'lo' }, undefined)
    let result: CniResult | undefined
    for (const plugin of network.plugins) result = await this.run('ADD', { ...plugin, name: network.name, cniVersion: network.cniVersion }, { ...sandbox, ifname }, result)
    if (!result) throw new CniError('plugin returned no result')
    return result
  }

  async remove(sandbox: SandboxNetwork, previous: CniResult | undefined, ifname = 'eth0'): Promise<void> {
    const network = this.present()
    for (const plugin of [...network.plugins].reverse()) await this.run('DEL', { ...plugin, name: network.name, cniVersion: network.cniVersion }, { ...sandbox, ifname }, previous)
  }

  private present(): NetworkList {
    if (!this.network) throw new CniError('cni plugin not initialized')
    return this.network
  }

  private firstNetwork(): NetworkList | undefined {
    const { files } = this.process
    if (!files.exists(this.confDir)) return undefined
    const names = files.readDirectory(this.confDir).filter((entry) => entry.type !== 'directory' && /\.(conf|conflist|json)$/.test(entry.name)).map((entry) => entry.name).sort()
    let failure: unknown
    for (const name of names) {
      try {
        return parseNetwork(files.readText(`${this.confDir}/${name}`), `${this.confDir}/${name}`)
      } catch (error) {
        failure ??= error
      }
    }
    if (failure) throw failure
    return undefined
  }

  private async run(command: 'ADD' | 'DEL' | 'CHECK', config: PluginConfig & { name: string }, sandbox: SandboxNetwork & { ifname: string }, previous: CniResult | undefined): Promise<CniResult | undefined> {
    const path = this.findPlugin(config.type, command)
    const input = JSON.stringify({ ...withoutCapabilities(config), ...runtimeConfig(config, sandbox), ...(previous ? { prevResult: previous } : {}) })
    const env = new Map([
      ['CNI_COMMAND', command], ['CNI_CONTAINERID', sandbox.containerId], ['CNI_NETNS', sandbox.netns], ['CNI_IFNAME', sandbox.ifname], ['CNI_PATH', this.binDirs.join(':')], ['PATH', this.process.env.get('PATH') ?? ''],
      ['CNI_ARGS', `IgnoreUnknown=1;K8S_POD_NAMESPACE=${sandbox.podNamespace};K8S_POD_NAME=${sandbox.podName};K8S_POD_INFRA_CONTAINER_ID=${sandbox.containerId};K8S_POD_UID=${sandbox.podUid}`],
    ])
    const { code, stdout, stderr } = await runProgram(this.process, path, env, input)
    if (code !== 0) throw new CniError(`plugin type="${config.type}" failed (${command === 'ADD' ? 'add' : 'delete'}): ${pluginError(stdout, stderr)}`)
    if (command !== 'ADD' || stdout.trim() === '') return previous
    return JSON.parse(stdout) as CniResult
  }

  private findPlugin(type: string, command: string): string {
    for (const directory of this.binDirs) {
      const path = `${directory}/${type}`
      if (this.process.files.exists(path)) return path
    }
    throw new CniError(`plugin type="${type}" failed (${command === 'ADD' ? 'add' : 'delete'}): failed to find plugin "${type}" in path [${this.binDirs.join(' ')}]`)
  }
}

function parseNetwork(text: string, path: string): NetworkList {
  let json: { name?: string; cniVersion?: string; plugins?: PluginConfig[]; type?: string }
  try {
    json = JSON.parse(text) as typeof json
  } catch (error) {
    throw new CniError(`failed to load CNI config list file ${path}: error parsing configuration list: ${goJsonError(text, errorText(error))}`)
  }
  if (!path.endsWith('.conflist')) {
    if (json.type === undefined) throw new CniError(`failed to load CNI config file ${path}: error parsing configuration: missing 'type'`)
    return { name: json.name ?? '', cniVersion: json.cniVersion ?? '0.3.1', plugins: [json as PluginConfig], path }
  }
  if (json.name === undefined) throw new CniError(`failed to load CNI config list file ${path}: error parsing configuration list: no name`)
  if (!json.plugins) throw new CniError(`failed to load CNI config list file ${path}: error parsing configuration list: no 'plugins' key`)
  if (json.plugins.length === 0) throw new CniError(`failed to load CNI config list file ${path}: error parsing configuration list: no plugins in list`)
  return { name: json.name, cniVersion: json.cniVersion ?? '0.3.1', plugins: json.plugins, path }
}

/** What the engine's own parser complains of, and encoding/json's words for it. */
const jsonWords: readonly (readonly [RegExp, string])[] = [
  [/after property name/, 'after object key'],
  [/property name/, 'looking for beginning of object key string'],
  [/after property value/, 'after object key:value pair'],
  [/after array element/, 'after array element'],
  [/after JSON/, 'after top-level value'],
]

function goJsonError(text: string, message: string): string {
  const position = /position (\d+)/.exec(message)?.[1]
  const at = /^Unexpected token '?(.)'?, /s.exec(message)?.[1] ?? (position === undefined ? '' : text.charAt(Number(position)))
  if (at === '') return 'unexpected end of JSON input'
  const where = jsonWords.find(([pattern]) => pattern.test(message))?.[1] ?? 'looking for beginning of value'
  return `invalid character '${at === '\n' ? '\\n' : at}' ${where}`
}

function withoutCapabilities(config: PluginConfig): PluginConfig {
  const { capabilities: _capabilities, ...rest } = config
  return rest as PluginConfig
}

function runtimeConfig(config: PluginConfig, sandbox: SandboxNetwork): object {
  if (!config.capabilities?.['portMappings'] || sandbox.portMappings.length === 0) return {}
  return { runtimeConfig: { portMappings: sandbox.portMappings.map((mapping) => ({ hostPort: mapping.hostPort, containerPort: mapping.containerPort, protocol: mapping.protocol.toLowerCase(), hostIP: mapping.hostIp })) } }
}

function pluginError(stdout: string, stderr: string): string {
  try {
    const { msg, details } = JSON.parse(stdout) as { msg?: string; details?: string }
    if (msg !== undefined) return details ? `${msg}; ${details}` : msg
  } catch {
    // Not a CNI error object: the plugin died before it could tell.
  }
  return stderr.trim() === '' ? 'netplugin failed with no error message' : `netplugin failed: ${JSON.stringify(stderr)}`
}

async function runProgram(process: Process, path: string, env: ReadonlyMap<string, string>, input: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const stdin = process.pipe()
  const stdout = process.pipe()
  const stderr = process.pipe()
  let child
  try {
    child = process.spawn(path, [path], { env, descriptors: new Map([[0, stdin.reader], [1, stdout.writer], [2, stderr.writer]]), onlyNamedDescriptors: true })
  } catch (error) {
    if (!isErrno(error)) throw error
    return { code: 1, stdout: JSON.stringify({ msg: `fork/exec ${path}: ${error.message.toLowerCase()}` }), stderr: '' }
  }
  const output = Promise.all([readAll(stdout.reader), readAll(stderr.reader)])
  await writeAll(stdin.writer, input)
  const status = await child.wait()
  const [out, err] = await output
  return { code: exitCodeOf(status), stdout: out, stderr: err }
}

const mostOutput = 1_000_000

async function readAll(reader: { read(max?: number): Promise<Uint8Array | null>; release(): void }): Promise<string> {
  const parts: Uint8Array[] = []
  for (let data = await reader.read(), size = 0; data; data = size > mostOutput ? null : await reader.read()) {
    parts.push(data)
    size += data.length
  }
  reader.release()
  return parts.length === 0 ? '' : decodeUtf8(concatBytes(parts))
}

async function writeAll(writer: { write(bytes: Uint8Array): Promise<void>; release(): void }, text: string): Promise<void> {
  try {
    await writer.write(encodeUtf8(text))
  } catch (error) {
    if (!isErrno(error, 'EPIPE')) throw error
  }
  writer.release()
}
