/** `openssl dgst`, `enc`, `base64`, `rand`, `version`, `passwd`, `crl2pkcs7`, `ca`. */
import { hmac } from '@noble/hashes/hmac.js'
import { md5, sha1 } from '@noble/hashes/legacy.js'
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { fromBase64, toBase64, toHex } from '#engine/base/bytes'
import { encodeUtf8 } from '#engine/base/bytes'
import { buildCertificate, certificatePem } from '#engine/base/pki/certificate'
import { encodePem } from '#engine/base/pki/pem'
import { publicOf } from '#engine/base/pki/keys'
import { algorithmFor, sign, verify } from '#engine/base/pki/signature'
import type { HashName } from '#engine/base/pki/rsa'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { type Args, errorId, OpensslError, parseArgs, readBio, writeOut } from './args'
import { certificateText } from './certificate-text'
import { parseConfig } from './config'
import { loadCertificate, loadCertificates, loadKey, loadPublicKey, loadRequest } from './material'
import { printName } from './text'
import { asn1Time } from './x509'

const hashes = { md5, sha1, sha224, sha256, sha384, sha512 }
type Hash = keyof typeof hashes
const shown: Readonly<Record<Hash, string>> = { md5: 'MD5', sha1: 'SHA1', sha224: 'SHA2-224', sha256: 'SHA2-256', sha384: 'SHA2-384', sha512: 'SHA2-512' }
const hashFlags = 'md5 sha1 sha224 sha256 sha384 sha512'

function readBytes(process: Process, path: string): Uint8Array {
  try {
    return process.files.readFile(path)
  } catch (error) {
    if (!isErrno(error)) throw error
    const id = errorId(process)
    throw new OpensslError(`Can't open "${path}" for reading, ${error.message}\n${id}:error:80000002:system library:BIO_new_file:${error.message}:../crypto/bio/bss_file.c:67:calling fopen(${path}, rb)\n${id}:error:10000080:BIO routines:BIO_new_file:no such file:../crypto/bio/bss_file.c:75:\n`)
  }
}

/** A file of which a digest is made: another way of opening, and other words. */
function readDigested(process: Process, path: string): Uint8Array {
  try {
    return process.files.readFile(path)
  } catch (error) {
    if (!isErrno(error)) throw error
    const id = errorId(process)
    throw new OpensslError(`${path}: ${error.message}\n${id}:error:80000002:system library:file_ctrl:${error.message}:../crypto/bio/bss_file.c:297:calling fopen(${path}, r)\n${id}:error:10080002:BIO routines:file_ctrl:system lib:../crypto/bio/bss_file.c:300:\n`)
  }
}

export function isHash(name: string): name is Hash {
  return name in hashes
}

export async function dgst(process: Process, given: readonly string[], fixed?: Hash): Promise<number> {
  const args = parseArgs(fixed ?? 'dgst', given, `${hashFlags} hex binary r c list`, 'out sign verify prverify signature hmac mac macopt keyform')
  const named = args.flags.find((name) => isHash(name)) as Hash | undefined
  const hash = fixed ?? named ?? 'sha256'
  if (args.get('sign') !== undefined || args.get('verify') !== undefined || args.get('prverify') !== undefined) return signature(process, args, hash)
  const key = args.get('hmac') ?? args.get('macopt')?.replace(/^key:/, '')
  let out = ''
  let exit = 0
  for (const path of args.operands.length > 0 ? args.operands : [undefined]) {
    let bytes: Uint8Array
    try {
      bytes = path === undefined ? await process.stdin.readAll() : readDigested(process, path)
    } catch (error) {
      if (!(error instanceof OpensslError)) throw error
      await process.stderr.write(error.message)
      exit = 1
      continue
    }
    const result = key === undefined ? hashes[hash](bytes) : hmac(hashes[hash], encodeUtf8(key), bytes)
    if (args.has('binary')) {
      await writeOut(process, args.get('out'), result)
      continue
    }
    const label = named === undefined && fixed === undefined ? 'SHA256' : shown[hash]
    out += args.has('r') ? `${toHex(result)} *${path ?? 'stdin'}\n` : `${key === undefined ? label : `HMAC-${label}`}(${path ?? 'stdin'})= ${toHex(result)}\n`
  }
  if (out !== '') await writeOut(process, args.get('out'), out)
  return exit
}

