/** Answers in the kubelet's form. */
import { encodeUtf8 } from '#engine/base/bytes'
import { bytesBody, type HttpResponse, textBody } from '#engine/base/http'

export function plain(status: number, text: string): HttpResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: textBody(text) }
}

export function json(value: unknown): HttpResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: bytesBody(encodeUtf8(JSON.stringify(value))) }
}
