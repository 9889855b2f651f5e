/** sort. */
import { encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { choice } from '#engine/linux/abi/choices'
import { flag, type FlagValues, list, option, optional } from '#engine/linux/abi/flags'
import { complain, print, quote, readInputText, reason, splitLines } from '#engine/programs/common/gnu'
import { fail } from '#engine/programs/common/operands'
import { quoteIfNeeded } from '#engine/programs/common/quoting'
import { namesFrom } from '#engine/programs/coreutils/names0'
import { type Compare, comparer, plain } from '#engine/programs/coreutils/sort-compare'
import { parseKey, SortError } from '#engine/programs/coreutils/sort-keys'

const sortFlags = {
  blanks: flag('-b', '--ignore-leading-blanks'), dictionary: flag('-d', '--dictionary-order'), fold: flag('-f', '--ignore-case'), general: flag('-g', '--general-numeric-sort'), nonprinting: flag('-i', '--ignore-nonprinting'), month: flag('-M', '--month-sort'), human: flag('-h', '--human-numeric-sort'), numeric: flag('-n', '--numeric-sort'),
  random: flag('-R', '--random-sort'), randomSource: option('--random-source'), reverse: flag('-r', '--reverse'), sort: choice(option('--sort'), [['general-numeric'], ['human-numeric'], ['month'], ['numeric'], ['random'], ['version']]), version: flag('-V', '--version-sort'), batch: option('--batch-size'), check: choice(optional('--check'), [['quiet', 'silent'], ['diagnose-first']], { bare: 'diagnose-first' }), checkShort: flag('-c'), checkQuiet: flag('-C'), compress: option('--compress-program'), debug: flag('--debug'),
  files0: option('--files0-from'), key: list('-k', '--key'), merge: flag('-m', '--merge'), output: option('-o', '--output'), stable: flag('-s', '--stable'), buffer: option('-S', '--buffer-size'), separator: option('-t', '--field-separator'), temporary: option('-T', '--temporary-directory'), parallel: option('--parallel'), unique: flag('-u', '--unique'), zero: flag('-z', '--zero-terminated'),
} as const

type Given = FlagValues<typeof sortFlags>

/** `+1 -2`, the old keys: counted from zero, and the end is not in. */
function oldKeys(args: readonly string[]): readonly string[] {
  const out: string[] = []
  for (let i = 0; i < args.length; i++) {
    const start = /^\+(\d+)(?:\.(\d+))?([bdfgiMhnRrV]*)$/.exec(args[i] as string)
    if (!start || args.slice(0, i).includes('--')) {
      out.push(args[i] as string)
      continue
    }
    const end = /^-(\d+)([bdfgiMhnRrV]*)$/.exec(args[i + 1] ?? '')
    if (end) i++
    out.push(`-k${Number(start[1]) + 1}${start[2] === undefined ? '' : `.${Number(start[2]) + 1}`}${start[3] ?? ''}${end ? `,${end[1] ?? ''}${end[2] ?? ''}` : ''}`)
  }
  return out
}

const sort = defineProgram({
  name: 'sort',
  unsupported: '--debug, which marks the keys',
  flags: sortFlags,
  rewrite: oldKeys,
  usageExit: 2,
  async run(process, o) {
    const bad = badNumber(process, o)
    if (bad !== undefined) return fail(process, bad, 2)
    if (o.debug) return fail(process, '--debug is not simulated', 2)
    const names = await namesFrom(process, o.files0, o.operands, 2)
    if (typeof names === 'number') return names
    try {
      return await new Sorting(process, o).run(inputsOf(o.files0, names))
    } catch (error) {
      if (!(error instanceof SortError)) throw error
      await complain(process, error.message)
      return 2
    }
  },
})

function badNumber(process: Process, o: Given): string | undefined {
  const { parallel, buffer, batch } = o
  if (parallel !== undefined && !/^\d+$/.test(parallel)) return `invalid --parallel argument '${parallel}'`
  if (parallel !== undefined && Number(parallel) === 0) return 'number in parallel must be nonzero'
  if (buffer !== undefined && !/^\d+(%|[bkKMGTPEZY])?$/.test(buffer)) return `invalid ${/^\d/.test(buffer) ? 'suffix in ' : ''}-S argument '${buffer}'`
  if (batch !== undefined && !/^\d+$/.test(batch)) return `invalid --batch-size argument '${batch}'`
  if (batch === undefined || Number(batch) > 1) return undefined
  return `invalid --batch-size argument ${quote(process, batch)}\nsort: minimum --batch-size argument is ${quote(process, '2')}`
}

function inputsOf(list: string | undefined, names: readonly string[]): readonly string[] {
  if (list === undefined) return names.length > 0 ? names : ['-']
  if (names.length === 0) throw new SortError(`no input from '${list}'`)
  const empty = names.indexOf('')
  if (empty >= 0) throw new SortError(`${list}:${empty + 1}: invalid zero-length file name`)
  return names
}

const letterOf: readonly (readonly [keyof Given, string, string])[] = [
  ['blanks', 'b', ''], ['dictionary', 'd', ''], ['fold', 'f', ''], ['general', 'g', 'general-numeric'], ['nonprinting', 'i', ''], ['month', 'M', 'month'], ['human', 'h', 'human-numeric'], ['numeric', 'n', 'numeric'], ['random', 'R', 'random'], ['reverse', 'r', ''], ['version', 'V', 'version'],
]

class Sorting {
  private readonly compare: Compare
  private readonly lastResort: Compare
  private readonly terminator: string
  private readonly byKeys: boolean

  constructor(
    private readonly process: Process,
    private readonly o: Given,
  ) {
    const letters = letterOf.filter(([key, , word]) => o[key] || (word !== '' && o.sort === word)).map(([, letter]) => letter).join('')
    const keys = o.key.map((text) => parseKey(text, (value) => quote(process, value)))
    checkCompatible(keys.length > 0 ? keys.map((key) => key.letters || letters) : [letters])
    const random = letters.includes('R') || keys.some((key) => key.letters.includes('R'))
    this.compare = comparer(keys, letters, separatorOf(process, o.separator), random ? process.random.integer(2 ** 31) : 0)
    this.lastResort = o.stable || o.unique ? () => 0 : o.reverse ? (a, b) => plain(b, a) : plain
    this.byKeys = keys.length > 0
    this.terminator = o.zero ? '\0' : '\n'
  }

  async run(names: readonly string[]): Promise<number> {
    const { o } = this
    if (o.checkShort || o.checkQuiet || o.check !== undefined) return this.check(names)
    const texts: string[][] = []
    for (const name of names) texts.push(await this.read(name))
    const sorted = o.merge ? this.merged(texts) : texts.flat().sort((a, b) => this.order(a, b))
    const kept = o.unique ? sorted.filter((line, index) => index === 0 || this.compare(sorted[index - 1] as string, line) !== 0) : sorted
    await this.write(kept.map((line) => line + this.terminator).join(''))
    return 0
  }

  private order(a: string, b: string): number {
    return this.compare(a, b) || this.lastResort(a, b)
  }

  /** Takes the least of the first lines; what is not sorted before stays so. */
  private merged(texts: readonly string[][]): string[] {
    const at = texts.map(() => 0)
    const out: string[] = []
    for (;;) {
      let least = -1
      texts.forEach((lines, index) => {
        const line = lines[at[index] as number]
        if (line !== undefined && (least < 0 || this.order(line, texts[least]?.[at[least] as number] as string) < 0)) least = index
      })
      if (least < 0) return out
      out.push(texts[least]?.[at[least] as number] as string)
      at[least] = (at[least] as number) + 1
    }
  }

  private async check(names: readonly string[]): Promise<number> {
    const { o } = this
    const quiet = o.checkQuiet || o.check === 'quiet'
    const [name = '-', extra] = names
    if (extra !== undefined) throw new SortError(`extra operand ${`'${extra}'`} not allowed with -${quiet ? 'C' : 'c'}`)
    const lines = await this.read(name)
    const last: Compare = o.stable || o.unique ? () => 0 : o.reverse && !this.byKeys ? (a, b) => plain(b, a) : plain
    const wrong = lines.findIndex((line, index) => {
      if (index === 0) return false
      const before = lines[index - 1] as string
      const order = this.compare(before, line) || last(before, line)
      return order > 0 || (o.unique && order === 0)
    })
    if (wrong < 0) return 0
    if (!quiet) await complain(this.process, `${name}:${wrong + 1}: disorder: ${lines[wrong] as string}`)
    return 1
  }

  private async read(name: string): Promise<string[]> {
    try {
      return splitLines(await readInputText(this.process, name), this.terminator)
    } catch (error) {
      throw new SortError(`${isErrno(error, 'EISDIR') ? 'read failed' : 'cannot read'}: ${quoteIfNeeded(name)}: ${reason(error)}`)
    }
  }

  private async write(text: string): Promise<void> {
    const { output } = this.o
    if (output === undefined) return print(this.process, text)
    try {
      this.process.files.writeFile(output, encodeLossless(text))
    } catch (error) {
      throw new SortError(`open failed: ${quoteIfNeeded(output)}: ${reason(error)}`)
    }
  }
}

function separatorOf(process: Process, text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (text === '') throw new SortError('empty tab')
  if (text === '\\0') return '\0'
  if ([...text].length > 1) throw new SortError(`multi-character tab ${quote(process, text)}`)
  return text
}

function checkCompatible(letters: readonly string[]): void {
  for (const one of letters) {
    const kinds = [...'ghnMRV'].filter((letter) => one.includes(letter))
    const bad = kinds.length > 1 || (kinds.some((kind) => 'ghnM'.includes(kind)) && /[di]/.test(one))
    if (bad) throw new SortError(`options '-${[...'dfghiMnRV'].filter((letter) => one.includes(letter) && (kinds.includes(letter) || /[di]/.test(letter))).join('')}' are incompatible`)
  }
}

export const sortPrograms: readonly Program[] = [sort]
