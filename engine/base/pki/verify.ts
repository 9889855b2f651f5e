/** Chain verification and host names, with the words of Go's crypto/x509. */
import { toHex } from '#engine/base/bytes'
import type { Certificate } from '#engine/base/pki/certificate'
import { parseIp, printIp } from '#engine/base/pki/ip'
import { commonName, organizations, sameName } from '#engine/base/pki/name'
import { verify } from '#engine/base/pki/signature'

export type VerifyReason = 'unknown-authority' | 'name-mismatch' | 'expired' | 'not-yet-valid' | 'bad-certificate'

/** `message` is Go's, from `x509:` on. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'

  constructor(readonly reason: VerifyReason, message: string, readonly certificate?: Certificate) {
    super(message)
  }
}

export interface VerifyOptions {
  readonly roots: readonly Certificate[]
  /** What the peer sent beside its own certificate. */
  readonly intermediates?: readonly Certificate[]
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The name or address that must be in the certificate. */
  readonly host?: string
  /** Default `serverAuth`; `any` skips the check. */
  readonly usage?: 'serverAuth' | 'clientAuth' | 'any'
}

const depthLimit = 10

/** The chain from the leaf to a root. Throws CertificateError. */
export function verifyChain(leaf: Certificate, options: VerifyOptions): Certificate[] {
  checkTime(leaf, options.now)
  if (options.host !== undefined) checkHost(leaf, options.host)
  const chain = findChain([leaf], options)
  checkUsage(chain, options.usage ?? 'serverAuth')
  return chain
}

function findChain(chain: Certificate[], options: VerifyOptions): Certificate[] {
  const last = chain.at(-1) as Certificate
  if (chain.length === 1 && options.roots.some((root) => sameCertificate(root, last))) return chain
  let hint: { error: string; candidate: Certificate } | undefined
  let invalid: CertificateError | undefined
  for (const candidate of candidates(last, chain, options)) {
    if (!signedBy(last, candidate.certificate)) {
      hint ??= { error: signatureWords(candidate.certificate), candidate: candidate.certificate }
      continue
    }
    try {
      checkAuthority(candidate.certificate, chain, options.now)
      return candidate.root ? [...chain, candidate.certificate] : findChain([...chain, candidate.certificate], options)
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error
      invalid ??= error
    }
  }
  throw invalid ?? unknownAuthority(last, hint)
}

function candidates(child: Certificate, chain: readonly Certificate[], options: VerifyOptions): { certificate: Certificate; root: boolean }[] {
  if (chain.length > depthLimit) return []
  const fits = (certificate: Certificate): boolean => sameName(certificate.subject, child.issuer) && !chain.some((each) => sameCertificate(each, certificate))
  return [
    ...options.roots.filter(fits).map((certificate) => ({ certificate, root: true })),
    ...(options.intermediates ?? []).filter(fits).map((certificate) => ({ certificate, root: false })),
  ]
}

const signatureCache = new WeakMap<Certificate, WeakMap<Certificate, boolean>>()

/** Whether `authority`'s key signed `certificate`; remembered, for handshakes repeat. */
export function signedBy(certificate: Certificate, authority: Certificate): boolean {
  let known = signatureCache.get(certificate)
  if (!known) signatureCache.set(certificate, (known = new WeakMap()))
  const before = known.get(authority)
  if (before !== undefined) return before
  const result = verify(authority.publicKey, certificate.signatureAlgorithm, certificate.tbs, certificate.signature)
  known.set(authority, result)
  return result
}

export function sameCertificate(a: Certificate, b: Certificate): boolean {
  return a === b || (a.der.length === b.der.length && a.serial === b.serial && toHex(a.der) === toHex(b.der))
}

function signatureWords(authority: Certificate): string {
  return authority.publicKey.type === 'rsa' ? 'crypto/rsa: verification error' : authority.publicKey.type === 'ec' ? 'x509: ECDSA verification failure' : 'x509: Ed25519 verification failure'
}

