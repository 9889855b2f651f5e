/** expand, unexpand: tabs to blanks and back. */
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { displayWidth, inputLines, Output, quote } from '#engine/programs/common/gnu'
import { fail, forEachInput } from '#engine/programs/common/operands'

/** Where tabs lead: one width for all, or a list that `every` (`/N`) or `after` (`+N`) goes on. */
export interface TabStops {
  readonly stops: readonly number[]
  readonly every?: number
  readonly after?: number
}

function tabStops(text: string | undefined): TabStops {
  const words = (text ?? '8').split(/[, ]+/).filter((word) => word !== '')
  const last = words.at(-1) ?? ''
  const stops = words.filter((word) => /^\d/.test(word)).map(Number)
  if (last.startsWith('/')) return { stops, every: Number(last.slice(1)) }
  return last.startsWith('+') ? { stops, after: Number(last.slice(1)) } : { stops }
}

function tabProblem(process: Process, text: string | undefined): string | undefined {
  const bad = /[^\d, +/].*$/.exec(text ?? '')?.[0]
  if (bad !== undefined) return `tab size contains invalid character(s): ${quote(process, bad)}`
  const { stops } = tabStops(text)
  if (stops.includes(0)) return 'tab size cannot be 0'
  return stops.some((stop, index) => index > 0 && stop <= (stops[index - 1] as number)) ? 'tab sizes must be ascending' : undefined
}

function nextStop(column: number, { stops, every, after }: TabStops): number {
  const only = every === undefined && after === undefined && stops.length === 1 ? stops[0] : undefined
  if (only !== undefined) return column + only - (column % only)
  const listed = stops.find((stop) => stop > column)
  if (listed !== undefined) return listed
  if (every !== undefined && every > 0) return column + every - (column % every)
  if (after !== undefined && after > 0) return column + after - ((column - (stops.at(-1) ?? 0)) % after)
  return column + 1
}

export function expandTabs(line: string, stops: TabStops, initialOnly = false): string {
  let out = ''
  let column = 0
  let initial = true
  for (const c of line) {
    if (c === '\t' && (initial || !initialOnly)) {
      const stop = nextStop(column, stops)
      out += ' '.repeat(stop - column)
      column = stop
    } else {
      if (c !== ' ') initial = false
      out += c
      column += c === '\b' ? -1 : displayWidth(c)
    }
  }
  return out
}

/** Blanks become tabs as they come; `pending` are those that may yet turn into one. */
class Unexpander {
  private out = ''
  private pending = ''
  private column = 0
  private initial = true

  constructor(
    private readonly stops: TabStops,
    private readonly all: boolean,
  ) {}

  line(text: string): string {
    for (const c of text) {
      if ((c === ' ' || c === '\t') && (this.initial || this.all)) this.blank(c)
      else this.other(c)
    }
    return this.out + this.pending
  }

  private blank(c: string): void {
    const stop = nextStop(this.column, this.stops)
    this.pending += c
    this.column = c === '\t' ? stop : this.column + 1
    if (this.column !== stop) return
    this.out += c === '\t' || this.pending.length > 1 || this.initial ? '\t' : this.pending
    this.pending = ''
  }

  private other(c: string): void {
    this.out += this.pending + c
    this.pending = ''
    this.column += displayWidth(c)
    this.initial = false
  }
}

async function eachLine(process: Process, operands: readonly string[], tabs: string | undefined, change: (line: string, stops: TabStops) => string): Promise<number> {
  const wrong = tabProblem(process, tabs)
  if (wrong !== undefined) return fail(process, wrong)
  const stops = tabStops(tabs)
  const out = new Output(process)
  const status = await forEachInput(process, operands, async (name) => {
    try {
      for await (const line of inputLines(process, name)) await out.write(change(line.replace(/\n$/, ''), stops) + (line.endsWith('\n') ? '\n' : ''))
    } finally {
      await out.flush()
    }
  })
  return status
}

const digitsAsTabs = (args: readonly string[]): readonly string[] => args.map((arg) => (/^-\d[\d,]*$/.test(arg) ? `-t${arg.slice(1)}` : arg))

const expand = defineProgram({
  name: 'expand',
  flags: { initial: flag('-i', '--initial'), tabs: option('-t', '--tabs') },
  rewrite: digitsAsTabs,
  run: (process, o) => eachLine(process, o.operands, o.tabs, (line, stops) => expandTabs(line, stops, o.initial)),
})

const unexpand = defineProgram({
  name: 'unexpand',
  flags: { tabs: option('-t', '--tabs'), all: flag('-a', '--all'), firstOnly: flag('--first-only') },
  rewrite: digitsAsTabs,
  run: (process, o) => eachLine(process, o.operands, o.tabs, (line, stops) => new Unexpander(stops, (o.all || o.tabs !== undefined) && !o.firstOnly).line(line)),
})

export const tabPrograms: readonly Program[] = [expand, unexpand]
