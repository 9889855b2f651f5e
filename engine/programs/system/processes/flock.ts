/** flock of util-linux: runs a command while it holds a lock on a file. */
import { isErrno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import { flag, type FlagValues, option, parseFlags, UsageError } from '#engine/linux/abi/flags'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { exitCodeOf } from '#engine/linux/abi/signals'
import { become, which } from '#engine/programs/coreutils/running'

const flags = {
  shared: flag('-s', '--shared'), exclusive: flag('-x', '-e', '--exclusive'), unlock: flag('-u', '--unlock'), nonblock: flag('-n', '--nb', '--nonblock'), wait: option('-w', '--wait', '--timeout'),
  close: flag('-o', '--close'), conflict: option('-E', '--conflict-exit-code'), noFork: flag('-F', '--no-fork'), verbose: flag('--verbose'),
}

type Values = FlagValues<typeof flags>

/** Exit codes of sysexits.h. */
const usage = 64
const badData = 65
const noInput = 66
const unavailable = 69

class Failure extends Error {
  constructor(
    message: string,
    readonly exit: number,
  ) {
    super(message)
  }
}

export const flock: Program = {
  name: 'flock',
  async run(process) {
    try {
      return await run(process)
    } catch (error) {
      if (!(error instanceof UsageError) && !(error instanceof Failure)) throw error
      await process.stderr.write(`flock: ${error.message}\n${error instanceof UsageError ? "Try 'flock --help' for more information.\n" : ''}`)
      return error instanceof UsageError ? usage : error.exit
    }
  },
}

async function run(process: Process): Promise<number> {
  const { values, operands } = parseFlags(flags, process.argv.slice(1), true)
  const [target, ...rest] = operands
  if (target === undefined) throw new UsageError('not enough arguments')
  const words = commandOf(process, rest)
  const file = words ? opened(process, target) : descriptor(process, target)
  if (!(await lock(process, file, values))) return Number(values.conflict ?? 1)
  if (!words) return 0
  if (values.verbose) await process.stdout.write(`flock: executing ${words[0] as string}\n`)
  return execute(process, words, values, file)
}

/** The words after the file; `-c` gives its one argument to the shell. */
function commandOf(process: Process, rest: readonly string[]): readonly string[] | undefined {
  if (rest[0] !== '-c' && rest[0] !== '--command') return rest.length === 0 ? undefined : rest
  if (rest.length !== 2) throw new Failure('-c requires exactly one command argument', usage)
  return [process.env.get('SHELL') ?? '/bin/sh', '-c', rest[1] as string]
}

function opened(process: Process, path: string): OpenFile {
  try {
    const isDirectory = process.files.exists(path)?.type === 'directory'
    const file = process.files.open(path, { read: true, ...(isDirectory ? {} : { create: true }) }, 0o666)
    process.install(file, 3)
    return process.descriptor(3)
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new Failure(`cannot open lock file ${path}: ${error.message}`, noInput)
  }
}

function descriptor(process: Process, text: string): OpenFile {
  if (!/^\d+$/.test(text)) throw new Failure(`bad file descriptor: '${text}'`, usage)
  try {
    return process.descriptor(Number(text))
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new Failure(`${text}: ${error.message}`, badData)
  }
}

/** False where the lock could not be had in time. */
async function lock(process: Process, file: OpenFile, values: Values): Promise<boolean> {
  if (values.wait !== undefined && !/^\d*\.?\d+$/.test(values.wait)) throw new Failure(`invalid timeout value: '${values.wait}'`, usage)
  if (!file.lock || !file.lockWhenFree) throw new Failure(`${file.description}: Invalid argument`, badData)
  const start = process.clock.now()
  if (values.unlock) file.lock(undefined)
  else {
    const problem = await acquire(process, file, values)
    if (problem !== undefined) return refused(process, values, problem)
  }
  if (values.verbose) await process.stdout.write(`flock: getting lock took ${((process.clock.now() - start) / 1000).toFixed(6)} seconds\n`)
  return true
}

/** Undefined once it is had; else why it is not. */
async function acquire(process: Process, file: OpenFile, values: Values): Promise<string | undefined> {
  const kind = values.shared ? 'shared' : 'exclusive'
  if (file.lock?.(kind)) return undefined
  if (values.nonblock) return 'failed to get lock'
  if (values.wait === undefined) {
    await file.lockWhenFree?.(kind)
    return undefined
  }
  return (await lockWithin(process, file, kind, Number(values.wait) * 1000)) ? undefined : 'timeout while waiting to get lock'
}

async function refused(process: Process, values: Values, why: string): Promise<boolean> {
  if (values.verbose) await process.stderr.write(`flock: ${why}\n`)
  return false
}

async function lockWithin(process: Process, file: OpenFile, kind: 'shared' | 'exclusive', ms: number): Promise<boolean> {
  const end = process.clock.now() + ms
  while (process.clock.now() < end) {
    await process.clock.sleep(Math.min(20, end - process.clock.now()))
    if (file.lock?.(kind)) return true
  }
  return false
}

async function execute(process: Process, words: readonly string[], values: Values, file: OpenFile): Promise<number> {
  const name = words[0] as string
  if (which(process, name) === undefined) throw new Failure(`failed to execute ${name}: No such file or directory`, unavailable)
  const start = (own: Process): Promise<number> => {
    if (values.close) own.closeDescriptor(3)
    return become(own, words, own.env, (what, text) => `failed to execute ${what}: ${text}`)
  }
  void file
  return values.noFork ? start(process) : exitCodeOf(await process.fork(start).wait())
}
