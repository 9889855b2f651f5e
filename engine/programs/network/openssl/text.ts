/** Names, keys and extensions as OpenSSL 3.0 prints them. */
import { decodeUtf8, toHex } from '#engine/base/bytes'
import { type Der, Der as DerNode, integer } from '#engine/base/pki/der'
import { type Extension, extensionOid, type KeyUsage, readAlternativeNames, readAuthorityKeyId, readBasicConstraints, readExtendedKeyUsage, readKeyUsage } from '#engine/base/pki/extensions'
import type { PrivateKey, PublicKey } from '#engine/base/pki/keys'
import { attributeOid, attributeShort, attributeTypes, type Name, type NameAttribute, nameOf, rfc2253 } from '#engine/base/pki/name'
import { inverseMod } from '#engine/base/pki/numbers'
import { rsaBits } from '#engine/base/pki/rsa'
import { OpensslError } from './args'

/** `CN = jane, O = devs`; other forms by -nameopt. */
export function printName(name: Name, form = 'oneline'): string {
  if (/rfc2253/i.test(form)) return rfc2253(name)
  const separator = /multiline|sep_multiline/.test(form) ? '\n' : ', '
  if (form === 'compat') return `/${name.relative.map((group) => group.map((each) => `${attributeShort(each.oid)}=${each.value}`).join('+')).join('/')}`
  if (separator === '\n') return `\n${name.relative.flat().map((each) => `    ${(attributeTypes.find((type) => type.oid === each.oid)?.long ?? each.oid).padEnd(25)} = ${each.value}`).join('\n')}`
  return name.relative.map((group) => group.map((each) => `${attributeShort(each.oid)} = ${quoted(each.value)}`).join(' + ')).join(separator)
}

