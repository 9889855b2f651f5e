/** Files and dialling in Go's words. */
import { isErrno } from '#engine/linux/abi/errno'
import { LookupError, TlsError } from '#engine/linux/abi/net'
import { keyPairProblem } from '#engine/linux/net/tls/handshake'
import type { Process } from '#engine/linux/abi/process'

/** A failure that ends the server: what stands after `err=`. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** Throws StartError: `open PATH: no such file or directory`. */
export function readText(process: Process, path: string): string {
  try {
    return process.files.readText(path)
  } catch (error) {
    if (isErrno(error)) throw new StartError(`open ${path}: ${error.message.toLowerCase()}`)
    throw error
  }
}

/** A certificate and its key from their files; throws StartError where they are none, or not of each other. */
export function readPair(process: Process, certificateFile: string, keyFile: string): { certificate: string; key: string } {
  const pair = { certificate: readText(process, certificateFile), key: readText(process, keyFile) }
  const problem = keyPairProblem(pair.certificate, pair.key)
  if (problem !== undefined) throw new StartError(problem)
  return pair
}

export function dialWords({ host, port }: { readonly host: string; readonly port: number }, error: unknown): string {
  if (error instanceof TlsError) return /^(tls|remote error): /.test(error.message) ? error.message : `tls: failed to verify certificate: ${error.message}`
  if (error instanceof LookupError) return `dial tcp: lookup ${error.host}${error.server ? ` on ${error.server}` : ''}: ${error.reason === 'not-found' ? 'no such host' : error.reason === 'timeout' ? 'i/o timeout' : 'server misbehaving'}`
  const at = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  if (isErrno(error, 'ETIMEDOUT')) return `dial tcp ${at}: i/o timeout`
  if (isErrno(error)) return `dial tcp ${at}: connect: ${error.message.toLowerCase()}`
  return error instanceof Error ? error.message : String(error)
}
