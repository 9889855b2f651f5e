/**
 * Going down in order: where the configuration gives pods time for it, the kubelet delays the machine's shutdown by an
 * inhibitor of logind, ends the pods group by group, the critical ones last, and lets the machine go.
 */
import type { Pod } from '#engine/api/kinds'
import { type HeldInhibitor, callLogin, takeInhibitor } from '#engine/linux/systemd/login'
import type { KubeletContext } from '../context'
import { gracePeriod, isCritical } from '../pods/names'
import type { EvictionStatus } from '../pods/worker'

export const shuttingDown = 'node is shutting down'
export const refusedAtShutdown: EvictionStatus = { reason: 'NodeShutdown', message: 'Pod was rejected as the node is shutting down.' }
const ended: EvictionStatus = { reason: 'Terminated', message: 'Pod was terminated in response to imminent node shutdown.' }
const overridePath = '/etc/systemd/logind.conf.d/99-kubelet.conf'
const source = 'nodeshutdown_manager_linux.go'

/** Pods of this priority and above, up to the next group's, have so long. */
interface Group {
  readonly priority: number
  readonly seconds: number
}

export interface ShutdownParts {
  pods(): readonly Pod[]
  terminate(pod: Pod, grace: number, why: EvictionStatus): Promise<void>
  event(reason: string, message: string): void
  /** The node's readiness has changed. */
  changed(): void
}

export class ShutdownManager {
  private down = false

  constructor(
    private readonly context: KubeletContext,
    private readonly parts: ShutdownParts,
  ) {}

  /** Why the node is not ready, while it goes down. */
  error(): string | undefined {
    return this.down ? shuttingDown : undefined
  }

  start(): void {
    const groups = this.groups()
    const seconds = groups.reduce((sum, group) => sum + group.seconds, 0)
    if (seconds === 0) return
    const { klog, config, process } = this.context
    klog.line('I', `${source}:134`, `"Creating node shutdown manager" shutdownGracePeriodRequested="${goSeconds(config.shutdownGracePeriodMs)}" shutdownGracePeriodCriticalPods="${goSeconds(config.shutdownGracePeriodCriticalPodsMs)}" shutdownGracePeriodByPodPriority=${JSON.stringify(groups.map((group) => ({ Priority: group.priority, ShutdownGracePeriodSeconds: group.seconds })))}`)
    process.background(() => this.follow(groups, seconds))
  }

  private groups(): Group[] {
    const { config } = this.context
    const given = config.document['shutdownGracePeriodByPodPriority']
    if (Array.isArray(given) && given.length > 0) return (given as { priority?: number; shutdownGracePeriodSeconds?: number }[]).map((group) => ({ priority: group.priority ?? 0, seconds: group.shutdownGracePeriodSeconds ?? 0 })).sort((a, b) => a.priority - b.priority)
    const critical = config.shutdownGracePeriodCriticalPodsMs / 1000
    return [{ priority: 0, seconds: config.shutdownGracePeriodMs / 1000 - critical }, { priority: 2_000_000_000, seconds: critical }]
  }

  /** Holds an inhibitor as long as this kubelet and logind live. */
  private async follow(groups: readonly Group[], seconds: number): Promise<void> {
    const { klog, process } = this.context
    if (!(await this.grantTime(seconds))) return klog.error('kubelet.go:1776', 'failed to connect to the login manager', 'Failed to start node shutdown manager')
    for (;;) {
      const held = await takeInhibitor(process, { who: 'kubelet', what: 'shutdown', why: 'Kubelet needs time to handle node shutdown', mode: 'delay' })
      if (held) await this.waitAndGo(held, groups)
      await process.clock.sleep(1000)
    }
  }

  private async waitAndGo(held: HeldInhibitor, groups: readonly Group[]): Promise<void> {
    try {
      for await (const _word of held.events) {
        await this.goDown(groups)
        held.release()
      }
    } catch (error) {
      if ((error as Error).name === 'ProcessKilled') throw error
      // Logind is gone: the next one is asked for another inhibitor.
    }
  }

  /** Logind lets nobody delay for longer than it is told to: the kubelet tells it. */
  private async grantTime(seconds: number): Promise<boolean> {
    const { process } = this.context
    const limit = await callLogin(process, 'delayLimit', {})
    if (limit === undefined) return false
    if (limit >= seconds * 1000) return true
    process.files.mkdirAll('/etc/systemd/logind.conf.d', 0o755)
    process.files.writeFile(overridePath, `# Kubelet logind override\n[Login]\nInhibitDelayMaxSec=${seconds}\n`, 0o644)
    await process.spawn('/usr/bin/systemctl', ['systemctl', 'kill', '--signal=HUP', 'systemd-logind']).wait()
    return true
  }

  private async goDown(groups: readonly Group[]): Promise<void> {
    this.parts.event('NodeShutdown', 'Shutdown manager detected shutdown event')
    this.down = true
    this.parts.changed()
    for (const [index, group] of groups.entries()) {
      const pods = this.parts.pods().filter((pod) => index === groupOf(groups, pod))
      if (pods.length === 0 || group.seconds === 0) continue
      const limit = this.context.clock.sleep(group.seconds * 1000)
      await Promise.race([Promise.all(pods.map((pod) => this.parts.terminate(pod, Math.min(gracePeriod(pod), group.seconds), ended))), limit])
    }
  }
}

function groupOf(groups: readonly Group[], pod: Pod): number {
  const found = groups.findLastIndex((group) => group.priority <= priorityOf(pod))
  return Math.max(0, found)
}

function priorityOf(pod: Pod): number {
  return isCritical(pod) ? Math.max(2_000_000_000, pod.spec?.priority ?? 0) : (pod.spec?.priority ?? 0)
}

function goSeconds(ms: number): string {
  const seconds = ms / 1000
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}
