/** OpenSSL's configuration files, and extensions written as in them. */
import { encodeUtf8, fromHex } from '#engine/base/bytes'
import { tlv } from '#engine/base/pki/der'
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
  const option = /^([^:]*):/.exec(value)?.[1] ?? value
  const about = name === 'subjectAltName' ? `4047000000007F00:error:11000075:X509 V3 routines:v2i_GENERAL_NAME_ex:unsupported option:../crypto/x509/v3_san.c:626:name=${option}\n` : ''
  const section = context.section === '-addext' ? 'default' : context.section
  if (context.section === '-addext') return new OpensslError(`Error checking extensions defined using -addext\n${about}4047000000007F00:error:11000080:X509 V3 routines:X509V3_EXT_nconf_int:error in extension:../crypto/x509/v3_conf.c:48:section=${section}, name=${name}, value=${value}\n`)
  return new OpensslError(`Error checking x509 extension section ${context.section}\nerror in extension: section=${context.section}, name=${name}, value=${value}\n`)
}

function oneExtension(name: string, given: string, context: ExtensionContext): Extension[] {
  const critical = /^critical\s*(,|$)/.test(given)
  const value = given.replace(/^critical\s*,?\s*/, '')
  const words = value.split(',').map((word) => word.trim()).filter((word) => word !== '')
  switch (name) {
    case 'basicConstraints': {
      const path = words.map((word) => /^pathlen:(\d+)$/i.exec(word)?.[1]).find((each) => each !== undefined)
      return [basicConstraints({ ca: words.some((word) => /^CA:true$/i.test(word)), ...(path === undefined ? {} : { pathLength: Number(path) }) }, critical)]
    }
    case 'keyUsage': {
      const bad = words.find((word) => !(keyUsages as readonly string[]).includes(word))
      if (bad !== undefined) throw failed(context, name, value)
      return [keyUsage(words as KeyUsage[], critical)]
    }
    case 'extendedKeyUsage': {
      const bad = words.find((word) => !(word in extendedKeyUsages) && !/^[\d.]+$/.test(word))
      if (bad !== undefined) throw failed(context, name, value)
      return [extendedKeyUsage(words, critical)]
    }
    case 'subjectAltName':
      return [alternativeNames(words, critical, context)]
    case 'subjectKeyIdentifier':
      return value === 'none' ? [] : [subjectKeyId(value === 'hash' ? keyIdOf(context.subjectKey) : fromHex(value.replace(/:/g, '')))]
    case 'authorityKeyIdentifier':
      return value === 'none' ? [] : [authorityKeyId(context.issuerKeyId ?? keyIdOf(context.subjectKey))]
    case 'nsComment':
      return [{ oid: extensionOid.netscapeComment, critical, value: tlv(0x16, encodeUtf8(value)) }]
    default:
      throw failed(context, name, value)
  }
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
