/** Creating and deleting the pods of an owner, with the events that tell of it. */
import type { Pod, PodTemplateSpec } from '#engine/api/kinds'
import { nameOf, namespaceOf } from '#engine/api/meta'
import type { KubeObject } from '#engine/api/object'
import { isReason, StatusError } from '#engine/api/status'
import type { Client } from '#engine/client/client'
import type { EventRecorder } from '#engine/client/events'
import { pods } from '#engine/client/resources'
import { podFromTemplate } from '#engine/controllers/pods'

export class PodControl {
  constructor(
    private readonly client: Client,
    private readonly events: EventRecorder,
  ) {}

  async createFromTemplate(template: PodTemplateSpec, owner: KubeObject): Promise<Pod> {
    const prefix = `${nameOf(owner)}-`
    return this.create(podFromTemplate(template, namespaceOf(owner), { generateName: prefix }, owner), owner)
  }

  async create(pod: Pod, owner: KubeObject): Promise<Pod> {
    try {
      const made = await this.client.of(pods).create(pod)
      this.events.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${nameOf(made)}`)
      return made
    } catch (error) {
      if (!isNamespaceTerminating(error)) this.events.event(owner, 'Warning', 'FailedCreate', `Error creating: ${(error as Error).message}`)
      throw error
    }
  }

  async delete(namespace: string, name: string, owner: KubeObject): Promise<void> {
    try {
      await this.client.of(pods).delete(namespace, name)
    } catch (error) {
      if (isReason(error, 'NotFound')) throw error
      this.events.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${(error as Error).message}`)
      throw error
    }
    this.events.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`)
  }
}

export function isNamespaceTerminating(error: unknown): boolean {
  return error instanceof StatusError && (error.status.details?.causes ?? []).some((cause) => cause.reason === 'NamespaceTerminating')
}

/**
 * Calls in batches of 1, 2, 4, ..., so that a quota does not refuse a thousand. Stops after the batch in which one failed:
 * how many succeeded, and the first error.
 */
export async function slowStart(count: number, call: (index: number) => Promise<void>): Promise<{ succeeded: number; error: unknown }> {
  let done = 0
  let succeeded = 0
  for (let size = Math.min(count, 1); size > 0; size = Math.min(2 * size, count - done)) {
    const outcomes = await Promise.allSettled(Array.from({ length: size }, (_, index) => call(done + index)))
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    succeeded += outcomes.filter((outcome) => outcome.status === 'fulfilled').length
    done += size
    if (failed) return { succeeded, error: failed.reason }
  }
  return { succeeded, error: undefined }
}
