/** All processes of a container held still, and let go again. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Library } from './library'
import { type ContainerRecord, PodmanError } from './model'

export function pauseContainer(library: Library, record: ContainerRecord): void {
  const { status } = library.state(record.id)
  if (status !== 'running') throw new PodmanError(`${JSON.stringify(status)} is not running, can't pause: container state improper`)
  signalAll(library, record, 'SIGSTOP')
  library.saveState(record.id, { status: 'paused' })
}

export function unpauseContainer(library: Library, record: ContainerRecord): void {
  const { status } = library.state(record.id)
  if (status !== 'paused') throw new PodmanError(`${JSON.stringify(status)} is not paused, can't unpause: container state improper`)
  signalAll(library, record, 'SIGCONT')
  library.saveState(record.id, { status: 'running' })
}

function signalAll(library: Library, record: ContainerRecord, signal: 'SIGSTOP' | 'SIGCONT'): void {
  const { process } = library
  const all = process.processes()
  const cgroup = all.find((entry) => entry.pid === library.state(record.id).pid)?.cgroup
  for (const entry of all) {
    if (cgroup === undefined || entry.cgroup !== cgroup) continue
    try {
      process.kill(entry.pid, signal)
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }
}
