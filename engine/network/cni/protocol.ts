/** The CNI protocol (version 1.0 of the specification): environment and standard input in, JSON and an exit code out. */
import { decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import type { Program } from '#engine/linux/abi/program'
import type { Process } from '#engine/linux/abi/process'
import { isErrno } from '#engine/linux/abi/errno'
import { NetNamespace } from '#engine/linux/net/namespace'

export interface CniConfig {
  readonly cniVersion?: string
  readonly name: string
  readonly type: string
  readonly prevResult?: CniResult
  readonly ipam?: Readonly<Record<string, unknown>> & { readonly type?: string }
  readonly runtimeConfig?: Readonly<Record<string, unknown>>
  readonly [key: string]: unknown
}

export interface CniInterface {
  readonly name: string
  readonly mac?: string
  readonly sandbox?: string
}

export interface CniIp {
  readonly interface?: number
  /** With its prefix length. */
  readonly address: string
  readonly gateway?: string
}

export interface CniResult {
  readonly cniVersion: string
  readonly interfaces?: readonly CniInterface[]
  readonly ips?: readonly CniIp[]
  readonly routes?: readonly { readonly dst: string; readonly gw?: string }[]
  readonly dns?: Readonly<Record<string, unknown>>
}

export interface CniCall {
  readonly process: Process
  readonly command: 'ADD' | 'DEL' | 'CHECK' | 'STATUS' | 'GC'
  readonly containerId: string
  /** Path of the namespace's file. */
  readonly netns: string
  readonly ifName: string
  readonly args: string
  readonly path: string
  readonly config: CniConfig
  /** Standard input as it came, for delegated plugins. */
  readonly input: string
  /** The namespace of the host, where the plugin runs. */
  readonly host: NetNamespace
}

/** An error as the runtime gets it. */
export class CniError extends Error {
  override readonly name = 'CniError'

  constructor(readonly code: number, message: string, readonly details?: string) {
    super(message)
  }
}

export interface CniPlugin {
  add(call: CniCall): Promise<CniResult>
  del(call: CniCall): Promise<void>
  check?(call: CniCall): Promise<void>
}

const versions = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0']

/** A plugin as an executable. `about` is the name it gives when run by hand. */
export function cniProgram(name: string, about: string, plugin: CniPlugin): Program {
  return {
    name,
    async run(process) {
      const command = process.env.get('CNI_COMMAND')
      if (command === undefined) {
        await process.stderr.write(`${about} v1.9.0\nCNI protocol versions supported: ${versions.join(', ')}\n`)
        return 0
      }
      try {
        const input = await process.stdin.text()
        if (command === 'VERSION') return await answer(process, { cniVersion: '1.1.0', supportedVersions: versions })
        return await perform(plugin, readCall(process, command, input))
      } catch (error) {
        const failure = asFailure(error)
        const body = { cniVersion: '1.0.0', code: failure.code, msg: failure.message, ...(failure.details ? { details: failure.details } : {}) }
        await process.stdout.write(`${JSON.stringify(body, null, 4)}\n`)
        return 1
      }
    },
  }
}

function asFailure(error: unknown): CniError {
  if (error instanceof CniError) return error
  if (isErrno(error)) return new CniError(999, `${error.subject === undefined ? '' : `${error.subject}: `}${error.message.toLowerCase()}`)
  throw error
}

async function perform(plugin: CniPlugin, call: CniCall): Promise<number> {
  switch (call.command) {
    case 'ADD':
      return answer(call.process, await plugin.add(call))
    case 'DEL':
      await plugin.del(call)
      return 0
    case 'CHECK':
      await plugin.check?.(call)
      return 0
    case 'STATUS':
    case 'GC':
      return 0
    default:
      throw new CniError(4, `unknown CNI_COMMAND: ${String(call.command)}`)
  }
}

async function answer(process: Process, value: unknown): Promise<number> {
  await process.stdout.write(JSON.stringify(value, null, 4))
  return 0
}

function readCall(process: Process, command: string, input: string): CniCall {
  const env = (name: string): string => process.env.get(name) ?? ''
  const missing = command === 'ADD' || command === 'CHECK' ? ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_PATH'] : command === 'DEL' ? ['CNI_CONTAINERID', 'CNI_IFNAME', 'CNI_PATH'] : []
  const absent = missing.filter((name) => env(name) === '')
  if (absent.length > 0) throw new CniError(4, 'required env variables missing', absent.map((name) => `${name} env variable missing\n`).join(''))
  let config: CniConfig
  try {
    config = JSON.parse(input) as CniConfig
  } catch (error) {
    throw new CniError(6, 'error unmarshall network config', (error as Error).message)
  }
  const host = process.networkNamespace()
  if (!(host instanceof NetNamespace)) throw new CniError(999, 'no network stack')
  return { process, command: command as CniCall['command'], containerId: env('CNI_CONTAINERID'), netns: env('CNI_NETNS'), ifName: env('CNI_IFNAME'), args: env('CNI_ARGS'), path: env('CNI_PATH'), config, input, host }
}

/** The pod's namespace. */
export function sandboxOf(call: CniCall): NetNamespace {
  const namespace = namespaceAt(call)
  if (!namespace) throw new CniError(3, `failed to open netns "${call.netns}": failed to Statfs "${call.netns}": no such file or directory`)
  return namespace
}

/** Undefined where it is gone already, which is no error when deleting. */
export function namespaceAt(call: CniCall): NetNamespace | undefined {
  if (call.netns === '') return undefined
  try {
    const namespace = call.process.networkNamespace(call.netns)
    return namespace instanceof NetNamespace ? namespace : undefined
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

/** Runs another plugin with the same call: address management, mostly. */
export async function delegate(call: CniCall, type: string, command: string, input: string = call.input): Promise<CniResult | undefined> {
  const { process } = call
  const path = call.path.split(':').map((directory) => `${directory}/${type}`).find((candidate) => process.files.exists(candidate))
  if (path === undefined) throw new CniError(999, `failed to find plugin "${type}" in path [${call.path.split(':').join(' ')}]`)
  const stdin = process.pipe()
  const stdout = process.pipe()
  const child = process.spawn(path, [path], { env: new Map([...process.env, ['CNI_COMMAND', command]]), descriptors: new Map([[0, stdin.reader], [1, stdout.writer]]) })
  await stdin.writer.write(encodeUtf8(input))
  stdin.writer.release()
  let text = ''
  for (let part = await stdout.reader.read(); part !== null; part = await stdout.reader.read()) text += decodeUtf8(part)
  stdout.reader.release()
  const status = await child.wait()
  if (status.kind === 'exited' && status.code === 0) return text.trim() === '' ? undefined : (JSON.parse(text) as CniResult)
  const failure = parseFailure(text)
  throw new CniError(failure.code, failure.msg, failure.details)
}

function parseFailure(text: string): { code: number; msg: string; details?: string } {
  try {
    return JSON.parse(text) as { code: number; msg: string; details?: string }
  } catch {
    return { code: 999, msg: `netplugin failed: ${JSON.stringify(text)}` }
  }
}
