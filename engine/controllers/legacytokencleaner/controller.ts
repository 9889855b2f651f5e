/** legacy-serviceaccount-token-cleaner-controller: thin. Auto-generated token secrets are not made any more, so none grow old. */
import type { Controller } from '#engine/controllers/controller'

export const legacyTokenCleanerController: Controller = {
  name: 'legacy-serviceaccount-token-cleaner-controller',
  aliases: ['legacy-service-account-token-cleaner'],
  account: 'legacy-service-account-token-cleaner',
  start: () => undefined,
}
