/** OpenSSL's configuration files, and extensions written as in them. */
import { encodeUtf8, fromHex } from '#engine/base/bytes'
import { oid, sequence, tlv } from '#engine/base/pki/der'
import { authorityKeyId, basicConstraints, extendedKeyUsage, extendedKeyUsages, type Extension, extensionOid, type KeyUsage, keyIdOf, keyUsage, keyUsages, subjectAltName, subjectKeyId } from '#engine/base/pki/extensions'
import type { PublicKey } from '#engine/base/pki/keys'
import { OpensslError } from './args'

export type Config = ReadonlyMap<string, ReadonlyMap<string, string>>

/** Sections of `name = value`; what stands before the first is `default`. */
export function parseConfig(text: string): Config {
  const sections = new Map<string, Map<string, string>>([['default', new Map()]])
  let current = sections.get('default') as Map<string, string>
  for (const raw of text.replace(/\\\n/g, '').split('\n')) {
    const line = raw.replace(/(^|[^\\])#.*$/, '$1').trim()
    const header = /^\[\s*(.+?)\s*\]$/.exec(line)
    if (header) {
      const name = header[1] ?? ''
      current = sections.get(name) ?? new Map<string, string>()
      sections.set(name, current)
      continue
    }
    const equals = line.indexOf('=')
    if (equals > 0) current.set(line.slice(0, equals).trim(), line.slice(equals + 1).trim().replace(/^"(.*)"$/, '$1'))
  }
  return sections
}

export interface ExtensionContext {
  readonly config: Config
  readonly subjectKey: PublicKey
  readonly issuerKeyId: Uint8Array | undefined
  readonly section: string
}

export function extensionsOf(section: ReadonlyMap<string, string>, context: ExtensionContext): Extension[] {
  return [...section].flatMap(([name, value]) => oneExtension(name.replace(/^\d+\./, ''), value, context))
}

/** `subjectAltName=DNS:a,IP:1.2.3.4`. */
export function parseExtension(text: string, context: ExtensionContext): Extension[] {
  const equals = text.indexOf('=')
  return oneExtension(text.slice(0, equals).trim(), text.slice(equals + 1).trim(), context)
}

function failed(context: ExtensionContext, name: string, value: string): OpensslError {
  const option = /^([^:]*):/.exec(value)?.[1]
  const why = option === undefined ? '1100007C:X509 V3 routines:v2i_GENERAL_NAME_ex:missing value:../crypto/x509/v3_san.c:607:' : `11000075:X509 V3 routines:v2i_GENERAL_NAME_ex:unsupported option:../crypto/x509/v3_san.c:626:name=${option}`
  const about = name === 'subjectAltName' ? `4047000000007F00:error:${why}\n` : ''
  const section = context.section === '-addext' ? 'default' : context.section
  if (context.section === '-addext') return new OpensslError(`Error checking extensions defined using -addext\n${about}4047000000007F00:error:11000080:X509 V3 routines:X509V3_EXT_nconf_int:error in extension:../crypto/x509/v3_conf.c:48:section=${section}, name=${name}, value=${value}\n`)
  return new OpensslError(`Error checking extension section ${section}\n${about}4047000000007F00:error:11000080:X509 V3 routines:X509V3_EXT_nconf_int:error in extension:../crypto/x509/v3_conf.c:48:section=${section}, name=${name}, value=${value}\n`)
}

interface Given {
  readonly name: string
  readonly value: string
  readonly words: readonly string[]
  readonly critical: boolean
  readonly context: ExtensionContext
}

/** How each extension is written in a configuration. */
const makers: Readonly<Record<string, (given: Given) => Extension[]>> = {
  basicConstraints({ words, critical }) {
    const path = words.map((word) => /^pathlen:(\d+)$/i.exec(word)?.[1]).find((each) => each !== undefined)
    return [basicConstraints({ ca: words.some((word) => /^CA:true$/i.test(word)), ...(path === undefined ? {} : { pathLength: Number(path) }) }, critical)]
  },
  keyUsage({ name, value, words, critical, context }) {
    if (words.some((word) => !(keyUsages as readonly string[]).includes(word))) throw failed(context, name, value)
    return [keyUsage(words as KeyUsage[], critical)]
  },
  extendedKeyUsage({ name, value, words, critical, context }) {
    if (words.some((word) => !(word in extendedKeyUsages) && !/^[\d.]+$/.test(word))) throw failed(context, name, value)
    return [extendedKeyUsage(words, critical)]
  },
  subjectAltName: ({ words, critical, context }) => [alternativeNames(words, critical, context)],
  subjectKeyIdentifier: ({ value, context }) => (value === 'none' ? [] : [subjectKeyId(value === 'hash' ? keyIdOf(context.subjectKey) : fromHex(value.replace(/:/g, '')))]),
  authorityKeyIdentifier: ({ value, context }) => (value === 'none' ? [] : [authorityKeyId(context.issuerKeyId ?? keyIdOf(context.subjectKey))]),
  nsComment: ({ value, critical }) => [{ oid: extensionOid.netscapeComment, critical, value: tlv(0x16, encodeUtf8(value)) }],
  crlDistributionPoints: ({ name, words, value, critical, context }) => [{ oid: extensionOid.crlDistributionPoints, critical, value: sequence(...words.map((word) => sequence(tlv(0xa0, tlv(0xa0, generalName(word, () => failed(context, name, value))))))) }],
  authorityInfoAccess: ({ name, words, value, critical, context }) => [{ oid: extensionOid.authorityInfoAccess, critical, value: sequence(...words.map((word) => access(word, () => failed(context, name, value)))) }],
  certificatePolicies: ({ words, critical }) => [{ oid: extensionOid.certificatePolicies, critical, value: sequence(...words.map((word) => sequence(oid(word)))) }],
  nameConstraints: ({ name, words, value, critical, context }) => [{ oid: extensionOid.nameConstraints, critical, value: constraints(words, () => failed(context, name, value)) }],
}

function oneExtension(name: string, given: string, context: ExtensionContext): Extension[] {
  const value = given.replace(/^critical\s*(?:,\s*|$)/, '')
  const words = value.split(',').map((word) => word.trim()).filter((word) => word !== '')
  const maker = makers[name]
  if (!maker) throw failed(context, name, value)
  return maker({ name, value, words, critical: value !== given, context })
}

/** `DNS:a`, `URI:b`, `email:c` as they stand within other extensions. */
function generalName(text: string, wrong: () => OpensslError): Uint8Array {
  const [, kind = '', value = ''] = /^(\w+):(.*)$/.exec(text) ?? []
  const tag = ({ email: 0x81, dns: 0x82, uri: 0x86 } as Readonly<Record<string, number>>)[kind.toLowerCase()]
  if (tag === undefined) throw wrong()
  return tlv(tag, encodeUtf8(value))
}

const accessMethods: Readonly<Record<string, string>> = { OCSP: '1.3.6.1.5.5.7.48.1', caIssuers: '1.3.6.1.5.5.7.48.2' }

/** `OCSP;URI:http://...`. */
function access(text: string, wrong: () => OpensslError): Uint8Array {
  const [method = '', location = ''] = text.split(/;(.*)/s)
  const dotted = accessMethods[method]
  if (dotted === undefined) throw wrong()
  return sequence(oid(dotted), generalName(location, wrong))
}

/** `permitted;DNS:.example.com`. */
function constraints(words: readonly string[], wrong: () => OpensslError): Uint8Array {
  const trees = (kind: string): Uint8Array[] => words.filter((word) => word.startsWith(`${kind};`)).map((word) => sequence(generalName(word.slice(kind.length + 1), wrong)))
  const [permitted, excluded] = [trees('permitted'), trees('excluded')]
  return sequence(...(permitted.length > 0 ? [tlv(0xa0, ...permitted)] : []), ...(excluded.length > 0 ? [tlv(0xa1, ...excluded)] : []))
}

function alternativeNames(words: readonly string[], critical: boolean, context: ExtensionContext): Extension {
  const entries = words.flatMap((word) => (word.startsWith('@') ? [...(context.config.get(word.slice(1)) ?? new Map<string, string>())].map(([name, value]) => `${name.split('.')[0] ?? ''}:${value}`) : [word]))
  const of = (kind: string): string[] => entries.filter((entry) => entry.toLowerCase().startsWith(`${kind.toLowerCase()}:`)).map((entry) => entry.slice(kind.length + 1))
  const known = /^(DNS|IP|email|URI):/i
  if (entries.length === 0 || entries.some((entry) => !known.test(entry))) throw failed(context, 'subjectAltName', words.join(','))
  const badIp = of('IP').find((ip) => !/^[\d.]+$|:/.test(ip))
  if (badIp !== undefined) throw failed(context, 'subjectAltName', words.join(','))
  return subjectAltName({ dns: of('DNS'), ips: of('IP'), emails: of('email'), uris: of('URI') }, critical)
}
