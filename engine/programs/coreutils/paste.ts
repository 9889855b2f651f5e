/** paste. */
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { print, readInputText, splitLines } from '#engine/programs/common/gnu'
import { attempt, fail } from '#engine/programs/common/operands'

const paste = defineProgram({
  name: 'paste',
  flags: { serial: flag('-s', '--serial'), delimiters: option('-d', '--delimiters'), zero: flag('-z', '--zero-terminated') },
  async run(process, o) {
    if (/(^|[^\\])(\\\\)*\\$/.test(o.delimiters ?? '')) return fail(process, `delimiter list ends with an unescaped backslash: ${o.delimiters ?? ''}`)
    const end = o.zero ? '\0' : '\n'
    const names = o.operands.length > 0 ? o.operands : ['-']
    const { tables, status } = await readTables(process, names, end, o.serial)
    if (status !== 0 && !o.serial) return status
    const glue = gluer(delimitersOf(o.delimiters ?? '\t'))
    const rows = o.serial ? tables : transposed(tables)
    await print(process, rows.map((cells) => glue(cells) + end).join(''))
    return status
  },
})

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', b: '\b', f: '\f', r: '\r', v: '\v', 0: '' }

/** One after another; `\0` stands for nothing. */
function delimitersOf(text: string): readonly string[] {
  const out = Array.from(text.matchAll(/\\(.)|([^\\])/gsu), ([, escaped, plain]) => (escaped === undefined ? (plain as string) : (escapes[escaped] ?? escaped)))
  return out.length > 0 ? out : ['']
}

function gluer(delimiters: readonly string[]): (cells: readonly string[]) => string {
  return (cells) => cells.map((cell, index) => cell + (index === cells.length - 1 ? '' : (delimiters[index % delimiters.length] as string))).join('')
}

function transposed(tables: readonly (readonly string[])[]): string[][] {
  const height = tables.reduce((most, lines) => Math.max(most, lines.length), 0)
  return Array.from({ length: height }, (_, row) => tables.map((lines) => lines[row] ?? ''))
}

/** Several `-` side by side take the lines of standard input in turn. */
async function readTables(process: Process, names: readonly string[], end: string, serial: boolean): Promise<{ tables: string[][]; status: number }> {
  const tables: string[][] = []
  const dashes = serial ? 0 : names.filter((name) => name === '-').length
  const shared = dashes > 1 ? splitLines(await readInputText(process, '-'), end) : []
  let turn = 0
  let status = 0
  for (const name of names) {
    if (name === '-' && dashes > 1) {
      const mine = turn++
      tables.push(shared.filter((_, line) => line % dashes === mine))
    } else if (!(await attempt(process, name, async () => void tables.push(splitLines(await readInputText(process, name), end))))) {
      status = 1
      if (!serial) break
    }
  }
  return { tables, status }
}

export const pastePrograms: readonly Program[] = [paste]
