/** sha256sum -c and its kin: files against a list of their digests. */
import { toHex } from '#engine/base/bytes'
import type { Process } from '#engine/linux/abi/process'
import { complain, print, readInput, readInputText, reason, splitLines } from '#engine/programs/common/gnu'
import { quoteIfNeeded } from '#engine/programs/common/quoting'

export interface CheckOptions {
  readonly status: boolean
  readonly quiet: boolean
  readonly ignoreMissing: boolean
  readonly warn: boolean
  readonly strict: boolean
}

export interface Listed {
  readonly file: string
  readonly hex: string
  readonly digest: (bytes: Uint8Array) => Uint8Array
}

/** How a line of the list is read; undefined where it is no such line. */
export type LineReader = (line: string) => Listed | undefined

/** True where all is as listed. */
export async function checkList(process: Process, list: string, read: LineReader, label: string, o: CheckOptions): Promise<boolean> {
  const tally = new Tally(process, o)
  for (const [index, line] of splitLines(await readInputText(process, list)).entries()) {
    const listed = read(line.replace(/\r$/, ''))
    if (listed) await tally.check(listed)
    else await tally.badLine(`${shownList(list)}: ${index + 1}: improperly formatted ${label} checksum line`)
  }
  return tally.finish(list)
}

function shownList(list: string): string {
  return list === '-' ? "'standard input'" : quoteIfNeeded(list)
}

class Tally {
  private seen = 0
  private bad = 0
  private wrong = 0
  private unread = 0
  private right = 0

  constructor(
    private readonly process: Process,
    private readonly o: CheckOptions,
  ) {}

  async badLine(message: string): Promise<void> {
    this.bad++
    if (this.o.warn) await complain(this.process, message)
  }

  async check({ file, hex, digest }: Listed): Promise<void> {
    const { o, process } = this
    this.seen++
    try {
      const good = toHex(digest(await readInput(process, file))) === hex.toLowerCase()
      if (good) this.right++
      else this.wrong++
      if (!o.status && (!o.quiet || !good)) await print(process, `${file}: ${good ? 'OK' : 'FAILED'}\n`)
    } catch (error) {
      await this.missing(file, reason(error))
    }
  }

  private async missing(file: string, why: string): Promise<void> {
    if (this.o.ignoreMissing && why === 'No such file or directory') return
    this.unread++
    await complain(this.process, `${quoteIfNeeded(file)}: ${why}`)
    if (!this.o.status) await print(this.process, `${file}: FAILED open or read\n`)
  }

  async finish(list: string): Promise<boolean> {
    if (this.seen === 0) return complain(this.process, `${shownList(list)}: no properly formatted checksum lines found`).then(() => false)
    if (!this.o.status) {
      await this.warn(this.bad, 'line is improperly formatted', 'lines are improperly formatted')
      await this.warn(this.unread, 'listed file could not be read', 'listed files could not be read')
      await this.warn(this.wrong, 'computed checksum did NOT match', 'computed checksums did NOT match')
    }
    if (this.o.ignoreMissing && this.right === 0 && this.wrong === 0) return complain(this.process, `${shownList(list)}: no file was verified`).then(() => false)
    return this.wrong === 0 && this.unread === 0 && !(this.o.strict && this.bad > 0)
  }

  private async warn(count: number, one: string, many: string): Promise<void> {
    if (count > 0) await complain(this.process, `WARNING: ${count} ${count === 1 ? one : many}`)
  }
}
