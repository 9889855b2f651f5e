/** ttl-after-finished-controller: deletes jobs some time after they have ended. */
import type { Job } from '#engine/api/kinds'
import { uidOf } from '#engine/api/meta'
import { keyOf, splitKey } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { jobs } from '#engine/client/resources'
import { parseTime } from '#engine/client/time'
import { type Controller, informersOf, startQueue } from '#engine/controllers/controller'

export const ttlAfterFinishedController: Controller = {
  name: 'ttl-after-finished-controller',
  aliases: ['ttl-after-finished'],
  start(context) {
    const informer = context.informers.of(jobs)
    const queue = startQueue(context, 'ttl-after-finished-controller', informersOf(informer), async (key) => {
      const job = informer.store.byKey(key)
      const due = job && dueAt(job)
      if (!job || due === undefined || job.metadata.deletionTimestamp !== undefined) return
      const left = due - context.clock.now()
      if (left > 0) return { againAfterMs: left }
      const { namespace, name } = splitKey(key)
      try {
        await context.client.of(jobs).delete(namespace, name, { propagationPolicy: 'Foreground', preconditions: { uid: uidOf(job) } })
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error
      }
      return undefined
    }, { workers: 5 })
    informer.addHandlers({ added: (job) => queue.add(keyOf(job)), updated: (job) => queue.add(keyOf(job)) })
  },
}

function dueAt(job: Job): number | undefined {
  const ttl = job.spec?.ttlSecondsAfterFinished
  const ended = job.status?.conditions?.find((condition) => (condition.type === 'Complete' || condition.type === 'Failed') && condition.status === 'True')
  const at = parseTime(ended?.lastTransitionTime)
  return ttl === undefined || at === undefined ? undefined : at + ttl * 1000
}
