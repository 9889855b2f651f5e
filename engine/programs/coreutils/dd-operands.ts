/** dd's operands: numbers with factors and suffixes, conversions, flags. */
import type { Process } from '#engine/linux/abi/process'
import { quote } from '#engine/programs/common/gnu'

const names = ['if', 'of', 'bs', 'ibs', 'obs', 'cbs', 'count', 'skip', 'seek', 'iseek', 'oseek', 'conv', 'status', 'iflag', 'oflag']
const conversions = ['ascii', 'ebcdic', 'ibm', 'block', 'unblock', 'lcase', 'ucase', 'sparse', 'swab', 'noerror', 'nocreat', 'excl', 'notrunc', 'sync', 'fdatasync', 'fsync']
const fileFlags = ['append', 'binary', 'cio', 'direct', 'directory', 'dsync', 'noatime', 'nocache', 'noctty', 'nofollow', 'nolinks', 'nonblock', 'sync', 'text', 'count_bytes', 'skip_bytes', 'fullblock', 'seek_bytes']
const units: Readonly<Record<string, number>> = { '': 1, c: 1, w: 2, b: 512, B: 1 }

export interface DdOperands {
  readonly input: string | undefined
  readonly output: string | undefined
  readonly ibs: number
  readonly obs: number
  /** One block size for both: blocks are written as they were read. */
  readonly same: boolean
  readonly cbs: number
  /** Blocks, or bytes. */
  readonly count: { readonly value: number; readonly bytes: boolean }
  readonly skip: { readonly value: number; readonly bytes: boolean }
  readonly seek: { readonly value: number; readonly bytes: boolean }
  readonly conv: ReadonlySet<string>
  readonly oflag: ReadonlySet<string>
  readonly iflag: ReadonlySet<string>
  readonly status: string
}

/** A wrong operand; `usage` points to --help too. */
export class OperandError extends Error {
  constructor(
    message: string,
    readonly usage: boolean,
  ) {
    super(message)
  }
}

export function parseOperands(process: Process, args: readonly string[]): DdOperands {
  const given = new Map<string, string>()
  for (const arg of args) {
    const at = arg.indexOf('=')
    if (at < 0 || !names.includes(arg.slice(0, at))) throw new OperandError(`unrecognized operand ${quote(process, arg)}`, true)
    given.set(arg.slice(0, at), arg.slice(at + 1))
  }
  return new Reader(process, given).operands()
}

class Reader {
  constructor(
    private readonly process: Process,
    private readonly given: ReadonlyMap<string, string>,
  ) {}

  operands(): DdOperands {
    const bs = this.size('bs')
    const iflag = this.words('iflag', 'input flag', fileFlags)
    const oflag = this.words('oflag', 'output flag', fileFlags)
    const conv = this.words('conv', 'conversion', conversions)
    const status = this.words('status', 'status level', ['none', 'noxfer', 'progress'])
    if (conv.has('lcase') && conv.has('ucase')) throw new OperandError('cannot combine lcase and ucase', false)
    if (conv.has('block') && conv.has('unblock')) throw new OperandError('cannot combine block and unblock', false)
    if (conv.has('excl') && conv.has('nocreat')) throw new OperandError('cannot combine excl and nocreat', false)
    return {
      input: this.given.get('if'), output: this.given.get('of'), ibs: bs ?? this.size('ibs') ?? 512, obs: bs ?? this.size('obs') ?? 512, same: bs !== undefined, cbs: this.size('cbs') ?? 0,
      count: this.amount('count', iflag.has('count_bytes')) ?? { value: Infinity, bytes: false },
      skip: this.amount('skip', iflag.has('skip_bytes')) ?? this.amount('iseek', iflag.has('skip_bytes')) ?? { value: 0, bytes: false },
      seek: this.amount('seek', oflag.has('seek_bytes')) ?? this.amount('oseek', oflag.has('seek_bytes')) ?? { value: 0, bytes: false },
      conv, oflag, iflag, status: [...status][0] ?? '',
    }
  }

  private size(name: string): number | undefined {
    const text = this.given.get(name)
    if (text === undefined) return undefined
    const value = numberOf(text)
    if (value === undefined || value === 0) throw new OperandError(`invalid number: ${quote(this.process, text)}`, false)
    return value
  }

  /** `5` blocks, or with `B` at the end, or by flag, bytes. */
  private amount(name: string, bytes: boolean): { value: number; bytes: boolean } | undefined {
    const text = this.given.get(name)
    if (text === undefined) return undefined
    const value = numberOf(text)
    if (value === undefined) throw new OperandError(`invalid number: ${quote(this.process, text)}`, false)
    return { value, bytes: bytes || text.endsWith('B') }
  }

  private words(name: string, what: string, known: readonly string[]): ReadonlySet<string> {
    const words = (this.given.get(name) ?? '').split(',').filter((word) => word !== '')
    const bad = words.find((word) => !known.includes(word))
    if (bad !== undefined) throw new OperandError(`invalid ${what}: ${quote(this.process, bad)}`, true)
    return new Set(words)
  }
}

/** `4`, `2x3`, `1kB`, `4MiB`. */
function numberOf(text: string): number | undefined {
  const factors = text.split('x').map(factor)
  return factors.some((value) => value === undefined) ? undefined : factors.reduce<number>((product, value) => product * (value ?? 0), 1)
}

function factor(text: string): number | undefined {
  const match = /^(\d+)([cwbB]?|[kKMGTPE](?:i?B)?)$/.exec(text)
  if (!match) return undefined
  const [, digits = '', suffix = ''] = match
  const unit = units[suffix] ?? (/^.B$/.test(suffix) ? 1000 : 1024) ** ('KMGTPE'.indexOf(suffix.charAt(0).toUpperCase()) + 1)
  return Number(digits) * unit
}
