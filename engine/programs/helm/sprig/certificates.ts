/** Private keys and X.509 certificates. */
import { buildCertificate, certificatePem, type Certificate, parseCertificatePem } from '#engine/base/pki/certificate'
import { authorityKeyId, basicConstraints, extendedKeyUsage, type Extension, keyIdOf, keyUsage, subjectAltName, subjectKeyId } from '#engine/base/pki/extensions'
import { generateEc, generateEd25519, generateRsa, parsePrivateKeyPem, type PrivateKey, privateKeyPem, publicOf } from '#engine/base/pki/keys'
import { randomSerial } from '#engine/base/pki/issue'
import { goName } from '#engine/base/pki/name'
import { decodeUtf8, fromBase64 } from '#engine/base/bytes'
import { GoStruct } from '#engine/programs/common/gotemplate/values'
import { fn, type FunctionTable, type SprigContext, strings, strval } from './define'

const day = 86_400_000

interface Order {
  readonly name: string
  readonly days: number
  readonly ips?: unknown
  readonly dns?: unknown
  readonly issuer?: unknown
  readonly isAuthority?: boolean
}

export function certificateFunctions(context: SprigContext): FunctionTable {
  const rsa = (bits = 2048): PrivateKey => generateRsa(bits, context.random, context.keys)
  const make = (order: Order, key: PrivateKey): GoStruct => issued(order, key, context)
  return {
    genPrivateKey: fn('string', (type: string) => keyText(type, rsa, context)),
    buildCustomCert: fn('string string', (cert: string, key: string) => pair(decodeUtf8(fromBase64(cert)), decodeUtf8(fromBase64(key)))),
    genCA: fn('string int', (name: string, days: object) => make({ name, days: Number(days), isAuthority: true }, rsa())),
    genCAWithKey: fn('string int string', (name: string, days: object, key: string) => make({ name, days: Number(days), isAuthority: true }, parsePrivateKeyPem(key))),
    genSelfSignedCert: fn('string list list int', (name: string, ips: unknown, dns: unknown, days: object) => make({ name, ips, dns, days: Number(days) }, rsa())),
    genSelfSignedCertWithKey: fn('string list list int string', (name: string, ips: unknown, dns: unknown, days: object, key: string) => make({ name, ips, dns, days: Number(days) }, parsePrivateKeyPem(key))),
    genSignedCert: fn('string list list int any', (name: string, ips: unknown, dns: unknown, days: object, issuer: unknown) => make({ name, ips, dns, days: Number(days), issuer }, rsa())),
    genSignedCertWithKey: fn('string list list int any string', (name: string, ips: unknown, dns: unknown, days: object, issuer: unknown, key: string) => make({ name, ips, dns, days: Number(days), issuer }, parsePrivateKeyPem(key))),
  }
}

function keyText(type: string, rsa: (bits: number) => PrivateKey, { random }: SprigContext): string {
  switch (type) {
    case '': case 'rsa': return privateKeyPem(rsa(4096), 'traditional')
    case 'ecdsa': return privateKeyPem(generateEc('P-256', random), 'traditional')
    case 'ed25519': return privateKeyPem(generateEd25519(random), 'pkcs8')
    default: return `Unknown type ${type}`
  }
}

function pair(cert: string, key: string): GoStruct {
  return new GoStruct('sprig.certificate', { Cert: cert, Key: key })
}

function issuerOf(value: unknown): { certificate: Certificate; key: PrivateKey } | undefined {
  if (!(value instanceof GoStruct)) return undefined
  return { certificate: parseCertificatePem(strval(value.fields['Cert'])), key: parsePrivateKeyPem(strval(value.fields['Key'])) }
}

function issued({ name, days, ips, dns, issuer, isAuthority }: Order, key: PrivateKey, { nowMs, random }: SprigContext): GoStruct {
  const by = issuerOf(issuer)
  const subject = goName({ commonName: name })
  const names = { dns: strings(dns), ips: strings(ips) }
  const own = keyIdOf(publicOf(key))
  const extensions: Extension[] = [
    keyUsage(['digitalSignature', 'keyEncipherment', ...(isAuthority ? (['keyCertSign'] as const) : [])]), extendedKeyUsage(['serverAuth', 'clientAuth']), basicConstraints({ ca: isAuthority ?? false }),
    ...(isAuthority ? [subjectKeyId(own)] : []), ...(by ? [authorityKeyId(by.certificate.subjectKeyId ?? keyIdOf(by.certificate.publicKey))] : []),
    ...(names.dns.length + names.ips.length > 0 ? [subjectAltName(names)] : []),
  ]
  const notBefore = Math.floor(nowMs() / 1000) * 1000
  const certificate = buildCertificate({ serial: randomSerial(random), subject, issuer: by?.certificate.subject ?? subject, notBefore, notAfter: notBefore + days * day, publicKey: publicOf(key), extensions }, by?.key ?? key)
  return pair(certificatePem(certificate), privateKeyPem(key, 'traditional'))
}
