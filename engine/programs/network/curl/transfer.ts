/** One URL: connecting, the request as bytes, the answer as it comes. */
import { encodeUtf8 } from '#engine/base/bytes'
import { isErrno } from '#engine/linux/abi/errno'
import { type Connection, LookupError, TlsError } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import { parseV4 } from '#engine/linux/net/address'
import { HttpReader, HttpWireError, type WireHead } from '#engine/linux/net/http/wire'
import { CurlError } from './error'
import { verifySession } from './tls'

export interface TransferRequest {
  readonly url: URL
  readonly method: string
  /** Lines as sent, `Name: value`, without Host. */
  readonly headers: readonly string[]
  readonly host: string
  readonly body: Uint8Array | undefined
  /** Instead of the URL's path, as it was typed. */
  readonly path?: string
}

export interface TransferSettings {
  readonly insecure: boolean
  readonly roots: string | undefined
  readonly certificate: string | undefined
  readonly key: string | undefined
  /** Where the key came from. */
  readonly keyFile?: string
  readonly connectTimeoutMs: number | undefined
  /** When the whole transfer must be over. */
  readonly deadline: number | undefined
  readonly resolve: ReadonlyMap<string, string>
  readonly unixSocket: string | undefined
  readonly http1: boolean
  /** Of requests. */
  readonly version: string
  /** `HOST:PORT:TO:PORT` of --connect-to. */
  readonly connectTo: readonly string[]
  readonly onlyV6: boolean
  /** What is wrong with the client's certificate, told once there is a connection. */
  readonly certificateFault?: string
  readonly number: number
  info(line: string): void
  sent(line: string): void
  received(line: string): void
  data(outward: boolean, bytes: number): void
}

export interface Transfer {
  readonly head: WireHead
  readonly status: number
  readonly http2: boolean
  readonly body: AsyncIterable<Uint8Array>
  readonly remote: { readonly address: string; readonly port: number }
  readonly local: { readonly address: string; readonly port: number }
  readonly connectedAt: number
  close(): void
}

const systemRoots = '/etc/ssl/certs/ca-certificates.crt'

export async function begin(process: Process, request: TransferRequest, settings: TransferSettings): Promise<Transfer> {
  const { url } = request
  const secure = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port)
  const end = redirected(host, port, settings)
  const connection = await connect(process, host, end, secure, settings)
  const connectedAt = process.clock.now()
  try {
    const http2 = connection.tls?.protocol === 'h2'
    await send(connection, request, http2, settings)
    const reader = new HttpReader(timed(process, connection, settings.deadline, connectedAt))
    const { head, status } = await readHead(reader, settings)
    if (http2) settings.data(false, 5)
    const noBody = request.method === 'HEAD' || status === 204 || status === 304
    return { head, status, http2, connectedAt, remote: connection.remote, local: connection.local, body: noBody ? none() : reader.body(head.headers, true), close: () => connection.close() }
  } catch (error) {
    connection.close()
    throw error
  }
}

async function readHead(reader: HttpReader, settings: TransferSettings): Promise<{ head: WireHead; status: number }> {
  for (;;) {
    const first = await reader.peek().catch(brokenRead)
    if (first.length === 0) {
      settings.info('Empty reply from server')
      throw new CurlError(52, 'Empty reply from server')
    }
    if (!String.fromCharCode(...first.subarray(0, 5)).startsWith('HTTP/'.slice(0, Math.min(5, first.length)))) throw new CurlError(1, 'Received HTTP/0.9 when not allowed')
    const head = await reader.head().catch((error: unknown) => {
      if (error instanceof HttpWireError) throw new CurlError(error.message === 'unexpected EOF' ? 52 : 8, error.message === 'unexpected EOF' ? 'Empty reply from server' : 'Weird server reply')
      throw error
    })
    const status = Number(/^HTTP\/[\d.]+ (\d{3})/.exec(head?.line ?? '')?.[1])
    if (!head || Number.isNaN(status)) throw new CurlError(8, 'Weird server reply')
    if (status >= 200 || status === 101) return { head, status }
  }
}

function brokenRead(error: unknown): never {
  if (isErrno(error, 'ECONNRESET')) throw new CurlError(56, 'Recv failure: Connection reset by peer')
  throw error
}

async function* none(): AsyncGenerator<Uint8Array> {
  await Promise.resolve()
}

/** Reads of a connection that end at the deadline. */
function timed(process: Process, connection: Connection, deadline: number | undefined, startedAt: number): { read(max?: number): Promise<Uint8Array | null> } {
  if (deadline === undefined) return connection
  return {
    read: (max) => new Promise((resolve, reject) => {
      const timer = process.clock.after(Math.max(0, deadline - process.clock.now()), () => {
        reject(new CurlError(28, `Operation timed out after ${Math.round(process.clock.now() - startedAt)} milliseconds with 0 bytes received`))
        connection.close()
      })
      connection.read(max).then((bytes) => { timer.cancel(); resolve(bytes) }, (error: unknown) => { timer.cancel(); reject(error as Error) })
    }),
  }
}

