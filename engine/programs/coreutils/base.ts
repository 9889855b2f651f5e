/** base64, base32, basenc: encoding streams, so an endless input is no harm. */
import { concatBytes } from '#engine/base/bytes'
import { decodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { inputChunks, Output, quote, readInput, usageFailure } from '#engine/programs/common/gnu'
import { attempt, fail } from '#engine/programs/common/operands'
import { quoteIfNeeded } from '#engine/programs/common/quoting'
import { type Encoding, encodings } from '#engine/programs/coreutils/base-codes'

interface Request {
  readonly decode: boolean
  readonly ignore: boolean
  readonly wrap: string | undefined
  readonly operands: readonly string[]
}

const common = { decode: flag('-d', '--decode'), wrap: option('-w', '--wrap'), ignore: flag('-i', '--ignore-garbage') } as const

async function run(process: Process, o: Request, encoding: Encoding): Promise<number> {
  const [name = '-', extra] = o.operands
  if (o.wrap !== undefined && !/^\d+$/.test(o.wrap)) return fail(process, `invalid wrap size: ${quote(process, o.wrap)}`)
  if (extra !== undefined) return usageFailure(process, `extra operand ${quote(process, extra)}`)
  let status = 0
  const work = async (): Promise<void> => {
    status = o.decode ? await decode(process, name, o.ignore, encoding) : await encode(process, name, Number(o.wrap ?? 76), encoding)
  }
  return (await attempt(process, name, work, (at, why, error) => (isErrno(error, 'EISDIR') ? `read error: ${why}` : `${quoteIfNeeded(at)}: ${why}`))) ? status : 1
}

async function decode(process: Process, name: string, ignore: boolean, encoding: Encoding): Promise<number> {
  const text = decodeLossless(await readInput(process, name)).replace(/\n/g, '')
  const decoded = encoding.decode(ignore ? text.replace(encoding.garbage, '') : text)
  await process.stdout.write(decoded.bytes)
  return decoded.valid ? 0 : fail(process, 'invalid input')
}

async function encode(process: Process, name: string, wrap: number, encoding: Encoding): Promise<number> {
  const out = new Output(process)
  const lines = new Wrapped(wrap)
  let held = new Uint8Array(0)
  for await (const chunk of inputChunks(process, name)) {
    const all = concatBytes([held, chunk])
    const whole = all.length - (all.length % encoding.group)
    await out.write(lines.push(encoding.encode(all.subarray(0, whole))))
    held = all.slice(whole)
  }
  const unfinished = encoding === encodings.z85 && held.length > 0
  await out.write(lines.push(encoding.encode(held)) + (unfinished ? '' : lines.end()))
  await out.flush()
  return unfinished ? fail(process, 'invalid input (length must be multiple of 4 characters)') : 0
}

/** Cuts a stream of digits into lines; 0 means one line without an end. */
class Wrapped {
  private held = ''

  constructor(private readonly width: number) {}

  push(text: string): string {
    if (this.width === 0) return text
    this.held += text
    let out = ''
    let at = 0
    for (; at + this.width <= this.held.length; at += this.width) out += `${this.held.slice(at, at + this.width)}\n`
    this.held = this.held.slice(at)
    return out
  }

  end(): string {
    return this.held === '' ? '' : `${this.held}\n`
  }
}

function baseProgram(name: 'base64' | 'base32'): Program {
  return defineProgram({ name, usage: '[OPTION]... [FILE]', flags: common, run: (process, o) => run(process, o, encodings[name]) })
}

const basenc = defineProgram({
  name: 'basenc',
  usage: '[OPTION]... [FILE]',
  flags: {
    ...common, base64: flag('--base64'), base64url: flag('--base64url'), base32: flag('--base32'), base32hex: flag('--base32hex'), base16: flag('--base16'), base2msbf: flag('--base2msbf'), base2lsbf: flag('--base2lsbf'), z85: flag('--z85'),
  },
  run(process, o) {
    const chosen = (Object.keys(encodings) as (keyof typeof encodings)[]).find((name) => o[name])
    return chosen === undefined ? usageFailure(process, 'missing encoding type') : run(process, o, encodings[chosen])
  },
})

export const basePrograms: readonly Program[] = [baseProgram('base64'), baseProgram('base32'), basenc]
