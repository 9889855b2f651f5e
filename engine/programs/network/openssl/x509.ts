/** `openssl x509`: showing certificates, and signing requests. */
import { sha1 } from '@noble/hashes/legacy.js'
import { concatBytes, toHex } from '#engine/base/bytes'
import { buildCertificate, type Certificate, certificatePem } from '#engine/base/pki/certificate'
import { oid, sequence, set, text } from '#engine/base/pki/der'
import { authorityKeyId, type Extension, extensionOid, keyIdOf, subjectKeyId } from '#engine/base/pki/extensions'
import { type PrivateKey, publicKeyPem, publicOf, samePublicKey } from '#engine/base/pki/keys'
import { attribute, commonName, type Name } from '#engine/base/pki/name'
import { bytesToInteger } from '#engine/base/pki/numbers'
import { requestSignatureValid } from '#engine/base/pki/request'
import { digest, type HashName } from '#engine/base/pki/rsa'
import { CertificateError, checkHost } from '#engine/base/pki/verify'
import type { Process } from '#engine/linux/abi/process'
import { type Args, errorId, OpensslError, parseArgs, readBio, writeOut } from './args'
import { certificateText } from './certificate-text'
import { extensionsOf, parseConfig } from './config'
import { loadCertificate, loadKey, loadRequest } from './material'
import { extensionNamed, extensionText, isExtensionName, parseSubject, printName, printTime, serialHex } from './text'

const flags = 'req new noout text subject issuer dates startdate enddate serial fingerprint pubkey modulus hash subject_hash issuer_hash purpose email ocsp_uri CAcreateserial sha1 sha224 sha256 sha384 sha512 md5 x509toreq clrext trustout alias preserve_dates copy_dummy subject_hash_old'
const values = 'in out inform outform CA CAkey CAserial days set_serial extfile extensions signkey key ext checkend checkhost checkip nameopt certopt subj copy_extensions force_pubkey keyform CAform CAkeyform passin not_before not_after'

export async function x509(process: Process, given: readonly string[]): Promise<number> {
  const args = parseArgs('x509', given, flags, values)
  const certificate = args.has('req') ? await sign(process, args) : args.has('new') ? await selfMade(process, args) : args.get('signkey') !== undefined || args.get('CA') !== undefined ? await resign(process, args) : await loadCertificate(process, args.get('in'))
  const shown = await show(process, args, certificate)
  if (!args.has('noout')) await writeOut(process, args.get('out'), args.get('outform')?.toUpperCase() === 'DER' ? certificate.der : shown.text + certificatePem(certificate))
  else await writeOut(process, undefined, shown.text)
  return shown.exit
}

const displays: Readonly<Record<string, (certificate: Certificate, args: Args) => string>> = {
  text: (certificate) => certificateText(certificate),
  subject: (certificate, args) => `subject=${printName(certificate.subject, args.get('nameopt'))}\n`,
  issuer: (certificate, args) => `issuer=${printName(certificate.issuer, args.get('nameopt'))}\n`,
  dates: (certificate) => `notBefore=${printTime(certificate.notBefore)}\nnotAfter=${printTime(certificate.notAfter)}\n`,
  startdate: (certificate) => `notBefore=${printTime(certificate.notBefore)}\n`,
  enddate: (certificate) => `notAfter=${printTime(certificate.notAfter)}\n`,
  serial: (certificate) => `serial=${serialHex(certificate.serial)}\n`,
  fingerprint: (certificate, args) => {
    const hash = (['sha256', 'sha512', 'sha384', 'md5'] as const).find((name) => args.has(name)) ?? 'sha1'
    return `${hash === 'sha1' ? 'SHA1' : hash} Fingerprint=${(toHex(digest(hash, certificate.der)).toUpperCase().match(/../g) ?? []).join(':')}\n`
  },
  pubkey: (certificate) => publicKeyPem(certificate.publicKey),
  modulus: (certificate) => (certificate.publicKey.type === 'rsa' ? `Modulus=${certificate.publicKey.n.toString(16).toUpperCase()}\n` : 'Modulus=No modulus for this public key type\n'),
  hash: (certificate) => `${nameHash(certificate.subject)}\n`,
  subject_hash: (certificate) => `${nameHash(certificate.subject)}\n`,
  issuer_hash: (certificate) => `${nameHash(certificate.issuer)}\n`,
  alias: () => '<No Alias>\n',
  purpose: (certificate) => purposes(certificate),
  email: (certificate) => [...attribute(certificate.subject, '1.2.840.113549.1.9.1'), ...certificate.names.emails].map((each) => `${each}\n`).join(''),
}

/** Of the canonical form: UTF-8 in small letters, blanks made one. */
function nameHash(name: Name): string {
  const canonical = name.relative.map((group) => set(...group.map((each) => sequence(oid(each.oid), text(each.value.trim().replace(/\s+/g, ' ').toLowerCase())))))
  return toHex(sha1(concatBytes(canonical)).subarray(0, 4).reverse())
}

