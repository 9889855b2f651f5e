/** Takes away what dead pods leave: sandboxes, containers, logs, directories. */
import type { Pod } from '#engine/api/kinds'
import { isErrno } from '#engine/linux/abi/errno'
import { RpcError } from '#engine/cri/rpc'
import type { KubeletContext } from '../context'
import { uidOf } from '../pods/names'
import type { PodStore } from '../pods/store'
import { logDirectory } from './config'
import { podUidLabel } from './podstatus'

export class Garbage {
  constructor(
    private readonly context: KubeletContext,
    private readonly store: PodStore,
  ) {}

  /** A pod that its source has forgotten. */
  async removePod(pod: Pod): Promise<void> {
    const uid = uidOf(pod)
    if (this.store.get(uid)) return
    await this.quietly(async () => {
      const { items } = await this.context.cri.runtime.ListPodSandbox({ filter: { labelSelector: { [podUidLabel]: uid } } })
      for (const { id } of items) await this.removeSandbox(id)
    })
    this.removeFiles(logDirectory(this.context.config.podLogsDir, pod))
    this.removeLinks(`${pod.metadata.name ?? ''}_${pod.metadata.namespace ?? ''}_`)
  }

  /** At start: pods of the runtime that no source knows. */
  async removeOrphans(): Promise<void> {
    await this.quietly(async () => {
      const { items } = await this.context.cri.runtime.ListPodSandbox({})
      for (const { id, labels } of items) {
        const uid = labels[podUidLabel]
        if (uid !== undefined && !this.store.get(uid)) await this.removeSandbox(id)
      }
    })
  }

  private async removeSandbox(id: string): Promise<void> {
    await this.context.cri.runtime.StopPodSandbox({ podSandboxId: id })
    await this.context.cri.runtime.RemovePodSandbox({ podSandboxId: id })
  }

  private removeFiles(path: string): void {
    try {
      this.context.process.files.removeAll(path)
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }

  private removeLinks(prefix: string): void {
    const { files } = this.context.process
    if (!files.exists('/var/log/containers')) return
    for (const entry of files.readDirectory('/var/log/containers')) if (entry.name.startsWith(prefix)) files.unlink(`/var/log/containers/${entry.name}`)
  }

  private async quietly(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
    }
  }
}
