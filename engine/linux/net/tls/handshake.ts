/**
 * The TLS handshake at the level of objects: real certificates are checked as Go's crypto/tls checks them, and each side
 * gets the words it would get. No records are exchanged; possession of a key is a comparison with the certificate's.
 */
import { type Certificate, parseCertificate, parseCertificatesPem } from '#engine/base/pki/certificate'
import { DerError } from '#engine/base/pki/der'
import { parsePrivateKeyPem, publicOf, samePublicKey } from '#engine/base/pki/keys'
import { CertificateError, verifyChain } from '#engine/base/pki/verify'
import { type TlsClient, TlsError, type TlsServer, type TlsSession } from '#engine/linux/abi/net'

export interface HandshakeResult {
  readonly session?: TlsSession
  /** What the client's call fails with. */
  readonly clientError?: TlsError
  /** What the server notes. */
  readonly serverError?: string
}

/** `host` is the name that was dialled; `systemRoots` PEM of the client's machine. */
export function handshake(client: TlsClient, server: TlsServer, host: string, now: number, systemRoots: () => string): HandshakeResult {
  const serverName = client.serverName ?? host
  const identity = serverIdentity(server)
  if (!identity) return { clientError: new TlsError('bad-certificate', 'remote error: tls: internal error'), serverError: 'tls: no certificates configured' }
  if (!client.insecureSkipVerify) {
    const failure = serverFailure(identity, client.roots ?? systemRoots(), serverName, now)
    if (failure) return { clientError: new TlsError(failure.reason, `tls: failed to verify certificate: ${failure.message}`), serverError: `remote error: tls: ${alertFor(failure)}` }
  }
  const offered = clientIdentity(client)
  if (offered instanceof TlsError) return { clientError: offered, serverError: 'EOF' }
  const sent = server.clientCertificates && server.clientCertificates !== 'none' ? offered : []
  const refused = clientFailure(server, sent, now)
  if (refused) return refused
  const protocol = client.alpn?.find((each) => (server.alpn ?? []).includes(each))
  return {
    session: {
      serverName, version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256',
      serverCertificates: identity.map((each) => each.der), clientCertificates: sent.map((each) => each.der),
      ...(protocol === undefined ? {} : { protocol }),
    },
  }
}

/** Undefined where the files do not hold a certificate and its key. */
function serverIdentity(server: TlsServer): readonly Certificate[] | undefined {
  try {
    const { certificate } = server.identity()
    const chain = parseCertificatesPem(certificate)
    return chain.length > 0 ? chain : undefined
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}

function serverFailure(chain: readonly Certificate[], roots: string, host: string, now: number): CertificateError | undefined {
  return failureOf(() => verifyChain(chain[0] as Certificate, { roots: parseLenient(roots), intermediates: chain.slice(1), now, host }))
}

function failureOf(check: () => unknown): CertificateError | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    if (error instanceof CertificateError) return error
    throw error
  }
}

/** Roots with a broken block among them are still roots, as for Go's AppendCertsFromPEM. */
function parseLenient(pem: string): readonly Certificate[] {
  try {
    return parseCertificatesPem(pem)
  } catch (error) {
    if (error instanceof DerError) return []
    throw error
  }
}

function alertFor(failure: CertificateError): string {
  return failure.reason === 'unknown-authority' ? 'unknown certificate authority' : failure.reason === 'expired' ? 'expired certificate' : 'bad certificate'
}

/** The client's chain, or why its own files are no good (`tls: private key does not match public key`). */
function clientIdentity(client: TlsClient): readonly Certificate[] | TlsError {
  if (client.vouched) return client.vouched.map((der) => parseCertificate(der))
  if (client.certificate === undefined || client.key === undefined) return []
  const problem = keyPairProblem(client.certificate, client.key)
  return problem === undefined ? parseCertificatesPem(client.certificate) : new TlsError('key-mismatch', problem)
}

/** What tls.X509KeyPair says of a certificate and a key, or undefined where they fit. */
export function keyPairProblem(certificate: string, key: string): string | undefined {
  try {
    const [leaf] = parseCertificatesPem(certificate)
    if (!leaf) return 'tls: failed to find any PEM data in certificate input'
    return samePublicKey(leaf.publicKey, publicOf(parsePrivateKeyPem(key))) ? undefined : 'tls: private key does not match public key'
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    return error.message === 'no private key in PEM' ? 'tls: failed to find any PEM data in key input' : `tls: ${error.message}`
  }
}

/** What becomes of the handshake where the server does not like the client's certificate; undefined where it does. */
function clientFailure(server: TlsServer, chain: readonly Certificate[], now: number): HandshakeResult | undefined {
  if (chain.length === 0) {
    if (server.clientCertificates !== 'require') return undefined
    return { clientError: new TlsError('certificate-required', 'remote error: tls: certificate required'), serverError: "tls: client didn't provide a certificate" }
  }
  if (!server.clientRoots) return undefined
  const roots = parseLenient(server.clientRoots())
  const failure = failureOf(() => verifyChain(chain[0] as Certificate, { roots, intermediates: chain.slice(1), now, usage: 'clientAuth' }))
  if (!failure) return undefined
  const reason = failure.reason === 'unknown-authority' ? 'unknown-client-authority' : 'bad-certificate'
  return { clientError: new TlsError(reason, `remote error: tls: ${alertFor(failure)}`), serverError: `tls: failed to verify certificate: ${failure.message}` }
}
