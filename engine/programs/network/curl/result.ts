/** What a transfer comes to, the meter of its progress, and the URLs it is given. */
import { CurlError } from './error'
import type { Transfer } from './transfer'

export interface Result {
  exit: number
  message: string
  code: number
  url: string
  size: number
  uploaded: number
  redirects: number
  contentType: string
  startedAt: number
  connectedAt: number
  headerSize: number
  remote: { readonly address: string; readonly port: number }
  local: { readonly address: string; readonly port: number }
  version: string
  redirectUrl: string
  /** Of the last answer, as they came. */
  headers: readonly string[]
}

export function emptyResult(url: string, startedAt: number): Result {
  return { exit: 0, message: '', code: 0, url, size: 0, uploaded: 0, redirects: 0, contentType: '', startedAt, connectedAt: 0, headerSize: 0, remote: { address: '', port: 0 }, local: { address: '', port: 0 }, version: '0', redirectUrl: '', headers: [] }
}

export function normalized(url: string): string {
  try {
    return new URL(url.includes('://') ? url : `http://${url}`).href
  } catch {
    return url
  }
}

export const boundary = '------------------------d74496d66958873e'

export const meterHead = '  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0'

export function meterLine(result: Result): string {
  const size = String(result.size).padStart(5)
  if (result.size === 0) return '\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0\n'
  return `\r100 ${size}  100 ${size}    0     0   ${String(result.size * 100).slice(0, 4).padStart(4)}      0 --:--:-- --:--:-- --:--:-- ${String(result.size * 100).slice(0, 5).padStart(5)}\n`
}

export function parseUrl(given: string, result: Result): URL {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(given)?.[1]?.toLowerCase()
  if (scheme !== undefined && !/^(https?|file|ftp)$/.test(scheme)) throw new CurlError(1, `Protocol "${scheme}" not supported or disabled in libcurl`)
  const text = scheme === undefined ? `http://${given}` : given
  const bracket = /\[(?![0-9a-fA-F:.]+\]|\d+-\d+\]|[a-z]-[a-z]\])/.exec(given)
  if (bracket) throw new CurlError(3, `bad range in URL position ${bracket.index + 2}:\n${given}\n${' '.repeat(bracket.index + 1)}^`)
  const host = /^\w+:\/\/([^/?#]*)/.exec(text)?.[1] ?? ''
  if (given === '' || (host === '' && scheme !== 'file') || /\s/.test(given)) throw new CurlError(3, 'URL using bad/illegal format or missing URL')
  try {
    const url = new URL(text)
    result.url = url.href
    return url
  } catch {
    throw new CurlError(3, 'URL using bad/illegal format or missing URL')
  }
}

/** Keeps what the answer's head tells. */
export function note(result: Result, transfer: Transfer, url: URL): void {
  result.connectedAt = transfer.connectedAt
  result.url = url.href
  result.code = transfer.status
  result.remote = transfer.remote
  result.local = transfer.local
  result.version = transfer.http2 ? '2' : (/^HTTP\/([\d.]+)/.exec(transfer.head.line)?.[1] ?? '1.1')
  result.headers = transfer.head.raw
  result.contentType = transfer.head.headers['content-type'] ?? ''
}

export function problemOf(result: Result): string {
  return result.exit === 7 ? 'connection refused' : result.exit === 28 ? 'timeout' : 'HTTP error'
}

/** Redirects lead only where http leads. */
export function supported(url: URL): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new CurlError(1, `Protocol "${url.protocol.replace(':', '')}" not supported or disabled in libcurl`)
}
