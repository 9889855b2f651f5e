/** A unified diff of two values printed as JSON, as the server puts it into messages: what is alike from the start stays so. */
import { diffArrays } from 'diff'

interface Line { readonly sign: ' ' | '+' | '-'; readonly text: string }

const context = 3

export function goDiff(before: unknown, after: unknown): string {
  const lines = compare(JSON.stringify(before, null, 1).split('\n'), JSON.stringify(after, null, 1).split('\n'))
  const shown = new Set<number>()
  for (const [index, line] of lines.entries()) if (line.sign !== ' ') for (let near = index - context; near <= index + context; near++) shown.add(near)
  let out = ''
  for (let start = 0; start < lines.length; start++) {
    if (!shown.has(start)) continue
    let end = start
    while (end < lines.length && shown.has(end)) end++
    out += hunk(lines, start, end)
    start = end
  }
  return out
}

function compare(before: readonly string[], after: readonly string[]): Line[] {
  let head = 0
  while (head < before.length && head < after.length && before[head] === after[head]) head++
  let tail = 0
  while (tail < before.length - head && tail < after.length - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++
  const same = (text: string): Line => ({ sign: ' ', text })
  const middle = diffArrays(before.slice(head, before.length - tail), after.slice(head, after.length - tail))
  const changed = middle.flatMap((part) => part.value.map((text): Line => ({ sign: part.added ? '+' : part.removed ? '-' : ' ', text })))
  return [...before.slice(0, head).map(same), ...changed, ...before.slice(before.length - tail).map(same)]
}

function hunk(lines: readonly Line[], start: number, end: number): string {
  const count = (from: number, to: number, without: '+' | '-'): number => lines.slice(from, to).filter((line) => line.sign !== without).length
  const part = lines.slice(start, end)
  const head = `@@ -${count(0, start, '+') + 1},${count(start, end, '+')} +${count(0, start, '-') + 1},${count(start, end, '-')} @@`
  return `${head}\n${part.map((line) => `${line.sign}${line.text}\n`).join('')}`
}
