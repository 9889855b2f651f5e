/** sort, uniq, comm, join, tsort, shuf. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { choice } from '#engine/linux/abi/choices'
import { flag, list, option, optional } from '#engine/linux/abi/flags'
import { encodeLossless } from '#engine/base/lossless'
import { complain, print, quote, quoteName, readInputText, reason, splitLines } from '#engine/programs/common/gnu'
import { compareVersions } from '#engine/programs/coreutils/version-sort'
import { type KeySpec, parseKey, SortError } from '#engine/programs/coreutils/sort-keys'

const sortFlags = {
  blanks: flag('-b', '--ignore-leading-blanks'), dictionary: flag('-d', '--dictionary-order'), fold: flag('-f', '--ignore-case'), general: flag('-g', '--general-numeric-sort'), nonprinting: flag('-i', '--ignore-nonprinting'), month: flag('-M', '--month-sort'), human: flag('-h', '--human-numeric-sort'), numeric: flag('-n', '--numeric-sort'),
  random: flag('-R', '--random-sort'), randomSource: option('--random-source'), reverse: flag('-r', '--reverse'), sort: choice(option('--sort'), [['general-numeric'], ['human-numeric'], ['month'], ['numeric'], ['random'], ['version']]), version: flag('-V', '--version-sort'), batch: option('--batch-size'), check: choice(optional('--check'), [['quiet', 'silent'], ['diagnose-first']], { bare: 'diagnose-first' }), checkShort: flag('-c'), checkQuiet: flag('-C'), compress: option('--compress-program'), debug: flag('--debug'),
  files0: option('--files0-from'), key: list('-k', '--key'), merge: flag('-m', '--merge'), output: option('-o', '--output'), stable: flag('-s', '--stable'), buffer: option('-S', '--buffer-size'), separator: option('-t', '--field-separator'), temporary: option('-T', '--temporary-directory'), parallel: option('--parallel'), unique: flag('-u', '--unique'), zero: flag('-z', '--zero-terminated'),
} as const

const sort = defineProgram({
  name: 'sort',
  flags: sortFlags,
  usageExit: 2,
  async run(process, o) {
    const bad = badSortOption(o)
    if (bad !== undefined) return complain(process, bad).then(() => 2)
    try {
      const global = [o.blanks && 'b', o.dictionary && 'd', o.fold && 'f', (o.general || o.sort === 'general-numeric') && 'g', o.nonprinting && 'i', (o.month || o.sort === 'month') && 'M', (o.human || o.sort === 'human-numeric') && 'h', (o.numeric || o.sort === 'numeric') && 'n', (o.random || o.sort === 'random') && 'R', o.reverse && 'r', (o.version || o.sort === 'version') && 'V'].filter(Boolean).join('')
      const separator = separatorOf(process, o.separator)
      const keys = o.key.map((text) => parseKey(text, (value) => quote(process, value)))
      const compare = comparer(keys, global, separator, process)
      checkCompatible(keys.length > 0 ? keys.map((key) => key.letters || global) : [global])
      const terminator = o.zero ? '\0' : '\n'
      const names = o.operands.length > 0 ? o.operands : ['-']
      if (o.checkShort || o.checkQuiet || o.check !== undefined) return await check(process, names[0] as string, compare, { unique: o.unique, stable: o.stable, quiet: o.checkQuiet || o.check === 'quiet', reverse: o.reverse && keys.length === 0, terminator })
      const lines: string[] = []
      for (const name of names) lines.push(...splitLines(await readInputText(process, name).catch((error: unknown) => Promise.reject(new SortError(`${isErrno(error, 'EISDIR') ? 'read failed' : 'cannot read'}: ${name}: ${reason(error)}`))), terminator))
      const last = (a: string, b: string): number => (o.stable || o.unique ? 0 : (a < b ? -1 : a > b ? 1 : 0) * (o.reverse ? -1 : 1))
      let sorted = [...lines].sort((a, b) => compare(a, b) || last(a, b))
      if (o.unique) sorted = sorted.filter((line, index) => index === 0 || compare(sorted[index - 1] as string, line) !== 0)
      const text = sorted.map((line) => line + terminator).join('')
      if (o.output === undefined) await print(process, text)
      else process.files.writeFile(o.output, encodeLossless(text))
      return 0
    } catch (error) {
      if (isErrno(error) && o.output !== undefined) await complain(process, `open failed: ${o.output}: ${error.message}`)
      else if (error instanceof SortError) await complain(process, error.message)
      else throw error
      return 2
    }
  },
})

function badSortOption(o: { parallel: string | undefined; buffer: string | undefined; batch: string | undefined }): string | undefined {
  if (o.parallel !== undefined && !/^\d+$/.test(o.parallel)) return `invalid --parallel argument '${o.parallel}'`
  if (o.buffer !== undefined && !/^\d+(%|[bkKMGTPEZY]B?)?$/.test(o.buffer)) return `invalid -S argument '${o.buffer}'`
  if (o.batch !== undefined && !/^\d+$/.test(o.batch)) return `invalid --batch-size argument '${o.batch}'`
  return undefined
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
    const kinds = [...'dghinMRV'].filter((letter) => 'ghnMRV'.includes(letter) && one.includes(letter))
    const bad = kinds.length > 1 || (kinds.some((kind) => 'ghnM'.includes(kind)) && /[di]/.test(one))
    if (bad) throw new SortError(`options '-${[...'dfghinMRV'].filter((letter) => one.includes(letter) && (kinds.includes(letter) || /[di]/.test(letter))).join('')}' are incompatible`)
  }
}

type Compare = (a: string, b: string) => number

function comparer(keys: readonly KeySpec[], global: string, separator: string | undefined, process: Process): Compare {
  const salt = global.includes('R') || keys.some((key) => key.letters.includes('R')) ? process.random.integer(2 ** 31) : 0
  if (keys.length === 0) return oneComparer(global, salt)
  const parts = keys.map((key) => {
    const letters = key.letters === '' ? global : key.letters
    const compare = oneComparer(letters, salt)
    return (a: string, b: string): number => compare(key.extract(a, separator, letters), key.extract(b, separator, letters))
  })
  return (a, b) => {
    for (const part of parts) {
      const order = part(a, b)
      if (order !== 0) return order
    }
    return 0
  }
}

function oneComparer(letters: string, salt: number): Compare {
  const base = baseComparer(letters, salt)
  return letters.includes('r') ? (a, b) => -base(a, b) : base
}

function baseComparer(letters: string, salt: number): Compare {
  if (letters.includes('n')) return (a, b) => compareNumeric(a, b)
  if (letters.includes('g')) return (a, b) => generalValue(a) - generalValue(b) || 0
  if (letters.includes('h')) return (a, b) => compareHuman(a, b)
  if (letters.includes('M')) return (a, b) => monthValue(a) - monthValue(b)
  if (letters.includes('V')) return (a, b) => compareVersions(a, b)
  if (letters.includes('R')) return (a, b) => hash(a, salt) - hash(b, salt) || plain(a, b)
  const change = (text: string): string => {
    let out = letters.includes('b') ? text.replace(/^[ \t]+/, '') : text
    if (letters.includes('d')) out = out.replace(/[^A-Za-z0-9 \t]/g, '')
    if (letters.includes('i')) out = out.replace(/[^ -~]/g, '')
    return letters.includes('f') ? out.toUpperCase() : out
  }
  return /[bdif]/.test(letters) ? (a, b) => plain(change(a), change(b)) : plain
}

function plain(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function hash(text: string, salt: number): number {
  let value = salt | 1
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x5bd1e995)
  return value ^ (value >>> 15)
}

function numberText(text: string): string {
  return /^[ \t]*(-?\d*\.?\d*)/.exec(text)?.[1] ?? ''
}

function compareNumeric(a: string, b: string): number {
  const x = numberText(a)
  const y = numberText(b)
  if (x.length < 15 && y.length < 15) return (Number(x === '-' || x === '.' || x === '-.' ? 0 : x) || 0) - (Number(y === '-' || y === '.' || y === '-.' ? 0 : y) || 0)
  const difference = BigInt(/^-?\d+/.exec(x)?.[0] ?? 0) - BigInt(/^-?\d+/.exec(y)?.[0] ?? 0)
  return difference === 0n ? Number(`0.${x.split('.')[1] ?? 0}`) - Number(`0.${y.split('.')[1] ?? 0}`) : difference < 0n ? -1 : 1
}

function generalValue(text: string): number {
  const match = /^\s*([+-]?(?:inf(?:inity)?|nan|0x[\da-f]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?))/i.exec(text)
  if (!match) return -Number.MAX_VALUE
  const body = (match[1] as string).toLowerCase()
  if (body.includes('nan')) return -Number.MAX_VALUE / 2
  return body.includes('inf') ? (body.startsWith('-') ? -Number.MAX_VALUE / 4 : Number.MAX_VALUE) : Number(body)
}

function compareHuman(a: string, b: string): number {
  const parse = (text: string): readonly [number, number] => {
    const match = /^\s*(-?\d*\.?\d*)([kKMGTPEZY]?)/.exec(text)
    const value = Number(match?.[1] || 0) || 0
    return [value === 0 ? 0 : ' KMGTPEZY'.indexOf((match?.[2] ?? '').toUpperCase() || ' ') * (value < 0 ? -1 : 1), value]
  }
  const [x, y] = [parse(a), parse(b)]
  return x[0] - y[0] || x[1] - y[1]
}

function monthValue(text: string): number {
  return ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'].indexOf(text.trimStart().slice(0, 3).toLowerCase())
}

async function check(process: Process, name: string, compare: Compare, o: { unique: boolean; stable: boolean; quiet: boolean; reverse: boolean; terminator: string }): Promise<number> {
  const text = await readInputText(process, name).catch((error: unknown) => Promise.reject(new SortError(`cannot read: ${name}: ${reason(error)}`)))
  const lines = splitLines(text, o.terminator)
  for (let i = 1; i < lines.length; i++) {
    const [a, b] = [lines[i - 1] as string, lines[i] as string]
    const order = compare(a, b) || (o.stable || o.unique ? 0 : plain(a, b) * (o.reverse ? -1 : 1))
    if (order > 0 || (o.unique && order === 0)) {
      if (!o.quiet) await complain(process, `${name}:${i + 1}: disorder: ${b}`)
      return 1
    }
  }
  return 0
}

const tsort = defineProgram({
  name: 'tsort',
  flags: {},
  async run(process, { operands }) {
    let words: string[]
    try {
      words = (await readInputText(process, operands[0] ?? '-')).split(/\s+/).filter((word) => word !== '')
    } catch (error) {
      await complain(process, `${operands[0] ?? '-'}: ${reason(error)}`)
      return 1
    }
    if (words.length % 2 === 1) {
      await complain(process, `${operands[0] ?? '-'}: input contains an odd number of tokens`)
      return 1
    }
    const after = new Map<string, Set<string>>()
    const before = new Map<string, number>()
    for (const word of words) {
      if (!after.has(word)) after.set(word, new Set())
      if (!before.has(word)) before.set(word, 0)
    }
    for (let i = 0; i < words.length; i += 2) {
      const [from, to] = [words[i] as string, words[i + 1] as string]
      if (from === to || after.get(from)?.has(to)) continue
      after.get(from)?.add(to)
      before.set(to, (before.get(to) as number) + 1)
    }
    const ready = [...before].filter(([, count]) => count === 0).map(([word]) => word).sort()
    let printed = 0
    while (ready.length > 0) {
      const word = ready.shift() as string
      await print(process, `${word}\n`)
      printed++
      for (const next of [...(after.get(word) ?? [])].reverse()) {
        before.set(next, (before.get(next) as number) - 1)
        if (before.get(next) === 0) ready.push(next)
      }
    }
    if (printed === before.size) return 0
    const loop = [...before].filter(([, count]) => count > 0).map(([word]) => word)
    await complain(process, `${operands[0] ?? '-'}: input contains a loop:`)
    for (const word of loop) {
      await complain(process, word)
      await print(process, `${word}\n`)
    }
    return 1
  },
})

const shuf = defineProgram({
  name: 'shuf',
  flags: { echo: flag('-e', '--echo'), range: option('-i', '--input-range'), count: option('-n', '--head-count'), output: option('-o', '--output'), source: option('--random-source'), repeat: flag('-r', '--repeat'), zero: flag('-z', '--zero-terminated') },
  async run(process, o) {
    const terminator = o.zero ? '\0' : '\n'
    let lines: string[]
    if (o.range !== undefined) {
      const match = /^(\d+)-(\d+)$/.exec(o.range)
      if (!match || Number(match[1]) > Number(match[2])) {
        await complain(process, `invalid input range: ${quote(process, o.range)}`)
        return 1
      }
      lines = Array.from({ length: Number(match[2]) - Number(match[1]) + 1 }, (_, index) => String(Number(match[1]) + index))
    } else if (o.echo) lines = [...o.operands]
    else {
      try {
        lines = splitLines(await readInputText(process, o.operands[0] ?? '-'), terminator)
      } catch (error) {
        await complain(process, `${o.operands[0] ?? '-'}: ${reason(error)}`)
        return 1
      }
    }
    if (o.count !== undefined && !/^\d+$/.test(o.count)) {
      await complain(process, `invalid line count: ${quote(process, o.count)}`)
      return 1
    }
    const wanted = o.count === undefined ? (o.repeat ? 100000 : lines.length) : Number(o.count)
    const chosen = o.repeat ? Array.from({ length: wanted }, () => lines[process.random.integer(lines.length)] as string) : shuffled(process, lines).slice(0, wanted)
    await print(process, chosen.map((line) => line + terminator).join(''))
    return 0
  },
})

function shuffled(process: Process, lines: readonly string[]): string[] {
  const out = [...lines]
  for (let i = out.length - 1; i > 0; i--) {
    const j = process.random.integer(i + 1)
    ;[out[i], out[j]] = [out[j] as string, out[i] as string]
  }
  return out
}

export { quoteName }
export const sortPrograms: readonly Program[] = [sort, tsort, shuf]
