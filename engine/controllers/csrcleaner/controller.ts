/** certificatesigningrequest-cleaner-controller: deletes requests that were decided, or never were, some time ago. */
import type { CertificateSigningRequest } from '#engine/api/kinds'
import { keyOf } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { certificateSigningRequests } from '#engine/client/resources'
import { parseTime } from '#engine/client/time'
import { type Controller, informersOf, startQueue } from '#engine/controllers/controller'

const hour = 3_600_000
const keepMs: Readonly<Record<string, number>> = { Approved: hour, Denied: hour, Failed: hour, pending: 24 * hour }

export const csrCleanerController: Controller = {
  name: 'certificatesigningrequest-cleaner-controller',
  aliases: ['csrcleaner'],
  account: 'certificate-controller',
  start(context) {
    const informer = context.informers.of(certificateSigningRequests)
    const queue = startQueue(context, 'certificatesigningrequest-cleaner-controller', informersOf(informer), async (key) => {
      const request = informer.store.byKey(key)
      if (!request) return
      const left = dueAt(request) - context.clock.now()
      if (left > 0) return { againAfterMs: left }
      try {
        await context.client.of(certificateSigningRequests).delete('', key)
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error
      }
      return undefined
    }, { workers: 1 })
    informer.addHandlers({ added: (request) => queue.add(keyOf(request)), updated: (request) => queue.add(keyOf(request)) })
  },
}

function dueAt(request: CertificateSigningRequest): number {
  const created = parseTime(request.metadata.creationTimestamp) ?? 0
  const decided = (request.status?.conditions ?? []).filter((condition) => keepMs[condition.type] !== undefined).map((condition) => (parseTime(condition.lastUpdateTime) ?? created) + (keepMs[condition.type] ?? 0))
  return decided.length > 0 ? Math.min(...decided) : created + (keepMs['pending'] ?? 0)
}
