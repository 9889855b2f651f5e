/** Gives every pod a service account, its token and its image pull secrets. */
import type { KubeObject } from '#engine/api/object'
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { allContainers, isMirror, isPod } from '#engine/apiserver/admission/shared/pods'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import type { ServerServices } from '#engine/apiserver/services'

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'
const volumePrefix = 'kube-api-access-'

export const serviceAccount: AdmissionRegistration = {
  name: 'ServiceAccount',
  enabledByDefault: true,
  create: (services) => ({
    name: 'ServiceAccount',
    handles: (operation) => operation === 'CREATE',
    admit: (attributes) => (isPod(attributes) ? admit(attributes, services) : undefined),
    validate: (attributes) => (isPod(attributes) ? validate(attributes, services) : undefined),
  }),
}

async function admit(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  const pod = attributes.object
  if (!pod || !isPod(attributes) || isMirror(pod)) return
  const spec = pod.spec as Free
  if (!spec.serviceAccountName) spec.serviceAccountName = spec.serviceAccount || 'default'
  spec.serviceAccount = spec.serviceAccountName
  const account = await accountOf(attributes, services)
  const automount = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true
  if (automount) mountToken(spec, services)
  if (listOf(spec.imagePullSecrets).length === 0 && listOf(account.imagePullSecrets).length > 0) spec.imagePullSecrets = listOf(account.imagePullSecrets).map((item) => ({ name: item.name as string }))
}

async function accountOf(attributes: AdmissionAttributes, services: ServerServices): Promise<KubeObject> {
  const { namespace } = attributes
  const name = attributes.object?.spec?.serviceAccountName as string
  const account = await services.reader.get('serviceaccounts', namespace, name)
  if (!account) throw admissionForbidden(attributes, `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`)
  return account
}

function mountToken(spec: Free, services: ServerServices): void {
  const existing = listOf(spec.volumes).find((volume) => (volume.name as string).startsWith(volumePrefix))
  const name = (existing?.name as string | undefined) ?? `${volumePrefix}${services.random.suffix(5)}`
  let mounted = false
  for (const container of [...listOf(spec.initContainers), ...listOf(spec.containers)]) {
    if (listOf(container.volumeMounts).some((mount) => mount.mountPath === mountPath)) continue
    container.volumeMounts = [...listOf(container.volumeMounts), { name, readOnly: true, mountPath }]
    mounted = true
  }
  if (mounted && !existing) spec.volumes = [...listOf(spec.volumes), tokenVolume(name)]
}

function tokenVolume(name: string): Free {
  return {
    name,
    projected: {
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
    },
  }
}

async function validate(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  const pod = attributes.object
  if (!pod || !isPod(attributes)) return
  if (isMirror(pod)) return validateMirror(attributes, pod.spec as Free)
  const account = await accountOf(attributes, services)
  if (account.metadata.annotations?.['kubernetes.io/enforce-mountable-secrets'] === 'true') limitSecrets(attributes, account, pod.spec as Free)
}

function validateMirror(attributes: AdmissionAttributes, spec: Free): void {
  if (spec.serviceAccountName) throw admissionForbidden(attributes, 'a mirror pod may not reference service accounts')
  const volumes = listOf(spec.volumes)
  const secret = volumes.some((volume) => volume.secret || listOf(volume.projected?.sources).some((source) => source.secret)) || environmentSecrets(spec).length > 0
  if (secret) throw admissionForbidden(attributes, 'a mirror pod may not reference secrets')
  if (volumes.some((volume) => listOf(volume.projected?.sources).some((source) => source.serviceAccountToken))) throw admissionForbidden(attributes, 'a mirror pod may not use ServiceAccountToken volume projections')
}

function environmentSecrets(spec: Free): { secret: string; container: string; variable?: string }[] {
  return allContainers(spec).flatMap((container) => [
    ...listOf(container.env).filter((item) => item.valueFrom?.secretKeyRef).map((item) => ({ secret: item.valueFrom.secretKeyRef.name as string, container: container.name as string, variable: item.name as string })),
    ...listOf(container.envFrom).filter((item) => item.secretRef).map((item) => ({ secret: item.secretRef.name as string, container: container.name as string })),
  ])
}

/** Only secrets the account lists may be used. */
function limitSecrets(attributes: AdmissionAttributes, account: KubeObject, spec: Free): void {
  const allowed = new Set(listOf(account.secrets).map((item) => item.name as string))
  const name = account.metadata.name ?? ''
  for (const volume of listOf(spec.volumes)) {
    const secret = volume.secret?.secretName as string | undefined
    if (secret !== undefined && !allowed.has(secret)) throw admissionForbidden(attributes, `volume with secret.secretName="${secret}" is not allowed because service account ${name} does not reference that secret`)
  }
  for (const { secret, container, variable } of environmentSecrets(spec)) {
    if (allowed.has(secret)) continue
    const what = variable === undefined ? `container ${container} with envFrom.secretRef.name="${secret}"` : `container ${container} with env ${variable} secretKeyRef.name="${secret}"`
    throw admissionForbidden(attributes, `${what} is not allowed because service account ${name} does not reference that secret`)
  }
  const pulls = new Set(listOf(account.imagePullSecrets).map((item) => item.name as string))
  for (const [index, item] of listOf(spec.imagePullSecrets).entries()) {
    if (!pulls.has(item.name as string)) throw admissionForbidden(attributes, `imagePullSecrets[${index}].name="${item.name as string}" is not allowed because service account ${name} does not reference that imagePullSecret`)
  }
}
