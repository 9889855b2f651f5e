/** head, tail. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { choice } from '#engine/linux/abi/choices'
import { flag, option, optional } from '#engine/linux/abi/flags'
import { complain, openInput, parseSize, print, quote, quoteName, readInput, reason } from '#engine/programs/common/gnu'
import { isBusybox } from '#engine/programs/common/busybox'

/** `-5`, `-5c`: the old way of giving a count. */
function oldCount(args: readonly string[]): readonly string[] {
  const [first] = args
  const match = first === undefined ? null : /^-(\d+)([bkmclqvz]*)$/.exec(first)
  if (!match) return args
  const kind = /[cbkm]/.test(match[2] as string) ? '-c' : '-n'
  return [kind, (match[1] as string) + ((match[2] as string).replace(/[clqvz]/g, '')), ...args.slice(1)]
}

const head = defineProgram({
  name: 'head',
  rewrite: oldCount,
  flags: { bytes: option('-c', '--bytes'), lines: option('-n', '--lines'), quiet: flag('-q', '--quiet', '--silent'), verbose: flag('-v', '--verbose'), zero: flag('-z', '--zero-terminated') },
  async run(process, o) {
    const given = o.bytes ?? o.lines ?? '10'
    const fromEnd = given.startsWith('-')
    const count = parseSize(given.replace(/^[-+]/, ''))
    if (count === undefined) {
      await complain(process, `invalid number of ${o.bytes !== undefined ? 'bytes' : 'lines'}: ${quote(process, given.replace(/^-/, ''))}`)
      return 1
    }
    const names = o.operands.length > 0 ? o.operands : ['-']
    const headed = !o.quiet && (o.verbose || names.length > 1)
    let status = 0
    let first = true
    for (const name of names) {
      try {
        const opened = openInput(process, name)
        opened.close()
        if (headed) await print(process, `${first ? '' : '\n'}==> ${name === '-' ? 'standard input' : name} <==\n`)
        first = false
        await headOne(process, name, count, fromEnd, o.bytes !== undefined, o.zero ? 0 : 10)
      } catch (error) {
        await complain(process, isErrno(error, 'EISDIR') ? `error reading ${quoteName(name)}: ${reason(error)}` : `cannot open ${quoteName(name)} for reading: ${reason(error)}`)
        status = 1
      }
    }
    return status
  },
})

