/** Fetching by HTTP as helm's getter does. */
import { bytesBody, emptyBody, type HttpResponse } from '#engine/base/http'
import { encodeUtf8, toBase64 } from '#engine/base/bytes'
import { dialFailure } from '#engine/client/errors'
import type { Process } from '#engine/linux/abi/process'

export interface Access {
  readonly username?: string
  readonly password?: string
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
  readonly insecure?: boolean
}

const statusWords: Readonly<Record<number, string>> = {
  400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed', 408: 'Request Timeout', 409: 'Conflict', 410: 'Gone', 418: "I'm a teapot", 429: 'Too Many Requests',
  500: 'Internal Server Error', 501: 'Not Implemented', 502: 'Bad Gateway', 503: 'Service Unavailable', 504: 'Gateway Timeout',
}

const systemRoots = '/etc/ssl/certs/ca-certificates.crt'
const redirects = [301, 302, 303, 307, 308]

/** Throws `failed to fetch URL : 404 Not Found`, `Get "URL": dial tcp ...`. */
export async function fetchBytes(process: Process, url: string, access: Access = {}): Promise<Uint8Array> {
  let at = url
  for (let hop = 0; hop < 10; hop++) {
    const response = await send(process, at, access)
    const location = response.headers['location']
    if (redirects.includes(response.status) && location) {
      at = new URL(location, at).href
      continue
    }
    if (response.status !== 200) throw new Error(`failed to fetch ${url} : ${statusText(response.status)}`)
    return await response.body.bytes()
  }
  throw new Error(`Get ${JSON.stringify(at)}: stopped after 10 redirects`)
}

export function statusText(status: number): string {
  return `${status} ${statusWords[status] ?? ''}`.trimEnd()
}

export interface Message {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
}

/** One exchange, whatever is answered. */
export async function send(process: Process, href: string, access: Access, { method = 'GET', headers = {}, body }: Message = {}): Promise<HttpResponse> {
  const url = new URL(href)
  const secure = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port)
  const authorization = access.username ? { authorization: `Basic ${toBase64(encodeUtf8(`${access.username}:${access.password ?? ''}`))}` } : {}
  try {
    return await process.net.request({ host, port }, { method, path: `${url.pathname}${url.search}`, headers: { 'user-agent': 'Helm/3.19.2', ...authorization, ...headers }, body: body ? bytesBody(body) : emptyBody }, { timeoutMs: 30_000, ...(secure ? { tls: tlsOf(process, access) } : {}) })
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    const [address = host] = await process.net.lookup(host).catch(() => [])
    throw new Error(`${method.charAt(0)}${method.slice(1).toLowerCase()} ${JSON.stringify(href)}: ${dialFailure(error, address, port)}`)
  }
}

function tlsOf(process: Process, { caFile, certFile, keyFile, insecure }: Access): { roots?: string; insecureSkipVerify?: boolean; certificate?: string; key?: string } {
  const read = (path: string): string => (process.files.exists(path) ? process.files.readText(path) : '')
  return { roots: read(caFile || systemRoots), ...(insecure ? { insecureSkipVerify: true } : {}), ...(certFile && keyFile ? { certificate: read(certFile), key: read(keyFile) } : {}) }
}
