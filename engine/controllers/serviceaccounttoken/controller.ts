/** serviceaccount-token-controller: fills token secrets that were made by hand, and deletes those of accounts that are gone. */
import { encodeUtf8, toBase64 } from '#engine/base/bytes'
import { signJwt } from '#engine/base/pki/jwt'
import { parsePrivateKeyPem } from '#engine/base/pki/keys'
import type { Secret, ServiceAccount } from '#engine/api/kinds'
import { nameOf, namespaceOf } from '#engine/api/meta'
import { keyOf } from '#engine/api/object'
import { secrets, serviceAccounts } from '#engine/client/resources'
import { unlessNotFound } from '#engine/client/retry'
import { type Controller, type ControllerContext, informersOf, startQueue } from '#engine/controllers/controller'

const tokenType = 'kubernetes.io/service-account-token'
const nameAnnotation = 'kubernetes.io/service-account.name'
const uidAnnotation = 'kubernetes.io/service-account.uid'

export const serviceAccountTokenController: Controller = {
  name: 'serviceaccount-token-controller',
  aliases: ['serviceaccount-token'],
  // It makes tokens, so it cannot need one: it acts as the manager itself.
  account: '',
  start(context) {
    const { serviceAccountKey } = context.options
    if (serviceAccountKey === undefined) return
    const key = parsePrivateKeyPem(serviceAccountKey)
    const secretInformer = context.informers.of(secrets).addIndexers({ account: (secret: Secret) => (secret.type === tokenType ? [`${namespaceOf(secret)}/${secret.metadata.annotations?.[nameAnnotation] ?? ''}`] : []) })
    const accounts = context.informers.of(serviceAccounts)
    const queue = startQueue(context, 'serviceaccount-token-controller', informersOf(secretInformer, accounts), async (name) => {
      const secret = secretInformer.store.byKey(name)
      if (!secret || secret.type !== tokenType) return
      const account = accounts.store.get(namespaceOf(secret), secret.metadata.annotations?.[nameAnnotation] ?? '')
      const wantedUid = secret.metadata.annotations?.[uidAnnotation]
      if (!account || (wantedUid !== undefined && wantedUid !== '' && wantedUid !== account.metadata.uid)) return remove(context, secret)
      await fill(context, secret, account, (claims) => signJwt(key, claims))
    }, { workers: 5 })
    const wake = (secret: Secret): void => { if (secret.type === tokenType) queue.add(keyOf(secret)) }
    secretInformer.addHandlers({ added: wake, updated: wake })
    const accountChanged = (account: ServiceAccount): void => { for (const secret of secretInformer.store.byIndex('account', keyOf(account))) queue.add(keyOf(secret)) }
    accounts.addHandlers({ added: accountChanged, deleted: accountChanged })
  },
}

async function remove(context: ControllerContext, secret: Secret): Promise<void> {
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = secret.metadata
  await unlessNotFound(context.client.of(secrets).delete(namespace, name, { preconditions: { uid, resourceVersion } }))
}

async function fill(context: ControllerContext, secret: Secret, account: ServiceAccount, sign: (claims: Record<string, unknown>) => string): Promise<void> {
  const data = { ...(secret.data as Record<string, string> | undefined) }
  const namespace = namespaceOf(secret)
  const { name = '', uid = '' } = account.metadata
  const { rootCa } = context.options
  if (rootCa !== undefined) data['ca.crt'] = toBase64(encodeUtf8(rootCa))
  data['namespace'] ??= toBase64(encodeUtf8(namespace))
  data['token'] ??= toBase64(encodeUtf8(sign(legacyClaims(namespace, name, uid, nameOf(secret)))))
  const annotations = { ...secret.metadata.annotations, [nameAnnotation]: name, [uidAnnotation]: uid }
  const unchanged = secret.metadata.annotations?.[uidAnnotation] === uid && Object.entries(data).every(([field, value]) => (secret.data as Record<string, string> | undefined)?.[field] === value)
  if (!unchanged) await unlessNotFound(context.client.of(secrets).update({ ...secret, metadata: { ...secret.metadata, annotations }, data } as Secret))
}

/** Tokens of secrets never expire and name their secret. */
function legacyClaims(namespace: string, account: string, uid: string, secret: string): Record<string, unknown> {
  return {
    iss: 'kubernetes/serviceaccount',
    'kubernetes.io/serviceaccount/namespace': namespace,
    'kubernetes.io/serviceaccount/secret.name': secret,
    'kubernetes.io/serviceaccount/service-account.name': account,
    'kubernetes.io/serviceaccount/service-account.uid': uid,
    sub: `system:serviceaccount:${namespace}:${account}`,
  }
}
