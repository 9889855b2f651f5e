/** Operations of volumes that fail: told with the pause before the next try, which doubles. */
import type { Pod } from '#engine/api/kinds'
import { formatGoDuration } from '../config/duration'
import type { KubeletContext } from '../context'
import { uidOf } from '../pods/names'
import type { MountError } from './errors'

const firstPauseMs = 500
const longestPauseMs = 122_000

export class PendingOperations {
  private readonly pauses = new Map<string, number>()
  private readonly startedMs: number

  constructor(private readonly context: KubeletContext) {
    this.startedMs = context.clock.now()
  }

  tell(pod: Pod, error: MountError): void {
    const { unique, volume } = error.operation ?? { unique: '', volume: '' }
    const uid = uidOf(pod)
    const pauseMs = Math.min((this.pauses.get(unique) ?? firstPauseMs / 2) * 2, longestPauseMs)
    this.pauses.set(unique, pauseMs)
    const until = this.context.clock.now() + pauseMs
    const named = error.message.replace(`for volume "${volume}" :`, `for volume "${volume}" (UniqueName: "${unique}") pod "${pod.metadata.name ?? ''}" (UID: "${uid}") :`)
    this.context.klog.line('E', 'nestedpendingoperations.go:348', `Operation for "{volumeName:${unique} podName:${uid} nodeName:}" failed. No retries permitted until ${goTime(until)} m=+${((until - this.startedMs) / 1000).toFixed(9)} (durationBeforeRetry ${formatGoDuration(pauseMs)}). Error: ${named}`)
  }

  /** The pod's volumes are there, or wanted no more. */
  forget(pod: Pod): void {
    const uid = uidOf(pod)
    for (const key of this.pauses.keys()) if (key.includes(uid)) this.pauses.delete(key)
  }
}

function goTime(ms: number): string {
  return `${new Date(ms).toISOString().replace('T', ' ').replace('Z', '')} +0000 UTC`
}