function quoted(value: string): string {
  return /[,+<>;"]/.test(value) || /^[# ]| $/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value
}

/** `/CN=jane/O=devs`; a backslash escapes. */
export function parseSubject(command: string, text: string): Name {
  if (!text.startsWith('/')) throw new OpensslError(`${command}: subject name is expected to be in the format /type0=value0/type1=value1/type2=... where characters may be escaped by \\. This name is not in that format: '${text}'\n`)
  const parts = text.slice(1).match(/(?:\\.|[^/\\])+/g) ?? []
  const attributes: NameAttribute[] = []
  for (const part of parts) {
    const equals = part.indexOf('=')
    const type = part.slice(0, equals).trim()
    const oid = equals < 0 ? undefined : attributeOid(type)
    if (equals < 0) throw new OpensslError(`${command}: Hit end of string before finding the '=' from RDN type '${part}' in subject name string '${text}'\n`)
    const value = part.slice(equals + 1).replace(/\\(.)/g, '$1')
    if (oid === undefined || value === '') continue
    attributes.push({ oid, value, ...(type === 'C' || type === 'countryName' ? { tag: 0x13 } : type === 'emailAddress' || type === 'DC' ? { tag: 0x16 } : {}) })
  }
  return nameOf(attributes)
}

/** Types of a subject that OpenSSL has no name for. */
export function unknownTypes(text: string): string[] {
  return (text.slice(1).match(/(?:\\.|[^/\\])+/g) ?? []).map((part) => (part.split('=')[0] ?? '').trim()).filter((type) => attributeOid(type) === undefined)
}

/** Bytes in lines of fifteen. */
export function hexBlock(bytes: Uint8Array, indent: string, perLine = 15): string {
  const pairs = toHex(bytes).match(/../g) ?? []
  const lines: string[] = []
  for (let at = 0; at < pairs.length; at += perLine) lines.push(indent + pairs.slice(at, at + perLine).join(':'))
  return `${lines.join(':\n')}\n`
}

/** A number's bytes as DER has them: with the leading zero where the top bit is set. */
function numberBytes(value: bigint): Uint8Array {
  return DerNode.parse(integer(value)).content
}

const curveNames = { 'P-256': ['prime256v1', 256], 'P-384': ['secp384r1', 384], 'P-521': ['secp521r1', 521] } as const

export function publicKeyText(key: PublicKey, indent: string): string {
  if (key.type === 'rsa') return `${indent}Public-Key: (${rsaBits(key)} bit)\n${indent}Modulus:\n${hexBlock(numberBytes(key.n), `${indent}    `)}${indent}Exponent: ${key.e} (0x${key.e.toString(16)})\n`
  if (key.type === 'ec') return `${indent}Public-Key: (${curveNames[key.curve][1]} bit)\n${indent}pub:\n${hexBlock(key.point, `${indent}    `)}${indent}ASN1 OID: ${curveNames[key.curve][0]}\n${indent}NIST CURVE: ${key.curve}\n`
  return `${indent}ED25519 Public-Key:\n${indent}pub:\n${hexBlock(key.point, `${indent}    `)}`
}

export function privateKeyText(key: PrivateKey): string {
  if (key.type === 'ec') return `Private-Key: (${curveNames[key.curve][1]} bit)\npriv:\n${hexBlock(key.secret, '    ')}pub:\n${hexBlock(key.point, '    ')}ASN1 OID: ${curveNames[key.curve][0]}\nNIST CURVE: ${key.curve}\n`
  if (key.type === 'ed25519') return `ED25519 Private-Key:\npriv:\n${hexBlock(key.secret, '    ')}pub:\n${hexBlock(key.point, '    ')}`
  const part = (name: string, value: bigint): string => `${name}:\n${hexBlock(numberBytes(value), '    ')}`
  return `Private-Key: (${rsaBits(key)} bit, 2 primes)\n${part('modulus', key.n)}publicExponent: ${key.e} (0x${key.e.toString(16)})\n${part('privateExponent', key.d)}${part('prime1', key.p)}${part('prime2', key.q)}${part('exponent1', key.d % (key.p - 1n))}${part('exponent2', key.d % (key.q - 1n))}${part('coefficient', inverseMod(key.q, key.p))}`
}

export function keyAlgorithmName(key: PublicKey): string {
  return key.type === 'rsa' ? 'rsaEncryption' : key.type === 'ec' ? 'id-ecPublicKey' : 'ED25519'
}

const usageTexts: Readonly<Record<KeyUsage, string>> = { digitalSignature: 'Digital Signature', nonRepudiation: 'Non Repudiation', keyEncipherment: 'Key Encipherment', dataEncipherment: 'Data Encipherment', keyAgreement: 'Key Agreement', keyCertSign: 'Certificate Sign', cRLSign: 'CRL Sign', encipherOnly: 'Encipher Only', decipherOnly: 'Decipher Only' }
const extendedTexts: Readonly<Record<string, string>> = { serverAuth: 'TLS Web Server Authentication', clientAuth: 'TLS Web Client Authentication', codeSigning: 'Code Signing', emailProtection: 'E-mail Protection', timeStamping: 'Time Stamping', OCSPSigning: 'OCSP Signing', anyExtendedKeyUsage: 'Any Extended Key Usage' }

const titles: Readonly<Record<string, readonly [string, string]>> = {
  [extensionOid.subjectKeyId]: ['X509v3 Subject Key Identifier', 'subjectKeyIdentifier'], [extensionOid.keyUsage]: ['X509v3 Key Usage', 'keyUsage'], [extensionOid.subjectAltName]: ['X509v3 Subject Alternative Name', 'subjectAltName'], [extensionOid.basicConstraints]: ['X509v3 Basic Constraints', 'basicConstraints'],
  [extensionOid.authorityKeyId]: ['X509v3 Authority Key Identifier', 'authorityKeyIdentifier'], [extensionOid.extendedKeyUsage]: ['X509v3 Extended Key Usage', 'extendedKeyUsage'], [extensionOid.netscapeComment]: ['Netscape Comment', 'nsComment'], [extensionOid.crlDistributionPoints]: ['X509v3 CRL Distribution Points', 'crlDistributionPoints'], [extensionOid.certificatePolicies]: ['X509v3 Certificate Policies', 'certificatePolicies'], [extensionOid.authorityInfoAccess]: ['Authority Information Access', 'authorityInfoAccess'], [extensionOid.nameConstraints]: ['X509v3 Name Constraints', 'nameConstraints'],
}

/** By title or short name, for -ext. */
export function extensionNamed(extensions: readonly Extension[], name: string): Extension | undefined {
  return extensions.find((each) => titles[each.oid]?.[1] === name)
}

export function isExtensionName(name: string): boolean {
  return Object.values(titles).some(([, short]) => short === name)
}

export function extensionText(extension: Extension, indent: string): string {
  const title = titles[extension.oid]?.[0] ?? extension.oid
  return `${indent}${title}: ${extension.critical ? 'critical' : ''}\n${valueText(extension).map((line) => `${indent}    ${line}\n`).join('')}`
}

function colonHex(bytes: Uint8Array): string {
  return (toHex(bytes).toUpperCase().match(/../g) ?? []).join(':')
}

type Lines = (value: Uint8Array, own: readonly Extension[]) => string[]

/** What stands below each title. */
const values: Readonly<Record<string, Lines>> = {
  [extensionOid.subjectKeyId]: (value) => [colonHex(DerNode.parse(value).content)],
  [extensionOid.authorityKeyId]: (_, own) => [colonHex(readAuthorityKeyId(own) ?? new Uint8Array(0))],
  [extensionOid.keyUsage]: (_, own) => [(readKeyUsage(own) ?? []).map((usage) => usageTexts[usage]).join(', ')],
  [extensionOid.extendedKeyUsage]: (_, own) => [(readExtendedKeyUsage(own) ?? []).map((usage) => extendedTexts[usage] ?? usage).join(', ')],
  [extensionOid.basicConstraints]: (_, own) => [constraintsText(own)],
  [extensionOid.subjectAltName]: (_, own) => [alternativeNames(own)],
  [extensionOid.netscapeComment]: (value) => [DerNode.parse(value).text()],
  [extensionOid.crlDistributionPoints]: (value) => distributionPoints(value),
  [extensionOid.authorityInfoAccess]: (value) => DerNode.parse(value).children.map((each) => accessText(each)),
  [extensionOid.certificatePolicies]: (value) => DerNode.parse(value).children.map((each) => `Policy: ${each.children[0]?.oid() ?? ''}`),
  [extensionOid.nameConstraints]: (value) => DerNode.parse(value).children.flatMap((each) => [each.tag === 0xa0 ? 'Permitted:' : 'Excluded:', ...each.children.map((tree) => `  ${generalNameText(tree.children[0])}`)]),
}

function valueText(extension: Extension): string[] {
  return values[extension.oid]?.(extension.value, [extension]) ?? [toHex(extension.value)]
}

function constraintsText(own: readonly Extension[]): string {
  const constraints = readBasicConstraints(own)
  return `CA:${constraints?.ca ? 'TRUE' : 'FALSE'}${constraints?.pathLength === undefined ? '' : `, pathlen:${constraints.pathLength}`}`
}

const generalNameLabels: Readonly<Record<number, string>> = { 1: 'email', 2: 'DNS', 6: 'URI' }

function generalNameText(node: Der | undefined): string {
  const label = generalNameLabels[(node?.tag ?? 0) & 0x1f]
  return node && label !== undefined ? `${label}:${decodeUtf8(node.content)}` : 'othername: <unsupported>'
}

function distributionPoints(value: Uint8Array): string[] {
  return DerNode.parse(value).children.flatMap((point) => {
    const names = point.children.find((part) => part.tag === 0xa0)?.children.find((part) => part.tag === 0xa0)?.children ?? []
    return ['Full Name:', ...names.map((name) => `  ${generalNameText(name)}`)]
  })
}

const accessNames: Readonly<Record<string, string>> = { '1.3.6.1.5.5.7.48.1': 'OCSP', '1.3.6.1.5.5.7.48.2': 'CA Issuers' }

function accessText(node: Der): string {
  const [method, location] = node.children
  const dotted = method?.oid() ?? ''
  return `${accessNames[dotted] ?? dotted} - ${generalNameText(location)}`
}

/** In the order of the extension. */
function alternativeNames(own: readonly Extension[]): string {
  const nodes: readonly Der[] = DerNode.parse((own[0] as Extension).value).children
  const names = readAlternativeNames(own)
  const queues: Readonly<Record<number, string[]>> = { 1: (names?.emails ?? []).map((each) => `email:${each}`), 2: (names?.dns ?? []).map((each) => `DNS:${each}`), 6: (names?.uris ?? []).map((each) => `URI:${each}`), 7: (names?.ips ?? []).map((each) => `IP Address:${each.includes(':') ? expandV6(each) : each}`) }
  return nodes.map((node) => queues[node.tag & 0x1f]?.shift() ?? 'othername: <unsupported>').join(', ')
}

function expandV6(text: string): string {
  const [head = '', tail = ''] = text.split('::')
  const [a, b] = [head.split(':').filter((each) => each !== ''), tail.split(':').filter((each) => each !== '')]
  return (text.includes('::') ? [...a, ...new Array<string>(8 - a.length - b.length).fill('0'), ...b] : a).map((each) => each.toUpperCase()).join(':')
}

/** `Nov 21 12:35:41 2026 GMT`. */
export function printTime(ms: number): string {
  const date = new Date(ms)
  return `${date.toUTCString().slice(8, 11)} ${String(date.getUTCDate()).padStart(2)} ${date.toISOString().slice(11, 19)} ${date.getUTCFullYear()} GMT`
}

export function serialHex(serial: bigint): string {
  const hex = serial.toString(16).toUpperCase()
  return hex.length % 2 === 1 ? `0${hex}` : hex
}
