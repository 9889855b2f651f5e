/** token-cleaner-controller: deletes bootstrap tokens whose time is over. */
import { uidOf } from '#engine/api/meta'
import { keyOf, splitKey } from '#engine/api/object'
import type { Secret } from '#engine/api/kinds'
import { isReason } from '#engine/api/status'
import { secrets } from '#engine/client/resources'
import { bootstrapToken } from '#engine/controllers/bootstrap-tokens'
import { type Controller, informersOf, startQueue } from '#engine/controllers/controller'

export const tokenCleanerController: Controller = {
  name: 'token-cleaner-controller',
  aliases: ['tokencleaner'],
  disabledByDefault: true,
  account: 'token-cleaner',
  start(context) {
    const informer = context.informers.of(secrets)
    const queue = startQueue(context, 'token-cleaner-controller', informersOf(informer), async (key) => {
      const secret = informer.store.byKey(key)
      const expiresAt = secret && bootstrapToken(secret)?.expiresAt
      if (!secret || expiresAt === undefined) return
      const left = expiresAt - context.clock.now()
      if (left > 0) return { againAfterMs: left }
      const { namespace, name } = splitKey(key)
      try {
        await context.client.of(secrets).delete(namespace, name, { preconditions: { uid: uidOf(secret) } })
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error
      }
      return undefined
    }, { workers: 1 })
    const wake = (secret: Secret): void => { if (bootstrapToken(secret)) queue.add(keyOf(secret)) }
    informer.addHandlers({ added: wake, updated: wake })
  },
}
