/** tsort: a total order that keeps every pair's order. */
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { complain, print, quote, readInputText, usageFailure } from '#engine/programs/common/gnu'
import { attempt, fail } from '#engine/programs/common/operands'
import { quoteIfNeeded } from '#engine/programs/common/quoting'

const tsort = defineProgram({
  name: 'tsort',
  usage: '[OPTION] [FILE]',
  flags: {},
  async run(process, { operands }) {
    const [name = '-', extra] = operands
    if (extra !== undefined) return usageFailure(process, `extra operand ${quote(process, extra)}`)
    let words: string[] = []
    if (!(await attempt(process, name, async () => void (words = (await readInputText(process, name)).split(/\s+/).filter((word) => word !== ''))))) return 1
    if (words.length % 2 === 1) return fail(process, `${quoteIfNeeded(name)}: input contains an odd number of tokens`)
    const graph = new Graph(words)
    for (const word of graph.sorted()) await print(process, `${word}\n`)
    return graph.loop().length === 0 ? 0 : tellLoop(process, name, graph.loop())
  },
})

async function tellLoop(process: Process, name: string, loop: readonly string[]): Promise<number> {
  await complain(process, `${quoteIfNeeded(name)}: input contains a loop:`)
  for (const word of loop) {
    await complain(process, word)
    await print(process, `${word}\n`)
  }
  return 1
}

class Graph {
  private readonly after = new Map<string, Set<string>>()
  /** How many come before each. */
  private readonly before = new Map<string, number>()

  constructor(words: readonly string[]) {
    for (const word of words) {
      if (!this.after.has(word)) this.after.set(word, new Set())
      if (!this.before.has(word)) this.before.set(word, 0)
    }
    for (let i = 0; i < words.length; i += 2) this.pair(words[i] as string, words[i + 1] as string)
  }

  private pair(from: string, to: string): void {
    if (from === to || this.after.get(from)?.has(to)) return
    this.after.get(from)?.add(to)
    this.before.set(to, (this.before.get(to) as number) + 1)
  }

  sorted(): string[] {
    const ready = [...this.before].filter(([, count]) => count === 0).map(([word]) => word).sort()
    for (let at = 0; at < ready.length; at++) {
      for (const next of [...(this.after.get(ready[at] as string) ?? [])].reverse()) {
        const left = (this.before.get(next) as number) - 1
        this.before.set(next, left)
        if (left === 0) ready.push(next)
      }
    }
    return ready
  }

  /** What waits for itself, once all else is sorted. */
  loop(): string[] {
    return [...this.before].filter(([, count]) => count > 0).map(([word]) => word)
  }
}

export const tsortPrograms: readonly Program[] = [tsort]
