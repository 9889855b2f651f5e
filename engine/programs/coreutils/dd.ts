/** dd. */
import { concatBytes } from '#engine/base/bytes'
import { isErrno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { complain, quoteName, usageFailure } from '#engine/programs/common/gnu'
import { fail } from '#engine/programs/common/operands'
import { type Conversion, conversionOf, recordsOf } from '#engine/programs/coreutils/dd-convert'
import { type DdOperands, OperandError, parseOperands } from '#engine/programs/coreutils/dd-operands'

const mostBytes = 1024 ** 3

const dd = defineProgram({
  name: 'dd',
  usage: '[OPERAND]...',
  unsupported: 'conversions between ASCII and EBCDIC, and more than 1 GiB',
  flags: {},
  async run(process, { operands }) {
    try {
      const o = parseOperands(process, operands)
      if (['ascii', 'ebcdic', 'ibm'].some((word) => o.conv.has(word))) return await fail(process, 'EBCDIC is not simulated')
      return await copy(process, o)
    } catch (error) {
      if (!(error instanceof OperandError)) throw error
      return error.usage ? usageFailure(process, error.message) : fail(process, error.message)
    }
  },
})

async function copy(process: Process, o: DdOperands): Promise<number> {
  const input = await open(process, o.input, 0, () => process.files.open(o.input ?? '', { read: true }))
  const output = input && (await open(process, o.output, 1, () => openOutput(process, o)))
  if (!input || !output) return 1
  const transfer = new Transfer(process, o, input, output)
  const status = await transfer.run()
  if (o.input !== undefined) input.release()
  if (o.output !== undefined) output.release()
  await transfer.report()
  return status
}

async function open(process: Process, path: string | undefined, standard: number, opener: () => OpenFile): Promise<OpenFile | undefined> {
  if (path === undefined) return process.descriptor(standard)
  try {
    return opener()
  } catch (error) {
    if (!isErrno(error)) throw error
    await complain(process, `failed to open ${quoteName(path)}: ${error.message}`)
    return undefined
  }
}

/** With seek= what lies before stays, what lies behind goes. */
function openOutput(process: Process, { output = '', conv, oflag, seek }: DdOperands): OpenFile {
  const keep = conv.has('notrunc') || seek.value > 0
  return process.files.open(output, { write: true, create: !conv.has('nocreat'), exclusive: conv.has('excl'), truncate: !keep, append: oflag.has('append') }, 0o666)
}

class Transfer {
  private readonly in = { full: 0, part: 0 }
  private readonly out = { full: 0, part: 0 }
  private bytes = 0
  private pending: Uint8Array[] = []
  private held = 0
  private readonly started: number
  private readonly convert: Conversion

  constructor(
    private readonly process: Process,
    private readonly o: DdOperands,
    private readonly input: OpenFile,
    private readonly output: OpenFile,
  ) {
    this.started = process.clock.now()
    this.convert = conversionOf(o.conv, o.ibs)
  }

  async run(): Promise<number> {
    try {
      await this.position()
      const records = recordsOf(this.o.conv, this.o.cbs)
      if (records) await this.whole(records)
      else await this.blocks()
      await this.flush()
      return 0
    } catch (error) {
      if (!(error instanceof TransferError)) throw error
      await complain(this.process, error.message)
      return 1
    }
  }

  private async position(): Promise<void> {
    const { o, input, output } = this
    const skip = o.skip.value * (o.skip.bytes ? 1 : o.ibs)
    if (skip > 0) await this.skip(skip)
    const seek = o.seek.value * (o.seek.bytes ? 1 : o.obs)
    if (seek === 0 || !output.seek) return
    output.seek(seek, 'start')
    if (!o.conv.has('notrunc') && o.output !== undefined && input !== output) output.truncate?.(seek)
  }

  private async skip(bytes: number): Promise<void> {
    const { input, o } = this
    const size = input.kind === 'file' ? input.stat().size : undefined
    if (size !== undefined && bytes > size) await complain(this.process, `${o.input === undefined ? "'standard input'" : o.input}: cannot skip to specified offset`)
    if (input.seek && input.kind === 'file') input.seek(bytes, 'start')
    else for (let left = bytes; left > 0; ) left -= (await input.read(left))?.length ?? left
  }

  /** What is left to read of count=. */
  private room(read: number): number {
    const { value, bytes } = this.o.count
    if (bytes) return Math.min(this.o.ibs, value - read)
    return this.in.full + this.in.part < value ? this.o.ibs : 0
  }

  private async blocks(): Promise<void> {
    for (let read = 0; ; ) {
      const block = await this.read(this.room(read))
      if (!block) return
      read += block.length
      await this.write(this.convert(block))
      if (this.bytes > mostBytes) throw new TransferError('stopped after 1 GiB: more is not simulated')
      await this.process.compute(block.length / 2_000_000)
    }
  }

  private async whole(change: Conversion): Promise<void> {
    const parts: Uint8Array[] = []
    for (let read = 0; ; read += parts.at(-1)?.length ?? 0) {
      const block = await this.read(this.room(read))
      if (!block) break
      parts.push(block)
    }
    await this.write(change(concatBytes(parts.map((part) => this.convert(part)))))
  }

  private async read(max: number): Promise<Uint8Array | undefined> {
    if (max <= 0) return undefined
    let block: Uint8Array | null
    try {
      block = this.input.kind === 'directory' ? this.refuse() : await this.input.read(max)
    } catch (error) {
      if (!isErrno(error)) throw error
      throw new TransferError(`error reading ${this.nameOf(this.o.input, 'standard input')}: ${error.message}`)
    }
    if (block === null) return undefined
    if (block.length === this.o.ibs) this.in.full++
    else this.in.part++
    return block
  }

  private refuse(): never {
    throw new TransferError(`error reading ${this.nameOf(this.o.input, 'standard input')}: Is a directory`)
  }

  private nameOf(path: string | undefined, standard: string): string {
    return quoteName(path ?? standard)
  }

  /** Blocks of one size are written as they come; otherwise they are gathered to obs. */
  private async write(block: Uint8Array): Promise<void> {
    if (this.o.same) return this.put(block)
    this.pending.push(block)
    this.held += block.length
    if (this.held < this.o.obs) return
    let all = concatBytes(this.pending)
    for (; all.length >= this.o.obs; all = all.subarray(this.o.obs)) await this.put(all.subarray(0, this.o.obs))
    this.pending = [all.slice()]
    this.held = all.length
  }

  private async flush(): Promise<void> {
    if (this.held > 0) await this.put(concatBytes(this.pending))
  }

  private async put(block: Uint8Array): Promise<void> {
    try {
      await this.output.write(block)
    } catch (error) {
      if (!isErrno(error) || error.code === 'EPIPE') throw error
      throw new TransferError(`error writing ${this.nameOf(this.o.output, 'standard output')}: ${error.message}`)
    }
    if (block.length === this.o.obs) this.out.full++
    else this.out.part++
    this.bytes += block.length
  }

  async report(): Promise<void> {
    const { status } = this.o
    if (status === 'none') return
    const records = `${this.in.full}+${this.in.part} records in\n${this.out.full}+${this.out.part} records out\n`
    await this.process.stderr.write(records + (status === 'noxfer' ? '' : this.rate()))
  }

  private rate(): string {
    const seconds = Math.max((this.process.clock.now() - this.started) / 1000, 6.1e-5)
    const { bytes } = this
    const human = bytes < 1000 ? '' : ` (${sized(bytes, 1000, ['B', 'kB', 'MB', 'GB', 'TB'])}${bytes < 1024 ? '' : `, ${sized(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB'])}`})`
    const time = seconds >= 1 ? String(Number(seconds.toFixed(5))) : String(Number(seconds.toPrecision(6))).replace(/^0\.0000(\d)(\d*)$/, (_, first: string, rest: string) => `${first}${rest === '' ? '' : `.${rest}`}e-05`)
    return `${bytes} byte${bytes === 1 ? '' : 's'}${human} copied, ${time} s, ${rateText(bytes / seconds)}\n`
  }
}

class TransferError extends Error {}

function sized(bytes: number, base: number, units: readonly string[]): string {
  const unit = Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(base)))
  const value = bytes / base ** unit
  return `${value < 10 ? value.toFixed(1) : String(Math.round(value))} ${units[unit] as string}`
}

function rateText(rate: number): string {
  return rate < 1000 ? `${(rate / 1000).toFixed(1)} kB/s` : `${sized(rate, 1000, ['B', 'kB', 'MB', 'GB', 'TB'])}/s`
}

export const ddPrograms: readonly Program[] = [dd]
