import { createPrivateKey, createPublicKey, generateKeyPairSync, sign as nodeSign, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { SeededRandom } from '#engine/base/random'
import { certificatePem, parseCertificatePem } from '#engine/base/pki/certificate'
import { issueCertificate, selfSignedAuthority } from '#engine/base/pki/issue'
import { jwtSignedBy, parseJwt, signJwt } from '#engine/base/pki/jwt'
import { generateEc, generateEd25519, generateRsa, parsePrivateKeyPem, privateKeyPem, publicKeyPem, publicOf } from '#engine/base/pki/keys'
import { goName } from '#engine/base/pki/name'
import { buildRequest, parseRequestPem, requestPem, requestSignatureValid } from '#engine/base/pki/request'
import { algorithmFor, sign, verify } from '#engine/base/pki/signature'
import { verifyChain } from '#engine/base/pki/verify'

const random = new SeededRandom('pki')
const source = { rsa: (bits: number) => new Uint8Array(generateKeyPairSync('rsa', { modulusLength: bits }).privateKey.export({ type: 'pkcs1', format: 'der' })) }
const now = Date.UTC(2026, 10, 21, 10)
const year = 365 * 24 * 3600_000

const caKey = generateRsa(2048, random, source)
const ca = selfSignedAuthority('kubernetes', caKey, { notBefore: now - 1000, notAfter: now + 10 * year, random })
const leafKey = generateRsa(2048, random, source)
const leaf = issueCertificate({ certificate: ca, key: caKey }, {
  subject: goName({ commonName: 'kube-apiserver' }), publicKey: publicOf(leafKey), usages: ['serverAuth'], dns: ['kubernetes', '*.example.com'], ips: ['10.96.0.1'], notBefore: now - 1000, notAfter: now + year, serial: 7n,
})

describe('keys and certificates', () => {
  it('makes certificates that another library reads and believes', () => {
    const other = new X509Certificate(certificatePem(leaf))
    expect(other.subject).toBe('CN=kube-apiserver')
    expect(other.subjectAltName).toBe('DNS:kubernetes, DNS:*.example.com, IP Address:10.96.0.1')
    expect(other.verify(createPublicKey(publicKeyPem(caKey)))).toBe(true)
    expect(new X509Certificate(certificatePem(ca)).ca).toBe(true)
  })

  it('reads back what it wrote, in every form of key file', () => {
    for (const key of [leafKey, generateEc('P-256', random), generateEc('P-384', random), generateEd25519(random)]) {
      for (const form of ['pkcs8', 'traditional'] as const) expect(parsePrivateKeyPem(privateKeyPem(key, form))).toEqual(key)
      expect(createPrivateKey(privateKeyPem(key)).asymmetricKeyType).toBe(key.type)
      const message = new Uint8Array([1, 2, 3])
      const algorithm = algorithmFor(key)
      expect(verify(publicOf(key), algorithm, message, sign(key, algorithm, message))).toBe(true)
      expect(verify(publicOf(key), algorithm, new Uint8Array([4]), sign(key, algorithm, message))).toBe(false)
    }
  })

  it('checks PSS signatures of others', () => {
    const signature = nodeSign('sha256', new Uint8Array([9]), { key: privateKeyPem(leafKey), padding: 6, saltLength: 32 })
    expect(verify(publicOf(leafKey), { oid: '', name: '', family: 'rsa-pss', hash: 'sha256' }, new Uint8Array([9]), new Uint8Array(signature))).toBe(true)
  })

  it('makes RSA keys without a source too, the same for the same seed', () => {
    const one = generateRsa(512, new SeededRandom('x'))
    expect(generateRsa(512, new SeededRandom('x'))).toEqual(one)
    expect(createPrivateKey(privateKeyPem(one)).asymmetricKeyType).toBe('rsa')
  })

  it('makes requests that prove possession of their key', () => {
    const request = parseRequestPem(requestPem(buildRequest(goName({ commonName: 'jane', organizations: ['devs'] }), leafKey, [])))
    expect(requestSignatureValid(request)).toBe(true)
    expect(requestSignatureValid({ ...request, publicKey: publicOf(caKey) })).toBe(false)
  })
})

describe('verification', () => {
  const check = (host: string, at = now, roots = [ca]): string => {
    try {
      verifyChain(parseCertificatePem(certificatePem(leaf)), { roots, now: at, host })
      return 'ok'
    } catch (error) {
      return (error as Error).message
    }
  }

  it('believes a chain to a root, for the names and addresses in the certificate', () => {
    expect([check('kubernetes'), check('a.example.com'), check('10.96.0.1')]).toEqual(['ok', 'ok', 'ok'])
  })

  it('says what is wrong in the words of crypto/x509', () => {
    expect(check('b.a.example.com')).toBe('x509: certificate is valid for kubernetes, *.example.com, not b.a.example.com')
    expect(check('10.0.0.1')).toBe('x509: certificate is valid for 10.96.0.1, not 10.0.0.1')
    expect(check('kubernetes', now + 2 * year)).toBe('x509: certificate has expired or is not yet valid: current time 2028-11-20T10:00:00Z is after 2027-11-21T10:00:00Z')
    expect(check('kubernetes', now, [])).toBe('x509: certificate signed by unknown authority')
    const otherKey = generateRsa(1024, random, source)
    const other = selfSignedAuthority('kubernetes', otherKey, { notBefore: now - 1000, notAfter: now + year, random })
    expect(check('kubernetes', now, [other])).toBe('x509: certificate signed by unknown authority (possibly because of "crypto/rsa: verification error" while trying to verify candidate authority certificate "kubernetes")')
  })
})

describe('JSON web tokens', () => {
  it('are believed if the right key signed them and nothing changed', () => {
    for (const key of [leafKey, generateEc('P-256', random)]) {
      const token = signJwt(key, { sub: 'system:serviceaccount:default:default', exp: 1 })
      const parsed = parseJwt(token)
      expect(parsed?.claims.sub).toBe('system:serviceaccount:default:default')
      expect(parsed && jwtSignedBy(parsed, publicOf(key))).toBe(true)
      expect(parsed && jwtSignedBy(parsed, publicOf(caKey))).toBe(false)
      expect(parsed && jwtSignedBy({ ...parsed, signed: `${parsed.signed}x` }, publicOf(key))).toBe(false)
    }
    expect(parseJwt('a.b')).toBeUndefined()
  })
})
