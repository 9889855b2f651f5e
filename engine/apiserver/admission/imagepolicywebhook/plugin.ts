/** Asks a service outside of the cluster whether the images of a pod may run. */
import { encodeUtf8 } from '#engine/base/bytes'
import { emptyBody, valueBody } from '#engine/base/http'
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { allContainers, isPod } from '#engine/apiserver/admission/shared/pods'
import type { Free } from '#engine/apiserver/registry/free'
import type { ServerServices } from '#engine/apiserver/services'

interface Settings {
  /** From the kubeconfig that the configuration names, read by the program. */
  readonly server: string
  readonly roots: string
  readonly defaultAllow: boolean
  readonly allowTtlMs: number
  readonly denyTtlMs: number
}

const annotation = 'alpha.image-policy.k8s.io/failed-open'

export const imagePolicyWebhook: AdmissionRegistration = {
  name: 'ImagePolicyWebhook',
  enabledByDefault: false,
  create(services) {
    const settings = readSettings(services)
    const cache = new Map<string, { status: Free; until: number }>()
    return { name: 'ImagePolicyWebhook', handles: (operation) => operation === 'CREATE' || operation === 'UPDATE', validate: (attributes) => validate(attributes, services, settings, cache) }
  },
}

function readSettings(services: ServerServices): Settings {
  const config = (services.settings.admissionConfiguration.get('ImagePolicyWebhook')?.imagePolicy ?? {}) as Free
  return {
    server: (config.server ?? '') as string, roots: (config.certificateAuthorityData ?? '') as string, defaultAllow: config.defaultAllow === true,
    allowTtlMs: ((config.allowTTL ?? 300) as number) * 1000, denyTtlMs: ((config.denyTTL ?? 30) as number) * 1000,
  }
}

async function validate(attributes: AdmissionAttributes, services: ServerServices, settings: Settings, cache: Map<string, { status: Free; until: number }>): Promise<void> {
  const pod = attributes.object
  if (!pod || !(isPod(attributes) || isPod(attributes, 'ephemeralcontainers'))) return
  const annotations = Object.fromEntries(Object.entries(pod.metadata.annotations ?? {}).filter(([key]) => key.includes('.image-policy.k8s.io/')))
  const spec = { containers: allContainers(pod.spec).map((container) => ({ image: container.image as string })), ...(Object.keys(annotations).length > 0 ? { annotations } : {}), namespace: attributes.namespace }
  const key = JSON.stringify(spec)
  const known = cache.get(key)
  const status = known && known.until > attributes.nowMs ? known.status : await ask(spec, services, settings)
  if (status === undefined) return failOpen(attributes, settings)
  cache.set(key, { status, until: attributes.nowMs + (status.allowed ? settings.allowTtlMs : settings.denyTtlMs) })
  if (status.allowed) return
  throw admissionForbidden(attributes, status.reason ? `image policy webhook backend denied one or more images: ${status.reason as string}` : 'one or more images rejected by webhook backend')
}

function failOpen(attributes: AdmissionAttributes, { defaultAllow, server }: Settings): void {
  if (defaultAllow) {
    attributes.annotate(annotation, 'true')
    return
  }
  throw admissionForbidden(attributes, `Post ${JSON.stringify(server)}: dial failed`)
}

async function ask(spec: unknown, services: ServerServices, settings: Settings): Promise<Free> {
  if (settings.server === '') return undefined
  const review = { kind: 'ImageReview', apiVersion: 'imagepolicy.k8s.io/v1alpha1', metadata: {}, spec }
  const body = valueBody(review, (value) => encodeUtf8(JSON.stringify(value)))
  try {
    const path = new URL(settings.server).pathname
    const answer = await services.dialer.url(settings.server, { method: 'POST', path, headers: { 'content-type': 'application/json' }, body: body ?? emptyBody }, { roots: settings.roots, timeoutMs: 30000 })
    return answer.status === 200 || answer.status === 201 ? ((JSON.parse(await answer.body.text()) as Free).status as Free) : undefined
  } catch {
    return undefined
  }
}
