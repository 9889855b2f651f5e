/** Whether the container runtime answers and its network is ready; container events; what the node says when not. */
import type { ContainerEvent, RuntimeStatus } from '#engine/cri/api'
import { errorText, RpcError } from '#engine/cri/rpc'
import type { KubeletContext } from '../context'
import { podUidLabel } from './podstatus'

const statusPeriodMs = 5000
/** So long a runtime may be silent before it counts as down. */
const silenceMs = 30_000
const relistMs = 1000

export interface HealthHooks {
  /** Something about the pod's containers has changed. */
  podChanged(uid: string): void
  /** The events' stream is new: what happened before is not known. */
  relist(): Promise<void>
  /** The node's readiness may have changed. */
  changed(): void
}

export class RuntimeHealth {
  status: RuntimeStatus | undefined
  private lastAnswerMs = -Infinity
  private tellTimer: { cancel(): void } | undefined
  private lastText: string | undefined = ''

  constructor(
    private readonly context: KubeletContext,
    private readonly hooks: HealthHooks,
  ) {}

  start(): void {
    this.context.process.background(() => this.watchStatus())
    this.context.process.background(() => this.followEvents())
  }

  /** Undefined when all is well. */
  error(): string | undefined {
    const errors: string[] = []
    if (this.context.clock.now() - this.lastAnswerMs > silenceMs) errors.push('container runtime is down')
    else {
      const network = this.networkError()
      if (network !== undefined) errors.push(network)
    }
    return errors.length === 0 ? undefined : errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`
  }

  networkError(): string | undefined {
    const condition = this.status?.status.conditions.find(({ type }) => type === 'NetworkReady')
    if (condition?.status) return undefined
    if (!condition) return 'container runtime status check may not have completed yet'
    return `container runtime network not ready: NetworkReady=false reason:${condition.reason} message:${condition.message}`
  }

  async check(): Promise<void> {
    try {
      this.status = await this.context.cri.runtime.Status({ verbose: false })
      this.lastAnswerMs = this.context.clock.now()
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
    }
    this.tell()
  }

  private async watchStatus(): Promise<void> {
    for (;;) {
      await this.context.clock.sleep(statusPeriodMs)
      await this.check()
      this.tellNetwork()
      if (this.context.clock.now() - this.lastAnswerMs > silenceMs) this.context.klog.error('kubelet.go:2525', 'container runtime is down', 'Skipping pod synchronization')
    }
  }

  private tellNetwork(): void {
    const condition = this.status?.status.conditions.find(({ type }) => type === 'NetworkReady')
    if (condition && !condition.status) this.context.klog.line('E', 'kubelet.go:3011', `"Container runtime network not ready" networkReady=${JSON.stringify(`NetworkReady=false reason:${condition.reason} message:${condition.message}`)}`)
  }

  private tell(): void {
    const text = this.error()
    if (text === this.lastText) return
    this.lastText = text
    this.hooks.changed()
  }

  private async followEvents(): Promise<void> {
    const { cri, klog, clock } = this.context
    for (;;) {
      try {
        const stream = cri.events(this.context.process.dying)
        const first = stream.next()
        // Where both fail, the listing's failure is the one that counts.
        first.catch(() => undefined)
        await this.hooks.relist()
        for (let item = await first; !item.done; item = await stream.next()) this.deliver(item.value)
      } catch (error) {
        if (!(error instanceof RpcError)) throw error
        klog.error('generic.go:254', errorText(error), 'GenericPLEG: Unable to retrieve pods')
      }
      await clock.sleep(relistMs)
    }
  }

  private deliver(event: ContainerEvent): void {
    const uid = event.podSandboxStatus?.labels[podUidLabel]
    if (uid !== undefined) this.hooks.podChanged(uid)
  }
}
