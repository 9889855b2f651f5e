/** shuf. */
import { encodeLossless } from '#engine/base/lossless'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, list, option } from '#engine/linux/abi/flags'
import { print, quote, readInputText, splitLines, usageFailure } from '#engine/programs/common/gnu'
import { attempt, fail } from '#engine/programs/common/operands'

const shuf = defineProgram({
  name: 'shuf',
  usage: '[OPTION]... [FILE]',
  flags: { echo: flag('-e', '--echo'), range: list('-i', '--input-range'), count: option('-n', '--head-count'), output: option('-o', '--output'), source: option('--random-source'), repeat: flag('-r', '--repeat'), zero: flag('-z', '--zero-terminated') },
  async run(process, o) {
    const [range] = o.range
    const bad = valueProblem(process, o.range, o.count)
    if (bad !== undefined) return fail(process, bad)
    const extra = o.echo ? undefined : o.operands[range === undefined ? 1 : 0]
    if (o.echo && range !== undefined) return usageFailure(process, 'cannot combine -e and -i options')
    if (extra !== undefined) return usageFailure(process, `extra operand ${quote(process, extra)}`)
    const terminator = o.zero ? '\0' : '\n'
    const lines = await linesOf(process, range, o.echo, o.operands, terminator)
    if (!lines) return 1
    if (o.repeat && lines.length === 0) return fail(process, 'no lines to repeat')
    const text = chosen(process, lines, o).map((line) => line + terminator).join('')
    if (o.output === undefined) await print(process, text)
    else process.files.writeFile(o.output, encodeLossless(text))
    return 0
  },
})

function valueProblem(process: Process, ranges: readonly string[], count: string | undefined): string | undefined {
  const bad = ranges.find((text) => !rangeOf(text))
  if (bad !== undefined) return `invalid input range: ${quote(process, bad)}`
  if (ranges.length > 1) return 'multiple -i options specified'
  return count === undefined || /^\d+$/.test(count) ? undefined : `invalid line count: ${quote(process, count)}`
}

function rangeOf(text: string): readonly [number, number] | undefined {
  const match = /^(\d+)-(\d+)$/.exec(text)
  return match && Number(match[1]) <= Number(match[2]) + 1 ? [Number(match[1]), Number(match[2])] : undefined
}

async function linesOf(process: Process, range: string | undefined, echo: boolean, operands: readonly string[], terminator: string): Promise<readonly string[] | undefined> {
  if (echo) return operands
  const numbers = range === undefined ? undefined : rangeOf(range)
  if (numbers) return Array.from({ length: numbers[1] - numbers[0] + 1 }, (_, index) => String(numbers[0] + index))
  let lines: readonly string[] | undefined
  await attempt(process, operands[0] ?? '-', async (name) => void (lines = splitLines(await readInputText(process, name), terminator)))
  return lines
}

/** Without end -r stops after a hundred thousand: a pipe that is closed ends it before. */
function chosen(process: Process, lines: readonly string[], o: { readonly repeat: boolean; readonly count: string | undefined }): string[] {
  if (!o.repeat) return shuffled(process, lines).slice(0, o.count === undefined ? undefined : Number(o.count))
  return Array.from({ length: Number(o.count ?? 100_000) }, () => lines[process.random.integer(lines.length)] as string)
}

function shuffled(process: Process, lines: readonly string[]): string[] {
  const out = [...lines]
  for (let i = out.length - 1; i > 0; i--) {
    const j = process.random.integer(i + 1)
    ;[out[i], out[j]] = [out[j] as string, out[i] as string]
  }
  return out
}

export const shufPrograms: readonly Program[] = [shuf]
