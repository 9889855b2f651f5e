/** Loading keys, certificates and requests from files, and making keys. */
import { decodeUtf8 } from '#engine/base/bytes'
import { type Certificate, parseCertificate, parseCertificatesPem } from '#engine/base/pki/certificate'
import { Der, DerError } from '#engine/base/pki/der'
import { type CurveName, generateEc, generateEd25519, generateRsa, parsePrivateKeyDer, parsePrivateKeyPem, parsePublicKeyDer, parsePublicKeysPem, type PrivateKey, type PublicKey } from '#engine/base/pki/keys'
import { type CertificateRequest, parseRequest, parseRequestPem } from '#engine/base/pki/request'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { errorId, OpensslError, readBio, readStore } from './args'

function guarded<T>(work: () => T, failure: string): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof DerError) throw new OpensslError(failure)
    throw error
  }
}

function isDer(process: Process, path: string): boolean {
  try {
    return process.files.readFile(path)[0] === 0x30
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}

export async function loadCertificates(process: Process, path: string | undefined, unable = 'Unable to load certificate\n', what = 'certificate'): Promise<readonly Certificate[]> {
  if (path !== undefined && isDer(process, path)) return guarded(() => [parseCertificate(process.files.readFile(path))], `Could not read certificate from ${path}\n${unable}`)
  const bytes = path === undefined ? await process.stdin.readAll() : undefined
  if (bytes?.[0] === 0x30) return guarded(() => [parseCertificate(bytes)], `Could not read certificate from <stdin>\n${unable}`)
  const text = bytes ? decodeUtf8(bytes) : readStore(process, path ?? '', what, unable)
  const found = guarded(() => parseCertificatesPem(text), `Could not read certificate from ${path ?? '<stdin>'}\n${unable}`)
  if (found.length === 0) throw new OpensslError(`Could not read certificate from ${path ?? '<stdin>'}\n${unable}`)
  return found
}

export async function loadCertificate(process: Process, path: string | undefined, unable?: string, what?: string): Promise<Certificate> {
  return (await loadCertificates(process, path, unable, what))[0] as Certificate
}

export async function loadKey(process: Process, path: string | undefined, what = 'private key', tail = ''): Promise<PrivateKey> {
  if (path !== undefined && isDer(process, path)) return guarded(() => parsePrivateKeyDer(process.files.readFile(path)), `Could not read ${what} from ${path}\n${tail}`)
  const text = path === undefined ? await process.stdin.text() : readStore(process, path, what, tail)
  return guarded(() => parsePrivateKeyPem(text), `Could not read ${what} from ${path ?? '<stdin>'}\n${tail}`)
}

export async function loadPublicKey(process: Process, path: string | undefined): Promise<PublicKey> {
  if (path !== undefined && isDer(process, path)) return guarded(() => parsePublicKeyDer(process.files.readFile(path)), `Could not read public key from ${path}\n`)
  const text = path === undefined ? await process.stdin.text() : readStore(process, path, 'public key', '')
  const key = guarded(() => parsePublicKeysPem(text)[0], `Could not read public key from ${path ?? '<stdin>'}\n`)
  if (!key) throw new OpensslError(`Could not read public key from ${path ?? '<stdin>'}\n`)
  return key
}

export async function loadRequest(process: Process, path: string | undefined, failure = 'Unable to load X509 request\n'): Promise<CertificateRequest> {
  if (path !== undefined && isDer(process, path)) return guarded(() => parseRequest(process.files.readFile(path)), failure)
  const text = path === undefined ? await process.stdin.text() : readBio(process, path, failure)
  return guarded(() => parseRequestPem(text), `${failure}${errorId(process)}:error:0480006C:PEM routines:get_name:no start line:../crypto/pem/pem_lib.c:763:Expecting: CERTIFICATE REQUEST\n`)
}

/** `rsa:2048`, `ec` with its curve, `ed25519`. */
export function makeKey(process: Process, kind: string, bits: number, curve: string | undefined): PrivateKey {
  if (/^ed25519$/i.test(kind)) return generateEd25519(process.random)
  if (/^ec$/i.test(kind)) return generateEc(curveOf(process, curve ?? 'prime256v1'), process.random)
  return generateRsa(bits, process.random, process.keys)
}

export function curveOf(process: Process, name: string): CurveName {
  const found = ({ prime256v1: 'P-256', 'P-256': 'P-256', secp256r1: 'P-256', secp384r1: 'P-384', 'P-384': 'P-384', secp521r1: 'P-521', 'P-521': 'P-521' } as Readonly<Record<string, CurveName>>)[name]
  if (!found) throw new OpensslError(`unable to generate key\n${errorId(process)}:error:0800008D:elliptic curve routines:group_new_from_name:invalid curve:../crypto/ec/ec_lib.c:1490:\n`)
  return found
}

/** Whether a DER structure is what `-inform DER` promised. */
export function isSequence(bytes: Uint8Array): boolean {
  try {
    return Der.parse(bytes).tag === 0x30
  } catch {
    return false
  }
}

/** The dots while a key is made. */
export function progress(process: Process): string {
  const dots = (): string => Array.from({ length: 20 + process.random.integer(60) }, () => (process.random.integer(4) === 0 ? '+' : '.')).join('')
  return `${dots()}${'+'.repeat(65)}*${dots()}${'+'.repeat(65)}\n${dots()}${'+'.repeat(65)}*${dots()}${'+'.repeat(65)}\n`
}