interface End {
  readonly host: string
  readonly port: number
}

/** Where --connect-to leads; empty parts fit and keep everything. */
function redirected(host: string, port: number, settings: TransferSettings): End {
  for (const entry of settings.connectTo) {
    const [from = '', fromPort = '', to = '', toPort = ''] = entry.split(':')
    if ((from === '' || from === host) && (fromPort === '' || Number(fromPort) === port)) return { host: to || host, port: Number(toPort || port) }
  }
  return { host, port }
}

async function connect(process: Process, host: string, end: End, secure: boolean, settings: TransferSettings): Promise<Connection> {
  const { info } = settings
  const { port } = end
  if (settings.unixSocket !== undefined) return connectUnix(process, host, port, settings)
  const address = await resolve(process, end.host, port, settings)
  if (settings.onlyV6 && parseV4(address) !== undefined) throw new CurlError(7, "Couldn't connect to server")
  info(`  Trying ${address}:${port}...`)
  const started = process.clock.now()
  const limit = timeLeft(settings, started)
  try {
    if (secure && settings.certificateFault !== undefined) await refuseCertificate(process, address, port, limit, settings.certificateFault)
    // The handshake is done by the same call; curl checks the certificate itself, so that it can word what is wrong.
    const connection = await process.net.connect({ host: address, port }, { timeoutMs: limit, ...(secure ? { tls: clientTls(host, settings) } : {}) })
    info(`Connected to ${settings.unixSocket ?? host} (${address}) port ${port} (#${settings.number})`)
    if (secure && connection.tls) greet(connection, host, process, settings)
    return connection
  } catch (error) {
    if (error instanceof TlsError) {
      info(`Connected to ${host} (${address}) port ${port} (#${settings.number})`)
      info(`ALPN: offers ${settings.http1 ? 'http/1.1' : 'h2,http/1.1'}`)
      throw tlsFailure(error, host, port, settings.keyFile)
    }
    throw connectFailure(error, { host, address, port, ms: Math.round(process.clock.now() - started), info })
  }
}

/** For the connection, whichever of --connect-timeout and --max-time is first. */
function timeLeft({ deadline, connectTimeoutMs }: TransferSettings, now: number): number {
  const left = deadline === undefined ? Infinity : Math.max(0, deadline - now)
  return Math.min(connectTimeoutMs ?? 300_000, left)
}

async function refuseCertificate(process: Process, host: string, port: number, timeoutMs: number, fault: string): Promise<never> {
  const connection = await process.net.connect({ host, port }, { timeoutMs })
  connection.close()
  throw new CurlError(58, fault)
}

function clientTls(host: string, settings: TransferSettings): { insecureSkipVerify: true; serverName: string; alpn: readonly string[]; certificate?: string; key?: string } {
  return { insecureSkipVerify: true, serverName: host, alpn: settings.http1 ? ['http/1.1'] : ['h2', 'http/1.1'], ...(settings.certificate !== undefined && settings.key !== undefined ? { certificate: settings.certificate, key: settings.key } : {}) }
}

function greet(connection: Connection, host: string, process: Process, settings: TransferSettings): void {
  const { info, data } = settings
  info(`ALPN: offers ${settings.http1 ? 'http/1.1' : 'h2,http/1.1'}`)
  data(true, 5)
  info('TLSv1.3 (OUT), TLS handshake, Client hello (1):')
  data(true, 512)
  const file = settings.roots ?? systemRoots
  if (settings.roots !== undefined && !holdsCertificate(process, settings.roots)) {
    connection.close()
    throw new CurlError(77, `error setting certificate file: ${settings.roots}`)
  }
  const roots = process.files.exists(file) ? process.files.readText(file) : ''
  try {
    if (connection.tls) verifySession(connection.tls, host, { insecure: settings.insecure, roots, now: process.clock.now(), file, info, data })
  } catch (error) {
    connection.close()
    throw error
  }
}

function holdsCertificate(process: Process, path: string): boolean {
  return process.files.exists(path)?.type === 'file' && process.files.readText(path).includes('-----BEGIN CERTIFICATE-----')
}

