/** What the scheduler writes to the status of pods it could not place. */
import type { Clock } from '#engine/base/clock'
import type { Pod } from '#engine/api/kinds'
import type { Client } from '#engine/client/client'
import { pods } from '#engine/client/resources'
import { apiTime } from '#engine/client/time'

export class PodStatusWriter {
  constructor(
    private readonly client: Client,
    private readonly clock: Clock,
  ) {}

  /** The condition PodScheduled=False, and where room is being made. */
  async unscheduled(pod: Pod, reason: string, message: string, nominatedNode: string | undefined): Promise<void> {
    const known = pod.status?.conditions?.find((condition) => condition.type === 'PodScheduled')
    const same = known?.status === 'False' && known.reason === reason && known.message === message
    const nominate = nominatedNode !== undefined && nominatedNode !== (pod.status?.nominatedNodeName ?? '')
    if (same && !nominate) return
    const now = apiTime(this.clock.now())
    const generation = pod.metadata.generation
    const condition = { type: 'PodScheduled', status: 'False', reason, message, lastProbeTime: null, lastTransitionTime: known?.status === 'False' ? known.lastTransitionTime : now, ...(generation ? { observedGeneration: generation } : {}) }
    await this.patch(pod, { ...(same ? {} : { conditions: [condition] }), ...(nominate ? { nominatedNodeName: nominatedNode } : {}) })
  }

  async nominate(pod: Pod, node: string): Promise<void> {
    try {
      await this.patch(pod, { nominatedNodeName: node === '' ? null : node })
    } catch {
      // The pod is gone, or will be written again at its next attempt.
    }
  }

  private async patch(pod: Pod, status: Record<string, unknown>): Promise<void> {
    await this.client.of(pods).patch(pod.metadata.namespace ?? '', pod.metadata.name ?? '', 'strategic', { status }, { subresource: 'status' })
  }
}
