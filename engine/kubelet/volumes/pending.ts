/** Operations of volumes that fail: told with the pause before the next try, which doubles. */
import type { Pod } from '#engine/api/kinds'
import { formatGoDuration } from '../config/duration'
import type { KubeletContext } from '../context'
import { uidOf } from '../pods/names'
import type { MountError } from './errors'

const firstPauseMs = 500
const longestPauseMs = 122_000

/** How long a sync waits for a pod's volumes before it says that it did so in vain. */
const patienceMs = 123_000

interface Pause {
  readonly lengthMs: number
  readonly untilMs: number
}

export class PendingOperations {
  private readonly pauses = new Map<string, Pause>()
  /** By pod: since when it waits for its volumes. */
  private readonly waiting = new Map<string, number>()
  private readonly startedMs: number

  constructor(private readonly context: KubeletContext) {
    this.startedMs = context.clock.now()
  }

  /** Whether the operation may be tried now: it has not failed, or its pause is over. */
  due(unique: string): boolean {
    const pause = this.pauses.get(unique)
    return pause === undefined || pause.untilMs <= this.context.clock.now()
  }

  /** When the next of the pod's operations may be tried again. */
  nextAt(pod: Pod): number | undefined {
    const uid = uidOf(pod)
    const ends = [...this.pauses].filter(([unique]) => unique.includes(uid)).map(([, { untilMs }]) => untilMs)
    return ends.length > 0 ? Math.min(...ends) : undefined
  }

  tell(pod: Pod, error: MountError): void {
    const { unique, volume } = error.operation ?? { unique: '', volume: '' }
    const uid = uidOf(pod)
    const pauseMs = Math.min((this.pauses.get(unique)?.lengthMs ?? firstPauseMs / 2) * 2, longestPauseMs)
    const until = this.context.clock.now() + pauseMs
    this.pauses.set(unique, { lengthMs: pauseMs, untilMs: until })
    const named = error.message.replace(`for volume "${volume}" :`, `for volume "${volume}" (UniqueName: "${unique}") pod "${pod.metadata.name ?? ''}" (UID: "${uid}") :`)
    this.context.klog.line('E', 'nestedpendingoperations.go:348', `Operation for "{volumeName:${unique} podName:${uid} nodeName:}" failed. No retries permitted until ${goTime(until)} m=+${((until - this.startedMs) / 1000).toFixed(9)} (durationBeforeRetry ${formatGoDuration(pauseMs)}). Error: ${named}`)
  }

  /** True each time the pod has waited for its volumes as long as a sync does. */
  outOfPatience(pod: Pod): boolean {
    const uid = uidOf(pod)
    const now = this.context.clock.now()
    const since = this.waiting.get(uid)
    if (since !== undefined && now - since < patienceMs) return false
    this.waiting.set(uid, now)
    return since !== undefined
  }

  /** The pod's volumes are there, or wanted no more. */
  forget(pod: Pod): void {
    const uid = uidOf(pod)
    this.waiting.delete(uid)
    for (const key of this.pauses.keys()) if (key.includes(uid)) this.pauses.delete(key)
  }
}

function goTime(ms: number): string {
  return `${new Date(ms).toISOString().replace('T', ' ').replace('Z', '')} +0000 UTC`
}
