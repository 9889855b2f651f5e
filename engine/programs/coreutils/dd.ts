/** dd. */
import type { Process } from '#engine/linux/abi/process'
import { type Program } from '#engine/linux/abi/program'
import { complain, openInput, parseSize, quote, quoteName, reason, usageFailure } from '#engine/programs/common/gnu'

const dd: Program = {
  name: 'dd',
  async run(process) {
    const o = new Map<string, string>()
    for (const arg of process.argv.slice(1)) {
      const at = arg.indexOf('=')
      if (at < 0 || !/^(if|of|bs|ibs|obs|count|skip|seek|conv|status|iflag|oflag|iseek|oseek|cbs)$/.test(arg.slice(0, at))) return usageFailure(process, `unrecognized operand ${quote(process, arg)}`)
      o.set(arg.slice(0, at), arg.slice(at + 1))
    }
    const size = (name: string, fallback: number): number => (o.has(name) ? (parseSize((o.get(name) as string).replace(/c$/, '').replace(/w$/, '')) ?? NaN) : fallback)
    for (const name of ['bs', 'ibs', 'obs', 'count', 'skip', 'seek']) {
      if (Number.isNaN(size(name, 0))) return complain(process, `invalid number: ${quote(process, o.get(name) as string)}`).then(() => 1)
    }
    const bs = size('bs', size('ibs', 512))
    let input
    try {
      input = o.has('if') ? openInput(process, o.get('if') as string) : { file: process.descriptor(0), close: () => undefined }
    } catch (error) {
      await complain(process, `failed to open ${quoteName(o.get('if') as string)}: ${reason(error)}`)
      return 1
    }
    const conv = (o.get('conv') ?? '').split(',')
    let output
    try {
      output = o.has('of') ? process.files.open(o.get('of') as string, { write: true, create: true, truncate: !conv.includes('notrunc') && size('seek', 0) === 0 }, 0o666) : process.descriptor(1)
    } catch (error) {
      await complain(process, `failed to open ${quoteName(o.get('of') as string)}: ${reason(error)}`)
      return 1
    }
    const counts = { fullIn: 0, partIn: 0, bytes: 0 }
    const started = process.clock.now()
    const skip = size('skip', 0) * bs
    if (skip > 0 && input.file.seek) input.file.seek(skip, 'start')
    if (size('seek', 0) > 0) output.seek?.(size('seek', 0) * size('obs', bs), 'start')
    await copyBlocks(input.file, output, bs, o.has('count') ? size('count', 0) : Infinity, conv, counts, process)
    input.close()
    if (o.has('of')) output.release()
    if (o.get('status') === 'none') return 0
    const seconds = Math.max((process.clock.now() - started) / 1000, 1e-6)
    const records = `${counts.fullIn}+${counts.partIn} records in\n${counts.fullIn}+${counts.partIn} records out\n`
    const rate = humanRate(counts.bytes / seconds)
    const human = counts.bytes >= 1000 ? ` (${decimalSize(counts.bytes)}${counts.bytes >= 1024 ? `, ${binarySize(counts.bytes)}` : ''})` : ''
    await process.stderr.write(`${records}${o.get('status') === 'noxfer' ? '' : `${counts.bytes} byte${counts.bytes === 1 ? '' : 's'}${human} copied, ${seconds >= 1 ? seconds.toFixed(5).replace(/0+$/, '').replace(/\.$/, '') : Number(seconds.toPrecision(6))} s, ${rate}\n`}`)
    return 0
  },
}

async function copyBlocks(input: { read(max: number): Promise<Uint8Array | null> }, output: { write(bytes: Uint8Array): Promise<void> }, bs: number, count: number, conv: readonly string[], counts: { fullIn: number; partIn: number; bytes: number }, process: Process): Promise<void> {
  for (let blocks = 0; blocks < count; blocks++) {
    let block = await input.read(bs)
    if (block === null) return
    if (block.length === bs) counts.fullIn++
    else counts.partIn++
    if (conv.includes('ucase')) block = block.map((byte) => (byte >= 97 && byte <= 122 ? byte - 32 : byte))
    if (conv.includes('lcase')) block = block.map((byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte))
    if (conv.includes('sync') && block.length < bs) {
      const padded = new Uint8Array(bs)
      padded.set(block)
      block = padded
    }
    counts.bytes += block.length
    if (counts.bytes > 1024 ** 3) {
      await complain(process, 'stopped after 1 GiB: more is not simulated')
      return
    }
    await output.write(block)
    await process.compute(block.length / 2_000_000)
  }
}

function decimalSize(bytes: number): string {
  const unit = Math.min(4, Math.floor(Math.log(bytes) / Math.log(1000)))
  const value = bytes / 1000 ** unit
  return `${value < 10 ? value.toFixed(1) : String(Math.round(value))} ${['B', 'kB', 'MB', 'GB', 'TB'][unit] as string}`
}

function binarySize(bytes: number): string {
  const unit = Math.min(4, Math.floor(Math.log(bytes) / Math.log(1024)))
  const value = bytes / 1024 ** unit
  return `${value < 10 ? value.toFixed(1) : String(Math.round(value))} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][unit] as string}`
}

function humanRate(rate: number): string {
  return rate < 1000 ? `${rate.toFixed(1)} B/s` : `${decimalSize(rate)}/s`
}

export const ddPrograms: readonly Program[] = [dd]
