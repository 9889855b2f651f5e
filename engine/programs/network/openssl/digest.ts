/** `openssl dgst`, and the digests by their own names. */
import { hmac } from '@noble/hashes/hmac.js'
import { md5, sha1 } from '@noble/hashes/legacy.js'
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { encodeUtf8, toHex } from '#engine/base/bytes'
import { publicOf } from '#engine/base/pki/keys'
import type { HashName } from '#engine/base/pki/rsa'
import { algorithmFor, sign, verify } from '#engine/base/pki/signature'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { type Args, errorId, OpensslError, parseArgs, readBytes, writeOut } from './args'
import { loadKey, loadPublicKey } from './material'

const hashes = { md5, sha1, sha224, sha256, sha384, sha512 }
type Hash = keyof typeof hashes
const shown: Readonly<Record<Hash, string>> = { md5: 'MD5', sha1: 'SHA1', sha224: 'SHA2-224', sha256: 'SHA2-256', sha384: 'SHA2-384', sha512: 'SHA2-512' }
const hashFlags = 'md5 sha1 sha224 sha256 sha384 sha512'

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
  const form: Form = { args, label: named === undefined && fixed === undefined ? 'SHA256' : shown[hash], compute: (bytes) => (key === undefined ? hashes[hash](bytes) : hmac(hashes[hash], encodeUtf8(key), bytes)) }
  const outcomes = []
  for (const path of args.operands.length > 0 ? args.operands : [undefined]) outcomes.push(await digestOne(process, path, form))
  const text = outcomes.filter((outcome) => typeof outcome === 'string').join('')
  if (text !== '') await writeOut(process, args.get('out'), text)
  return outcomes.includes(undefined) ? 1 : 0
}

interface Form {
  readonly args: Args
  readonly label: string
  readonly compute: (bytes: Uint8Array) => Uint8Array
}

/** A line of digests; empty where the bytes were written, undefined after a complaint. */
async function digestOne(process: Process, path: string | undefined, { args, label, compute }: Form): Promise<string | undefined> {
  try {
    const result = compute(path === undefined ? await process.stdin.readAll() : readDigested(process, path))
    if (args.has('binary')) return await writeOut(process, args.get('out'), result).then(() => '')
    return args.has('r') ? `${toHex(result)} *${path ?? 'stdin'}\n` : `${label}(${path ?? 'stdin'})= ${toHex(result)}\n`
  } catch (error) {
    if (!(error instanceof OpensslError)) throw error
    await process.stderr.write(error.message)
    return undefined
  }
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
