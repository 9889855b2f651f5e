/** cmp. */
import type { Process } from '#engine/linux/abi/process'
import { defineProgram } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { complain, print, programName, readInput, reason } from '#engine/programs/common/gnu'
import { misused } from '#engine/programs/text/diff/misuse'

export const cmp = defineProgram({
  name: 'cmp',
  version: 'cmp (GNU diffutils) 3.8',
  usageExit: 2,
  advice: (name) => `${name}: Try '${name} --help' for more information.`,
  flags: { bytes: flag('-b', '--print-bytes'), skip: option('-i', '--ignore-initial'), verbose: flag('-l', '--verbose'), limit: option('-n', '--bytes'), silent: flag('-s', '--quiet', '--silent') },
  async run(process, o) {
    const [first, second = '-', skipOne, skipTwo] = o.operands
    if (first === undefined) return misused(process, `missing operand after '${programName(process)}'`)
    const [skipFirst = '0', skipSecond = skipFirst] = (o.skip ?? [skipOne ?? '0', skipTwo ?? '0'].join(':')).split(':')
    const a = await bytesOf(process, first, o, Number(skipFirst))
    const b = a && (await bytesOf(process, second, o, Number(skipSecond)))
    return a && b ? new Comparison(process, o, [first, second], a, b).run() : 2
  },
})

interface Options {
  readonly bytes: boolean
  readonly limit: string | undefined
  readonly verbose: boolean
  readonly silent: boolean
}

async function bytesOf(process: Process, name: string, o: Options, skip: number): Promise<Uint8Array | undefined> {
  try {
    return (await readInput(process, name)).subarray(skip, o.limit === undefined ? undefined : skip + Number(o.limit))
  } catch (error) {
    if (!o.silent) await complain(process, `${name}: ${reason(error)}`)
    return undefined
  }
}

class Comparison {
  private line = 1
  private differs = false

  constructor(
    private readonly process: Process,
    private readonly o: Options,
    private readonly names: readonly [string, string],
    private readonly a: Uint8Array,
    private readonly b: Uint8Array,
  ) {}

  async run(): Promise<number> {
    const { a, b, o } = this
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      if (a[i] !== b[i]) {
        this.differs = true
        if (!o.silent) await print(this.process, this.difference(i, a[i] as number, b[i] as number))
        if (!o.verbose) return 1
      }
      if (a[i] === 10) this.line++
    }
    if (a.length === b.length) return this.differs ? 1 : 0
    if (!o.silent) await this.process.stderr.write(`${programName(this.process)}: EOF on ${a.length < b.length ? this.ended(this.names[0], a) : this.ended(this.names[1], b)}\n`)
    return 1
  }

  private difference(at: number, x: number, y: number): string {
    const width = String(Math.min(this.a.length, this.b.length)).length
    if (this.o.verbose) return `${String(at + 1).padStart(width)} ${octal(x)} ${octal(y)}\n`
    const bytes = this.o.bytes ? ` is ${octal(x)} ${String.fromCharCode(x)} ${octal(y)} ${String.fromCharCode(y)}` : ''
    return `${this.names.join(' ')} differ: byte ${at + 1}, line ${this.line}${bytes}\n`
  }

  private ended(name: string, bytes: Uint8Array): string {
    if (bytes.length === 0) return `${name} which is empty`
    const whole = bytes[bytes.length - 1] === 10
    return `${name} after byte ${bytes.length}${this.o.verbose ? '' : `, ${whole ? '' : 'in '}line ${whole ? this.line - 1 : this.line}`}`
  }
}

function octal(byte: number): string {
  return byte.toString(8).padStart(3)
}
