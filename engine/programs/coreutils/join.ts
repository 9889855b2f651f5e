/** comm and join: two sorted files side by side. */
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, list, option } from '#engine/linux/abi/flags'
import { complain, print, quote, readInputText, reason, splitLines, usageFailure } from '#engine/programs/common/gnu'

const comm = defineProgram({
  name: 'comm',
  flags: { one: flag('-1'), two: flag('-2'), three: flag('-3'), checkOrder: flag('--check-order'), noCheck: flag('--nocheck-order'), delimiter: option('--output-delimiter'), total: flag('--total'), zero: flag('-z', '--zero-terminated') },
  async run(process, o) {
    const [first, second, extra] = o.operands
    if (first === undefined) return usageFailure(process, 'missing operand')
    if (second === undefined) return usageFailure(process, `missing operand after ${quote(process, first)}`)
    if (extra !== undefined) return usageFailure(process, `extra operand ${quote(process, extra)}`)
    const texts: string[][] = []
    for (const name of [first, second]) {
      try {
        texts.push(splitLines(await readInputText(process, name), o.zero ? '\0' : '\n'))
      } catch (error) {
        await complain(process, `${name}: ${reason(error)}`)
        return 1
      }
    }
    return compareSorted(process, texts as [string[], string[]], { hidden: [o.one, o.two, o.three], tab: o.delimiter ?? '\t', total: o.total, checked: !o.noCheck })
  },
})

async function compareSorted(process: Process, [a, b]: [string[], string[]], o: { hidden: readonly boolean[]; tab: string; total: boolean; checked: boolean }): Promise<number> {
  const counts = [0, 0, 0]
  const told = new Set<number>()
  let out = ''
  const add = (column: 0 | 1 | 2, line: string): void => {
    counts[column] = (counts[column] as number) + 1
    if (o.hidden[column]) return
    out += `${column > 0 && !o.hidden[0] ? o.tab : ''}${column > 1 && !o.hidden[1] ? o.tab : ''}${line}\n`
  }
  /** The complaint comes where the disorder is met, after what was printed so far. */
  const check = async (file: number, lines: readonly string[], at: number): Promise<void> => {
    if (!o.checked || told.has(file) || at === 0 || at >= lines.length || (lines[at - 1] as string) <= (lines[at] as string)) return
    told.add(file)
    await print(process, out)
    out = ''
    await complain(process, `file ${file} is not in sorted order`)
  }
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    await check(1, a, i)
    await check(2, b, j)
    const order = orderOf(a[i], b[j])
    add(order < 0 ? 0 : order > 0 ? 1 : 2, (order <= 0 ? a[i] : b[j]) as string)
    if (order <= 0) i++
    if (order >= 0) j++
  }
  if (o.total) out += `${counts.join(o.tab)}${o.tab}total\n`
  await print(process, out)
  if (told.size === 0) return 0
  await complain(process, 'input is not in sorted order')
  return 1
}

/** A file that has ended comes last. */
function orderOf(x: string | undefined, y: string | undefined): number {
  if (x === undefined || y === undefined) return x === undefined ? 1 : -1
  return x < y ? -1 : x > y ? 1 : 0
}

const join = defineProgram({
  name: 'join',
  flags: { unpaired: list('-a'), empty: option('-e'), ignoreCase: flag('-i', '--ignore-case'), field: option('-j'), format: option('-o'), separator: option('-t'), only: list('-v'), one: option('-1'), two: option('-2'), header: flag('--header'), check: flag('--check-order'), noCheck: flag('--nocheck-order'), zero: flag('-z') },
  async run(process, o) {
    const [first, second] = o.operands
    if (first === undefined) return usageFailure(process, 'missing operand')
    if (second === undefined) return usageFailure(process, `missing operand after ${quote(process, first)}`)
    const tables: string[][][] = []
    for (const name of [first, second]) {
      try {
        tables.push(splitLines(await readInputText(process, name)).map((line) => (o.separator === undefined ? line.trim().split(/[ \t]+/) : line.split(o.separator))))
      } catch (error) {
        await complain(process, `${name}: ${reason(error)}`)
        return 1
      }
    }
    const fields = [Number(o.one ?? o.field ?? 1) - 1, Number(o.two ?? o.field ?? 1) - 1] as const
    await print(process, joinTables(tables as [string[][], string[][]], fields, o))
    return 0
  },
})

function joinTables([a, b]: [string[][], string[][]], fields: readonly [number, number], o: { unpaired: readonly string[]; only: readonly string[]; empty: string | undefined; format: string | undefined; separator: string | undefined; ignoreCase: boolean; header: boolean }): string {
  const separator = o.separator ?? ' '
  const key = (row: readonly string[], side: 0 | 1): string => (o.ignoreCase ? (row[fields[side]] ?? '').toLowerCase() : (row[fields[side]] ?? ''))
  const rest = (row: readonly string[], side: 0 | 1): string[] => row.filter((_, index) => index !== fields[side])
  const line = (x: readonly string[] | undefined, y: readonly string[] | undefined): string => {
    const shared = (x ?? y ?? [])[fields[x ? 0 : 1]] ?? ''
    if (o.format === undefined || o.format === 'auto') return `${[shared, ...(x ? rest(x, 0) : []), ...(y ? rest(y, 1) : [])].join(separator)}\n`
    const cell = (spec: string): string => {
      if (spec === '0') return shared
      const [side, index] = spec.split('.')
      return (side === '1' ? x : y)?.[Number(index) - 1] || (o.empty ?? '')
    }
    return `${o.format.split(/[ ,]+/).map(cell).join(separator)}\n`
  }
  let out = ''
  let i = 0
  let j = 0
  if (o.header && a.length > 0 && b.length > 0) out += line(a[i++], b[j++])
  const pairs = o.only.length === 0
  const lonely = (side: '1' | '2'): boolean => o.only.includes(side) || o.unpaired.includes(side)
  while (i < a.length || j < b.length) {
    const x = a[i]
    const y = b[j]
    if (y === undefined || (x !== undefined && key(x, 0) < key(y, 1))) {
      if (lonely('1')) out += line(x, undefined)
      i++
    } else if (x === undefined || key(y, 1) < key(x, 0)) {
      if (lonely('2')) out += line(undefined, y)
      j++
    } else {
      let endA = i
      let endB = j
      while (endA < a.length && key(a[endA] as string[], 0) === key(x, 0)) endA++
      while (endB < b.length && key(b[endB] as string[], 1) === key(y, 1)) endB++
      if (pairs) for (const left of a.slice(i, endA)) for (const right of b.slice(j, endB)) out += line(left, right)
      i = endA
      j = endB
    }
  }
  return out
}

export const joinPrograms: readonly Program[] = [comm, join]
