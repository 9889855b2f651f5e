/** uniq. */
import { encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { choice } from '#engine/linux/abi/choices'
import { flag, option, optional } from '#engine/linux/abi/flags'
import { print, quote, quoteName, readInputText, splitLines, usageFailure } from '#engine/programs/common/gnu'
import { attempt, fail } from '#engine/programs/common/operands'
import { quoteIfNeeded } from '#engine/programs/common/quoting'

const uniqFlags = {
  count: flag('-c', '--count'), repeated: flag('-d', '--repeated'), allRepeatedShort: flag('-D'), allRepeated: choice(optional('--all-repeated'), [['none'], ['prepend'], ['separate']]), skipFields: option('-f', '--skip-fields'),
  group: choice(optional('--group'), [['prepend'], ['append'], ['separate'], ['both']], { bare: 'separate' }), ignoreCase: flag('-i', '--ignore-case'), skipChars: option('-s', '--skip-chars'), unique: flag('-u', '--unique'), zero: flag('-z', '--zero-terminated'), checkChars: option('-w', '--check-chars'),
} as const

/** `-1` and `+1`: the old ways to skip fields and characters. */
function oldSkips(args: readonly string[]): readonly string[] {
  return args.map((arg, index) => (/^-[fsw]$/.test(args[index - 1] ?? '') ? arg : arg.replace(/^-(?=\d+$)/, '-f').replace(/^\+(?=\d+$)/, '-s')))
}

const uniq = defineProgram({
  name: 'uniq',
  usage: '[OPTION]... [INPUT [OUTPUT]]',
  flags: uniqFlags,
  rewrite: oldSkips,
  async run(process, o) {
    const number = badNumber(o)
    if (number !== undefined) return fail(process, number)
    const all = o.allRepeatedShort || o.allRepeated !== undefined
    const wrong = combinationProblem(process, { ...o, all })
    if (wrong !== undefined) return usageFailure(process, wrong)
    const terminator = o.zero ? '\0' : '\n'
    const [input = '-', output = '-'] = o.operands
    return Number(!(await attempt(process, input, async () => {
      const lines = splitLines(await readInputText(process, input), terminator)
      await save(process, output, chosenLines(groupsOf(lines, keyOf(o)), { ...o, all }).map((line) => line + terminator).join(''))
    }, (name, why, error) => (isErrno(error, 'EISDIR') ? `error reading ${quoteName(name)}` : `${quoteIfNeeded(name)}: ${why}`))))
  },
})

interface Comparison {
  readonly skipFields: string | undefined
  readonly skipChars: string | undefined
  readonly checkChars: string | undefined
  readonly ignoreCase: boolean
}

function badNumber(o: Comparison): string | undefined {
  const rules = [[o.skipFields, 'number of fields to skip'], [o.skipChars, 'number of bytes to skip'], [o.checkChars, 'number of bytes to compare']] as const
  const wrong = rules.find(([value]) => value !== undefined && !/^\d+$/.test(value))
  return wrong && `${wrong[0] ?? ''}: invalid ${wrong[1]}`
}

function combinationProblem(process: Process, o: Choice & { readonly operands: readonly string[] }): string | undefined {
  const extra = o.operands[2]
  if (extra !== undefined) return `extra operand ${quote(process, extra)}`
  if (o.group !== undefined && (o.count || o.repeated || o.unique || o.all)) return '--group is mutually exclusive with -c/-d/-D/-u'
  return o.all && o.count ? 'printing all duplicated lines and repeat counts is meaningless' : undefined
}

/** What of a line is compared. */
function keyOf(o: Comparison): (line: string) => string {
  const fields = Number(o.skipFields ?? 0)
  const from = Number(o.skipChars ?? 0)
  const to = o.checkChars === undefined ? undefined : from + Number(o.checkChars)
  return (line) => {
    let text = line
    for (let i = fields; i > 0; i--) text = text.replace(/^[ \t]*[^ \t]*/, '')
    text = text.slice(from, to)
    return o.ignoreCase ? text.toLowerCase() : text
  }
}

function groupsOf(lines: readonly string[], key: (line: string) => string): string[][] {
  const groups: string[][] = []
  for (const line of lines) {
    const last = groups.at(-1)
    if (last && key(last[0] as string) === key(line)) last.push(line)
    else groups.push([line])
  }
  return groups
}

async function save(process: Process, output: string, text: string): Promise<void> {
  if (output === '-') await print(process, text)
  else process.files.writeFile(output, encodeLossless(text))
}

interface Choice {
  readonly group: string | undefined
  readonly all: boolean
  readonly allRepeated: string | undefined
  readonly repeated: boolean
  readonly unique: boolean
  readonly count: boolean
}

function chosenLines(groups: readonly (readonly string[])[], o: Choice): string[] {
  if (o.group !== undefined) return grouped(groups, o.group)
  if (o.all) return repeatedLines(groups.filter((group) => group.length > 1 && !o.unique), o.allRepeated ?? 'none')
  const wanted = (group: readonly string[]): boolean => (!o.repeated || group.length > 1) && (!o.unique || group.length === 1)
  return groups.filter(wanted).map((group) => (o.count ? `${String(group.length).padStart(7)} ` : '') + (group[0] as string))
}

function repeatedLines(groups: readonly (readonly string[])[], where: string): string[] {
  return groups.flatMap((group, index) => (where === 'prepend' || (where === 'separate' && index > 0) ? ['', ...group] : group))
}

/** Groups with an empty line between, before, after them, or both. */
function grouped(groups: readonly (readonly string[])[], where: string): string[] {
  const before = where === 'prepend' || where === 'both'
  const last = groups.length - 1
  return groups.flatMap((group, index) => [...(before || (where === 'separate' && index > 0) ? [''] : []), ...group, ...(where === 'append' || (where === 'both' && index === last) ? [''] : [])])
}

export const uniqPrograms: readonly Program[] = [uniq]
