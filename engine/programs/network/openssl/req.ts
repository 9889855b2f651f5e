/** `openssl req`: certificate requests, and self-signed certificates. */
import { certificatePem, buildCertificate, type Certificate } from '#engine/base/pki/certificate'
import { type Extension, extensionOid, keyIdOf } from '#engine/base/pki/extensions'
import { privateKeyPem, type PrivateKey, publicKeyPem, publicOf } from '#engine/base/pki/keys'
import { attributeOid, type Name, nameOf } from '#engine/base/pki/name'
import { bytesToInteger } from '#engine/base/pki/numbers'
import { buildRequest, type CertificateRequest, requestPem, requestSignatureValid } from '#engine/base/pki/request'
import type { HashName } from '#engine/base/pki/rsa'
import type { Process } from '#engine/linux/abi/process'
import { type Args, OpensslError, parseArgs, readBio, writeOut } from './args'
import { type Config, extensionsOf, parseConfig, parseExtension } from './config'
import { loadCertificate, loadKey, loadRequest, makeKey, progress } from './material'
import { certificateText } from './certificate-text'
import { extensionText, hexBlock, keyAlgorithmName, parseSubject, printName, publicKeyText, unknownTypes } from './text'

const flags = 'new x509 nodes noenc text noout verify subject pubkey modulus batch utf8 reqexts_dummy sha1 sha224 sha256 sha384 sha512 quiet verbose'
const values = 'in out key keyout newkey subj days config addext extensions reqexts set_serial pkeyopt inform outform keyform passin passout nameopt section CA CAkey not_before not_after rand'

export async function req(process: Process, given: readonly string[]): Promise<number> {
  const args = parseArgs('req', given, flags, values)
  const configPath = args.get('config')
  const config = parseConfig(configPath === undefined ? defaultConfig : readBio(process, configPath, ''))
  if (!args.has('new') && !args.has('newkey') && !(args.has('x509') && args.get('in') === undefined)) return inspect(process, args)
  return create(process, args, config, configPath !== undefined)
}

const defaultConfig = '[req]\ndistinguished_name=req_distinguished_name\nx509_extensions=v3_ca\n[req_distinguished_name]\ncountryName=Country Name (2 letter code)\ncountryName_default=AU\nstateOrProvinceName=State or Province Name (full name)\nstateOrProvinceName_default=Some-State\nlocalityName=Locality Name (eg, city)\norganizationName=Organization Name (eg, company)\norganizationName_default=Internet Widgits Pty Ltd\norganizationalUnitName=Organizational Unit Name (eg, section)\ncommonName=Common Name (e.g. server FQDN or YOUR name)\nemailAddress=Email Address\n[v3_ca]\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always,issuer\nbasicConstraints=critical,CA:true\n'

function hashOf(args: Args): HashName | undefined {
  return (['sha1', 'sha256', 'sha384', 'sha512'] as const).find((name) => args.has(name))
}

async function keyFor(process: Process, args: Args, config: Config): Promise<PrivateKey> {
  const path = args.get('key')
  if (path !== undefined) return loadKey(process, path, 'private key', '')
  const spec = args.get('newkey') ?? `rsa:${config.get('req')?.get('default_bits') ?? '2048'}`
  const [kind = 'rsa', size] = spec.split(':')
  const curve = args.all('pkeyopt').find((each) => each.startsWith('ec_paramgen_curve:'))?.split(':')[1]
  const key = makeKey(process, kind, Number(size ?? 2048), curve)
  if (key.type === 'rsa' && !args.has('quiet')) await process.stderr.write(progress(process))
  if (!args.has('nodes') && !args.has('noenc') && config.get('req')?.get('encrypt_key') !== 'no') throw new OpensslError('req: encrypted keys are not supported in this simulation: use -nodes\n')
  const keyout = args.get('keyout') ?? config.get('req')?.get('default_keyfile')
  await writeOut(process, keyout, privateKeyPem(key), 0o600)
  if (!args.has('quiet')) await process.stderr.write('-----\n')
  return key
}

async function create(process: Process, args: Args, config: Config, ownConfig: boolean): Promise<number> {
  const subject = args.get('subj')
  if (subject !== undefined) await warnUnknown(process, subject)
  const key = await keyFor(process, args, config)
  const name = subject === undefined ? await subjectFrom(process, config, ownConfig) : parseSubject('req', subject)
  const context = { config, subjectKey: publicOf(key), issuerKeyId: keyIdOf(publicOf(key)) }
  const asked = args.get(args.has('x509') ? 'extensions' : 'reqexts') ?? args.get('extensions')
  const section = asked ?? config.get('req')?.get(args.has('x509') ? 'x509_extensions' : 'req_extensions')
  if (asked !== undefined && !config.has(asked)) throw new OpensslError(`Error checking ${args.has('x509') ? 'x509' : 'request'} extension section ${asked}\n`)
  const fromConfig = section === undefined ? [] : extensionsOf(config.get(section) ?? new Map(), { ...context, section })
  const added = args.all('addext').flatMap((text) => parseExtension(text, { ...context, section: '-addext' }))
  const extensions = [...fromConfig.filter((each) => !added.some((other) => other.oid === each.oid)), ...added]
  if (args.has('x509')) return selfSigned(process, args, key, name, extensions)
  const request = buildRequest(name, key, extensions, hashOf(args))
  const text = args.has('text') ? requestText(request) : ''
  await output(process, args, text + (args.has('noout') ? '' : requestPem(request)), request.der)
  return 0
}

