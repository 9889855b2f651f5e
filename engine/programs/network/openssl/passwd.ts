/** `openssl passwd`: the hashes of crypt(3). */
import type { Process } from '#engine/linux/abi/process'
import { md5Crypt, shaCrypt } from './crypt'
import { OpensslError, parseArgs, readBio } from './args'

export async function passwd(process: Process, given: readonly string[]): Promise<number> {
  const args = parseArgs('passwd', given, '1 5 6 apr1 aixmd5 noverify quiet table reverse stdin', 'salt in')
  const kinds = ['1', '5', '6', 'apr1', 'aixmd5'].filter((name) => args.has(name))
  if (kinds.length > 1) throw new OpensslError('passwd: Use -help for summary.\n')
  if (kinds[0] === 'aixmd5') throw new OpensslError('passwd: -aixmd5 is not supported in this simulation\n')
  const kind = kinds[0] ?? '1'
  const words = args.operands.length > 0 ? args.operands : await wordsOf(process, args.has('stdin'), args.get('in'))
  for (const word of words) {
    const hash = hashed(kind, word, args.get('salt') ?? saltFor(process, kind))
    await process.stdout.write(args.has('table') ? (args.has('reverse') ? `${hash}\t${word}\n` : `${word}\t${hash}\n`) : `${hash}\n`)
  }
  return 0
}

async function wordsOf(process: Process, standard: boolean, path: string | undefined): Promise<string[]> {
  if (!standard && path === undefined) throw new OpensslError('passwd: asking for a password is not supported in this simulation: give it as operand or with -stdin\n')
  const text = path === undefined ? await process.stdin.text() : readBio(process, path, '')
  return text.replace(/\n$/, '').split('\n')
}

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function saltFor(process: Process, kind: string): string {
  return Array.from({ length: kind === '1' || kind === 'apr1' ? 8 : 16 }, () => alphabet.charAt(process.random.integer(64))).join('')
}

function hashed(kind: string, word: string, salt: string): string {
  if (kind === '5' || kind === '6') return shaCrypt(kind, word, salt.slice(0, 16))
  return md5Crypt(kind, word, salt.slice(0, 8))
}