async function signature(process: Process, args: Args, hash: Hash): Promise<number> {
  const message = args.operands[0] === undefined ? await process.stdin.readAll() : readBytes(process, args.operands[0])
  const signing = args.get('sign')
  if (signing !== undefined) {
    const key = await loadKey(process, signing)
    const bytes = sign(key, algorithmFor(key, hash as HashName), message)
    await writeOut(process, args.get('out'), args.has('hex') ? `${shown[hash]}(${args.operands[0] ?? 'stdin'})= ${toHex(bytes)}\n` : bytes)
    return 0
  }
  const key = args.get('verify') === undefined ? publicOf(await loadKey(process, args.get('prverify'))) : await loadPublicKey(process, args.get('verify'))
  const given = readBytes(process, args.get('signature') ?? '')
  const algorithm = algorithmFor(key, hash as HashName)
  const ok = verify(key, algorithm, message, given)
  if (!ok && key.type === 'rsa') await process.stderr.write(`${errorId(process)}:error:02000068:rsa routines:ossl_rsa_verify:bad signature:../crypto/rsa/rsa_sign.c:429:\n${errorId(process)}:error:1C880004:Provider routines:rsa_verify:RSA lib:../providers/implementations/signature/rsa_sig.c:774:\n`)
  await process.stdout.write(ok ? 'Verified OK\n' : 'Verification failure\n')
  return ok ? 0 : 1
}

/** `base64`, and `enc -base64`. Ciphers are not there. */
export async function enc(process: Process, given: readonly string[], base64 = false): Promise<number> {
  const args = parseArgs(base64 ? 'base64' : 'enc', given, 'a base64 A d e salt nosalt pbkdf2 p P aes-256-cbc aes-128-cbc des3 nopad none', 'in out pass k kfile iter md K iv S bufsize')
  if (!base64 && !args.has('base64') && !args.has('a')) throw new OpensslError('enc: ciphers are not supported in this simulation, only -base64\n')
  if (args.flags.some((name) => /^(aes|des)/.test(name))) throw new OpensslError('enc: ciphers are not supported in this simulation, only -base64\n')
  const bytes = args.get('in') === undefined ? await process.stdin.readAll() : readBytes(process, args.get('in') ?? '')
  if (args.has('d')) {
    const text = new TextDecoder().decode(bytes)
    const clean = text.replace(/\s/g, '')
    const usable = args.has('A') || text.split('\n').every((line) => line.length <= 76) ? clean : ''
    await writeOut(process, args.get('out'), /^[A-Za-z0-9+/]*={0,2}$/.test(usable) && usable.length % 4 === 0 ? fromBase64(usable) : new Uint8Array(0))
    return 0
  }
  const encoded = toBase64(bytes)
  await writeOut(process, args.get('out'), args.has('A') ? encoded : (encoded.match(/.{1,64}/g) ?? []).map((line) => `${line}\n`).join(''))
  return 0
}

export async function rand(process: Process, given: readonly string[]): Promise<number> {
  const args = parseArgs('rand', given, 'hex base64', 'out')
  const length = Number(args.operands[0])
  if (args.operands[0] === undefined) return 0
  if (!Number.isInteger(length) || length < 0) throw new OpensslError(`rand: Can't parse "${args.operands[0]}" as a number\nrand: Use -help for summary.\n`)
  if (length > 16 * 1024 * 1024) throw new OpensslError('rand: too many bytes for this simulation (16 MiB at most)\n')
  const bytes = process.random.bytes(length)
  const text = args.has('hex') ? `${toHex(bytes)}\n` : args.has('base64') ? (toBase64(bytes).match(/.{1,64}/g) ?? []).map((line) => `${line}\n`).join('') : bytes
  await writeOut(process, args.get('out'), text)
  return 0
}

