/** What a kubelet says of a sync that fails: at once where it happens, and summed up at the end. */
import type { Klog } from '#engine/base/klog'
import type { Container, Pod } from '#engine/api/kinds'
import type { RpcError } from '#engine/cri/rpc'
import type { WaitError } from '../images/puller'
import { format, klogName, uidOf } from '../pods/names'

export class SyncComplaints {
  private readonly errors = new Map<string, string[]>()

  constructor(private readonly klog: Klog) {}

  /** A call to the runtime that failed. */
  runtime(message: string, error: RpcError, pairs: Readonly<Record<string, string>>): void {
    this.klog.error('log.go:32', error.message, message, pairs)
  }

  sandbox(pod: Pod, error: Error): void {
    const pairs = { pod: klogName(pod) }
    this.klog.error('log.go:32', error.message, 'RunPodSandbox from runtime service failed')
    this.klog.error('kuberuntime_sandbox.go:71', error.message, 'Failed to create sandbox for pod', pairs)
    this.klog.error('kuberuntime_manager.go:1558', error.message, 'CreatePodSandbox for pod failed', pairs)
    const name = format(pod)
    this.add(pod, 'CreatePodSandbox', name, 'CreatePodSandboxError', `Failed to create sandbox for pod ${JSON.stringify(name)}: ${error.message}`)
  }

  /** What the sandbox is to be could not be told. */
  sandboxConfig(pod: Pod, error: Error): void {
    const name = format(pod)
    this.klog.error('kuberuntime_sandbox.go:45', error.message, 'Failed to generate sandbox config for pod', { pod: klogName(pod) })
    this.klog.error('kuberuntime_manager.go:1558', error.message, 'CreatePodSandbox for pod failed', { pod: klogName(pod) })
    this.add(pod, 'CreatePodSandbox', name, 'CreatePodSandboxError', `Failed to generate sandbox config for pod ${JSON.stringify(name)}: ${error.message}`)
  }

  /** Back-offs are no news; all else is told beside the sum. */
  container(pod: Pod, container: Container, { reason, message }: WaitError): void {
    if (reason !== 'CrashLoopBackOff' && reason !== 'ImagePullBackOff') {
      const text = `${kindOf(pod, container)} ${container.name} start failed in pod ${format(pod)}: ${reason}: ${message}`
      this.klog.error('kuberuntime_manager.go:1664', text, 'Unhandled Error', { logger: 'UnhandledError' })
    }
    this.add(pod, 'StartContainer', container.name, reason, message)
  }

  /** The sum of a sync, which then begins anew. */
  take(pod: Pod): readonly string[] {
    const uid = uidOf(pod)
    const errors = this.errors.get(uid) ?? []
    this.errors.delete(uid)
    return errors
  }

  private add(pod: Pod, action: string, target: string, reason: string, message: string): void {
    const uid = uidOf(pod)
    this.errors.set(uid, [...(this.errors.get(uid) ?? []), `failed to ${JSON.stringify(action)} for ${JSON.stringify(target)} with ${reason}: ${JSON.stringify(message)}`])
  }
}

function kindOf(pod: Pod, container: Container): string {
  if ((pod.spec?.initContainers ?? []).includes(container)) return 'init container'
  return (pod.spec?.containers ?? []).includes(container) ? 'container' : 'ephemeral container'
}
