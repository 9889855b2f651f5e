/** Container logs that grow too long: the file is put aside under its time, older ones are packed, the oldest go. */
import { gzipSync } from 'fflate'
import { parseQuantity, quantityValue } from '#engine/api/quantity'
import type { Pod, PodStatus } from '#engine/api/kinds'
import { RpcError } from '#engine/cri/rpc'
import type { KubeletContext } from '../context'
import { logDirectory } from './config'

export class LogRotation {
  constructor(private readonly context: KubeletContext) {}

  /** Looks at the logs of a pod's running containers. */
  async check(pod: Pod, status: PodStatus | undefined): Promise<void> {
    const { process, config } = this.context
    const limit = quantityValue(parseQuantity(config.containerLogMaxSize))
    if (limit <= 0) return
    for (const { name, restartCount, containerID, state } of [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]) {
      if (!state?.running || !containerID) continue
      const path = `${logDirectory(config.podLogsDir, pod)}/${name}/${restartCount}.log`
      if ((process.files.exists(path)?.size ?? 0) >= limit) await this.rotate(path, containerID.replace(/^.*:\/\//, ''))
    }
  }

  private async rotate(path: string, containerId: string): Promise<void> {
    const { klog, cri, process, clock } = this.context
    const { files } = process
    for (const old of this.excess(path)) files.unlink(old)
    for (const name of this.rotated(path)) if (!name.endsWith('.gz')) this.pack(name)
    const aside = `${path}.${stamp(clock.now())}`
    files.rename(path, aside)
    try {
      await cri.runtime.ReopenContainerLog({ containerId })
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      files.rename(aside, path)
      klog.error('container_log_manager.go:293', `failed to rotate log ${JSON.stringify(path)}: failed to reopen container log ${JSON.stringify(containerId)}: ${error.message}`, 'Failed to rotate log for container', { worker: 1, containerID: containerId, path })
    }
  }

  /** The files put aside before, oldest first. */
  private rotated(path: string): string[] {
    const slash = path.lastIndexOf('/')
    const directory = path.slice(0, slash)
    const start = `${path.slice(slash + 1)}.`
    return this.context.process.files.readDirectory(directory).map((entry) => entry.name).filter((name) => name.startsWith(start)).sort().map((name) => `${directory}/${name}`)
  }

  /** With the one in use and the one that is put aside now there are to be no more than the limit. */
  private excess(path: string): string[] {
    const all = this.rotated(path)
    return all.slice(0, Math.max(0, all.length - (this.context.config.containerLogMaxFiles - 2)))
  }

  private pack(path: string): void {
    const { files, clock } = this.context.process
    files.writeFile(`${path}.gz`, gzipSync(files.readFile(path), { mtime: clock.now() }), 0o640)
    files.unlink(path)
  }
}

/** 20060102-150405 */
function stamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
}
