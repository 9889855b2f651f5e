/** What the scheduler writes to the status of pods it could not place. */
import { nameOf, namespaceOf } from '#engine/api/meta'
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
    const { conditions = [], nominatedNodeName = '' } = pod.status ?? {}
    const known = conditions.find((condition) => condition.type === 'PodScheduled' && condition.status === 'False')
    const same = known?.reason === reason && known.message === message
    const nominate = nominatedNode !== undefined && nominatedNode !== nominatedNodeName
    if (same && !nominate) return
    const condition = this.condition(pod, reason, message, known?.lastTransitionTime)
    await this.patch(pod, { ...(same ? {} : { conditions: [condition] }), ...(nominate ? { nominatedNodeName: nominatedNode } : {}) })
  }

  private condition(pod: Pod, reason: string, message: string, since: string | undefined): Record<string, unknown> {
    const generation = pod.metadata.generation
    return { type: 'PodScheduled', status: 'False', reason, message, lastProbeTime: null, lastTransitionTime: since ?? apiTime(this.clock.now()), ...(generation ? { observedGeneration: generation } : {}) }
  }

  async nominate(pod: Pod, node: string): Promise<void> {
    try {
      await this.patch(pod, { nominatedNodeName: node === '' ? null : node })
    } catch {
      // The pod is gone, or will be written again at its next attempt.
    }
  }

  private async patch(pod: Pod, status: Record<string, unknown>): Promise<void> {
    await this.client.of(pods).patch(namespaceOf(pod), nameOf(pod), 'strategic', { status }, { subresource: 'status' })
  }
}
