/** Commands in running containers, with the caller's own streams, and the streams of a container's first process. */
import { decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import type { HttpResponse } from '#engine/base/http'
import { valueBody } from '#engine/base/http'
import type { ChildOptions, Process } from '#engine/linux/abi/process'
import { exitCodeOf } from '#engine/linux/abi/signals'
import { environmentOf, userFilesOf } from '../build/container'
import type { OciProcess } from '../containerd/oci'
import { cgroupDirectory } from '../containerd/oci'
import { StartFailure } from '../containerd/shim/init'
import type { CreateTaskRequest } from '../containerd/shim/protocol'
import { startProcess } from '../containerd/shim/task'
import { resolveUser } from '../containerd/user'
import { channel, frame } from '../streaming/channels'
import type { Library } from './library'
import { type ContainerRecord, PodmanError } from './model'
import { monitorSocket } from './monitor-socket'

export interface ExecOptions {
  readonly args: readonly string[]
  readonly env: readonly string[]
  readonly cwd?: string | undefined
  readonly user?: string | undefined
  readonly privileged?: boolean
  readonly interactive: boolean
  readonly detach?: boolean
}

export async function execIn(library: Library, record: ContainerRecord, options: ExecOptions): Promise<number> {
  const { process } = library
  const state = library.state(record.id)
  if (state.status !== 'running') throw new PodmanError('can only create exec sessions on running containers: container state improper')
  const { spec } = JSON.parse(process.files.readText(`${library.runDirectory(record.id)}/request.json`)) as CreateTaskRequest
  const pid = state.pid
  const input = options.interactive ? process.descriptor(0) : process.files.open('/dev/null', { read: true })
  const what: OciProcess = { ...spec.process, terminal: false, args: options.args, env: environmentOf({ Env: spec.process.env }, options.env), cwd: options.cwd ?? spec.process.cwd, user: options.user === undefined ? spec.process.user : resolveUser(userFilesOf(process.files, `/proc/${pid}/root`), { image: options.user, supplementalGroups: [], strict: false }) }
  const child: ChildOptions = {
    namespaces: { mount: { ofPid: pid }, pid: { ofPid: pid }, network: { ofPid: pid }, uts: { ofPid: pid }, ipc: { ofPid: pid } },
    cgroup: cgroupDirectory(spec.linux.cgroupsPath), descriptors: new Map([[0, input], [1, process.descriptor(1)], [2, process.descriptor(2)]]), onlyNamedDescriptors: true,
  }
  try {
    const started = await startProcess(process, child, what, spec.linux.seccomp, () => undefined)
    return exitCodeOf(await started.wait())
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error
    const missing = /executable file not found|no such file/.test(error.message)
    throw new PodmanError(`runc: exec failed: unable to start container process: ${error.message}: ${missing ? 'OCI runtime attempted to invoke a command that was not found' : 'OCI permission denied'}`, missing ? 127 : 126)
  }
}

export interface AttachOptions { readonly stdin: boolean; readonly terminal: boolean }

/** Joins a container's streams until they end. */
export async function attach(library: Library, record: ContainerRecord, options: AttachOptions): Promise<void> {
  const { process } = library
  const message = { id: record.id, tty: options.terminal, stdin: options.stdin, stdout: true, stderr: true }
  const answer: HttpResponse = await process.net.request({ unix: monitorSocket(record.id) }, { method: 'POST', path: '/attach', headers: {}, body: valueBody(message, () => emptyBytes) })
  const peer = answer.upgraded
  if (!peer) throw new PodmanError(decodeUtf8(await answer.body.bytes()))
  const restore = options.terminal && options.stdin ? rawMode(process) : undefined
  if (options.terminal) await peer.send(frame(channel.resize, windowSize(process)))
  if (options.stdin) process.background(() => pumpInput(process, (data) => peer.send(frame(channel.stdin, data)), () => peer.send(new Uint8Array([channel.close, channel.stdin]))))
  for (let data = await peer.receive(); data; data = await peer.receive()) {
    if (data[0] === channel.stdout) await process.stdout.write(data.subarray(1))
    else if (data[0] === channel.stderr) await process.stderr.write(data.subarray(1))
    else if (data[0] === channel.error) break
  }
  peer.close()
  restore?.()
}

const emptyBytes = new Uint8Array(0)

async function pumpInput(process: Process, send: (data: Uint8Array) => Promise<void>, end: () => Promise<void>): Promise<void> {
  try {
    for (let data = await process.stdin.read(65_536); data; data = await process.stdin.read(65_536)) await send(data)
    await end()
  } catch {
    // The container has gone: nobody reads any more.
  }
}

function rawMode(process: Process): (() => void) | undefined {
  const terminal = process.terminal()
  if (!terminal) return undefined
  const before = { ...terminal.mode() }
  terminal.setMode({ canonical: false, echo: false, signals: false, crToNl: false })
  return () => terminal.setMode(before)
}

function windowSize(process: Process): Uint8Array {
  const terminal = process.terminal()
  return encodeUtf8(JSON.stringify({ Width: terminal?.columns ?? 80, Height: terminal?.rows ?? 24 }))
}

