/** AES as `openssl enc` uses it: keys from passwords, `Salted__` in front. */
import { cbc, ecb } from '@noble/ciphers/aes.js'
import { md5, sha1 } from '@noble/hashes/legacy.js'
import { pbkdf2 } from '@noble/hashes/pbkdf2.js'
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, encodeUtf8, fromHex } from '#engine/base/bytes'
import type { Process } from '#engine/linux/abi/process'
import { type Args, errorId, OpensslError, readBio } from './args'

export interface Cipher {
  readonly keyLength: number
  readonly mode: 'cbc' | 'ecb'
}

const ciphers: Readonly<Record<string, Cipher>> = Object.fromEntries([128, 192, 256].flatMap((bits) => [
  [`aes-${bits}-cbc`, { keyLength: bits / 8, mode: 'cbc' as const }], [`aes-${bits}-ecb`, { keyLength: bits / 8, mode: 'ecb' as const }], [`aes${bits}`, { keyLength: bits / 8, mode: 'cbc' as const }],
]))

export const cipherFlags = Object.keys(ciphers).join(' ')

export function cipherNamed(name: string): Cipher | undefined {
  return ciphers[name]
}

/** What is said, and the end. */
export class BadDecrypt extends Error {}

const hashes = { md5, sha1, sha256, sha384, sha512 }

interface Secrets {
  readonly key: Uint8Array
  readonly iv: Uint8Array
  /** Written in front of what is encrypted. */
  readonly head: Uint8Array
  readonly body: Uint8Array
}

export async function encrypt(process: Process, args: Args, cipher: Cipher, input: Uint8Array): Promise<Uint8Array> {
  const secrets = args.get('K') === undefined ? await fromPassword(process, args, cipher, input) : givenKey(args, cipher, input)
  const options = { disablePadding: args.has('nopad') }
  const machine = cipher.mode === 'cbc' ? cbc(secrets.key, secrets.iv, options) : ecb(secrets.key, options)
  if (!args.has('d')) return concatBytes([secrets.head, machine.encrypt(secrets.body)])
  try {
    return machine.decrypt(secrets.body)
  } catch {
    const uneven = secrets.body.length % 16 !== 0 || secrets.body.length === 0
    throw new BadDecrypt(`bad decrypt\n${errorId(process)}:error:${uneven ? '1C80006B:Provider routines:ossl_cipher_generic_block_final:wrong final block length:../providers/implementations/ciphers/ciphercommon.c:440:' : '1C800064:Provider routines:ossl_cipher_unpadblock:bad decrypt:../providers/implementations/ciphers/ciphercommon_block.c:129:'}\n`)
  }
}

function givenKey(args: Args, cipher: Cipher, body: Uint8Array): Secrets {
  const bytes = (name: string, length: number): Uint8Array => {
    const hex = args.get(name) ?? ''
    if (!/^[0-9a-fA-F]*$/.test(hex)) throw new OpensslError(`non-hex digit\ninvalid hex ${name === 'K' ? 'key' : 'iv'} value\n`)
    return fromHex(hex.padEnd(length * 2, '0').slice(0, length * 2))
  }
  if (cipher.mode === 'cbc' && args.get('iv') === undefined) throw new OpensslError('iv undefined\n')
  return { key: bytes('K', cipher.keyLength), iv: bytes('iv', 16), head: new Uint8Array(0), body }
}

async function fromPassword(process: Process, args: Args, cipher: Cipher, input: Uint8Array): Promise<Secrets> {
  const password = encodeUtf8(await passwordOf(process, args))
  const { salt, head, body } = saltOf(process, args, input)
  if (!args.has('pbkdf2') && args.get('iter') === undefined) await process.stderr.write('*** WARNING : deprecated key derivation used.\nUsing -iter or -pbkdf2 would be better.\n')
  const hash = hashes[(args.get('md') ?? 'sha256') as keyof typeof hashes]
  const length = cipher.keyLength + 16
  const derived = args.has('pbkdf2') || args.get('iter') !== undefined ? pbkdf2(hash, password, salt, { c: Number(args.get('iter') ?? 10_000), dkLen: length }) : bytesToKey(hash, password, salt, length)
  return { key: derived.subarray(0, cipher.keyLength), iv: args.get('iv') === undefined ? derived.subarray(cipher.keyLength) : fromHex((args.get('iv') ?? '').padEnd(32, '0')), head, body }
}

async function passwordOf(process: Process, args: Args): Promise<string> {
  const plain = args.get('k')
  if (plain !== undefined) return plain
  if (args.get('kfile') !== undefined) return readBio(process, args.get('kfile') ?? '', '').split('\n')[0] ?? ''
  const [kind, value = ''] = (args.get('pass') ?? '').split(/:(.*)/s)
  if (kind === 'pass') return value
  if (kind === 'env') return process.env.get(value) ?? ''
  if (kind === 'file') return readBio(process, value, '').split('\n')[0] ?? ''
  if (kind === 'stdin') return (await process.stdin.text()).split('\n')[0] ?? ''
  throw new OpensslError('enc: asking for a password is not supported in this simulation: give -k, -kfile or -pass\n')
}

const magic = encodeUtf8('Salted__')

/** A salt of one's own is not written; otherwise it stands behind `Salted__`. */
function saltOf(process: Process, args: Args, input: Uint8Array): { salt: Uint8Array; head: Uint8Array; body: Uint8Array } {
  const none = new Uint8Array(0)
  const given = args.get('S')
  if (given !== undefined) return { salt: fromHex(given.padEnd(16, '0')), head: none, body: input }
  if (args.has('nosalt')) return { salt: none, head: none, body: input }
  if (!args.has('d')) {
    const salt = process.random.bytes(8)
    return { salt, head: concatBytes([magic, salt]), body: input }
  }
  if (input.length < 16) throw new BadDecrypt('error reading input file\n')
  if (magic.some((byte, index) => input[index] !== byte)) throw new BadDecrypt('bad magic number\n')
  return { salt: input.subarray(8, 16), head: none, body: input.subarray(16) }
}

/** EVP_BytesToKey, once. */
function bytesToKey(hash: (bytes: Uint8Array) => Uint8Array, password: Uint8Array, salt: Uint8Array, length: number): Uint8Array {
  let all: Uint8Array = new Uint8Array(0)
  let last: Uint8Array = new Uint8Array(0)
  while (all.length < length) {
    last = hash(concatBytes([last, password, salt]))
    all = concatBytes([all, last])
  }
  return all.subarray(0, length)
}
