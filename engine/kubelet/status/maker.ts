/** Makes statuses out of what the kubelet's parts know. */
import type { Container, Pod, PodStatus } from '#engine/api/kinds'
import type { ContainerStatus as RuntimeStatus } from '#engine/cri/api'
import { decodeUtf8 } from '#engine/base/bytes'
import { isErrno } from '#engine/linux/abi/errno'
import type { KubeletContext } from '../context'
import type { Prober } from '../prober/manager'
import { uidOf } from '../pods/names'
import type { Allocation } from '../runtime/allocation'
import type { RuntimeManager } from '../runtime/manager'
import { messagePathAnnotation, messagePolicyAnnotation, type RuntimePod } from '../runtime/podstatus'
import { actualResources } from '../runtime/actual'
import { generateStatus } from './generate'

const maxMessage = 4096
const logTailLines = 80
const logTailBytes = 2048

export class StatusMaker {
  constructor(
    private readonly context: KubeletContext,
    private readonly runtime: RuntimeManager,
    private readonly probes: Prober,
    private readonly apiStatus: (pod: Pod) => Pod,
    private readonly allocation: Allocation,
  ) {}

  make(pod: Pod, runtime: RuntimePod, terminal: boolean): PodStatus {
    const uid = uidOf(pod)
    const known = this.apiStatus(pod)
    return generateStatus({
      pod: known, runtime, terminal, extraConditions: this.allocation.conditions(known), nowMs: this.context.clock.now(), nodeIps: this.context.nodeIps,
      waitReason: (container) => this.runtime.waitReason(uid, container),
      terminationMessage: (status) => this.terminationMessage(uid, status),
      actualResources: (container, status) => actualResources(container, status),
      started: (container: Container, status) => this.probes.started(pod, container, status),
      ready: (container: Container, status) => this.probes.ready(uid, container, status),
    })
  }

  private terminationMessage(uid: string, status: RuntimeStatus): string {
    const path = status.annotations[messagePathAnnotation] ?? ''
    const mount = status.mounts.find((item) => item.containerPath === path)
    const own = mount ? this.read(mount.hostPath, maxMessage) : ''
    if (own !== '' || status.annotations[messagePolicyAnnotation] !== 'FallbackToLogsOnError' || status.exitCode === 0) return own
    const log = this.read(status.logPath, Number.MAX_SAFE_INTEGER)
    const lines = log.split('\n').filter((line) => line !== '').slice(-logTailLines).map((line) => line.split(' ').slice(3).join(' '))
    void uid
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`.slice(-logTailBytes)
  }

  private read(path: string, limit: number): string {
    try {
      const bytes = this.context.process.files.readFile(path)
      return decodeUtf8(bytes.length > limit ? bytes.subarray(0, limit) : bytes)
    } catch (error) {
      if (isErrno(error)) return ''
      throw error
    }
  }
}
