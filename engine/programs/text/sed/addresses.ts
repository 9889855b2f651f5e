/** Which lines a command is for: `2`, `$`, `/re/I`, `0~3`, and as a second address `+3` and `~4`. */
import type { Address } from '#engine/programs/text/sed/commands'
import { type Scanner, withCharacters } from '#engine/programs/text/sed/scanner'

export interface Addresses {
  readonly from: Address | undefined
  readonly to: Address | undefined
  readonly negated: boolean
}

export function readAddresses(scanner: Scanner): Addresses {
  if (scanner.match(/^[+~]\d/)) scanner.fail('invalid usage of +N or ~N as first address')
  const from = readAddress(scanner, false)
  scanner.blanks()
  const to = from && scanner.accept(',') ? secondAddress(scanner) : undefined
  if (from?.kind === 'zero' && to?.kind !== 'regex') scanner.fail('invalid usage of line address 0', scanner.at + 1)
  return { from, to, negated: negation(scanner) }
}

function secondAddress(scanner: Scanner): Address {
  scanner.blanks()
  return readAddress(scanner, true) ?? scanner.fail("unexpected `,'", Math.min(scanner.at + 1, scanner.length))
}

function negation(scanner: Scanner): boolean {
  scanner.blanks()
  if (!scanner.accept('!')) return false
  scanner.blanks()
  if (scanner.peek === '!') scanner.fail("multiple `!'s", scanner.at + 1)
  return true
}

function readAddress(scanner: Scanner, second: boolean): Address | undefined {
  const number = scanner.match(/^\d+/)?.[0]
  if (number !== undefined) return numbered(scanner, Number(number), second)
  if (scanner.accept('$')) return { kind: 'last' }
  const relative = second ? scanner.match(/^([+~])(\d+)/) : undefined
  if (relative) return relative[1] === '+' ? { kind: 'plus', count: Number(relative[2]) } : { kind: 'multiple', of: Number(relative[2]) }
  return scanner.peek === '/' || scanner.peek === '\\' ? pattern(scanner) : undefined
}

function numbered(scanner: Scanner, number: number, second: boolean): Address {
  const step = second ? undefined : scanner.match(/^~(\d*)/)
  if (step) return { kind: 'step', first: number, step: Number(step[1]) }
  return number === 0 && !second ? { kind: 'zero' } : { kind: 'line', line: number }
}

function pattern(scanner: Scanner): Address {
  scanner.accept('\\')
  const delimiter = scanner.take() ?? ''
  const given = scanner.delimited(delimiter, true)
  if (given === undefined) scanner.fail('unterminated address regex', scanner.length)
  const source = withCharacters(given, /[$*.[\\\]^]/)
  const flags = scanner.match(/^[IM]+/)?.[0] ?? ''
  const ignoreCase = flags.includes('I')
  scanner.checkRegex(source, ignoreCase)
  return { kind: 'regex', source: source === '' ? undefined : source, ignoreCase, multiline: flags.includes('M') }
}