function purposes(certificate: Certificate): string {
  const may = (usage: string): boolean => certificate.extendedKeyUsage === undefined || certificate.extendedKeyUsage.includes(usage)
  const ca = certificate.basicConstraints?.ca === true
  const rows: readonly (readonly [string, boolean])[] = [['SSL client', may('clientAuth')], ['SSL server', may('serverAuth')], ['Netscape SSL server', may('serverAuth')], ['S/MIME signing', may('emailProtection')], ['S/MIME encryption', may('emailProtection')], ['CRL signing', certificate.keyUsage === undefined || certificate.keyUsage.includes('cRLSign')], ['Any Purpose', true], ['OCSP helper', true], ['Time Stamp signing', certificate.extendedKeyUsage?.includes('timeStamping') ?? false]]
  return `Certificate purposes:\n${rows.map(([name, allowed]) => `${name} : ${allowed ? 'Yes' : 'No'}\n${name} CA : ${ca ? 'Yes' : name === 'Any Purpose' ? 'Yes' : 'No'}\n`).join('')}`
}

async function show(process: Process, args: Args, certificate: Certificate): Promise<{ text: string; exit: number }> {
  let text = ''
  let exit = 0
  for (const name of new Set(args.flags.map((each) => (each === 'hash' ? 'subject_hash' : each)))) {
    if (name === 'ext') {
      const extensions = showExtensions(args.get('ext') ?? '', certificate)
      if (extensions === '') await process.stderr.write('No extensions in certificate\n')
      text += extensions
    }
    else if (name === 'checkend') {
      const ends = certificate.notAfter - process.clock.now() < Number(args.get('checkend')) * 1000
      text += ends ? 'Certificate will expire\n' : 'Certificate will not expire\n'
      exit = ends ? 1 : exit
    } else if (name === 'checkhost' || name === 'checkip') text += checkName(certificate, args.get(name) ?? '', name === 'checkip')
    else text += displays[name]?.(certificate, args) ?? ''
  }
  return { text, exit }
}

function showExtensions(names: string, certificate: Certificate): string {
  const list = names.split(',').map((name) => name.trim())
  const wanted = list.every((name) => isExtensionName(name)) ? list.map((name) => extensionNamed(certificate.extensions, name)) : []
  return certificate.extensions.filter((each) => wanted.includes(each)).map((each) => extensionText(each, '')).join('')
}

/** Without alternative names the common name counts. */
export function checkNameOf(certificate: Certificate, name: string): void {
  const alternatives = certificate.names.dns.length + certificate.names.ips.length
  if (alternatives === 0 && commonName(certificate.subject).toLowerCase() === name.toLowerCase()) return
  checkHost(certificate, name)
}

function checkName(certificate: Certificate, name: string, address: boolean): string {
  const what = address ? 'IP' : 'Hostname'
  try {
    checkNameOf(certificate, name)
    return `${what} ${name} does match certificate\n`
  } catch (error) {
    if (error instanceof CertificateError) return `${what} ${name} does NOT match certificate\n`
    throw error
  }
}

function validity(process: Process, args: Args): { notBefore: number; notAfter: number } {
  const now = Math.floor(process.clock.now() / 1000) * 1000
  const days = Number(args.get('days') ?? 30)
  if (Number.isNaN(days)) throw new OpensslError(`x509: Can't parse "${args.get('days') ?? ''}" as a number\nx509: Use -help for summary.\n`)
  const given = (name: string): number | undefined => (args.get(name) === undefined ? undefined : asn1Time(args.get(name) ?? ''))
  const notBefore = given('not_before') ?? now
  return { notBefore, notAfter: given('not_after') ?? now + days * 86_400_000 }
}

/** `YYYYMMDDHHMMSSZ` or with a year of two digits. */
export function asn1Time(text: string): number {
  const full = text.length === 13 ? `20${text}` : text
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full)
  if (!match) throw new OpensslError(`start date is invalid, it should be YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ\n`)
  const [, year, month, day, hour, minute, second] = match
  return new Date(`${year ?? ''}-${month ?? ''}-${day ?? ''}T${hour ?? ''}:${minute ?? ''}:${second ?? ''}Z`).getTime()
}

function hashOf(args: Args): HashName | undefined {
  return (['sha1', 'sha256', 'sha384', 'sha512'] as const).find((name) => args.has(name))
}

interface Issuer {
  readonly name: Name | undefined
  readonly key: PrivateKey
  readonly keyId: Uint8Array | undefined
}

async function sign(process: Process, args: Args): Promise<Certificate> {
  if (args.get('CA') === undefined && args.get('signkey') === undefined && args.get('key') === undefined) throw new OpensslError('We need a private key to sign with\n'.replace('We need', 'x509: We need'))
  const request = await loadRequest(process, args.get('in'), 'Unable to load certificate request input\n')
  checkExtensions(process, args, request.publicKey)
  if (!requestSignatureValid(request)) throw new OpensslError('Certificate request self-signature did not match the contents\n')
  await process.stderr.write(`Certificate request self-signature ok\nsubject=${printName(request.subject)}\n`)
  const issuer = await issuerOf(process, args)
  const copied = args.get('copy_extensions') !== undefined && args.get('copy_extensions') !== 'none' ? request.extensions : []
  const extensions = extensionsFor(process, args, request.publicKey, issuer, copied)
  const subject = args.get('subj') === undefined ? request.subject : parseSubject('x509', args.get('subj') ?? '')
  return buildCertificate({ serial: serialFor(process, args), subject, issuer: issuer.name ?? subject, ...validity(process, args), publicKey: request.publicKey, extensions }, issuer.key, hashOf(args))
}

