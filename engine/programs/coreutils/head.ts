/** head. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { openInput, print, quoteName, readInput } from '#engine/programs/common/gnu'
import { fail, forEachInput } from '#engine/programs/common/operands'
import { type Amount, amountOf, amountProblem, headline } from '#engine/programs/coreutils/head-count'
import { countOf, endOfLines, startOfLast } from '#engine/programs/coreutils/line-ends'

/** `-5`, `-5cv`: the old way of giving a count. */
function oldCount(args: readonly string[]): readonly string[] {
  const match = /^-(\d+)([bkmclqvz]*)$/.exec(args[0] ?? '')
  if (!match) return args
  const letters = match[2] as string
  const unit = /[bkm]/.exec(letters)?.[0] ?? ''
  const others = letters.replace(/[^qvz]/g, '')
  return [/[cbkm]/.test(letters) ? '-c' : '-n', (match[1] as string) + unit, ...(others === '' ? [] : [`-${others}`]), ...args.slice(1)]
}

const head = defineProgram({
  name: 'head',
  rewrite: oldCount,
  flags: { bytes: option('-c', '--bytes'), lines: option('-n', '--lines'), quiet: flag('-q', '--quiet', '--silent'), verbose: flag('-v', '--verbose'), zero: flag('-z', '--zero-terminated') },
  async run(process, o) {
    const amount = amountOf(o)
    if (!amount) return fail(process, amountProblem(process, o, /^-/))
    const headed = lastOf(process.argv.slice(1)) ?? o.operands.length > 1
    let first = true
    return forEachInput(
      process,
      o.operands,
      async (name) => {
        openInput(process, name).close()
        if (headed) await print(process, headline(name, first))
        first = false
        await (amount.sign === '-' ? allBut(process, name, amount, o.zero ? 0 : 10) : leading(process, name, amount, o.zero ? 0 : 10))
      },
      (name, why, error) => (isErrno(error, 'EISDIR') ? `error reading ${quoteName(name)}: ${why}` : `cannot open ${quoteName(name)} for reading: ${why}`),
    )
  },
})

/** Whichever of -q and -v comes last counts. */
function lastOf(args: readonly string[]): boolean | undefined {
  const letters = args.slice(0, args.includes('--') ? args.indexOf('--') : undefined).flatMap((arg) => (arg === '--quiet' || arg === '--silent' ? ['q'] : arg === '--verbose' ? ['v'] : /^-\d*[a-z]+$/.test(arg) ? [...arg] : []))
  const last = letters.findLast((letter) => letter === 'q' || letter === 'v')
  return last === undefined ? undefined : last === 'v'
}

async function allBut(process: Process, name: string, { count, bytes }: Amount, terminator: number): Promise<void> {
  const all = await readInput(process, name)
  await process.stdout.write(all.subarray(0, bytes ? Math.max(0, all.length - count) : startOfLast(all, count, terminator)))
}

async function leading(process: Process, name: string, { count, bytes }: Amount, terminator: number): Promise<void> {
  if (count === 0) return
  const { file, close } = openInput(process, name)
  try {
    let left = count
    while (left > 0) {
      const chunk = await file.read(bytes ? Math.min(left, 65536) : 8192)
      if (chunk === null) return
      const end = bytes ? Math.min(left, chunk.length) : endOfLines(chunk, left, terminator)
      await process.stdout.write(chunk.subarray(0, end))
      left -= bytes ? end : countOf(chunk.subarray(0, end), terminator)
      if (left === 0 && end < chunk.length) giveBack(file, end - chunk.length)
    }
  } finally {
    close()
  }
}

/** What was read too much goes back where that is possible: the next command reads on from there. */
function giveBack(file: { readonly kind: string; seek?(offset: number, from: 'current'): number }, by: number): void {
  if (file.kind === 'file') file.seek?.(by, 'current')
}

export const headPrograms: readonly Program[] = [head]
