/** fold. */
import { byteLength } from '#engine/base/lossless'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { displayWidth, inputLines, print } from '#engine/programs/common/gnu'
import { numberProblem } from '#engine/programs/common/numbers'
import { fail, forEachInput } from '#engine/programs/common/operands'

const fold = defineProgram({
  name: 'fold',
  flags: { bytes: flag('-b', '--bytes'), spaces: flag('-s', '--spaces'), width: option('-w', '--width') },
  rewrite: (args) => args.map((arg) => (/^-\d+$/.test(arg) ? `-w${arg.slice(1)}` : arg)),
  async run(process, o) {
    const wrong = numberProblem(process, o.width, { what: 'number of columns', least: 1 })
    if (wrong !== undefined) return fail(process, wrong)
    return forEachInput(process, o.operands, async (name) => {
      for await (const line of inputLines(process, name)) await print(process, foldLine(line, Number(o.width ?? 80), o.spaces))
    })
  },
})

function foldLine(line: string, width: number, spaces: boolean): string {
  const ended = line.endsWith('\n')
  let out = ''
  let current = ''
  let column = 0
  for (const c of ended ? line.slice(0, -1) : line) {
    if (columnAfter(column, c) > width && current !== '') {
      const keep = spaces ? Math.max(current.lastIndexOf(' '), current.lastIndexOf('\t')) + 1 : 0
      out += `${keep > 0 ? current.slice(0, keep) : current}\n`
      current = keep > 0 ? current.slice(keep) : ''
      column = displayWidth(current)
    }
    current += c
    column = columnAfter(column, c)
  }
  return out + current + (ended ? '\n' : '')
}

function columnAfter(column: number, c: string): number {
  switch (c) {
    case '\t': return column + 8 - (column % 8)
    case '\b': return Math.max(0, column - 1)
    case '\r': return 0
    default: return column + byteLength(c)
  }
}

export const foldPrograms: readonly Program[] = [fold]
