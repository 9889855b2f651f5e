/** A transport over a machine's sockets. What it needs of them is stated here, so that this layer knows no machine. */
import { encodeUtf8, toBase64 } from '#engine/base/bytes'
import type { HttpRequest, HttpResponse } from '#engine/base/http'
import type { ClientConfig, PemSource, ReadFile } from '#engine/client/config'
import { ConnectionError, dialFailure } from '#engine/client/errors'
import { KubeconfigError } from '#engine/client/kubeconfig'
import type { Transport } from '#engine/client/transport'

/** A process's `net` is one. */
export interface HttpDialer {
  request(target: { readonly host: string; readonly port: number }, request: HttpRequest, options?: DialerOptions): Promise<HttpResponse>
  /** The addresses of a name, for the words of a failure. */
  lookup?(host: string): Promise<readonly string[]>
}

export interface DialerOptions {
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  readonly tls?: { readonly serverName?: string; readonly roots?: string; readonly insecureSkipVerify?: boolean; readonly certificate?: string; readonly key?: string }
}

export interface DialSettings {
  /** How long a connection may take to come about; client-go gives 30 s. */
  readonly dialTimeoutMs?: number
  /** Words failures as Go does (`Get "https://...": dial tcp ...`) in a ConnectionError; default: the socket's own error. */
  readonly wordFailures?: boolean
}

/** Reads the configuration's files once, so that what is missing is told now, as client-go does. */
export function dialTransport(config: ClientConfig, dialer: HttpDialer, readFile: ReadFile, settings: DialSettings = {}): Transport {
  const url = new URL(config.server.includes('://') ? config.server : `http://${config.server}`)
  const secure = url.protocol === 'https:'
  const target = { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? (secure ? 443 : 80) : Number(url.port) }
  const base = url.pathname.replace(/\/+$/, '')
  const read = pemReader(readFile)
  if (secure) tlsOf(config, read)
  return {
    request(request) {
      let answer: Promise<HttpResponse>
      try {
        if (!secure && url.protocol !== 'http:') throw new ConnectionError(request.method, `${config.server}${request.path}`, undefined, `unsupported protocol scheme ${JSON.stringify(url.protocol.slice(0, -1))}`)
        const full: HttpRequest = { ...request, path: base + request.path, headers: { ...authentication(config, readFile), ...request.headers } }
        const tls = secure ? { tls: tlsOf(config, read) } : undefined
        answer = dialer.request(target, full, { timeoutMs: settings.dialTimeoutMs ?? 30_000, ...(request.signal ? { signal: request.signal } : {}), ...tls })
      } catch (error) {
        return Promise.reject(error as Error)
      }
      return settings.wordFailures ? answer.catch((error: unknown) => worded(config, dialer, target, request, error)) : answer
    },
  }
}

async function worded({ server }: ClientConfig, dialer: HttpDialer, { host, port }: { readonly host: string; readonly port: number }, { method, path }: HttpRequest, error: unknown): Promise<never> {
  if ((error as Error).name === 'ProcessKilled') throw error
  throw new ConnectionError(method, `${server}${path}`, error, dialFailure(error, await addressOf(dialer, host), port))
}

/** The address that a failure names: the first. Of `localhost` that is IPv6's, which Go tries before IPv4's. */
async function addressOf(dialer: HttpDialer, host: string): Promise<string> {
  if (host === 'localhost') return '::1'
  return (await dialer.lookup?.(host).catch(() => []))?.[0] ?? host
}

type ReadPem = (source: PemSource, what: string, owner: string) => string

function pemReader(readFile: ReadFile): ReadPem {
  return (source, what, owner) => {
    if ('data' in source) return source.data
    try {
      return readFile(source.file)
    } catch (error) {
      throw new KubeconfigError(`unable to read ${what} ${source.file} for ${owner} due to open ${source.file}: ${(error as Error).message.toLowerCase()}`)
    }
  }
}

function tlsOf(config: ClientConfig, read: ReadPem): NonNullable<DialerOptions['tls']> {
  return {
    ...(config.serverName ? { serverName: config.serverName } : {}),
    ...(config.insecure ? { insecureSkipVerify: true } : {}),
    ...(config.roots && !config.insecure ? { roots: authorities(read(config.roots, 'certificate-authority', config.clusterName ?? '')) } : {}),
    ...(config.certificate && config.key ? { certificate: read(config.certificate, 'client-cert', config.userName ?? ''), key: read(config.key, 'client-key', config.userName ?? '') } : {}),
  }
}

function authorities(pem: string): string {
  if (!pem.includes('-----BEGIN')) throw new KubeconfigError('unable to load root certificates: unable to parse bytes as PEM block')
  return pem
}

function authentication(config: ClientConfig, readFile: ReadFile): Record<string, string> {
  const headers: Record<string, string> = {}
  const token = config.tokenFile ? readToken(readFile, config.tokenFile, config.token) : config.token
  if (token) headers['authorization'] = `Bearer ${token}`
  else if (config.username) headers['authorization'] = `Basic ${toBase64(encodeUtf8(`${config.username}:${config.password ?? ''}`))}`
  if (config.impersonate) impersonation(config.impersonate, headers)
  return headers
}

function readToken(readFile: ReadFile, path: string, fallback: string | undefined): string | undefined {
  try {
    return readFile(path).trim()
  } catch {
    return fallback
  }
}

function impersonation(as: NonNullable<ClientConfig['impersonate']>, headers: Record<string, string>): void {
  headers['impersonate-user'] = as.user
  if (as.uid) headers['impersonate-uid'] = as.uid
  if (as.groups && as.groups.length > 0) headers['impersonate-group'] = as.groups.join(', ')
  for (const [key, values] of Object.entries(as.extra ?? {})) headers[`impersonate-extra-${key.toLowerCase()}`] = values.join(', ')
}
