/** serviceaccount-controller: every namespace has the account `default`. */
import { keyOf, splitKey } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { namespaces, serviceAccounts } from '#engine/client/resources'
import { type Controller, informersOf, startQueue } from '#engine/controllers/controller'
import { isNamespaceTerminating } from '#engine/controllers/pod-control'

const wanted = ['default']

export const serviceAccountController: Controller = {
  name: 'serviceaccount-controller',
  aliases: ['serviceaccount'],
  account: 'service-account-controller',
  start(context) {
    const namespaceInformer = context.informers.of(namespaces)
    const accounts = context.informers.of(serviceAccounts)
    const queue = startQueue(context, 'serviceaccount-controller', informersOf(namespaceInformer, accounts), async (key) => {
      const namespace = namespaceInformer.store.byKey(key)
      if (!namespace || namespace.status?.phase !== 'Active') return
      for (const name of wanted) {
        if (accounts.store.get(key, name)) continue
        try {
          await context.client.of(serviceAccounts).create({ metadata: { name, namespace: key } })
        } catch (error) {
          if (!isReason(error, 'AlreadyExists') && !isNamespaceTerminating(error)) throw error
        }
      }
    }, { workers: 1 })
    const enqueue = (namespace: Parameters<typeof keyOf>[0]): void => queue.add(keyOf(namespace))
    namespaceInformer.addHandlers({ added: enqueue, updated: enqueue })
    accounts.addHandlers({ deleted: (account) => queue.add(splitKey(keyOf(account)).namespace) })
  },
}
