/** comm: two sorted files side by side. */
import { Errno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { complain, print, readInputText, splitLines } from '#engine/programs/common/gnu'
import { attempt } from '#engine/programs/common/operands'
import { twoOperands } from '#engine/programs/coreutils/two-operands'

const comm = defineProgram({
  name: 'comm',
  usage: '[OPTION]... FILE1 FILE2',
  flags: { one: flag('-1'), two: flag('-2'), three: flag('-3'), checkOrder: flag('--check-order'), noCheck: flag('--nocheck-order'), delimiter: option('--output-delimiter'), total: flag('--total'), zero: flag('-z', '--zero-terminated') },
  async run(process, o) {
    const names = await twoOperands(process, o.operands)
    if (typeof names === 'number') return names
    const end = o.zero ? '\0' : '\n'
    const texts: string[][] = []
    for (const [index, name] of names.entries()) {
      const twice = index === 1 && name === '-' && names[0] === '-'
      const read = await attempt(process, name, async () => {
        if (twice) throw new Errno('EBADF', name)
        texts.push(splitLines(await readInputText(process, name), end))
      })
      if (!read) return 1
    }
    return new Comparison(process, { hidden: [o.one, o.two, o.three], tab: o.delimiter ?? '\t', total: o.total, order: o.checkOrder ? 'strict' : o.noCheck ? 'any' : 'told', end }).run(texts[0] ?? [], texts[1] ?? [])
  },
})

interface Form {
  readonly hidden: readonly boolean[]
  readonly tab: string
  readonly total: boolean
  /** Disorder ends the work, is told, or is nobody's concern. */
  readonly order: 'strict' | 'told' | 'any'
  readonly end: string
}

class Comparison {
  private readonly counts = [0, 0, 0]
  private readonly told = new Set<number>()
  private out = ''
  private unpaired = false

  constructor(
    private readonly process: Process,
    private readonly form: Form,
  ) {}

  async run(a: readonly string[], b: readonly string[]): Promise<number> {
    let [i, j] = [0, 0]
    while (i < a.length || j < b.length) {
      const order = orderOf(a[i], b[j])
      if (order !== 0) this.unpaired = true
      this.add(order < 0 ? 0 : order > 0 ? 1 : 2, (order <= 0 ? a[i] : b[j]) as string)
      if (order <= 0) await this.check(1, a, ++i)
      if (order >= 0) await this.check(2, b, ++j)
      if (this.form.order === 'strict' && this.told.size > 0) return print(this.process, this.out).then(() => 1)
    }
    return this.finish()
  }

  private async finish(): Promise<number> {
    const { form } = this
    if (form.total) this.out += `${this.counts.join(form.tab)}${form.tab}total${form.end}`
    await print(this.process, this.out)
    if (this.told.size === 0) return 0
    await complain(this.process, 'input is not in sorted order')
    return 1
  }

  private add(column: 0 | 1 | 2, line: string): void {
    const { hidden, tab, end } = this.form
    this.counts[column] = (this.counts[column] as number) + 1
    if (hidden[column]) return
    this.out += `${column > 0 && !hidden[0] ? tab : ''}${column > 1 && !hidden[1] ? tab : ''}${line}${end}`
  }

  /** Looks when a line is read, but without --check-order only once a line had no partner; at the end the last two count again. */
  private async check(file: number, lines: readonly string[], read: number): Promise<void> {
    const { order } = this.form
    const at = Math.min(read, lines.length - 1)
    if (order === 'any' || (order === 'told' && !this.unpaired) || this.told.has(file)) return
    if (at === 0 || (lines[at - 1] as string) <= (lines[at] as string)) return
    this.told.add(file)
    await print(this.process, this.out)
    this.out = ''
    await complain(this.process, `file ${file} is not in sorted order`)
  }
}

/** A file that has ended comes last. */
function orderOf(x: string | undefined, y: string | undefined): number {
  if (x === undefined || y === undefined) return x === undefined ? 1 : -1
  return x < y ? -1 : Number(x > y)
}

export const commPrograms: readonly Program[] = [comm]
