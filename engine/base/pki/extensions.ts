/** X.509 version 3 extensions that a cluster meets. */
import { sha1 } from '@noble/hashes/legacy.js'
import { decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { bits, boolean, Der, implicit, integer, octets, oid, sequence } from '#engine/base/pki/der'
import { parseIp, printIp } from '#engine/base/pki/ip'
import { type PublicKey, publicKeyBits } from '#engine/base/pki/keys'

export interface Extension {
  readonly oid: string
  readonly critical: boolean
  readonly value: Uint8Array
}

export const extensionOid = {
  subjectKeyId: '2.5.29.14', keyUsage: '2.5.29.15', subjectAltName: '2.5.29.17', issuerAltName: '2.5.29.18', basicConstraints: '2.5.29.19', nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31', certificatePolicies: '2.5.29.32', authorityKeyId: '2.5.29.35', extendedKeyUsage: '2.5.29.37',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1', netscapeCertType: '2.16.840.1.113730.1.1', netscapeComment: '2.16.840.1.113730.1.13',
} as const

/** In the order of their bits. */
export const keyUsages = ['digitalSignature', 'nonRepudiation', 'keyEncipherment', 'dataEncipherment', 'keyAgreement', 'keyCertSign', 'cRLSign', 'encipherOnly', 'decipherOnly'] as const
export type KeyUsage = (typeof keyUsages)[number]

export const extendedKeyUsages = {
  serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2', codeSigning: '1.3.6.1.5.5.7.3.3', emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8', OCSPSigning: '1.3.6.1.5.5.7.3.9', anyExtendedKeyUsage: '2.5.29.37.0',
} as const
export type ExtendedKeyUsage = keyof typeof extendedKeyUsages

export interface AlternativeNames {
  readonly dns: readonly string[]
  /** Printed addresses. */
  readonly ips: readonly string[]
  readonly emails: readonly string[]
  readonly uris: readonly string[]
}

export interface BasicConstraints {
  readonly ca: boolean
  readonly pathLength?: number
}

export function basicConstraints(value: BasicConstraints, critical = true): Extension {
  const parts = [...(value.ca ? [boolean(true)] : []), ...(value.pathLength === undefined ? [] : [integer(value.pathLength)])]
  return { oid: extensionOid.basicConstraints, critical, value: sequence(...parts) }
}

export function keyUsage(usages: readonly KeyUsage[], critical = true): Extension {
  const bytes = [0, 0]
  for (const usage of usages) {
    const bit = keyUsages.indexOf(usage)
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7))
  }
  const used = bytes[1] === 0 ? [bytes[0] ?? 0] : bytes
  return { oid: extensionOid.keyUsage, critical, value: bits(Uint8Array.from(used), trailingZeros(used.at(-1) ?? 0)) }
}

function trailingZeros(byte: number): number {
  for (let count = 0; count < 8; count++) if (byte & (1 << count)) return count
  return 0
}

export function extendedKeyUsage(usages: readonly (ExtendedKeyUsage | string)[], critical = false): Extension {
  return { oid: extensionOid.extendedKeyUsage, critical, value: sequence(...usages.map((usage) => oid(extendedKeyUsages[usage as ExtendedKeyUsage] ?? usage))) }
}

export function subjectAltName(names: Partial<AlternativeNames>, critical = false): Extension {
  const parts = [
    ...(names.dns ?? []).map((name) => implicit(2, encodeUtf8(name))),
    ...(names.ips ?? []).map((address) => implicit(7, parseIp(address) ?? new Uint8Array(0))),
    ...(names.emails ?? []).map((email) => implicit(1, encodeUtf8(email))),
    ...(names.uris ?? []).map((uri) => implicit(6, encodeUtf8(uri))),
  ]
  return { oid: extensionOid.subjectAltName, critical, value: sequence(...parts) }
}

/** SHA-1 of the key's bits, as RFC 5280 suggests and everybody does. */
export function keyIdOf(key: PublicKey): Uint8Array {
  return sha1(publicKeyBits(key))
}

export function subjectKeyId(id: Uint8Array): Extension {
  return { oid: extensionOid.subjectKeyId, critical: false, value: octets(id) }
}

export function authorityKeyId(id: Uint8Array): Extension {
  return { oid: extensionOid.authorityKeyId, critical: false, value: sequence(implicit(0, id)) }
}

export function encodeExtensions(extensions: readonly Extension[]): Uint8Array {
  return sequence(...extensions.map((each) => sequence(oid(each.oid), ...(each.critical ? [boolean(true)] : []), octets(each.value))))
}

export function parseExtensions(node: Der): Extension[] {
  return node.children.map((each) => ({ oid: each.child(0).oid(), critical: each.children.length > 2 && each.child(1).boolean(), value: (each.children.at(-1) as Der).content }))
}

export function findExtension(extensions: readonly Extension[], dotted: string): Extension | undefined {
  return extensions.find((each) => each.oid === dotted)
}

export function readBasicConstraints(extensions: readonly Extension[]): BasicConstraints | undefined {
  const found = findExtension(extensions, extensionOid.basicConstraints)
  if (!found) return undefined
  const node = Der.parse(found.value)
  const ca = node.children[0]?.tag === 0x01 && node.child(0).boolean()
  const length = node.children.find((child) => child.tag === 0x02)
  return length ? { ca, pathLength: Number(length.integer()) } : { ca }
}

export function readKeyUsage(extensions: readonly Extension[]): KeyUsage[] | undefined {
  const found = findExtension(extensions, extensionOid.keyUsage)
  if (!found) return undefined
  const bytes = Der.parse(found.value).bitBytes()
  return keyUsages.filter((_, bit) => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0)
}

/** Names where known, dotted identifiers else. */
export function readExtendedKeyUsage(extensions: readonly Extension[]): string[] | undefined {
  const found = findExtension(extensions, extensionOid.extendedKeyUsage)
  if (!found) return undefined
  return Der.parse(found.value).children.map((node) => {
    const dotted = node.oid()
    return (Object.keys(extendedKeyUsages) as ExtendedKeyUsage[]).find((name) => extendedKeyUsages[name] === dotted) ?? dotted
  })
}

export function readAlternativeNames(extensions: readonly Extension[]): AlternativeNames | undefined {
  const found = findExtension(extensions, extensionOid.subjectAltName)
  if (!found) return undefined
  const names = Der.parse(found.value).children
  const of = (number: number): Der[] => names.filter((node) => (node.tag & 0x1f) === number)
  return {
    dns: of(2).map((node) => decodeUtf8(node.content)),
    ips: of(7).map((node) => printIp(node.content)),
    emails: of(1).map((node) => decodeUtf8(node.content)),
    uris: of(6).map((node) => decodeUtf8(node.content)),
  }
}

export function readSubjectKeyId(extensions: readonly Extension[]): Uint8Array | undefined {
  const found = findExtension(extensions, extensionOid.subjectKeyId)
  return found && Der.parse(found.value).content
}

export function readAuthorityKeyId(extensions: readonly Extension[]): Uint8Array | undefined {
  const found = findExtension(extensions, extensionOid.authorityKeyId)
  return found && Der.parse(found.value).context(0)?.content
}
