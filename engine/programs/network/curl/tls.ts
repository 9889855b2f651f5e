/** The server's certificate, checked and told as curl with OpenSSL does. */
import { type Certificate, parseCertificate, parseCertificatesPem } from '#engine/base/pki/certificate'
import { DerError } from '#engine/base/pki/der'
import { commonName, sameName, rfc2253 } from '#engine/base/pki/name'
import { parseIp, printIp } from '#engine/base/pki/ip'
import { CertificateError, checkHost, matchesName, verifyChain } from '#engine/base/pki/verify'
import type { TlsSession } from '#engine/linux/abi/net'
import { CurlError } from './error'

const explanation = '\nMore details here: https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server and therefore could not\nestablish a secure connection to it. To learn more about this situation and\nhow to fix it, please visit the web page mentioned above.'

export interface Checked {
  /** What OpenSSL says of the chain; undefined where it is good. */
  readonly problem: { readonly code: number; readonly text: string } | undefined
  readonly leaf: Certificate
}

/** OpenSSL's verdict on a chain against roots, without the name. */
export function checkChain(session: TlsSession, roots: string, now: number): Checked {
  const chain = session.serverCertificates.map((der) => parseCertificate(der))
  const leaf = chain[0] as Certificate
  try {
    verifyChain(leaf, { roots: lenient(roots), intermediates: chain.slice(1), now, usage: 'serverAuth' })
    return { problem: undefined, leaf }
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    return { problem: problemOf(error, chain), leaf }
  }
}

function lenient(pem: string): readonly Certificate[] {
  try {
    return parseCertificatesPem(pem)
  } catch (error) {
    if (error instanceof DerError) return []
    throw error
  }
}

export function problemOf(error: CertificateError, chain: readonly Certificate[]): { code: number; text: string } {
  const last = chain.at(-1) as Certificate
  switch (error.reason) {
    case 'expired':
      return { code: 10, text: 'certificate has expired' }
    case 'not-yet-valid':
      return { code: 9, text: 'certificate is not yet valid' }
    case 'unknown-authority':
      if (error.message.includes('possibly because of')) return { code: 7, text: 'certificate signature failure' }
      if (sameName(last.subject, last.issuer)) return chain.length === 1 ? { code: 18, text: 'self-signed certificate' } : { code: 19, text: 'self-signed certificate in certificate chain' }
      return { code: 20, text: 'unable to get local issuer certificate' }
    default:
      return { code: 26, text: error.message.includes('usage') ? 'unsuitable certificate purpose' : 'invalid CA certificate' }
  }
}

/** Lines of -v about the handshake; throws CurlError where curl would give up. */
export function verifySession(session: TlsSession, host: string, options: { readonly insecure: boolean; readonly roots: string; readonly now: number; readonly file: string; info(line: string): void; data(outward: boolean, bytes: number): void }): void {
  const { info, data } = options
  const checked = checkChain(session, options.roots, options.now)
  if (!options.insecure) {
    info(` CAfile: ${options.file}`)
    info(' CApath: /etc/ssl/certs')
    data(false, 5)
  }
  for (const [line, bytes] of [['TLSv1.3 (IN), TLS handshake, Server hello (2):', 122], ['TLSv1.3 (IN), TLS handshake, Encrypted Extensions (8):', 15], ['TLSv1.3 (IN), TLS handshake, Certificate (11):', 8 + session.serverCertificates.reduce((sum, der) => sum + der.length + 5, 0)]] as const) {
    info(line)
    data(false, bytes)
  }
  if (checked.problem && !options.insecure) {
    info('TLSv1.3 (OUT), TLS alert, unknown CA (560):')
    data(true, 2)
    info(`SSL certificate problem: ${checked.problem.text}`)
    throw new CurlError(60, `SSL certificate problem: ${checked.problem.text}${explanation}`)
  }
  finish(session, options)
  describe(checked, session, host, options)
}

function finish(session: TlsSession, options: { info(line: string): void; data(outward: boolean, bytes: number): void }): void {
  const { info, data } = options
  for (const [line, outward, bytes] of [['TLSv1.3 (IN), TLS handshake, CERT verify (15):', false, 264], ['TLSv1.3 (IN), TLS handshake, Finished (20):', false, 36], ['TLSv1.3 (OUT), TLS change cipher, Change cipher spec (1):', true, 1], ['TLSv1.3 (OUT), TLS handshake, Finished (20):', true, 36]] as const) {
    info(line)
    data(outward, bytes)
  }
  info(`SSL connection using ${session.version} / ${session.cipher}`)
  info(session.protocol === undefined ? 'ALPN: server did not agree on a protocol. Uses default.' : `ALPN: server accepted ${session.protocol}`)
}

function describe(checked: Checked, session: TlsSession, host: string, options: { readonly insecure: boolean; info(line: string): void; data(outward: boolean, bytes: number): void }): void {
  const { info, data } = options
  const { leaf, problem } = checked
  const name = (each: Certificate['subject']): string => rfc2253(each).split(',').reverse().join('; ')
  info('Server certificate:')
  info(` subject: ${name(leaf.subject)}`)
  info(` start date: ${when(leaf.notBefore)}`)
  info(` expire date: ${when(leaf.notAfter)}`)
  if (!options.insecure) checkName(leaf, host, info)
  info(` issuer: ${name(leaf.issuer)}`)
  info(problem ? ` SSL certificate verify result: ${problem.text} (${problem.code}), continuing anyway.` : ' SSL certificate verify ok.')
  data(true, 5)
  info(`using ${session.protocol === 'h2' ? 'HTTP/2' : 'HTTP/1.1'}`)
}

function checkName(leaf: Certificate, host: string, info: (line: string) => void): void {
  if (leaf.names.dns.length + leaf.names.ips.length === 0) return checkCommonName(leaf, host, info)
  const address = parseIp(host)
  try {
    checkHost(leaf, host)
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    info(` subjectAltName does not match ${host}`)
    info(`SSL: no alternative certificate subject name matches target host name '${host}'`)
    throw new CurlError(60, `SSL: no alternative certificate subject name matches target host name '${host}'${explanation}`)
  }
  const matched = address ? printIp(address) : (leaf.names.dns.find((each) => matchesName(each.toLowerCase(), host.toLowerCase())) ?? host)
  info(` subjectAltName: host "${host}" matched cert's ${address ? 'IP address!' : `"${matched}"`}`)
}

/** A certificate without alternative names is known by its common name. */
function checkCommonName(leaf: Certificate, host: string, info: (line: string) => void): void {
  const name = commonName(leaf.subject)
  if (!parseIp(host) && matchesName(name.toLowerCase(), host.toLowerCase())) return info(` common name: ${name} (matched)`)
  info(`SSL: certificate subject name '${name}' does not match target host name '${host}'`)
  throw new CurlError(60, `SSL: certificate subject name '${name}' does not match target host name '${host}'${explanation}`)
}

/** `Nov 21 12:23:35 2026 GMT`. */
export function when(ms: number): string {
  const date = new Date(ms)
  return `${date.toUTCString().slice(8, 11)} ${String(date.getUTCDate()).padStart(2)} ${date.toISOString().slice(11, 19)} ${date.getUTCFullYear()} GMT`
}
