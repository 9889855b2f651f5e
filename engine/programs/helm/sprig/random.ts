/** What is drawn by lot: names, passwords, ids. */
import type { Random } from '#engine/base/random'
import { toBase64 } from '#engine/base/bytes'
import { fn, type FunctionTable } from './define'

const digits = '0123456789'
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ascii = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('')

export function randomFunctions(random: Random): FunctionTable {
  const drawn = (alphabet: string) => fn('int', (count: object) => Array.from({ length: Math.min(Math.max(0, Number(count)), 1_000_000) }, () => alphabet.charAt(random.integer(alphabet.length))).join(''))
  return {
    randAlphaNum: drawn(letters + digits),
    randAlpha: drawn(letters),
    randNumeric: drawn(digits),
    randAscii: drawn(ascii),
    randBytes: fn('int', (count: object) => toBase64(random.bytes(Math.min(Math.max(0, Number(count)), 1_000_000)))),
    uuidv4: fn('', () => random.uuid()),
    shuffle: fn('string', (text: string) => shuffled(text, random)),
  }
}

function shuffled(text: string, random: Random): string {
  const runes = [...text]
  for (let i = runes.length - 1; i > 0; i--) {
    const other = random.integer(i + 1)
    const rune = runes[i] as string
    runes[i] = runes[other] as string
    runes[other] = rune
  }
  return runes.join('')
}