async function issuerOf(process: Process, args: Args): Promise<Issuer> {
  const path = args.get('CA')
  if (path === undefined) {
    const key = await loadKey(process, args.get('signkey') ?? args.get('key'))
    return { name: undefined, key, keyId: keyIdOf(publicOf(key)) }
  }
  const authority = await loadCertificate(process, path, 'Unable to load CA certificate\n', 'CA certificate')
  const key = await loadKey(process, args.get('CAkey') ?? path, 'CA private key', '')
  if (!samePublicKey(authority.publicKey, publicOf(key))) throw new OpensslError(`CA certificate and CA private key do not match\n${errorId(process)}:error:05800074:x509 certificate routines:X509_check_private_key:key values mismatch:../crypto/x509/x509_cmp.c:403:\n`)
  return { name: authority.subject, key, keyId: authority.subjectKeyId }
}

/** The extension file is read before anything else is said. */
function checkExtensions(process: Process, args: Args, subjectKey: Certificate['publicKey']): void {
  const path = args.get('extfile')
  if (path !== undefined) fileExtensions(process, path, args, subjectKey, undefined)
}

function fileExtensions(process: Process, path: string, args: Args, subjectKey: Certificate['publicKey'], issuerKeyId: Uint8Array | undefined): Extension[] {
  const config = parseConfig(readBio(process, path, ''))
  const section = args.get('extensions') ?? config.get('default')?.get('extensions') ?? 'default'
  if (!config.has(section)) throw new OpensslError(`Error checking extension section ${section}\n`)
  return extensionsOf(new Map([...(config.get(section) ?? [])].filter(([name]) => name !== 'extensions')), { config, subjectKey, issuerKeyId, section })
}

/** With extensions of its own a certificate also gets key identifiers; without any it is one of version 1. */
function extensionsFor(process: Process, args: Args, subjectKey: Certificate['publicKey'], issuer: Issuer, copied: readonly Extension[]): Extension[] {
  const path = args.get('extfile')
  let own: Extension[] = [...copied]
  if (path !== undefined) {
    const made = fileExtensions(process, path, args, subjectKey, issuer.keyId)
    own = [...own.filter((each) => !made.some((other) => other.oid === each.oid)), ...made]
  }
  if (own.length === 0) return []
  if (!own.some((each) => each.oid === extensionOid.subjectKeyId)) own.push(subjectKeyId(keyIdOf(subjectKey)))
  if (issuer.keyId && issuer.name && !own.some((each) => each.oid === extensionOid.authorityKeyId)) own.push(authorityKeyId(issuer.keyId))
  return own
}

function serialFor(process: Process, args: Args): bigint {
  const given = args.get('set_serial')
  if (given !== undefined) return BigInt(given)
  const authority = args.get('CA')
  const path = args.get('CAserial') ?? (authority === undefined ? undefined : `${authority.replace(/\.[^./]*$/, '')}.srl`)
  const random = bytesToInteger(process.random.bytes(20)) & ((1n << 159n) - 1n)
  if (path === undefined || (!args.has('CAcreateserial') && args.get('CAserial') === undefined && !process.files.exists(path))) return random
  const known = process.files.exists(path) ? process.files.readText(path).trim() : undefined
  if (known === undefined && !args.has('CAcreateserial')) throw new OpensslError(`x509: Can't open "${path}" for reading, No such file or directory\n`)
  const next = known === undefined ? random : BigInt(`0x${known}`) + 1n
  process.files.writeFile(path, `${serialHex(next)}\n`)
  return next
}

async function selfMade(process: Process, args: Args): Promise<Certificate> {
  const key = await loadKey(process, args.get('key') ?? args.get('signkey'))
  const subject = parseSubject('x509', args.get('subj') ?? '')
  return buildCertificate({ serial: serialFor(process, args), subject, issuer: subject, ...validity(process, args), publicKey: publicOf(key), extensions: extensionsFor(process, args, publicOf(key), { name: undefined, key, keyId: keyIdOf(publicOf(key)) }, []) }, key, hashOf(args))
}

async function resign(process: Process, args: Args): Promise<Certificate> {
  const old = await loadCertificate(process, args.get('in'))
  const issuer = await issuerOf(process, args)
  return buildCertificate({ serial: args.get('set_serial') === undefined ? old.serial : serialFor(process, args), subject: old.subject, issuer: issuer.name ?? old.subject, ...validity(process, args), publicKey: args.get('signkey') === undefined ? old.publicKey : publicOf(issuer.key), extensions: args.has('clrext') ? [] : old.extensions }, issuer.key, hashOf(args))
}
