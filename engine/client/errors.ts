/** What a client makes of answers that carry no Status, and how failed connections read in Go's words. */
import { failure, type StatusError, type StatusReason } from '#engine/api/status'

/** Reason and message of codes that say enough by themselves. */
const plainAnswers: Readonly<Record<number, readonly [StatusReason, string]>> = {
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  504: ['Timeout', 'the server was unable to return a response in the time allotted, but may still be processing the request'],
}

/** As client-go's NewGenericServerResponse for an answer that is not a Status. */
export function statusFromPlain(method: string, path: string, code: number, text: string): StatusError {
  const verb = method.toLowerCase()
  const about = requested(verb, path)
  const told = text.trim()
  const causes = { causes: [{ reason: 'UnexpectedServerResponse', message: told || 'unknown' }] }
  const known = plainAnswers[code]
  if (known) return failure(code, known[0], `${known[1]}${about}`, causes)
  switch (code) {
    case 403: return failure(403, 'Forbidden', told || `the server does not allow access to the requested resource (${verb})`, causes)
    case 503: return failure(503, 'ServiceUnavailable', told || `the server is currently unable to handle the request${about}`, causes)
    case 500: return failure(500, 'InternalError', `an error on the server (${JSON.stringify(told || 'unknown')}) has prevented the request from succeeding${about}`, causes)
    default: return failure(code, '', `the server responded with the status code ${code} but did not return more information${about}`, causes)
  }
}

/** ` (get pods.metrics.k8s.io)`: what was asked, as far as the path tells. */
function requested(verb: string, path: string): string {
  const match = /^\/(?:api|apis\/([^/]+))\/[^/]+(?:\/namespaces\/[^/]+(?=\/))?\/([^/?]+)(?:\/([^/?]+))?/.exec(path)
  if (!match) return ''
  const [, group, resource = '', name] = match
  return ` (${verb} ${group ? `${resource}.${group}` : resource}${name ? ` ${name}` : ''})`
}

interface FailureLike {
  readonly name?: string
  readonly code?: string
  readonly message?: string
  readonly reason?: string
  readonly host?: string
  readonly server?: string
}

const syscallWords: Record<string, string> = {
  ECONNREFUSED: 'connect: connection refused',
  ENETUNREACH: 'connect: network is unreachable',
  EHOSTUNREACH: 'connect: no route to host',
  ECONNRESET: 'read: connection reset by peer',
  EADDRNOTAVAIL: 'connect: cannot assign requested address',
  EACCES: 'connect: permission denied',
  ENOENT: 'connect: no such file or directory',
}

/** `dial tcp 172.30.1.2:6443: connect: connection refused`: a failed connection as Go's net and tls packages word it. */
export function dialFailure(error: unknown, host: string, port: number, network = 'tcp'): string {
  const failed = error as FailureLike
  const at = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  if (failed.name === 'LookupError') return `dial ${network}: ${lookupFailure(failed)}`
  const message = failed.message ?? String(error)
  if (failed.name === 'TlsError') return message.startsWith('x509: ') ? `tls: failed to verify certificate: ${message}` : message
  if (failed.code === 'ETIMEDOUT') return `dial ${network} ${at}: i/o timeout`
  const words = failed.code === undefined ? undefined : syscallWords[failed.code]
  return words === undefined ? message : `dial ${network} ${at}: ${words}`
}

function lookupFailure(failed: FailureLike): string {
  const where = failed.server ? ` on ${failed.server}` : ''
  const why = failed.reason === 'not-found' ? 'no such host' : failed.reason === 'timeout' ? 'i/o timeout' : 'server misbehaving'
  return `lookup ${failed.host ?? ''}${where}: ${why}`
}

/** A request that never got an answer, in net/http's words: `Get "https://...": dial tcp ...`. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'

  constructor(
    readonly method: string,
    readonly url: string,
    /** The socket's own error. */
    override readonly cause: unknown,
    readonly detail: string,
  ) {
    super(`${method.charAt(0)}${method.slice(1).toLowerCase()} "${url}": ${detail}`)
  }
}
