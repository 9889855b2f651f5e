/** Differences of lines, and the ways diff shows them. */
import { diffArrays } from 'diff'

export interface DiffOptions {
  readonly style: 'normal' | 'unified' | 'context' | 'ed' | 'rcs' | 'side'
  readonly color: string | undefined
  readonly context: number
  readonly brief: boolean
  readonly identical: boolean
  readonly labels: readonly string[]
  readonly width: number
  readonly suppress: boolean
  readonly leftColumn: boolean
  readonly ignoreCase: boolean
  readonly ignoreTrailing: boolean
  readonly ignoreSpace: boolean
  readonly ignoreAll: boolean
  readonly ignoreBlank: boolean
  readonly text: boolean
  readonly stripCr: boolean
  /** Changes of nothing but such lines do not count. */
  readonly ignoreMatching: readonly RegExp[]
}

export interface Lines {
  readonly lines: readonly string[]
  /** The last line has its newline. */
  readonly ended: boolean
}

/** Lines [from, to) of the left were replaced by [from, to) of the right. */
export interface Hunk {
  readonly a: readonly [number, number]
  readonly b: readonly [number, number]
}

export function splitForDiff(text: string): Lines {
  if (text === '') return { lines: [], ended: true }
  const lines = text.split('\n')
  const ended = lines[lines.length - 1] === ''
  if (ended) lines.pop()
  return { lines, ended }
}

function keyOf(line: string, last: boolean, ended: boolean, o: DiffOptions): string {
  let key = line
  if (o.stripCr) key = key.replace(/\r$/, '')
  if (o.ignoreAll) key = key.replace(/\s+/g, '')
  else if (o.ignoreSpace) key = key.replace(/\s+/g, ' ').replace(/\s+$/, '')
  else if (o.ignoreTrailing) key = key.replace(/\s+$/, '')
  if (o.ignoreCase) key = key.toLowerCase()
  return last && !ended && !o.ignoreAll && !o.ignoreSpace && !o.ignoreTrailing ? `${key}\0` : key
}

export function hunksOf(left: Lines, right: Lines, o: DiffOptions): Hunk[] {
  const keys = (side: Lines): string[] => side.lines.map((line, index) => keyOf(line, index === side.lines.length - 1, side.ended, o))
  const out: Hunk[] = []
  let [i, j] = [0, 0]
  let open: { a: number; b: number } | undefined
  const close = (): void => {
    if (open) out.push({ a: [open.a, i], b: [open.b, j] })
    open = undefined
  }
  const [a, b] = [keys(left), keys(right)]
  for (const part of diffArrays(a, b)) {
    if (!part.added && !part.removed) {
      close()
      i += part.value.length
      j += part.value.length
      continue
    }
    open ??= { a: i, b: j }
    if (part.removed) i += part.value.length
    else j += part.value.length
  }
  close()
  const slid = out.map((hunk) => slide(hunk, a, b))
  const changed = (hunk: Hunk): string[] => [...left.lines.slice(...hunk.a), ...right.lines.slice(...hunk.b)]
  const counts = (line: string): boolean => !(o.ignoreBlank && line.trim() === '') && !o.ignoreMatching.some((regex) => regex.test(line))
  return slid.filter((hunk) => changed(hunk).some(counts))
}

/** Pure insertions and deletions move as far down as they can, as GNU diff has them. */
function slide(hunk: Hunk, a: readonly string[], b: readonly string[]): Hunk {
  let [a0, a1] = hunk.a
  let [b0, b1] = hunk.b
  if (a0 !== a1 && b0 !== b1) return hunk
  while (a1 < a.length && b1 < b.length && a[a1] === b[b1] && (a0 === a1 ? b[b0] === b[b1] : a[a0] === a[a1])) {
    a0++
    a1++
    b0++
    b1++
  }
  return { a: [a0, a1], b: [b0, b1] }
}

function rangeText([from, to]: readonly [number, number]): string {
  if (to - from <= 0) return String(from)
  return to - from === 1 ? String(from + 1) : `${from + 1},${to}`
}

