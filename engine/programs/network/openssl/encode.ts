/** `openssl enc` and `base64`. */
import { fromBase64, toBase64 } from '#engine/base/bytes'
import type { Process } from '#engine/linux/abi/process'
import { type Args, OpensslError, parseArgs, readBytes, writeOut } from './args'
import { BadDecrypt, type Cipher, cipherFlags, cipherNamed, encrypt } from './ciphers'

const options = 'a base64 A d e salt nosalt pbkdf2 p P nopad none'

/** `base64` alone, or ciphers, whose bytes may be written so too. */
export async function enc(process: Process, given: readonly string[], base64 = false): Promise<number> {
  const args = parseArgs(base64 ? 'base64' : 'enc', given, `${options} ${cipherFlags}`, 'in out pass k kfile iter md K iv S bufsize')
  const input = args.get('in')
  const bytes = input === undefined ? await process.stdin.readAll() : readBytes(process, input)
  const armoured = base64 || args.has('base64') || args.has('a')
  const cipher = args.flags.map((name) => cipherNamed(name)).find((found) => found !== undefined)
  if (cipher) return withCipher(process, args, cipher, bytes, armoured)
  if (!armoured) throw new OpensslError('enc: Use -help for summary.\n')
  await writeOut(process, args.get('out'), args.has('d') ? decoded(bytes, args.has('A')) : encoded(bytes, args.has('A')))
  return 0
}

async function withCipher(process: Process, args: Args, cipher: Cipher, bytes: Uint8Array, armoured: boolean): Promise<number> {
  const back = args.has('d')
  try {
    const result = await encrypt(process, args, cipher, back && armoured ? decoded(bytes, args.has('A')) : bytes)
    await writeOut(process, args.get('out'), back || !armoured ? result : encoded(result, args.has('A')))
    return 0
  } catch (error) {
    if (!(error instanceof BadDecrypt)) throw error
    await process.stderr.write(error.message)
    return 1
  }
}

function encoded(bytes: Uint8Array, oneLine: boolean): string {
  const text = toBase64(bytes)
  return oneLine ? text : (text.match(/.{1,64}/g) ?? []).map((line) => `${line}\n`).join('')
}

/** Lines that are too long are no base64 to it, and give nothing. */
function decoded(bytes: Uint8Array, oneLine: boolean): Uint8Array {
  const text = new TextDecoder().decode(bytes)
  const usable = oneLine || text.split('\n').every((line) => line.length <= 76) ? text.replace(/\s/g, '') : ''
  return /^[A-Za-z0-9+/]*={0,2}$/.test(usable) && usable.length % 4 === 0 ? fromBase64(usable) : new Uint8Array(0)
}
