/** Between the versions of a custom kind: by name alone, or by a webhook. */
import { decodeUtf8, encodeUtf8, fromBase64 } from '#engine/base/bytes'
import { valueBody } from '#engine/base/http'
import type { KubeObject } from '#engine/api/object'
import { failure } from '#engine/api/status'
import type { VersionView } from '#engine/apiserver/catalog'
import type { ServerServices } from '#engine/apiserver/services'
import { crdSpec, type WebhookClient } from './crd'

export function converter(crd: KubeObject, version: string, stored: string, services: ServerServices): VersionView | undefined {
  const { conversion } = crdSpec(crd)
  const renamed = (wanted: string) => (object: KubeObject): KubeObject => (object.apiVersion === wanted ? object : { ...object, apiVersion: wanted })
  if (conversion?.strategy !== 'Webhook' || !conversion.webhook?.clientConfig) return { toStorage: renamed(stored), fromStorage: renamed(version), immediate: renamed(version) }
  const { clientConfig, conversionReviewVersions } = conversion.webhook
  const through = (wanted: string) => async (object: KubeObject): Promise<KubeObject> => (object.apiVersion === wanted ? object : review(crd, clientConfig, conversionReviewVersions?.[0] ?? 'v1', object, wanted, services))
  return { toStorage: through(stored), fromStorage: through(version) }
}

interface ReviewResponse {
  readonly response?: { readonly result?: { readonly status?: string; readonly message?: string }; readonly convertedObjects?: readonly KubeObject[] }
}

async function review(crd: KubeObject, client: WebhookClient, reviewVersion: string, object: KubeObject, wanted: string, services: ServerServices): Promise<KubeObject> {
  const body = { kind: 'ConversionReview', apiVersion: `apiextensions.k8s.io/${reviewVersion}`, request: { uid: services.random.uuid(), desiredAPIVersion: wanted, objects: [object] } }
  const request = { method: 'POST', path: client.service?.path ?? '', headers: { 'content-type': 'application/json', accept: 'application/json' }, body: valueBody(body, (value) => encodeUtf8(JSON.stringify(value))) }
  const tls = client.caBundle ? { roots: decodeUtf8(fromBase64(client.caBundle)), timeoutMs: 30_000 } : { timeoutMs: 30_000 }
  const fail = (message: string): Error => failure(500, '', `conversion webhook for ${object.apiVersion}, Kind=${object.kind} failed: ${message}`)
  let answer: ReviewResponse
  try {
    const { service, url } = client
    const response = service ? await services.dialer.service({ namespace: service.namespace, name: service.name, port: service.port ?? 443 }, { ...request, path: service.path ?? '/' }, tls) : await services.dialer.url(url ?? '', request, tls)
    answer = (response.body.value ?? JSON.parse(await response.body.text())) as ReviewResponse
  } catch (error) {
    throw fail((error as Error).message)
  }
  if (answer.response?.result?.status !== 'Success') throw fail(answer.response?.result?.message ?? 'the response has no result')
  const converted = answer.response.convertedObjects?.[0]
  if (!converted) throw fail(`webhook returned 0 objects, expected 1`)
  return { ...converted, metadata: { ...object.metadata, ...(converted.metadata.labels ? { labels: converted.metadata.labels } : {}), ...(converted.metadata.annotations ? { annotations: converted.metadata.annotations } : {}) } }
}