const noNewline = '\\ No newline at end of file\n'

function shownLines(side: Lines, from: number, to: number, prefix: string): string {
  let out = ''
  for (let i = from; i < to; i++) out += `${prefix}${side.lines[i] as string}\n${i === side.lines.length - 1 && !side.ended ? noNewline : ''}`
  return out
}

export function normalText(left: Lines, right: Lines, hunks: readonly Hunk[], ed: boolean): string {
  if (ed) return edText(right, hunks)
  return hunks.map(({ a, b }) => {
    const kind = a[0] === a[1] ? 'a' : b[0] === b[1] ? 'd' : 'c'
    return `${rangeText(a)}${kind}${rangeText(b)}\n${shownLines(left, a[0], a[1], '< ')}${kind === 'c' ? '---\n' : ''}${shownLines(right, b[0], b[1], '> ')}`
  }).join('')
}

/** RCS's form: additions and deletions by line number, top down. */
export function rcsText(right: Lines, hunks: readonly Hunk[]): string {
  return hunks.map(({ a, b }) => {
    const removed = a[1] - a[0]
    const added = b[1] - b[0]
    return `${removed > 0 ? `d${a[0] + 1} ${removed}\n` : ''}${added > 0 ? `a${a[1]} ${added}\n${shownLines(right, b[0], b[1], '')}` : ''}`
  }).join('')
}

/** Colours of `--color`: headers, removed, added, ranges. */
export function colored(text: string, style: string): string {
  const paint = (code: string, line: string): string => `\x1b[${code}m${line}\x1b[0m`
  return text.split('\n').map((line) => {
    if (line === '') return line
    if (style === 'unified' && /^(---|\+\+\+) /.test(line)) return paint('1', line)
    if (/^@@/.test(line) || (style === 'normal' && /^\d/.test(line))) return paint('36', line)
    if (style === 'unified' ? line.startsWith('-') : line.startsWith('<')) return paint('31', line)
    return (style === 'unified' ? line.startsWith('+') : line.startsWith('>')) ? paint('32', line) : line
  }).join('\n')
}

function edText(right: Lines, hunks: readonly Hunk[]): string {
  return [...hunks].reverse().map(({ a, b }) => {
    const kind = a[0] === a[1] ? 'a' : b[0] === b[1] ? 'd' : 'c'
    return `${rangeText(a)}${kind}\n${kind === 'd' ? '' : `${shownLines(right, b[0], b[1], '')}.\n`}`
  }).join('')
}

/** Hunks whose contexts touch belong together. */
function groups(hunks: readonly Hunk[], context: number): Hunk[][] {
  const out: Hunk[][] = []
  for (const hunk of hunks) {
    const last = out[out.length - 1]
    const before = last?.[last.length - 1]
    if (last && before && hunk.a[0] - before.a[1] <= context * 2) last.push(hunk)
    else out.push([hunk])
  }
  return out
}

export function unifiedText(left: Lines, right: Lines, hunks: readonly Hunk[], names: readonly [string, string], o: DiffOptions): string {
  let out = `--- ${names[0]}\n+++ ${names[1]}\n`
  const range = (from: number, to: number): string => (to - from === 1 ? String(from + 1) : `${to === from ? from : from + 1},${to - from}`)
  for (const group of groups(hunks, o.context)) {
    const [first, last] = [group[0] as Hunk, group[group.length - 1] as Hunk]
    const lead = Math.min(o.context, first.a[0])
    const tail = Math.min(o.context, left.lines.length - last.a[1])
    out += `@@ -${range(first.a[0] - lead, last.a[1] + tail)} +${range(first.b[0] - lead, last.b[1] + tail)} @@\n`
    let at = first.a[0] - lead
    for (const { a, b } of group) {
      out += shownLines(left, at, a[0], ' ') + shownLines(left, a[0], a[1], '-') + shownLines(right, b[0], b[1], '+')
      at = a[1]
    }
    out += shownLines(left, at, last.a[1] + tail, ' ')
  }
  return out
}

