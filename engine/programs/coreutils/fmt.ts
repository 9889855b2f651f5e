/** fmt: paragraphs broken where GNU's costs are least (Knuth and Plass in small: raggedness, widows, sentence ends). */
import { byteLength } from '#engine/base/lossless'
import { flag, option } from '#engine/linux/abi/flags'
import { defineProgram } from '#engine/linux/abi/program'
import { complain, print, quote, readInputText, reason } from '#engine/programs/common/gnu'

interface Shape {
  readonly maxWidth: number
  readonly goalWidth: number
  readonly mode: 'plain' | 'crown' | 'tagged' | 'split'
  readonly uniform: boolean
  readonly prefix: string
  /** Blanks before the prefix as given. */
  readonly prefixLead: number
}

interface Word {
  readonly text: string
  readonly length: number
  space: number
  readonly paren: boolean
  readonly punct: boolean
  period: boolean
  final: boolean
  bestCost: number
  lineLength: number
  next: number
}

/** One line of input: where its text stands, after blanks, the prefix and more blanks. */
interface Line {
  readonly raw: string
  readonly prefixIndent: number
  readonly column: number
  readonly body: string
  readonly belongs: boolean
}

const equivalent = (n: number): number => n * n
const shortCost = (n: number): number => equivalent(n * 10)
const raggedCost = (n: number): number => Math.trunc(shortCost(n) / 2)
const widowCost = (n: number): number => Math.trunc(equivalent(200) / (n + 2))
const orphanCost = (n: number): number => Math.trunc(equivalent(150) / (n + 2))
const lineCostBase = equivalent(70)
const sentenceBonus = equivalent(50)
const noBreakCost = equivalent(600)
const parenBonus = equivalent(40)
const punctBonus = equivalent(40)

class Formatter {
  private out = ''
  private tabs = false
  private readonly lines: Line[]
  private at = 0
  /** The later lines' indent; a tagged paragraph of one line takes over the one before's. */
  private otherIndent = 0

  constructor(text: string, private readonly shape: Shape) {
    const raw = text.split('\n')
    if (raw[raw.length - 1] === '') raw.pop()
    this.lines = raw.map((line) => this.read(line))
  }

  format(): string {
    while (this.at < this.lines.length) {
      const line = this.lines[this.at] as Line
      if (line.belongs) this.paragraph(line)
      else {
        this.out += this.copied(line)
        this.at++
      }
    }
    return this.out
  }

  private read(raw: string): Line {
    const { prefix, prefixLead } = this.shape
    const [indent, afterBlanks] = this.blanks(raw, 0, 0)
    const prefixIndent = prefix === '' ? Math.min(prefixLead, indent) : indent
    let column = indent
    let index = afterBlanks
    let whole = true
    if (prefix !== '') {
      whole = raw.startsWith(prefix, index)
      if (whole) {
        index += prefix.length
        column += byteLength(prefix)
        ;[column, index] = this.blanks(raw, index, column)
      }
    }
    const body = raw.slice(index)
    return { raw, prefixIndent, column, body, belongs: whole && body !== '' && prefixIndent >= prefixLead }
  }

  /** Passes blanks; a tab anywhere among them makes the output use tabs. */
  private blanks(raw: string, from: number, start: number): [column: number, index: number] {
    let column = start
    let index = from
    for (; index < raw.length; index++) {
      if (raw[index] === ' ') column++
      else if (raw[index] === '\t') {
        this.tabs = true
        column = (Math.floor(column / 8) + 1) * 8
      } else break
    }
    return [column, index]
  }

  /** A line that is in no paragraph goes out as it is, its blanks made anew. */
  private copied(line: Line): string {
    if (line.body === '') return line.column > line.prefixIndent && this.shape.prefix !== '' ? `${this.spaces(0, line.prefixIndent)}${this.shape.prefix}\n` : '\n'
    return `${line.raw}\n`
  }

  private same(line: Line | undefined, first: Line): line is Line {
    return line !== undefined && line.belongs && line.prefixIndent === first.prefixIndent
  }

  private paragraph(first: Line): void {
    const { mode } = this.shape
    const words: Word[] = []
    const take = (line: Line): void => {
      this.words(line, words)
      this.at++
    }
    take(first)
    const second = this.lines[this.at]
    const follows = this.same(second, first) ? second : undefined
    const otherIndent = (this.otherIndent = this.indentAfter(first, follows))
    const gathers = mode === 'plain' || (mode === 'crown' && follows) || (mode === 'tagged' && follows && follows.column !== first.column)
    if (gathers) {
      for (let line = this.lines[this.at]; this.same(line, first) && line.column === otherIndent; line = this.lines[this.at]) take(line)
    }
    const last = words[words.length - 1]
    if (last) last.period = last.final = true
    this.breakUp(words, first.column, otherIndent)
    this.put(words, first, otherIndent)
  }

  private indentAfter(first: Line, follows: Line | undefined): number {
    const { mode } = this.shape
    if (mode === 'crown') return follows?.column ?? first.column
    if (mode !== 'tagged') return first.column
    if (follows && follows.column !== first.column) return follows.column
    if (this.otherIndent !== first.column) return this.otherIndent
    return first.column === 0 ? 3 : 0
  }

