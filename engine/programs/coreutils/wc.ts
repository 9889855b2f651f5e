/** wc. */
import { decodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { complain, displayWidth, inputChunks, print, readInput, reason } from '#engine/programs/common/gnu'
import { isBusybox } from '#engine/programs/common/busybox'
import { quoteIfNeeded } from '#engine/programs/common/quoting'
import { countOf } from '#engine/programs/coreutils/line-ends'
import { namesFrom } from '#engine/programs/coreutils/names0'
import { expandTabs } from '#engine/programs/coreutils/tabs'

interface Counts {
  lines: number
  words: number
  chars: number
  bytes: number
  width: number
}

type Column = keyof Counts

const none = (): Counts => ({ lines: 0, words: 0, chars: 0, bytes: 0, width: 0 })
const columnsInOrder: readonly Column[] = ['lines', 'words', 'chars', 'bytes', 'width']

const wc = defineProgram({
  name: 'wc',
  flags: { bytes: flag('-c', '--bytes'), chars: flag('-m', '--chars'), lines: flag('-l', '--lines'), words: flag('-w', '--words'), files0: option('--files0-from'), width: flag('-L', '--max-line-length') },
  async run(process, o) {
    const names = await namesFrom(process, o.files0, o.operands)
    if (typeof names === 'number') return names
    const chosen = columnsInOrder.filter((column) => o[column])
    const table = new Table(process, chosen.length > 0 ? chosen : ['lines', 'words', 'bytes'], o.files0 === undefined ? names : [], names.length)
    let status = 0
    for (const name of names.length > 0 ? names : ['-']) if (!(await table.count(name, names.length > 0))) status = 1
    if (names.length > 1) await table.total()
    return status
  },
})

class Table {
  private readonly sum = none()
  private readonly width: number
  private readonly deep: boolean

  constructor(
    private readonly process: Process,
    private readonly columns: readonly Column[],
    known: readonly string[],
    count: number,
  ) {
    this.width = count > 0 && known.length === 0 ? 1 : fieldWidth(process, known, columns.length)
    this.deep = columns.includes('chars') || columns.includes('width')
  }

  /** False after a complaint; a directory counts nothing, but has its line. */
  async count(name: string, named: boolean): Promise<boolean> {
    const counted = await this.read(name)
    if (counted) {
      this.add(counted.counts)
      await this.row(counted.counts, named ? name : '')
    }
    return counted?.fine ?? false
  }

  async total(): Promise<void> {
    await this.row(this.sum, 'total')
  }

  private async read(name: string): Promise<{ counts: Counts; fine: boolean } | undefined> {
    if (name === '') {
      await complain(this.process, 'invalid zero-length file name')
      return undefined
    }
    try {
      return { counts: this.deep ? countBytes(await readInput(this.process, name)) : await countStream(this.process, name), fine: true }
    } catch (error) {
      await complain(this.process, `${quoteIfNeeded(name)}: ${reason(error)}`)
      return isErrno(error, 'EISDIR') ? { counts: none(), fine: false } : undefined
    }
  }

  private add(counts: Counts): void {
    for (const key of ['lines', 'words', 'chars', 'bytes'] as const) this.sum[key] += counts[key]
    this.sum.width = Math.max(this.sum.width, counts.width)
  }

  private async row(counts: Counts, name: string): Promise<void> {
    const cells = this.columns.map((key) => String(counts[key]).padStart(this.width))
    await print(this.process, `${cells.join(' ')}${name === '' ? '' : ` ${name}`}\n`)
  }
}

/** GNU pads to the digits of the summed sizes; 7 where a size cannot be known before. */
function fieldWidth(process: Process, names: readonly string[], columns: number): number {
  if (isBusybox(process)) return columns === 1 ? 1 : 9
  if (names.length <= 1 && columns === 1) return 1
  const stats = (names.length > 0 ? names : ['-']).map((name) => (name === '-' ? process.descriptors().get(0)?.stat() : quietStat(process, name))).filter((stat) => stat !== undefined)
  const total = stats.reduce((sum, stat) => sum + (stat.type === 'file' ? stat.size : 0), 0)
  return Math.max(stats.every((stat) => stat.type === 'file') ? 1 : 7, String(total).length)
}

function quietStat(process: Process, name: string): { type: string; size: number } | undefined {
  try {
    return process.files.exists(name)
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

/** Lines, words and bytes as they come: a word is what has something to see between blanks. */
async function countStream(process: Process, name: string): Promise<Counts> {
  const counts = none()
  let inWord = false
  for await (const chunk of inputChunks(process, name)) {
    counts.bytes += chunk.length
    counts.lines += countOf(chunk, 10)
    for (const byte of chunk) {
      if (byte === 32 || (byte >= 9 && byte <= 13)) inWord = false
      else if (!inWord && byte > 32 && byte !== 127) {
        inWord = true
        counts.words++
      }
    }
  }
  return counts
}

function countBytes(bytes: Uint8Array): Counts {
  const text = decodeLossless(bytes)
  const words = text.match(/\S+/g)?.filter((word) => /[^\x00-\x1f\x7f\udc80-\udcff]/.test(word)).length ?? 0
  let chars = 0
  for (const c of text) if (!/[\udc80-\udcff]/.test(c)) chars++
  const width = text.split(/[\n\r\f]/).reduce((most, part) => Math.max(most, displayWidth(expandTabs(part, { stops: [8] }).replace(/[\x00-\x1f\x7f]/g, ''))), 0)
  return { lines: countOf(bytes, 10), words, chars, bytes: bytes.length, width }
}

export const wcPrograms: readonly Program[] = [wc]
