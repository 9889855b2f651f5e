/** Turns answers into HTTP responses of the form the client asked for. */
import { encodeUtf8 } from '#engine/base/bytes'
import { textBody, valueBody, type Headers, type HttpRequest, type HttpResponse } from '#engine/base/http'
import { emitYaml } from '#engine/base/yaml/emit'
import type { KubeObject } from '#engine/api/object'
import { badRequestError } from '#engine/api/errors'
import { failure, StatusError, type Status } from '#engine/api/status'
import { encodeProtobufObject } from '#engine/apiserver/representation/protobuf'
import type { Accepted } from '#engine/apiserver/representation/negotiate'

export const plainText = 'text/plain; charset=utf-8'

export function warningHeaders(warnings: readonly string[]): Headers {
  if (warnings.length === 0) return {}
  return { warning: warnings.map((text) => `299 - "${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`).join(', ') }
}

/** As Go writes JSON: what could end a script element is escaped. */
export function jsonBytes(value: unknown): Uint8Array {
  return encodeUtf8(`${escaped(JSON.stringify(value))}\n`)
}

const escapes: Readonly<Record<string, string>> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026', '\u2028': '\\u2028', '\u2029': '\\u2029' }

function escaped(json: string): string {
  return /[<>&\u2028\u2029]/.test(json) ? json.replace(/[<>&\u2028\u2029]/g, (character) => escapes[character] as string) : json
}

export function textResponse(status: number, text: string, headers: Headers = {}): HttpResponse {
  return { status, headers: { 'content-type': plainText, 'x-content-type-options': 'nosniff', ...headers }, body: textBody(text) }
}

export function jsonResponse(status: number, value: unknown, headers: Headers = {}): HttpResponse {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: valueBody(value, jsonBytes) }
}

export function statusResponse(status: Status, accept: string | undefined, headers: Headers = {}): HttpResponse {
  const code = status.code ?? 500
  const retry = status.details?.retryAfterSeconds
  const more = { ...headers, ...(retry ? { 'retry-after': String(retry) } : {}) }
  const protobufOnly = accept !== undefined && accept.includes('protobuf') && !accept.includes('json') && !accept.includes('*/*')
  if (protobufOnly) return encoded(code, status as unknown as KubeObject, 'application/vnd.kubernetes.protobuf', more)
  return jsonResponse(code, ordered(status), more)
}

const statusOrder = ['kind', 'apiVersion', 'metadata', 'status', 'message', 'reason', 'details', 'code'] as const
const detailsOrder = ['name', 'group', 'kind', 'uid', 'causes', 'retryAfterSeconds'] as const

/** Fields in Go's order, none empty but metadata and details. */
function ordered(status: Status): unknown {
  const details = status.details && picked(status.details as Record<string, unknown>, detailsOrder)
  return picked({ ...status, ...(details ? { details } : {}) }, statusOrder)
}

function picked(from: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const key of keys) {
    const value = from[key]
    if (value !== undefined && value !== '' && value !== 0 && !(Array.isArray(value) && value.length === 0)) out[key] = value
  }
  return out
}

export function toStatus(error: unknown): Status {
  if (error instanceof StatusError) return error.status
  // What a parser let through may still be too deep for those who walk through it.
  if (error instanceof RangeError && error.message.startsWith('Maximum call stack')) return badRequestError('exceeded max depth').status
  return failure(500, '', error instanceof Error ? error.message : String(error)).status
}

export function prettyBytes(value: unknown): Uint8Array {
  return encodeUtf8(escaped(JSON.stringify(value, null, 2)))
}

/** People at curl, wget and browsers get indented JSON, as does who asks for it. */
export function wantsPretty(request: HttpRequest): boolean {
  const asked = /[?&]pretty=([^&]*)/.exec(request.path)
  if (asked) return asked[1] !== 'false' && asked[1] !== '0'
  return /^(?:curl\/|Wget\/|Mozilla\/5\.0)/.test(request.headers['user-agent'] ?? '')
}

/** A JSON answer indented where the client wants it so. */
export function prettied(request: HttpRequest, response: HttpResponse): HttpResponse {
  if (response.body.value === undefined || !(response.headers['content-type'] ?? '').startsWith('application/json') || !wantsPretty(request)) return response
  return { ...response, body: valueBody(response.body.value, prettyBytes) }
}

export function encoded(status: number, object: unknown, media: Accepted['media'], headers: Headers): HttpResponse {
  if (media === 'application/yaml') return { status, headers: { 'content-type': 'application/yaml', ...headers }, body: textBody(emitYaml(JSON.parse(JSON.stringify(object)))) }
  if (media === 'application/vnd.kubernetes.protobuf') {
    const bytes = encodeProtobufObject(object as KubeObject)
    if (bytes) return { status, headers: { 'content-type': media, ...headers }, body: valueBody(object, () => bytes) }
  }
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: valueBody(object, jsonBytes) }
}
