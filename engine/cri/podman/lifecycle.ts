/** Containers started, waited for, stopped and removed. */
import type { ChildProcess, Process } from '#engine/linux/abi/process'
import { parseSignal, type Signal } from '#engine/linux/abi/signals'
import { lookUp } from '../containerd/lookup'
import { taskService, type TaskState } from '../containerd/shim/protocol'
import { RpcError } from '../rpc'
import { RpcClient } from '../transport'
import type { Library } from './library'
import { type ContainerNetwork, type ContainerRecord, PodmanError } from './model'
import { monitorSocket } from './monitor-socket'
import { connect, disconnect, ownNetworks } from './network'
import { unpauseContainer } from './pause'
import { discard } from './remove'
import { taskRequest, writeNames } from './spec'

export function monitorOf(library: Library, id: string): RpcClient {
  return new RpcClient(library.process.net, monitorSocket(id))
}

/** Starts a container that is not running; returns its monitor. */
export async function startContainer(library: Library, record: ContainerRecord, foreground = false): Promise<ChildProcess> {
  if (record.pod !== undefined && !record.isInfra) await startInfra(library, record.pod)
  const network = await networkFor(library, record)
  if (record.pod === undefined || record.isInfra) writeNames(library, record, network)
  library.saveState(record.id, { ...(network ? { network } : {}), exitCode: 0 })
  try {
    library.files.mkdirAll(library.runDirectory(record.id), 0o755)
    library.files.writeFile(`${library.runDirectory(record.id)}/request.json`, JSON.stringify(taskRequest(library, record, network, foreground)))
    return await watchOver(library.process, record.id)
  } catch (error) {
    if (network) await disconnect(library, record, network)
    library.files.removeAll(`${library.runDirectory(record.id)}/state.json`)
    throw error
  }
}

async function startInfra(library: Library, podId: string): Promise<void> {
  const infra = library.presentContainer(library.presentPod(podId).infra)
  if (library.state(infra.id).status !== 'running') await startContainer(library, infra)
}

async function networkFor(library: Library, record: ContainerRecord): Promise<ContainerNetwork | undefined> {
  if (record.pod !== undefined && !record.isInfra) return undefined
  if (record.networks.includes('host') || record.networks.some((name) => name.startsWith('container:'))) return undefined
  if (ownNetworks(record).length === 0 && !record.networks.includes('none')) return undefined
  return connect(library, record)
}

async function watchOver(process: Process, id: string): Promise<ChildProcess> {
  const path = lookUp(process, 'conmon')
  if (path === undefined) throw new PodmanError('could not find a working conmon binary (configured options: [/usr/libexec/podman/conmon /usr/bin/conmon]): invalid argument')
  const told = process.pipe()
  const nothing = process.files.open('/dev/null', { read: true, write: true })
  const child = process.spawn(path, ['/usr/bin/conmon', '--api-version', '1', '-c', id, '-u', id, '-r', '/usr/sbin/runc'], { descriptors: new Map([[0, nothing], [1, nothing], [2, nothing], [3, told.writer]]), onlyNamedDescriptors: true, session: {} })
  const answer = await told.reader.read()
  told.reader.release()
  const text = answer ? new TextDecoder().decode(answer).trim() : 'conmon failed: exit status 1'
  if (text !== 'ok') {
    await child.wait()
    throw new PodmanError(startWords(text), startCode(text))
  }
  return child
}

/** What podman tells of the runtime's complaint. */
function startWords(text: string): string {
  const reason = /unable to start container process: (.*)$/s.exec(text)?.[1]
  if (reason === undefined) return text
  const kind = /executable file not found|no such file/.test(reason) ? 'OCI runtime attempted to invoke a command that was not found' : /permission denied/.test(reason) ? 'OCI permission denied' : 'OCI runtime error'
  return kind === 'OCI runtime error' ? `OCI runtime error: runc: runc create failed: unable to start container process: ${reason}` : `runc: runc create failed: unable to start container process: ${reason}: ${kind}`
}

function startCode(text: string): number {
  if (/executable file not found|no such file/.test(text)) return 127
  return /unable to start container process|cannot listen/.test(text) ? 126 : 125
}

export async function waitFor(library: Library, record: ContainerRecord): Promise<number> {
  try {
    const state = await monitorOf(library, record.id).call<TaskState>(taskService, 'Wait', { id: record.id })
    await untilGone(library, record)
    return state.exitCode
  } catch (error) {
    if (!(error instanceof RpcError)) throw error
    return library.state(record.id).exitCode
  }
}

/** The monitor has written down how it ended. */
async function untilGone(library: Library, record: ContainerRecord): Promise<void> {
  for (let tries = 0; tries < 1000 && library.state(record.id).status === 'running'; tries++) await library.process.clock.sleep(1)
}

export async function signalContainer(library: Library, record: ContainerRecord, signal: Signal): Promise<void> {
  await monitorOf(library, record.id).call(taskService, 'Kill', { id: record.id, signal })
}

/** Asks politely, then kills. */
export async function stopContainer(library: Library, record: ContainerRecord, timeoutSeconds = record.stopTimeout): Promise<void> {
  const { status } = library.state(record.id)
  if (status === 'paused') throw new PodmanError(`can only stop created or running containers. ${record.id} is in state paused: container state improper`)
  if (status !== 'running') return
  library.saveState(record.id, { stoppedByUser: true })
  const monitor = monitorOf(library, record.id)
  const ended = monitor.call(taskService, 'Wait', { id: record.id }).then(() => true, () => true)
  const kill = (signal: Signal): Promise<unknown> => monitor.call(taskService, 'Kill', { id: record.id, signal }).catch(() => undefined)
  if (timeoutSeconds > 0) {
    await kill(parseSignal(record.stopSignal) ?? 'SIGTERM')
    if (!(await Promise.race([ended, library.process.clock.sleep(timeoutSeconds * 1000).then(() => false)]))) {
      if (record.pod === undefined) await library.process.stderr.write(`time="${stamp(library)}" level=warning msg="StopSignal SIGTERM failed to stop container ${record.name} in ${timeoutSeconds} seconds, resorting to SIGKILL"\n`)
      await kill('SIGKILL')
    }
  } else await kill('SIGKILL')
  await ended
  await untilGone(library, record)
}

export function stamp(library: Library): string {
  return `${new Date(Math.floor(library.now())).toISOString().slice(0, 19)}Z`
}

export async function removeContainer(library: Library, record: ContainerRecord, options: { force: boolean; timeout?: number | undefined; volumes?: boolean }): Promise<void> {
  const { status } = library.state(record.id)
  if (status === 'paused' && options.force) unpauseContainer(library, record)
  if ((status === 'running' || status === 'paused') && !options.force) throw new PodmanError(`cannot remove container ${record.id} as it is ${status} - running or paused containers cannot be removed without force: container state improper`, 2)
  if (status === 'running' || status === 'paused') await stopContainer(library, record, options.timeout)
  if (library.container(record.id)) discard(library, record)
}