export async function version(process: Process, given: readonly string[]): Promise<number> {
  const args = parseArgs('version', given, 'a b d e f m o p r v c', '')
  const line = 'OpenSSL 3.0.17 1 Jul 2025 (Library: OpenSSL 3.0.17 1 Jul 2025)\n'
  await process.stdout.write(args.has('a') ? `${line}built on: Wed Jul  2 18:22:53 2025 UTC\nplatform: debian-amd64\noptions:  bn(64,64)\nOPENSSLDIR: "/usr/lib/ssl"\nENGINESDIR: "/usr/lib/x86_64-linux-gnu/engines-3"\nMODULESDIR: "/usr/lib/x86_64-linux-gnu/ossl-modules"\nSeeding source: os-specific\n` : args.has('d') ? 'OPENSSLDIR: "/usr/lib/ssl"\n' : line)
  return 0
}

export async function crl2pkcs7(process: Process, given: readonly string[]): Promise<number> {
  const args = parseArgs('crl2pkcs7', given, 'nocrl', 'in out certfile inform outform')
  const found = (await Promise.all(args.all('certfile').map((path) => loadCertificates(process, path)))).flat()
  // Handed on to `pkcs7 -print_certs` as plain certificates: that is all that anybody does with it.
  await writeOut(process, args.get('out'), found.map((each) => encodePem('PKCS7', each.der)).join(''))
  return 0
}

export async function pkcs7(process: Process, given: readonly string[]): Promise<number> {
  const args = parseArgs('pkcs7', given, 'print_certs noout text', 'in out inform outform')
  const text = (args.get('in') === undefined ? await process.stdin.text() : readBio(process, args.get('in') ?? '', 'unable to load PKCS7 object\n')).replace(/PKCS7/g, 'CERTIFICATE')
  const path = `/tmp/.pkcs7-${process.pid}`
  process.files.writeFile(path, text, 0o600)
  const found = await loadCertificates(process, path)
  process.files.unlink(path)
  await writeOut(process, args.get('out'), found.map((each) => `${args.has('text') ? certificateText(each) : `subject=${printName(each.subject)}\n\nissuer=${printName(each.issuer)}\n`.replace('\n\n', '\n')}\n${args.has('noout') ? '' : `${certificatePem(each)}\n`}`).join(''))
  return 0
}

/** `ca`, as far as signing one request with given dates goes. */
export async function ca(process: Process, given: readonly string[]): Promise<number> {
  const args = parseArgs('ca', given, 'batch notext create_serial rand_serial', 'config in out cert keyfile startdate enddate days md name extensions extfile outdir subj policy')
  const config = parseConfig(args.get('config') === undefined ? '' : readBio(process, args.get('config') ?? '', ''))
  await process.stderr.write(`Using configuration from ${args.get('config') ?? '/usr/lib/ssl/openssl.cnf'}\n`)
  const section = config.get(args.get('name') ?? config.get('ca')?.get('default_ca') ?? '') ?? new Map<string, string>()
  const authority = await loadCertificate(process, args.get('cert') ?? section.get('certificate'))
  const key = await loadKey(process, args.get('keyfile') ?? section.get('private_key'))
  const request = await loadRequest(process, args.get('in'))
  const now = Math.floor(process.clock.now() / 1000) * 1000
  const notBefore = args.get('startdate') === undefined ? now : asn1Time(args.get('startdate') ?? '')
  const notAfter = args.get('enddate') === undefined ? now + Number(args.get('days') ?? section.get('default_days') ?? 365) * 86_400_000 : asn1Time(args.get('enddate') ?? '')
  const serialPath = section.get('serial')
  const serialText = serialPath !== undefined && process.files.exists(serialPath) ? process.files.readText(serialPath).trim() : '01'
  const certificate = buildCertificate({ serial: BigInt(`0x${serialText}`), subject: request.subject, issuer: authority.subject, notBefore, notAfter, publicKey: request.publicKey, extensions: [] }, key)
  if (serialPath !== undefined) process.files.writeFile(serialPath, `${(BigInt(`0x${serialText}`) + 1n).toString(16).padStart(2, '0').toUpperCase()}\n`)
  await process.stderr.write(`Check that the request matches the signature\nSignature ok\nThe Subject's Distinguished Name is as follows\n${request.subject.relative.flat().map((each) => `${each.oid}:'${each.value}'\n`).join('')}Write out database with 1 new entries\nDatabase updated\n`)
  await writeOut(process, args.get('out'), (args.has('notext') ? '' : certificateText(certificate)) + certificatePem(certificate))
  return 0
}
