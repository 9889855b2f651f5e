/** uniq. */
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { choice } from '#engine/linux/abi/choices'
import { flag, option, optional } from '#engine/linux/abi/flags'
import { encodeLossless } from '#engine/base/lossless'
import { complain, print, quote, readInputText, reason, splitLines, usageFailure } from '#engine/programs/common/gnu'

const uniq = defineProgram({
  name: 'uniq',
  flags: { count: flag('-c', '--count'), repeated: flag('-d', '--repeated'), allRepeatedShort: flag('-D'), allRepeated: choice(optional('--all-repeated'), [['none'], ['prepend'], ['separate']]), skipFields: option('-f', '--skip-fields'), group: choice(optional('--group'), [['prepend'], ['append'], ['separate'], ['both']], { bare: 'separate' }), ignoreCase: flag('-i', '--ignore-case'), skipChars: option('-s', '--skip-chars'), unique: flag('-u', '--unique'), zero: flag('-z', '--zero-terminated'), checkChars: option('-w', '--check-chars') },
  async run(process, o) {
    for (const [value, what] of [[o.skipFields, 'number of fields to skip'], [o.skipChars, 'number of bytes to skip'], [o.checkChars, 'number of bytes to compare']] as const) {
      if (value !== undefined && !/^\d+$/.test(value)) {
        await complain(process, `${value}: invalid ${what}`)
        return 1
      }
    }
    if (o.operands.length > 2) return usageFailure(process, `extra operand ${quote(process, o.operands[2] as string)}`)
    const terminator = o.zero ? '\0' : '\n'
    const key = (line: string): string => {
      let text = line
      for (let i = Number(o.skipFields ?? 0); i > 0; i--) text = text.replace(/^[ \t]*[^ \t]*/, '')
      text = text.slice(Number(o.skipChars ?? 0))
      if (o.checkChars !== undefined) text = text.slice(0, Number(o.checkChars))
      return o.ignoreCase ? text.toLowerCase() : text
    }
    let lines: string[]
    try {
      lines = splitLines(await readInputText(process, o.operands[0] ?? '-'), terminator)
    } catch (error) {
      await complain(process, `${o.operands[0] ?? '-'}: ${reason(error)}`)
      return 1
    }
    const groups: string[][] = []
    for (const line of lines) {
      const last = groups[groups.length - 1]
      if (last && key(last[0] as string) === key(line)) last.push(line)
      else groups.push([line])
    }
    const out = chosenLines(groups, { ...o, all: o.allRepeatedShort || o.allRepeated !== undefined })
    const text = out.map((line) => line + terminator).join('')
    if (o.operands[1] === undefined || o.operands[1] === '-') await print(process, text)
    else process.files.writeFile(o.operands[1], encodeLossless(text))
    return 0
  },
})

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
  if (o.all) return groups.filter((group) => group.length > 1).flatMap((group, index) => ((o.allRepeated === 'separate' && index > 0) || o.allRepeated === 'prepend' ? ['', ...group] : group))
  const wanted = (group: readonly string[]): boolean => (!o.repeated || group.length > 1) && (!o.unique || group.length === 1)
  return groups.filter(wanted).map((group) => (o.count ? `${String(group.length).padStart(7)} ` : '') + (group[0] as string))
}

/** Groups with an empty line between, before, after them, or both. */
function grouped(groups: readonly (readonly string[])[], where: string): string[] {
  const before = where === 'prepend' || where === 'both'
  return groups.flatMap((group, index) => [...(before || (where === 'separate' && index > 0) ? [''] : []), ...group, ...(where === 'append' || (where === 'both' && index === groups.length - 1) ? [''] : [])])
}

export const uniqPrograms: readonly Program[] = [uniq]