export function contextText(left: Lines, right: Lines, hunks: readonly Hunk[], names: readonly [string, string], o: DiffOptions): string {
  let out = `*** ${names[0]}\n--- ${names[1]}\n`
  const range = (from: number, to: number): string => (to - from <= 1 ? String(to) : `${from + 1},${to}`)
  for (const group of groups(hunks, o.context)) {
    const [first, last] = [group[0] as Hunk, group[group.length - 1] as Hunk]
    const lead = Math.min(o.context, first.a[0])
    const tail = Math.min(o.context, left.lines.length - last.a[1])
    out += `***************\n*** ${range(first.a[0] - lead, last.a[1] + tail)} ****\n`
    if (group.some(({ a }) => a[0] !== a[1])) out += contextSide(left, group, first.a[0] - lead, last.a[1] + tail, 'a', '-')
    out += `--- ${range(first.b[0] - lead, last.b[1] + tail)} ----\n`
    if (group.some(({ b }) => b[0] !== b[1])) out += contextSide(right, group, first.b[0] - lead, last.b[1] + tail, 'b', '+')
  }
  return out
}

function contextSide(side: Lines, group: readonly Hunk[], from: number, to: number, key: 'a' | 'b', mark: string): string {
  let out = ''
  let at = from
  for (const hunk of group) {
    const [start, end] = hunk[key]
    const changed = hunk.a[0] !== hunk.a[1] && hunk.b[0] !== hunk.b[1]
    out += shownLines(side, at, start, '  ') + shownLines(side, start, end, `${changed ? '!' : mark} `)
    at = end
  }
  return out + shownLines(side, at, to, '  ')
}

/** Where the second column begins and how wide both are: on a tab stop, with room for the mark. */
function sideColumns(width: number): { half: number; second: number } {
  const gutter = 3
  const reach = 8 + gutter
  const unaligned = (width >> 1) + (reach >> 1) + (width & reach & 1)
  const offset = unaligned - (unaligned % 8)
  const half = Math.max(0, Math.min(offset - gutter, width - offset))
  return { half, second: half > 0 ? offset : width }
}

function tabsTo(from: number, to: number): string {
  let out = ''
  let at = from
  for (let stop = at + 8 - (at % 8); stop <= to; stop += 8) {
    out += '\t'
    at = stop
  }
  return out + ' '.repeat(Math.max(0, to - at))
}

export function sideText(left: Lines, right: Lines, hunks: readonly Hunk[], o: DiffOptions): string {
  const { half, second } = sideColumns(o.width)
  let out = ''
  const row = (a: string | undefined, mark: string, b: string | undefined): void => {
    if (mark === ' ' && o.suppress) return
    const left = (a ?? '').slice(0, half)
    let line = left
    let column = left.length
    if (mark !== ' ') {
      const at = Math.floor((half + second - 1) / 2)
      line += tabsTo(column, at) + mark
      column = at + 1
    }
    if (b !== undefined && b !== '' && !(mark === ' ' && o.leftColumn)) line += tabsTo(column, second) + b.slice(0, half)
    else if (mark === ' ' && o.leftColumn) line += `${tabsTo(column, Math.floor((half + second - 1) / 2))}(`
    out += `${line}\n`
  }
  let [i, j] = [0, 0]
  for (const hunk of [...hunks, { a: [left.lines.length, left.lines.length], b: [right.lines.length, right.lines.length] } as Hunk]) {
    for (; i < hunk.a[0]; i++, j++) row(left.lines[i], ' ', right.lines[j])
    const changed = Math.max(hunk.a[1] - hunk.a[0], hunk.b[1] - hunk.b[0])
    for (let k = 0; k < changed; k++) {
      const a = hunk.a[0] + k < hunk.a[1] ? left.lines[hunk.a[0] + k] : undefined
      const b = hunk.b[0] + k < hunk.b[1] ? right.lines[hunk.b[0] + k] : undefined
      row(a, a === undefined ? '>' : b === undefined ? '<' : '|', b)
    }
    i = hunk.a[1]
    j = hunk.b[1]
  }
  return out
}