  private words(line: Line, into: Word[]): void {
    let column = line.column
    let index = 0
    while (index < line.body.length) {
      let end = index
      while (end < line.body.length && !/[ \t\v\f\r]/.test(line.body[end] as string)) end++
      if (end === index) end++
      const text = line.body.slice(index, end)
      const length = byteLength(text)
      column += length
      const [after, next] = this.blanks(line.body, end, column)
      const period = /[.?!]$/.test(text.replace(/(?<=[^])['")\]]+$/, ''))
      const lastOfLine = next >= line.body.length
      const final = period && (lastOfLine || after - column > 1)
      into.push({ text, length, space: lastOfLine || this.shape.uniform ? (final ? 2 : 1) : after - column, paren: /^[(['`"]/.test(text), punct: /[!-/:-@[-`{-~]$/.test(text), period, final, bestCost: 0, lineLength: 0, next: 0 })
      column = after
      index = next
    }
  }

  private breakUp(words: readonly Word[], firstIndent: number, otherIndent: number): void {
    const { maxWidth } = this.shape
    for (let start = words.length - 1; start >= 0; start--) {
      const head = words[start] as Word
      let best = Infinity
      let length = (start === 0 ? firstIndent : otherIndent) + head.length
      let w = start
      do {
        w++
        const cost = this.lineCost(words, w, length) + (words[w]?.bestCost ?? 0)
        if (cost < best) {
          best = cost
          head.next = w
          head.lineLength = length
        }
        if (w === words.length) break
        length += (words[w - 1] as Word).space + (words[w] as Word).length
      } while (length < maxWidth)
      head.bestCost = best + this.baseCost(words, start)
    }
  }

  private baseCost(words: readonly Word[], at: number): number {
    const word = words[at] as Word
    const before = words[at - 1]
    let cost = lineCostBase
    if (before) {
      if (before.period) cost += before.final ? -sentenceBonus : noBreakCost
      else if (before.punct) cost -= punctBonus
      else if (at > 1 && (words[at - 2] as Word).final) cost += widowCost(before.length)
    }
    if (word.paren) cost -= parenBonus
    else if (word.final) cost += orphanCost(word.length)
    return cost
  }

  private lineCost(words: readonly Word[], next: number, length: number): number {
    const following = words[next]
    if (!following) return 0
    let cost = shortCost(this.shape.goalWidth - length)
    if (following.next !== words.length) cost += raggedCost(length - following.lineLength)
    return cost
  }

  private put(words: readonly Word[], first: Line, otherIndent: number): void {
    const { prefix } = this.shape
    for (let start = 0; start < words.length; start = (words[start] as Word).next) {
      const indent = start === 0 ? first.column : otherIndent
      const lead = this.spaces(0, first.prefixIndent) + prefix
      let column = first.prefixIndent + byteLength(prefix)
      let line = lead + this.spaces(column, indent)
      column = Math.max(column, indent)
      const end = (words[start] as Word).next
      for (let i = start; i < end; i++) {
        const word = words[i] as Word
        line += word.text
        column += word.length
        if (i + 1 < end) line += this.spaces(column, column += word.space)
      }
      this.out += `${line}\n`
    }
  }

  private spaces(from: number, to: number): string {
    let out = ''
    let column = from
    const tabTarget = Math.floor(to / 8) * 8
    if (this.tabs && column + 1 < tabTarget) {
      for (; column < tabTarget; column = (Math.floor(column / 8) + 1) * 8) out += '\t'
    }
    return column < to ? out + ' '.repeat(to - column) : out
  }
}

export const fmt = defineProgram({
  name: 'fmt',
  usage: '[-WIDTH] [OPTION]... [FILE]...',
  flags: { crown: flag('-c', '--crown-margin'), prefix: option('-p', '--prefix'), split: flag('-s', '--split-only'), tagged: flag('-t', '--tagged-paragraph'), uniform: flag('-u', '--uniform-spacing'), width: option('-w', '--width'), goal: option('-g', '--goal') },
  rewrite: (args) => args.map((arg, i) => (i === 0 && /^-\d+$/.test(arg) ? `-w${arg.slice(1)}` : arg)),
  async run(process, o) {
    const widths = await measure(process, o.width, o.goal)
    if (!widths) return 1
    const given = o.prefix ?? ''
    const mode = o.tagged ? 'tagged' : o.crown ? 'crown' : o.split ? 'split' : 'plain'
    const shape: Shape = { ...widths, mode, uniform: o.uniform, prefix: given.replace(/^ +/, '').replace(/ +$/, ''), prefixLead: /^ */.exec(given)?.[0].length ?? 0 }
    let status = 0
    for (const name of o.operands.length > 0 ? o.operands : ['-']) {
      try {
        await print(process, new Formatter(await readInputText(process, name), shape).format())
      } catch (error) {
        await complain(process, `cannot open ${quote(process, name).replace(/[\u2018\u2019]/g, "'")} for reading: ${reason(error)}`)
        status = 1
      }
    }
    return status
  },
})

async function measure(process: Parameters<typeof complain>[0], width: string | undefined, goal: string | undefined): Promise<{ maxWidth: number; goalWidth: number } | undefined> {
  const number = async (text: string, most: number): Promise<number | undefined> => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (value <= most) return value
    await complain(process, `invalid width: ${quote(process, text)}${value > most ? ': Numerical result out of range' : ''}`)
    return undefined
  }
  const maxWidth = width === undefined ? undefined : await number(width, 2500)
  if (width !== undefined && maxWidth === undefined) return undefined
  const goalWidth = goal === undefined ? undefined : await number(goal, maxWidth ?? 75)
  if (goal !== undefined && goalWidth === undefined) return undefined
  if (goalWidth !== undefined) return { goalWidth, maxWidth: maxWidth ?? goalWidth + 10 }
  return { maxWidth: maxWidth ?? 75, goalWidth: Math.floor(((maxWidth ?? 75) * 187) / 200) }
}
