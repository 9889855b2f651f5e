/** column (util-linux 2.38). */
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { complain, displayWidth, print, readInputText, reason, splitLines } from '#engine/programs/common/gnu'

const column = defineProgram({
  name: 'column',
  version: 'column from util-linux 2.38.1',
  flags: { columns: option('-c', '--output-width'), fillRows: flag('-x', '--fillrows'), table: flag('-t', '--table'), separator: option('-s', '--separator'), output: option('-o', '--output-separator'), names: option('-N', '--table-columns'), right: option('-R', '--table-right'), hide: option('-H', '--table-hide'), order: option('-O', '--table-order'), noEmpty: flag('-L', '--keep-empty-lines'), limit: option('-l', '--table-columns-limit'), json: flag('-J', '--json'), name: option('-n', '--table-name'), noHeadings: flag('-d', '--table-noheadings'), empty: flag('-e', '--table-header-repeat'), truncate: option('-T', '--table-truncate') },
  async run(process, o) {
    const lines: string[] = []
    let status = 0
    for (const name of o.operands.length > 0 ? o.operands : ['-']) {
      try {
        lines.push(...splitLines(await readInputText(process, name)))
      } catch (error) {
        await complain(process, `${name}: ${reason(error)}`)
        status = 1
      }
    }
    const kept = lines.filter((line) => o.noEmpty || line.trim() !== '')
    if (kept.length === 0) return status
    if (o.table || o.json) {
      const rows = kept.map((line) => (o.separator === undefined ? line.trim().split(/[ \t]+/) : line.split(new RegExp(`[${o.separator.replace(/[\\\]^-]/g, '\\$&')}]`))))
      await print(process, tableText(rows, o))
    } else await print(process, fill(kept.map((line) => line.trim()), Number(o.columns ?? process.descriptor(1).tty?.columns ?? process.env.get('COLUMNS') ?? 80) || 80, o.fillRows))
    return status
  },
})

interface TableOptions {
  readonly output: string | undefined
  readonly names: string | undefined
  readonly right: string | undefined
  readonly hide: string | undefined
  readonly limit: string | undefined
  readonly json: boolean
  readonly name: string | undefined
  readonly noHeadings: boolean
}

function tableText(given: readonly string[][], o: TableOptions): string {
  const names = o.names?.split(',')
  let rows = names && !o.noHeadings && !o.json ? [names, ...given] : [...given]
  if (o.limit !== undefined) rows = rows.map((row) => [...row.slice(0, Number(o.limit) - 1), ...(row.length >= Number(o.limit) ? [row.slice(Number(o.limit) - 1).join(' ')] : [])])
  if (o.json) return jsonText(given, names ?? [], o.name ?? 'table')
  const count = Math.max(...rows.map((row) => row.length))
  const indexes = (text: string | undefined): Set<number> => new Set((text ?? '').split(',').filter((one) => one !== '').map((one) => (/^\d+$/.test(one) ? Number(one) - 1 : (names ?? []).indexOf(one))))
  const right = indexes(o.right)
  const hidden = indexes(o.hide)
  const shown = Array.from({ length: count }, (_, index) => index).filter((index) => !hidden.has(index))
  const widths = shown.map((index) => Math.max(...rows.map((row) => displayWidth(row[index] ?? ''))))
  const separator = o.output ?? '  '
  return rows.map((row) => {
    let last = shown.length - 1
    while (last > 0 && row[shown[last] as number] === undefined && o.output === undefined) last--
    return `${shown.slice(0, last + 1).map((index, at) => {
      const cell = row[index] ?? ''
      const pad = ' '.repeat(Math.max(0, (widths[at] as number) - displayWidth(cell)))
      return right.has(index) ? pad + cell : at === last && at === shown.length - 1 ? cell : cell + pad
    }).join(separator)}\n`
  }).join('')
}

function jsonText(rows: readonly string[][], names: readonly string[], table: string): string {
  const body = rows.map((row) => `      {\n${names.map((name, index) => `         ${JSON.stringify(name.toLowerCase())}: ${row[index] === undefined ? 'null' : JSON.stringify(row[index])}`).join(',\n')}\n      }`)
  return `{\n   ${JSON.stringify(table)}: [\n${body.join(',').replace(/\},      \{/g, '},{')}\n   ]\n}\n`
}

/** Entries in columns at multiples of eight, filled down. */
function fill(entries: readonly string[], total: number, rowsFirst: boolean): string {
  const longest = Math.max(...entries.map(displayWidth))
  const step = Math.floor((longest + 8) / 8) * 8
  if (longest >= total) return entries.map((entry) => `${entry}\n`).join('')
  const columns = Math.max(1, Math.floor(total / step))
  const rows = Math.ceil(entries.length / columns)
  let out = ''
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < columns; at++) {
      const index = rowsFirst ? row * columns + at : at * rows + row
      const entry = entries[index]
      if (entry === undefined) break
      const next = entries[rowsFirst ? index + 1 : index + rows]
      out += entry
      if (next !== undefined && at < columns - 1) out += '\t'.repeat(Math.ceil((step - displayWidth(entry)) / 8))
    }
    out += '\n'
  }
  return out
}

export const columnPrograms: readonly Program[] = [column]
