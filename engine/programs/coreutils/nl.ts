/** nl: numbers the lines of logical pages, each of a header, a body and a footer. */
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { inputLines, Output, quote, usageFailure } from '#engine/programs/common/gnu'
import { numberProblem, type NumberRule } from '#engine/programs/common/numbers'
import { fail, forEachInput } from '#engine/programs/common/operands'
import { posixRegExp } from '#engine/shell/patterns/posix'
import { userPattern } from '#engine/programs/common/patterns'

const nlFlags = {
  body: option('-b', '--body-numbering'), delimiter: option('-d', '--section-delimiter'), footer: option('-f', '--footer-numbering'), header: option('-h', '--header-numbering'), increment: option('-i', '--line-increment'), join: option('-l', '--join-blank-lines'),
  format: option('-n', '--number-format'), noRenumber: flag('-p', '--no-renumber'), separator: option('-s', '--number-separator'), start: option('-v', '--starting-line-number'), width: option('-w', '--number-width'),
} as const

const numbers: readonly (readonly ['increment' | 'join' | 'start' | 'width', NumberRule])[] = [
  ['increment', { what: 'line number increment', signed: true }],
  ['join', { what: 'line number of blank lines', least: 1, signed: true }],
  ['start', { what: 'starting line number', signed: true }],
  ['width', { what: 'line number field width', least: 1, most: 2147483647, signed: true }],
]

const nl = defineProgram({
  name: 'nl',
  flags: nlFlags,
  async run(process, o) {
    const bad = numbers.map(([key, rule]) => numberProblem(process, o[key], rule)).find((problem) => problem !== undefined)
    if (bad !== undefined) return fail(process, bad)
    const wrong = styleProblem(process, o)
    if (wrong !== undefined) return usageFailure(process, wrong)
    const unusable = [o.header, o.body, o.footer].map((style) => (style?.startsWith('p') ? userPattern(style.slice(1)) : undefined)).find((pattern) => typeof pattern === 'string')
    if (typeof unusable === 'string') return fail(process, unusable)
    const numbering = new Numbering(o)
    const out = new Output(process)
    const status = await forEachInput(process, o.operands, async (name) => {
      try {
        for await (const line of inputLines(process, name)) await out.write(numbering.line(line.replace(/\n$/, '')))
      } finally {
        await out.flush()
      }
    })
    await out.flush()
    return status
  },
})

interface Styles {
  readonly body: string | undefined
  readonly header: string | undefined
  readonly footer: string | undefined
  readonly format: string | undefined
}

interface Settings extends Styles {
  readonly delimiter: string | undefined
  readonly increment: string | undefined
  readonly join: string | undefined
  readonly noRenumber: boolean
  readonly separator: string | undefined
  readonly start: string | undefined
  readonly width: string | undefined
}

/** Styles are `a`, `t`, `n` or `pBRE`; formats `ln`, `rn`, `rz`. */
function styleProblem(process: Process, o: Styles): string | undefined {
  for (const what of ['header', 'body', 'footer'] as const) {
    const style = o[what]
    if (style !== undefined && !/^([atn]|p[^]*)$/.test(style)) return `invalid ${what} numbering style: ${quote(process, style)}`
  }
  return o.format === undefined || ['ln', 'rn', 'rz'].includes(o.format) ? undefined : `invalid line numbering format: ${quote(process, o.format)}`
}

class Numbering {
  private number: number
  private style: string
  private blanks = 0
  private readonly sections: Readonly<Record<string, string>>
  private readonly width: number
  private readonly separator: string

  constructor(private readonly o: Settings) {
    this.number = Number(o.start ?? 1)
    this.style = o.body ?? 't'
    this.width = Number(o.width ?? 6)
    this.separator = o.separator ?? '\t'
    const mark = o.delimiter === undefined ? '\\:' : [...o.delimiter].length === 1 ? `${o.delimiter}:` : o.delimiter
    this.sections = mark === '' ? {} : { [mark.repeat(3)]: o.header ?? 'n', [mark.repeat(2)]: this.style, [mark]: o.footer ?? 'n' }
  }

  line(text: string): string {
    const section = this.sections[text]
    if (section !== undefined) return this.begin(section)
    if (!this.counts(text)) return `${' '.repeat(this.width + this.separator.length)}${text}\n`
    const cell = this.cell()
    this.number += Number(this.o.increment ?? 1)
    return `${cell}${this.separator}${text}\n`
  }

  private begin(style: string): string {
    this.style = style
    if (!this.o.noRenumber) this.number = Number(this.o.start ?? 1)
    return '\n'
  }

  private counts(text: string): boolean {
    if (this.style === 'a') return text !== '' || this.blankCounts()
    this.blanks = 0
    if (this.style === 'n') return false
    return this.style === 't' ? text !== '' : posixRegExp(this.style.slice(1), { extended: false }).test(text)
  }

  /** Of so many blank lines in a row, only the last of each group is numbered. */
  private blankCounts(): boolean {
    this.blanks++
    if (this.blanks < Number(this.o.join ?? 1)) return false
    this.blanks = 0
    return true
  }

  private cell(): string {
    const digits = String(this.number)
    if (this.o.format === 'ln') return digits.padEnd(this.width)
    if (this.o.format !== 'rz') return digits.padStart(this.width)
    return digits.startsWith('-') ? `-${digits.slice(1).padStart(this.width - 1, '0')}` : digits.padStart(this.width, '0')
  }
}

export const nlPrograms: readonly Program[] = [nl]