function unknownAuthority(certificate: Certificate, hint: { error: string; candidate: Certificate } | undefined): CertificateError {
  const words = 'x509: certificate signed by unknown authority'
  if (!hint) return new CertificateError('unknown-authority', words, certificate)
  const subject = hint.candidate.subject
  const name = commonName(subject) || (organizations(subject)[0] ?? `serial:${hint.candidate.serial}`)
  return new CertificateError('unknown-authority', `${words} (possibly because of "${hint.error}" while trying to verify candidate authority certificate "${name}")`, certificate)
}

function checkAuthority(authority: Certificate, chain: readonly Certificate[], now: number): void {
  checkTime(authority, now)
  const constraints = authority.basicConstraints
  if (authority.version === 3 && (!constraints || !constraints.ca)) throw new CertificateError('bad-certificate', 'x509: certificate is not authorized to sign other certificates', authority)
  if (constraints?.pathLength !== undefined && chain.length - 1 > constraints.pathLength) throw new CertificateError('bad-certificate', 'x509: too many intermediates for path length constraint', authority)
  if (authority.keyUsage && !authority.keyUsage.includes('keyCertSign')) throw new CertificateError('unknown-authority', 'x509: certificate signed by unknown authority', authority)
}

function checkTime(certificate: Certificate, now: number): void {
  const words = 'x509: certificate has expired or is not yet valid: current time'
  if (now < certificate.notBefore) throw new CertificateError('not-yet-valid', `${words} ${rfc3339(now)} is before ${rfc3339(certificate.notBefore)}`, certificate)
  if (now > certificate.notAfter) throw new CertificateError('expired', `${words} ${rfc3339(now)} is after ${rfc3339(certificate.notAfter)}`, certificate)
}

function rfc3339(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

function checkUsage(chain: readonly Certificate[], usage: 'serverAuth' | 'clientAuth' | 'any'): void {
  if (usage === 'any') return
  for (const certificate of chain) {
    const allowed = certificate.extendedKeyUsage
    if (allowed && !allowed.includes(usage) && !allowed.includes('anyExtendedKeyUsage')) throw new CertificateError('bad-certificate', 'x509: certificate specifies an incompatible key usage', certificate)
  }
}

/** Throws CertificateError with reason `name-mismatch`. */
export function checkHost(certificate: Certificate, host: string): void {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
  const address = parseIp(bare)
  if (address) return checkAddress(certificate, printIp(address))
  const { dns } = certificate.names
  const wanted = bare.toLowerCase().replace(/\.$/, '')
  if (dns.some((pattern) => matchesName(pattern.toLowerCase(), wanted))) return
  if (dns.length > 0) throw mismatch(certificate, `x509: certificate is valid for ${dns.join(', ')}, not ${host}`)
  const hasNames = certificate.names.ips.length + certificate.names.emails.length + certificate.names.uris.length > 0
  if (!hasNames && matchesName(commonName(certificate.subject).toLowerCase(), wanted)) throw mismatch(certificate, 'x509: certificate relies on legacy Common Name field, use SANs instead')
  throw mismatch(certificate, `x509: certificate is not valid for any names, but wanted to match ${host}`)
}

function checkAddress(certificate: Certificate, address: string): void {
  const { ips } = certificate.names
  if (ips.includes(address)) return
  if (ips.length === 0) throw mismatch(certificate, `x509: cannot validate certificate for ${address} because it doesn't contain any IP SANs`)
  throw mismatch(certificate, `x509: certificate is valid for ${ips.join(', ')}, not ${address}`)
}

function mismatch(certificate: Certificate, message: string): CertificateError {
  return new CertificateError('name-mismatch', message, certificate)
}

/** A star stands for the whole leftmost label. */
export function matchesName(pattern: string, host: string): boolean {
  if (pattern === '' || host === '') return false
  if (!pattern.startsWith('*.')) return pattern.replace(/\.$/, '') === host
  const dot = host.indexOf('.')
  return dot > 0 && host.slice(dot) === pattern.slice(1)
}