async function headOne(process: Process, name: string, count: number, fromEnd: boolean, bytes: boolean, terminator: number): Promise<void> {
  if (fromEnd) {
    const all = await readInput(process, name)
    await process.stdout.write(bytes ? all.subarray(0, Math.max(0, all.length - count)) : all.subarray(0, startOfLast(all, count, terminator)))
    return
  }
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

function endOfLines(chunk: Uint8Array, lines: number, terminator: number): number {
  let left = lines
  for (let at = chunk.indexOf(terminator); at >= 0; at = chunk.indexOf(terminator, at + 1)) if (--left === 0) return at + 1
  return chunk.length
}

function countOf(bytes: Uint8Array, byte: number): number {
  let count = 0
  for (let at = bytes.indexOf(byte); at >= 0; at = bytes.indexOf(byte, at + 1)) count++
  return count
}

/** Where the last `count` lines begin. */
function startOfLast(bytes: Uint8Array, count: number, terminator: number): number {
  if (count === 0) return bytes.length
  let left = count
  let at = bytes.length - 1
  if (bytes[at] === terminator) at--
  for (; at >= 0; at--) if (bytes[at] === terminator && --left === 0) return at + 1
  return 0
}

const tail = defineProgram({
  name: 'tail',
  rewrite: tailArguments,
  flags: { bytes: option('-c', '--bytes'), follow: choice(optional('--follow'), [['descriptor'], ['name']]), followShort: flag('-f'), followName: flag('-F'), lines: option('-n', '--lines'), maxUnchanged: option('--max-unchanged-stats'), pid: option('--pid'), quiet: flag('-q', '--quiet', '--silent'), retry: flag('--retry'), interval: option('-s', '--sleep-interval'), verbose: flag('-v', '--verbose'), zero: flag('-z', '--zero-terminated') },
  async run(process, o) {
    const problem = followProblem(process, o)
    if (problem !== undefined) return complain(process, problem).then(() => 1)
    const given = o.bytes ?? o.lines ?? '10'
    const count = parseSize(given.replace(/^[-+]/, ''))
    if (count === undefined) {
      await complain(process, `invalid number of ${o.bytes !== undefined ? 'bytes' : 'lines'}: ${quote(process, given)}`)
      return 1
    }
    const names = o.operands.length > 0 ? o.operands : ['-']
    const follower = new Tail(process, { count, fromStart: given.startsWith('+'), bytes: o.bytes !== undefined, headed: !o.quiet && (o.verbose || names.length > 1), terminator: o.zero ? 0 : 10, byName: o.followName || o.follow === 'name', retry: o.followName || o.retry })
    for (const name of names) await follower.show(name)
    if (follower.shown === 0 && isBusybox(process)) await complain(process, 'no files')
    if (o.follow !== undefined || o.followShort || o.followName) return follower.follow(names.filter((name) => name !== '-' || process.descriptor(0).kind !== 'pipe'), o.pid)
    return follower.status
  },
})

function followProblem(process: Process, o: { pid: string | undefined; interval: string | undefined }): string | undefined {
  if (o.pid !== undefined && !/^\d+$/.test(o.pid)) return `invalid PID: ${quote(process, o.pid)}`
  if (o.interval !== undefined && !/^\d*\.?\d+$/.test(o.interval)) return `invalid number of seconds: ${quote(process, o.interval)}`
  return undefined
}

interface TailOptions {
  readonly count: number
  readonly fromStart: boolean
  readonly bytes: boolean
  readonly headed: boolean
  readonly terminator: number
  readonly byName: boolean
  readonly retry: boolean
}

class Tail {
  status = 0
  shown = 0
  private lastShown: string | undefined
  private readonly offsets = new Map<string, { size: number; ino: number }>()

  constructor(
    private readonly process: Process,
    private readonly o: TailOptions,
  ) {}

  private async head(name: string): Promise<void> {
    if (!this.o.headed || this.lastShown === name) return
    await print(this.process, `${this.lastShown === undefined ? '' : '\n'}==> ${name === '-' ? 'standard input' : name} <==\n`)
    this.lastShown = name
  }

  async show(name: string): Promise<void> {
    const { process, o } = this
    try {
      const all = await readInput(process, name)
      this.shown++
      if (name !== '-') this.offsets.set(name, { size: all.length, ino: process.files.stat(name).ino })
      await this.head(name)
      const from = o.fromStart ? this.startAt(all) : o.bytes ? Math.max(0, all.length - o.count) : startOfLast(all, o.count, o.terminator)
      await process.stdout.write(all.subarray(from))
    } catch (error) {
      this.status = 1
      if (isErrno(error, 'EISDIR')) {
        await this.head(name)
        await complain(process, `error reading ${quoteName(name)}: Is a directory`)
      } else await complain(process, `cannot open ${quoteName(name)} for reading: ${reason(error)}`)
    }
  }

  private startAt(all: Uint8Array): number {
    if (this.o.count <= 1) return 0
    return this.o.bytes ? Math.min(all.length, this.o.count - 1) : endOfLines(all, this.o.count - 1, this.o.terminator)
  }

  /** Waits for the files to grow; ends with the process named by --pid, or when no file is left. */
  async follow(names: readonly string[], pid: string | undefined): Promise<number> {
    const { process, o } = this
    const alive = (): boolean => pid === undefined || process.processes().some((entry) => entry.pid === Number(pid))
    const watched = names.filter((name) => this.offsets.has(name) || o.retry)
    // Held open while it follows, as lsof and fuser see it.
    for (const name of watched) if (name !== '-' && process.files.exists(name)?.type === 'file') process.install(process.files.open(name, { read: true }))
    if (watched.length === 0) {
      if (names.length > 0) await complain(process, 'no files remaining')
      return 1
    }
    if (!alive()) return this.status
    const waits = watched.map((name) => this.followOne(name))
    if (pid === undefined) await Promise.race([Promise.all(waits), new Promise<never>(() => undefined)])
    else while (alive()) await process.clock.sleep(1000)
    return this.status
  }

  private async followOne(name: string): Promise<void> {
    const { process, o } = this
    for (;;) {
      const watch = this.watch(name)
      if (!watch) {
        await process.clock.sleep(1000)
      } else {
        await this.more(name)
        await watch.next()
        watch.close()
      }
      await this.more(name)
      if (!process.files.exists(name) && !o.retry && o.byName) {
        await complain(process, `${quoteName(name)} has become inaccessible: No such file or directory`)
        return
      }
    }
  }

  private watch(name: string): ReturnType<Process['files']['watch']> | undefined {
    try {
      return this.process.files.watch(name)
    } catch (error) {
      if (isErrno(error)) return undefined
      throw error
    }
  }

  /** Shows what was added since the last time. */
  private async more(name: string): Promise<void> {
    const { process } = this
    const stat = process.files.exists(name)
    if (!stat || stat.type !== 'file') return
    let known = this.offsets.get(name)
    if (!known || known.ino !== stat.ino) {
      if (known) await complain(process, `${quoteName(name)} has been replaced;  following new file`)
      else await complain(process, `${quoteName(name)} has appeared;  following new file`)
      known = { size: 0, ino: stat.ino }
    }
    if (stat.size < known.size) {
      await complain(process, `${name}: file truncated`)
      known = { size: 0, ino: stat.ino }
    }
    const bytes = process.files.readFile(name)
    this.offsets.set(name, { size: bytes.length, ino: stat.ino })
    if (bytes.length > known.size) {
      await this.head(name)
      await process.stdout.write(bytes.subarray(known.size))
    }
  }
}

function tailArguments(args: readonly string[]): readonly string[] {
  const [first] = args
  const match = first === undefined ? null : /^([-+])(\d+)([bcl]?)(f?)$/.exec(first)
  if (!match) return args
  return [match[3] === 'c' ? '-c' : '-n', (match[1] === '+' ? '+' : '') + (match[2] as string), ...(match[4] ? ['-f'] : []), ...args.slice(1)]
}

export const headTailPrograms: readonly Program[] = [head, tail]