async function warnUnknown(process: Process, subject: string): Promise<void> {
  parseSubject('req', subject)
  for (const [, type = ''] of subject.matchAll(/\/([^/=]+)=(?=\/|$)/g)) await process.stderr.write(`req warning: No value provided for subject name attribute "${type}", skipped\n`)
  for (const type of unknownTypes(subject)) await process.stderr.write(`req warning: Skipping unknown subject name attribute "${type}"\n`)
}

async function selfSigned(process: Process, args: Args, key: PrivateKey, name: Name, extensions: readonly Extension[]): Promise<number> {
  const now = Math.floor(process.clock.now() / 1000) * 1000
  const days = Number(args.get('days') ?? 30)
  const serial = args.get('set_serial')
  const authority: Certificate | undefined = args.get('CA') === undefined ? undefined : await loadCertificate(process, args.get('CA'))
  const authorityKey = authority ? await loadKey(process, args.get('CAkey') ?? args.get('CA')) : key
  const certificate = buildCertificate({
    serial: serial === undefined ? bytesToInteger(process.random.bytes(20)) & ((1n << 159n) - 1n) : BigInt(serial), subject: name, issuer: authority?.subject ?? name, notBefore: now, notAfter: now + days * 86_400_000, publicKey: publicOf(key), extensions: ordered(extensions),
  }, authorityKey, hashOf(args))
  const text = args.has('text') ? certificateText(certificate) : ''
  await output(process, args, text + (args.has('noout') ? '' : certificatePem(certificate)), certificate.der)
  return 0
}

/** Identifiers stand first, as the default configuration lists them. */
function ordered(extensions: readonly Extension[]): Extension[] {
  const first: readonly string[] = [extensionOid.subjectKeyId, extensionOid.authorityKeyId]
  return [...extensions.filter((each) => first.includes(each.oid)), ...extensions.filter((each) => !first.includes(each.oid))]
}

async function output(process: Process, args: Args, text: string, der: Uint8Array): Promise<void> {
  await writeOut(process, args.get('out'), args.get('outform')?.toUpperCase() === 'DER' ? der : text)
}

/** The distinguished name of the configuration, or by questions. */
async function subjectFrom(process: Process, config: Config, ownConfig: boolean): Promise<Name> {
  const named = config.get('req')?.get('distinguished_name')
  if (named === undefined) throw new OpensslError('Error: No objects specified in config file\nError making certificate request\n')
  const section = config.get(named)
  if (!section) throw new OpensslError(`Unable to get '${named}' section\nError making certificate request\n`)
  const fields = [...section].filter(([name]) => attributeOid(name.replace(/^\d+\./, '')) !== undefined)
  if (ownConfig && config.get('req')?.get('prompt') === 'no') return nameOf(fields.map(([name, value]) => attribute(name, value)))
  await process.stderr.write('You are about to be asked to enter information that will be incorporated\ninto your certificate request.\nWhat you are about to enter is what is called a Distinguished Name or a DN.\nThere are quite a few fields but you can leave some blank\nFor some fields there will be a default value,\nIf you enter \'.\', the field will be left blank.\n-----\n')
  const answers: { oid: string; value: string; tag?: number }[] = []
  const lines = process.stdin.lines()[Symbol.asyncIterator]()
  for (const [name, prompt] of fields) {
    const fallback = section.get(`${name}_default`) ?? ''
    await process.stderr.write(`${prompt} [${fallback}]:`)
    const line = await lines.next()
    const answer = line.done ? '' : line.value.trim()
    const value = answer === '' ? fallback : answer === '.' ? '' : answer
    if (value !== '') answers.push(attribute(name, value))
  }
  if (answers.length === 0) throw new OpensslError('error, no objects specified in config file\n')
  return nameOf(answers)
}

function attribute(name: string, value: string): { oid: string; value: string; tag?: number } {
  const bare = name.replace(/^\d+\./, '')
  return { oid: attributeOid(bare) ?? '', value, ...(bare === 'C' || bare === 'countryName' ? { tag: 0x13 } : {}) }
}

async function inspect(process: Process, args: Args): Promise<number> {
  const request = await loadRequest(process, args.get('in'))
  if (args.has('verify')) {
    const valid = requestSignatureValid(request)
    await process.stderr.write(valid ? 'Certificate request self-signature verify OK\n' : 'Certificate request self-signature verify failure\n')
    if (!valid) return 1
  }
  if (args.has('x509')) return selfSigned(process, args, await loadKey(process, args.get('key')), request.subject, request.extensions)
  let out = args.has('text') ? requestText(request) : ''
  if (args.has('subject')) out += `subject=${printName(request.subject, args.get('nameopt'))}\n`
  if (args.has('pubkey')) out += publicKeyPem(request.publicKey)
  if (args.has('modulus') && request.publicKey.type === 'rsa') out += `Modulus=${request.publicKey.n.toString(16).toUpperCase()}\n`
  if (!args.has('noout')) out += requestPem(request)
  await output(process, args, out, request.der)
  return 0
}

function requestText(request: CertificateRequest): string {
  const extensions = request.extensions.map((each) => extensionText(each, '                ')).join('')
  const attributes = request.extensions.length === 0 ? '        Attributes:\n            (none)\n            Requested Extensions:\n' : `        Attributes:\n            Requested Extensions:\n${extensions}`
  return `Certificate Request:\n    Data:\n        Version: 1 (0x0)\n        Subject: ${printName(request.subject)}\n        Subject Public Key Info:\n            Public Key Algorithm: ${keyAlgorithmName(request.publicKey)}\n${publicKeyText(request.publicKey, '                ')}${attributes}    Signature Algorithm: ${request.signatureAlgorithm.name}\n    Signature Value:\n${hexBlock(request.signature, '        ', 18)}`
}
