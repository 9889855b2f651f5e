/** Asks a service outside of the cluster whether the images of a pod may run. */
import { encodeUtf8 } from '#engine/base/bytes'
import { valueBody } from '#engine/base/http'
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { allContainers, isPod } from '#engine/apiserver/admission/shared/pods'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import type { DialTls, ServerServices } from '#engine/apiserver/services'

interface Settings {
  /** From the kubeconfig that the configuration names, read by the program. */
  readonly server: string
  readonly tls: DialTls
  readonly defaultAllow: boolean
  readonly allowTtlMs: number
  readonly denyTtlMs: number
}

const timeoutMs = 30_000
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
    server: (config.server ?? '') as string, tls: tlsOf(config), defaultAllow: config.defaultAllow === true,
    allowTtlMs: ((config.allowTTL ?? 300) as number) * 1000, denyTtlMs: ((config.denyTTL ?? 30) as number) * 1000,
  }
}

function tlsOf(config: Free): DialTls {
  const { roots = '', certificate = '', key = '', insecure = false } = config as { roots?: string; certificate?: string; key?: string; insecure?: boolean }
  return { timeoutMs, ...(roots === '' ? {} : { roots }), ...(insecure ? { insecureSkipVerify: true } : {}), ...(certificate === '' ? {} : { certificate, key }) }
}

async function validate(attributes: AdmissionAttributes, services: ServerServices, settings: Settings, cache: Map<string, { status: Free; until: number }>): Promise<void> {
  const pod = attributes.object
  if (!pod || !(isPod(attributes) || isPod(attributes, 'ephemeralcontainers'))) return
  const annotations = Object.fromEntries(Object.entries(pod.metadata.annotations ?? {}).filter(([key]) => key.includes('.image-policy.k8s.io/')))
  const asked = attributes.subresource === 'ephemeralcontainers' ? listOf(pod.spec?.ephemeralContainers) : allContainers(pod.spec)
  const spec = { containers: asked.map((container) => ({ image: container.image as string })), ...(Object.keys(annotations).length > 0 ? { annotations } : {}), namespace: attributes.namespace }
  const key = JSON.stringify(spec)
  const known = cache.get(key)
  const answer = known && known.until > attributes.nowMs ? { status: known.status } : await ask(spec, services, settings)
  if ('problem' in answer) return failOpen(attributes, settings, answer.problem)
  const { status } = answer
  cache.set(key, { status, until: attributes.nowMs + (status.allowed ? settings.allowTtlMs : settings.denyTtlMs) })
  if (status.allowed) return
  throw admissionForbidden(attributes, status.reason ? `image policy webhook backend denied one or more images: ${status.reason as string}` : 'one or more images rejected by webhook backend')
}

function failOpen(attributes: AdmissionAttributes, { defaultAllow }: Settings, problem: string): void {
  if (defaultAllow) {
    attributes.annotate(annotation, 'true')
    return
  }
  throw admissionForbidden(attributes, problem)
}

type Asked = { readonly status: Free } | { readonly problem: string }

async function ask(spec: unknown, services: ServerServices, settings: Settings): Promise<Asked> {
  const review = { kind: 'ImageReview', apiVersion: 'imagepolicy.k8s.io/v1alpha1', metadata: {}, spec }
  const target = new URL(settings.server)
  const path = `${target.pathname}?timeout=${timeoutMs / 1000}s`
  try {
    const answer = await services.dialer.url(settings.server, { method: 'POST', path, headers: { 'content-type': 'application/json' }, body: valueBody(review, (value) => encodeUtf8(JSON.stringify(value))) }, settings.tls)
    if (answer.status !== 200 && answer.status !== 201) return { problem: 'an error on the server ("unknown") has prevented the request from succeeding' }
    return { status: ((JSON.parse(await answer.body.text()) as Free).status ?? {}) as Free }
  } catch (error) {
    return { problem: `Post ${JSON.stringify(`${target.origin}${path}`)}: ${error instanceof Error ? error.message : String(error)}` }
  }
}
