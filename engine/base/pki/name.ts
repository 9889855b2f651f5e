/** Distinguished names: built, compared, and printed as Go and RFC 2253 do. */
import { toHex } from '#engine/base/bytes'
import { type Der, oid, sequence, set, tag, text } from '#engine/base/pki/der'

export interface NameAttribute {
  readonly oid: string
  readonly value: string
  /** The string's DER type; default UTF8String, as OpenSSL writes (country and the like: PrintableString). */
  readonly tag?: number
}

/** Relative names in order; almost always one attribute each. */
export interface Name {
  readonly relative: readonly (readonly NameAttribute[])[]
  readonly der: Uint8Array
}

/** Short and long names of attribute types, as OpenSSL and RFC 4514 call them. */
export const attributeTypes: readonly { readonly oid: string; readonly short: string; readonly long: string }[] = [
  { oid: '2.5.4.3', short: 'CN', long: 'commonName' },
  { oid: '2.5.4.4', short: 'SN', long: 'surname' },
  { oid: '2.5.4.5', short: 'serialNumber', long: 'serialNumber' },
  { oid: '2.5.4.6', short: 'C', long: 'countryName' },
  { oid: '2.5.4.7', short: 'L', long: 'localityName' },
  { oid: '2.5.4.8', short: 'ST', long: 'stateOrProvinceName' },
  { oid: '2.5.4.9', short: 'street', long: 'streetAddress' },
  { oid: '2.5.4.10', short: 'O', long: 'organizationName' },
  { oid: '2.5.4.11', short: 'OU', long: 'organizationalUnitName' },
  { oid: '2.5.4.12', short: 'title', long: 'title' },
  { oid: '2.5.4.42', short: 'GN', long: 'givenName' },
  { oid: '2.5.4.43', short: 'initials', long: 'initials' },
  { oid: '2.5.4.46', short: 'dnQualifier', long: 'dnQualifier' },
  { oid: '1.2.840.113549.1.9.1', short: 'emailAddress', long: 'emailAddress' },
  { oid: '0.9.2342.19200300.100.1.25', short: 'DC', long: 'domainComponent' },
  { oid: '0.9.2342.19200300.100.1.1', short: 'UID', long: 'userId' },
]

export function attributeOid(name: string): string | undefined {
  return attributeTypes.find((each) => each.short === name || each.long === name || each.oid === name)?.oid
}

export function attributeShort(dotted: string): string {
  return attributeTypes.find((each) => each.oid === dotted)?.short ?? dotted
}

/** One relative name per attribute. */
export function nameOf(attributes: readonly NameAttribute[]): Name {
  return relativeNames(attributes.map((attribute) => [attribute]))
}

export function relativeNames(relative: readonly (readonly NameAttribute[])[]): Name {
  const encoded = relative.map((group) => set(...group.map((each) => sequence(oid(each.oid), text(each.value, each.tag ?? tag.utf8)))))
  return { relative, der: sequence(...encoded) }
}

/** Go's pkix.Name in its order of writing: organizations (sorted as given, in one set), then the common name. */
export function goName(parts: { readonly commonName?: string; readonly organizations?: readonly string[] }): Name {
  const relative: NameAttribute[][] = []
  const organizations = parts.organizations ?? []
  if (organizations.length > 0) relative.push(organizations.map((value) => ({ oid: '2.5.4.10', value, tag: printable(value) })))
  if (parts.commonName) relative.push([{ oid: '2.5.4.3', value: parts.commonName, tag: printable(parts.commonName) }])
  return relativeNames(relative)
}

/** Go writes PrintableString where the characters allow it. */
function printable(value: string): number {
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value) ? tag.printable : tag.utf8
}

export function parseName(node: Der): Name {
  const relative = node.children.map((group) => group.children.map((each) => ({ oid: each.child(0).oid(), value: each.child(1).text(), tag: each.child(1).tag })))
  return { relative, der: node.raw }
}

export function attribute(name: Name, dotted: string): string[] {
  return name.relative.flat().filter((each) => each.oid === dotted).map((each) => each.value)
}

export function commonName(name: Name): string {
  return attribute(name, '2.5.4.3').at(-1) ?? ''
}

export function organizations(name: Name): string[] {
  return attribute(name, '2.5.4.10')
}

export function sameName(a: Name, b: Name): boolean {
  return toHex(a.der) === toHex(b.der)
}

/** RFC 2253, last relative name first: `CN=jane,O=devs`. */
export function rfc2253(name: Name): string {
  return [...name.relative].reverse().map((group) => group.map((each) => `${attributeShort(each.oid)}=${escape(each.value)}`).join('+')).join(',')
}

function escape(value: string): string {
  return value.replace(/[,+"\\<>;]/g, '\\$&').replace(/^[ #]|(?<=.) $/g, '\\$&')
}