function tlsFailure(error: TlsError, host: string, port: number, keyFile: string | undefined): CurlError {
  if (error.reason === 'not-tls') return new CurlError(35, 'OpenSSL/3.0.20: error:0A00010B:SSL routines::wrong version number')
  if (error.reason === 'certificate-required') return new CurlError(56, 'OpenSSL SSL_read: OpenSSL/3.0.20: error:0A00045C:SSL routines::tlsv13 alert certificate required, errno 0')
  if (error.reason === 'unknown-client-authority') return new CurlError(56, 'OpenSSL SSL_read: OpenSSL/3.0.20: error:0A000418:SSL routines::tlsv1 alert unknown ca, errno 0')
  if (error.reason === 'key-mismatch') return new CurlError(58, `unable to set private key file: '${keyFile ?? ''}' type PEM`)
  if (error.message.includes('bad certificate')) return new CurlError(56, 'OpenSSL SSL_read: OpenSSL/3.0.20: error:0A000412:SSL routines::sslv3 alert bad certificate, errno 0')
  return new CurlError(35, `OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to ${host}:${port} `)
}

async function connectUnix(process: Process, host: string, port: number, settings: TransferSettings): Promise<Connection> {
  const path = settings.unixSocket ?? ''
  settings.info(`  Trying ${path}:0...`)
  try {
    const connection = await process.net.connect({ unix: path })
    settings.info(`Connected to ${host} (${path}) port ${port} (#${settings.number})`)
    return connection
  } catch (error) {
    if (!isErrno(error)) throw error
    settings.info(`connect to ${path} port 0 failed: ${error.message}`)
    settings.info(`Failed to connect to ${host} port ${port} after 0 ms: Couldn't connect to server`)
    throw new CurlError(7, `Failed to connect to ${host} port ${port} after 0 ms: Couldn't connect to server`)
  }
}

async function resolve(process: Process, host: string, port: number, settings: TransferSettings): Promise<string> {
  const fixed = settings.resolve.get(`${host}:${port}`) ?? settings.resolve.get(`*:${port}`)
  if (fixed !== undefined) {
    settings.info(`Hostname ${host} was found in DNS cache`)
    return fixed
  }
  if (parseV4(host) !== undefined || host.includes(':')) return host
  const started = process.clock.now()
  try {
    const lookup = process.net.lookup(host)
    const limit = settings.connectTimeoutMs ?? (settings.deadline === undefined ? undefined : settings.deadline - started)
    const found = limit === undefined ? await lookup : await Promise.race([lookup, process.clock.sleep(Math.max(0, limit)).then(() => undefined)])
    if (found === undefined) throw new CurlError(28, `Resolving timed out after ${Math.round(process.clock.now() - started)} milliseconds`)
    return found[0] ?? host
  } catch (error) {
    if (!(error instanceof LookupError)) throw error
    settings.info(`Could not resolve host: ${host}`)
    throw new CurlError(6, `Could not resolve host: ${host}`)
  }
}

function connectFailure(error: unknown, about: { host: string; address: string; port: number; ms: number; info: (line: string) => void }): unknown {
  if (!isErrno(error)) return error
  const { host, address, port, ms, info } = about
  if (error.code === 'ETIMEDOUT' && ms < 127_000) {
    info(`Connection timed out after ${ms} milliseconds`)
    return new CurlError(28, `Connection timed out after ${ms} milliseconds`)
  }
  info(error.code === 'ENETUNREACH' ? `Immediate connect fail for ${address}: ${error.message}` : `connect to ${address} port ${port} failed: ${error.message}`)
  info(`Failed to connect to ${host} port ${port} after ${ms} ms: Couldn't connect to server`)
  return new CurlError(error.code === 'ETIMEDOUT' ? 28 : 7, `Failed to connect to ${host} port ${port} after ${ms} ms: Couldn't connect to server`)
}

async function send(connection: Connection, request: TransferRequest, http2: boolean, settings: TransferSettings): Promise<void> {
  const { url } = request
  const path = request.path ?? `${url.pathname}${url.search}`
  const lines = [`Host: ${request.host}`, ...request.headers]
  if (http2) {
    for (const [name, value] of [[':method', request.method], [':path', path], [':scheme', 'https'], [':authority', request.host]] as const) settings.info(`h2h3 [${name}: ${value}]`)
    for (const line of request.headers) settings.info(`h2h3 [${line.replace(/^[^:]+/, (name) => name.toLowerCase())}]`)
    settings.info('Using Stream ID: 1 (easy handle 0x562e447cc2b0)')
    settings.data(true, 5)
  }
  settings.sent(`${request.method} ${path} HTTP/${http2 ? '2' : settings.version}`)
  for (const [index, line] of lines.entries()) settings.sent(http2 && index > 0 ? line.replace(/^[^:]+/, (name) => name.toLowerCase()) : line)
  settings.sent('')
  const head = `${request.method} ${path} HTTP/${settings.version}\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`
  try {
    await connection.write(encodeUtf8(head))
    if (!request.body || request.body.length === 0) return
    settings.data(true, request.body.length)
    await connection.write(request.body)
  } catch (error) {
    if (isErrno(error, 'EPIPE', 'ECONNRESET')) throw new CurlError(55, `Send failure: ${error.message}`)
    throw error
  }
}
