/** tail. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { choice } from '#engine/linux/abi/choices'
import { flag, option, optional } from '#engine/linux/abi/flags'
import { complain, quote, quoteName, readInput } from '#engine/programs/common/gnu'
import { isBusybox } from '#engine/programs/common/busybox'
import { attempt, fail } from '#engine/programs/common/operands'
import { quoteIfNeeded } from '#engine/programs/common/quoting'
import { type Amount, amountOf, amountProblem } from '#engine/programs/coreutils/head-count'
import { endOfLines, startOfLast } from '#engine/programs/coreutils/line-ends'
import { Follower } from '#engine/programs/coreutils/tail-follow'

const tailFlags = {
  bytes: option('-c', '--bytes'), follow: choice(optional('--follow'), [['descriptor'], ['name']]), followShort: flag('-f'), followName: flag('-F'), lines: option('-n', '--lines'), maxUnchanged: option('--max-unchanged-stats'), pid: option('--pid'),
  quiet: flag('-q', '--quiet', '--silent'), retry: flag('--retry'), interval: option('-s', '--sleep-interval'), verbose: flag('-v', '--verbose'), zero: flag('-z', '--zero-terminated'),
} as const

/** `-5`, `+18`, `-5f`: the old way of giving a count. */
function oldCount(args: readonly string[]): readonly string[] {
  const match = /^([-+])(\d+)([bcl]?)(f?)$/.exec(args[0] ?? '')
  const [, second, ...more] = args
  if (!match || more.length > (second === '--' ? 1 : 0) || (second !== undefined && args.length > 1 && /^-[^-]/.test(second))) return args
  return [match[3] === 'c' ? '-c' : '-n', (match[1] === '+' ? '+' : '') + (match[2] as string), ...(match[4] ? ['-f'] : []), ...args.slice(1)]
}

const tail = defineProgram({
  name: 'tail',
  rewrite: oldCount,
  flags: tailFlags,
  async run(process, o) {
    const amount = amountOf(o)
    const problem = amount ? followProblem(process, o) : amountProblem(process, o, /^[-+](?=\d)/)
    if (!amount || problem !== undefined) return fail(process, problem ?? '')
    const following = isFollowing(o)
    if (o.retry && !following) await complain(process, 'warning: --retry ignored; --retry is useful only when following')
    const names = o.operands.length > 0 ? o.operands : ['-']
    const headed = !o.quiet && (o.verbose || names.length > 1)
    const follower = new Follower(process, { headed, ...manner(o) })
    const status = await showEnds(process, names, { ...amount, terminator: o.zero ? 0 : 10, following }, follower)
    if (!following) return status
    return follower.follow(names.filter((name) => name !== '-' || process.descriptor(0).kind !== 'pipe'), o.pid, status)
  },
})

interface Following {
  readonly follow: string | undefined
  readonly followShort: boolean
  readonly followName: boolean
  readonly retry: boolean
}

function isFollowing(o: Following): boolean {
  return o.follow !== undefined || o.followShort || o.followName
}

/** -F follows the name, and waits for it to come back. */
function manner(o: Following): { byName: boolean; retry: boolean } {
  return { byName: o.followName || o.follow === 'name', retry: o.followName || o.retry }
}

function followProblem(process: Process, o: { pid: string | undefined; interval: string | undefined; maxUnchanged: string | undefined }): string | undefined {
  if (o.pid !== undefined && !/^\d+$/.test(o.pid)) return `invalid PID: ${quote(process, o.pid)}`
  if (o.interval !== undefined && !/^\d*\.?\d+$/.test(o.interval)) return `invalid number of seconds: ${quote(process, o.interval)}`
  if (o.maxUnchanged !== undefined && !/^\d+$/.test(o.maxUnchanged)) return `invalid maximum number of unchanged stats between opens: ${quote(process, o.maxUnchanged)}`
  return undefined
}

interface Ends extends Amount {
  readonly terminator: number
  readonly following: boolean
}

async function showEnds(process: Process, names: readonly string[], ends: Ends, follower: Follower): Promise<number> {
  let status = 0
  for (const name of names) if (!(await showEnd(process, name, ends, follower))) status = 1
  if (follower.isEmpty && isBusybox(process)) await complain(process, 'no files')
  return status
}

async function showEnd(process: Process, name: string, ends: Ends, follower: Follower): Promise<boolean> {
  const isDirectory = name !== '-' && directoryAt(process, name)
  if (isDirectory) await follower.headline(name)
  const shown = await attempt(
    process,
    name,
    async () => {
      const all = await readInput(process, name)
      follower.knows(name, all.length)
      await follower.headline(name)
      await process.stdout.write(all.subarray(startIn(all, ends)))
    },
    (at, why, error) => (isErrno(error, 'EISDIR') ? `error reading ${quoteName(at)}: ${why}` : `cannot open ${quoteName(at)} for reading: ${why}`),
  )
  if (isDirectory && ends.following) await complain(process, `${quoteIfNeeded(name)}: cannot follow end of this type of file; giving up on this name`)
  return shown
}

function directoryAt(process: Process, name: string): boolean {
  try {
    return process.files.stat(name).type === 'directory'
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}

function startIn(all: Uint8Array, { count, bytes, sign, terminator }: Ends): number {
  if (sign !== '+') return bytes ? Math.max(0, all.length - count) : startOfLast(all, count, terminator)
  if (count <= 1) return 0
  return bytes ? Math.min(all.length, count - 1) : endOfLines(all, count - 1, terminator)
}

export const tailPrograms: readonly Program[] = [tail]
