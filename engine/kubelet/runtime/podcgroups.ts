/** Cgroups of the kubelet: kubepods, its classes, and one per pod with the sum of its limits. */
import type { Pod } from '#engine/api/kinds'
import { parseQuantity, quantityMilliValue, quantityValue } from '#engine/api/quantity'
import { isErrno } from '#engine/linux/abi/errno'
import type { KubeletContext } from '../context'
import { podCgroup } from './resources'

const root = '/sys/fs/cgroup'

export class PodCgroups {
  /** Those that this kubelet has looked at. */
  private readonly seen = new Set<string>()

  constructor(private readonly context: KubeletContext) {}

  ensure(pod: Pod): void {
    const directory = `${root}${podCgroup(pod, this.context.config.cgroupDriver)}`
    const { files } = this.context.process
    try {
      const stands = files.exists(directory) !== undefined
      if (!stands) files.mkdirAll(directory)
      // After a snapshot a group that stands has its limits, too.
      if (this.seen.has(directory) || !stands || !this.context.process.resumed) this.write(directory, pod)
      this.seen.add(directory)
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }

  remove(pod: Pod): void {
    const directory = `${root}${podCgroup(pod, this.context.config.cgroupDriver)}`
    this.seen.delete(directory)
    try {
      this.context.process.files.rmdir(directory)
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }

  private write(directory: string, pod: Pod): void {
    const memory = this.sum(pod, 'memory')
    const cpu = this.sum(pod, 'cpu')
    const pids = this.context.config.podPidsLimit
    const { files } = this.context.process
    if (memory !== undefined) files.writeFile(`${directory}/memory.max`, String(memory))
    if (cpu !== undefined) files.writeFile(`${directory}/cpu.max`, `${cpu * 100} 100000`)
    if (pids > 0) files.writeFile(`${directory}/pids.max`, String(pids))
  }

  /** Undefined unless every container has a limit. */
  private sum(pod: Pod, resource: 'cpu' | 'memory'): number | undefined {
    const podLevel = (pod.spec as { resources?: { limits?: Record<string, string> } } | undefined)?.resources?.limits?.[resource]
    const texts = podLevel === undefined ? (pod.spec?.containers ?? []).map((container) => container.resources?.limits?.[resource]) : [podLevel]
    let total = 0
    for (const text of texts) {
      if (text === undefined) return undefined
      const quantity = parseQuantity(String(text))
      total += resource === 'cpu' ? quantityMilliValue(quantity) : quantityValue(quantity)
    }
    return total
  }
}
