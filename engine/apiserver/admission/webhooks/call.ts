/** One exchange with a webhook. */
import { encodeUtf8 } from '#engine/base/bytes'
import { valueBody } from '#engine/base/http'
import type { HttpRequest, HttpResponse } from '#engine/base/http'
import { decodeUtf8, fromBase64 } from '#engine/base/bytes'
import type { Free } from '#engine/apiserver/registry/free'
import type { ServerServices } from '#engine/apiserver/services'

export interface Answer {
  readonly allowed: boolean
  readonly status?: Free
  readonly patch?: string
  readonly patchType?: string
  readonly warnings?: readonly string[]
  readonly auditAnnotations?: Readonly<Record<string, string>>
}

/** The webhook could not be asked, or its answer could not be used: failurePolicy decides what follows. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError'
}

export async function callWebhook(hook: Free, review: Free, services: ServerServices): Promise<Answer> {
  const seconds = (hook.timeoutSeconds ?? 10) as number
  const url = urlOf(hook.clientConfig, seconds)
  const request: HttpRequest = {
    method: 'POST', path: `${new URL(url).pathname}?timeout=${seconds}s`,
    headers: { 'content-type': 'application/json', accept: 'application/json, */*', 'user-agent': 'kube-apiserver-admission' },
    body: valueBody(review, (value) => encodeUtf8(JSON.stringify(value))),
  }
  const response = await exchange(hook, request, services, url, seconds * 1000)
  return readAnswer(await bodyOf(response), response.status, review)
}

function urlOf(client: Free, seconds: number): string {
  const service = client?.service
  const base = service ? `https://${service.name as string}.${service.namespace as string}.svc:${(service.port ?? 443) as number}${(service.path ?? '') as string}` : (client?.url as string)
  return `${base}?timeout=${seconds}s`
}

async function exchange(hook: Free, request: HttpRequest, services: ServerServices, url: string, timeoutMs: number): Promise<HttpResponse> {
  const { service, caBundle } = hook.clientConfig
  const tls = { ...(caBundle ? { roots: decodeUtf8(fromBase64(caBundle as string)) } : {}), timeoutMs }
  const fail = (words: string): WebhookError => new WebhookError(`failed to call webhook: Post ${JSON.stringify(url)}: ${words}`)
  if (service && !(await services.reader.get('services', service.namespace as string, service.name as string))) throw fail(`service ${JSON.stringify(service.name)} not found`)
  try {
    if (!service) return await services.dialer.url(url, request, tls)
    return await services.dialer.service({ namespace: service.namespace as string, name: service.name as string, port: (service.port ?? 443) as number }, request, tls)
  } catch (error) {
    throw fail(error instanceof Error ? error.message : String(error))
  }
}

async function bodyOf(response: HttpResponse): Promise<Free> {
  if (response.body.value !== undefined) return response.body.value
  const text = await response.body.text()
  try {
    return JSON.parse(text) as Free
  } catch {
    if (response.status >= 200 && response.status < 300) throw new WebhookError(`failed to call webhook: couldn't get version/kind; json parse error: invalid character ${JSON.stringify(text.charAt(0))} looking for beginning of value`)
    return undefined
  }
}

function readAnswer(body: Free, status: number, review: Free): Answer {
  if (status < 200 || status >= 300) throw new WebhookError(`failed to call webhook: ${statusWords(status)}`)
  const made = `${(body?.apiVersion ?? '') as string}, Kind=${(body?.kind ?? '') as string}`
  const wanted = `${review.apiVersion as string}, Kind=AdmissionReview`
  if (made !== wanted) throw new WebhookError(`received invalid webhook response: expected webhook response of ${wanted}, got ${made}`)
  const response = body.response
  if (!response) throw new WebhookError('received invalid webhook response: webhook response was absent')
  if (response.uid !== review.request.uid) throw new WebhookError(`received invalid webhook response: expected response.uid=${JSON.stringify(review.request.uid)}, got ${JSON.stringify(response.uid ?? '')}`)
  if (response.patch && response.patchType !== 'JSONPatch') throw new WebhookError(`received invalid webhook response: webhook returned invalid response.patchType of ${JSON.stringify(response.patchType ?? '')}`)
  return response as Answer
}

function statusWords(status: number): string {
  if (status === 404) return 'the server could not find the requested resource'
  if (status === 401) return 'Unauthorized'
  if (status === 403) return 'forbidden'
  if (status === 503) return 'the server is currently unable to handle the request'
  return `the server responded with the status code ${status} but did not return more information`
}
