/** Keeps the API's status of pods equal to the kubelet's: one patch per change, the last word wins; deletes what has ended. */
import { equalJson } from '#engine/api/object'
import { isReason, StatusError } from '#engine/api/status'
import type { Pod, PodStatus } from '#engine/api/kinds'
import type { Client } from '#engine/client/client'
import { pods } from '#engine/client/resources'
import { errorText } from '#engine/cri/rpc'
import type { KubeletContext } from '../context'
import { klogName, uidOf } from '../pods/names'

interface Entry { pod: Pod; status: PodStatus; finished: boolean; dirty: boolean; busy: boolean }

const retryMs = 10_000

export interface ApiPods {
  /** The API's object of a pod: for a static pod its mirror. */
  apiPod(pod: Pod): Pod | undefined
}

export class StatusManager {
  private readonly entries = new Map<string, Entry>()
  private readonly sent = new Map<string, string>()

  constructor(
    private readonly context: KubeletContext,
    private readonly pods: ApiPods,
  ) {}

  get(uid: string): PodStatus | undefined {
    return this.entries.get(uid)?.status
  }

  set(pod: Pod, status: PodStatus): void {
    const uid = uidOf(pod)
    const entry = this.entries.get(uid)
    if (entry && sameStatus(entry.status, status) && entry.pod === pod) return
    if (entry) Object.assign(entry, { pod, status, dirty: true })
    else this.entries.set(uid, { pod, status, finished: false, dirty: true, busy: false })
    this.flush(uid)
  }

  /** The kubelet has nothing of the pod any more: the API may forget a deleted one. */
  finish(pod: Pod): void {
    const entry = this.entries.get(uidOf(pod))
    if (!entry) return
    Object.assign(entry, { finished: true, dirty: true })
    this.flush(uidOf(pod))
  }

  forget(uid: string): void {
    this.entries.delete(uid)
    this.sent.delete(uid)
  }

  /** The API's object has changed, or a mirror has come: what was sent may have to be sent again. */
  resend(uid: string): void {
    const entry = this.entries.get(uid)
    if (!entry) return
    entry.dirty = true
    this.sent.delete(uid)
    this.flush(uid)
  }

  private flush(uid: string): void {
    const entry = this.entries.get(uid)
    if (!entry || entry.busy || !this.context.client) return
    entry.busy = true
    this.context.process.background(() => this.send(uid, entry))
  }

  /** A manifest that comes back has its old uid: what was still to be said of the pod before is then no longer true. */
  private async send(uid: string, entry: Entry): Promise<void> {
    while (entry.dirty && this.entries.get(uid) === entry) {
      entry.dirty = false
      try {
        await this.sync(uid, entry)
      } catch (error) {
        if ((error as Error).name === 'ProcessKilled') throw error
        this.context.klog.error('status_manager.go:1041', errorText(error), 'Failed to update status for pod', { pod: klogName(entry.pod) })
        if (error instanceof StatusError && error.status.code !== undefined && error.status.code < 500 && error.status.code !== 409 && error.status.code !== 429) break
        entry.dirty = true
        await this.context.clock.sleep(error instanceof StatusError && error.status.code === 409 ? 100 : retryMs)
      }
    }
    entry.busy = false
  }

  private async sync(uid: string, entry: Entry): Promise<void> {
    const target = this.pods.apiPod(entry.pod)
    const { client } = this.context
    if (!target || !client) return
    const known = await this.patch(client, uid, entry.status, target)
    if (this.entries.get(uid) !== entry) return
    if (!known) return this.forget(uid)
    if (!entry.finished || target.metadata.deletionTimestamp === undefined) return
    const { namespace = '', name = '' } = target.metadata
    try {
      await client.of(pods).delete(namespace, name, { gracePeriodSeconds: 0, preconditions: { uid: target.metadata.uid ?? '' } })
    } catch (error) {
      if (!isReason(error, 'NotFound') && !isReason(error, 'Conflict')) throw error
    }
    this.forget(uid)
  }

  /** False where the API does not have the pod any more. */
  private async patch(client: Client, uid: string, status: PodStatus, target: Pod): Promise<boolean> {
    const text = JSON.stringify(status)
    if (this.sent.get(uid) === text) return true
    const changes = patchOf(target.status ?? {}, status)
    // Nothing was sent since the API's object was seen, and it says all this already.
    if (!this.sent.has(uid) && Object.keys(changes).length === 0) return true
    const { namespace = '', name = '', uid: targetUid } = target.metadata
    try {
      await client.of(pods).patch(namespace, name, 'merge', { metadata: { uid: targetUid }, status: changes }, { subresource: 'status' })
    } catch (error) {
      if (isReason(error, 'NotFound')) return false
      throw error
    }
    this.sent.set(uid, text)
    return true
  }
}

function sameStatus(a: PodStatus, b: PodStatus): boolean {
  return equalJson(a, b)
}

/** Fields that differ; null removes what is no more. */
function patchOf(before: PodStatus, after: PodStatus): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  const next = after as Readonly<Record<string, unknown>>
  const last = before as Readonly<Record<string, unknown>>
  for (const key of Object.keys(next)) if (!equalJson(next[key], last[key])) out[key] = next[key]
  for (const key of Object.keys(last)) if (!(key in next) && !kept.has(key)) out[key] = null
  return out
}

const kept = new Set(['resize', 'resourceClaimStatuses', 'extendedResourceClaimStatus', 'nominatedNodeName'])
