/** touch. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { choice } from '#engine/linux/abi/choices'
import { complain, quote, quoteName, reason, usageFailure } from '#engine/programs/common/gnu'
import { lstatOf } from '#engine/programs/coreutils/paths'
import { parseDate } from '#engine/programs/coreutils/date-parse'

interface Options {
  readonly access: boolean
  readonly noCreate: boolean
  readonly date: string | undefined
  readonly noDereference: boolean
  readonly modify: boolean
  readonly reference: string | undefined
  readonly stamp: string | undefined
  readonly time: string | undefined
}

interface Times {
  readonly atime: number
  readonly mtime: number
}

class TouchError extends Error {
  constructor(
    message: string,
    readonly usage = false,
  ) {
    super(message)
  }
}

const touch = defineProgram({
  name: 'touch',
  usage: '[OPTION]... FILE...',
  flags: { access: flag('-a'), noCreate: flag('-c', '--no-create'), date: option('-d', '--date'), ignored: flag('-f'), noDereference: flag('-h', '--no-dereference'), modify: flag('-m'), reference: option('-r', '--reference'), stamp: option('-t'), time: choice(option('--time'), [['atime', 'access', 'use'], ['mtime', 'modify']]) },
  async run(process, options) {
    try {
      const times = wantedTimes(process, options)
      if (options.operands.length === 0) return await usageFailure(process, 'missing file operand')
      let status = 0
      for (const path of options.operands) if (!(await touchOne(process, path, times, options))) status = 1
      return status
    } catch (error) {
      if (!(error instanceof TouchError)) throw error
      return error.usage ? usageFailure(process, error.message) : complain(process, error.message).then(() => 1)
    }
  },
})

function wantedTimes(process: Process, options: Options): Times {
  const now = process.clock.now()
  const base = options.reference === undefined ? { atime: now, mtime: now } : timesOf(process, options.reference)
  if (options.date === undefined && options.stamp === undefined) return base
  if (options.stamp !== undefined && parseStamp(options.stamp, now) === undefined) throw new TouchError(`invalid date format ${quote(process, options.stamp)}`)
  if (options.stamp !== undefined && (options.date !== undefined || options.reference !== undefined)) throw new TouchError('cannot specify times from more than one source', true)
  const parsed = options.date !== undefined ? parseDate(options.date, base.mtime, 0) : parseStamp(options.stamp as string, now)
  if (parsed === undefined) throw new TouchError(`invalid date format ${quote(process, options.date ?? (options.stamp as string))}`)
  return { atime: parsed, mtime: parsed }
}

function timesOf(process: Process, path: string): Times {
  try {
    const stat = process.files.stat(path)
    return { atime: stat.atimeMs, mtime: stat.mtimeMs }
  } catch (error) {
    throw new TouchError(`failed to get attributes of ${quoteName(path)}: ${reason(error)}`)
  }
}

/** False after a complaint. */
async function touchOne(process: Process, path: string, times: Times, options: Options): Promise<boolean> {
  try {
    const before = options.noDereference ? lstatOf(process, path) : process.files.exists(path)
    if (!before && options.noCreate) return true
    if (!before && options.noDereference) return await complain(process, `setting times of ${quoteName(path)}: No such file or directory`).then(() => false)
    if (!before) process.files.open(path, { write: true, create: true }, 0o666).release()
    const { atime, mtime } = changedTimes(before, times, options)
    process.files.utimes(path, atime, mtime, { noFollow: options.noDereference })
    return true
  } catch (error) {
    await complain(process, refusal(path, reason(error), error))
    return false
  }
}

/** A name with a slash at its end cannot be created. */
function refusal(path: string, why: string, error: unknown): string {
  if (!path.endsWith('/') || !isErrno(error, 'EISDIR', 'ENOTDIR', 'ENOENT')) return `cannot touch ${quoteName(path)}: ${why}`
  return `setting times of ${quoteName(path)}: ${isErrno(error, 'EISDIR') ? 'No such file or directory' : why}`
}

/** -a alone leaves the time of the last change, -m alone that of the last look. */
function changedTimes(before: { readonly atimeMs: number; readonly mtimeMs: number } | undefined, times: Times, options: Options): Times {
  const { access, modify } = chosen(options)
  if (!before || access === modify) return times
  return access ? { ...times, mtime: before.mtimeMs } : { ...times, atime: before.atimeMs }
}

/** Which times `-a`, `-m` and `--time` speak of. */
function chosen(options: Options): { access: boolean; modify: boolean } {
  return { access: options.access || options.time === 'atime', modify: options.modify || options.time === 'mtime' }
}

/** `[[CC]YY]MMDDhhmm[.ss]`. */
function parseStamp(text: string, now: number): number | undefined {
  const match = /^(\d\d)?(\d\d)?(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d\d))?$/.exec(text)
  if (!match) return undefined
  const [, first, second, month, day, hour, minute, seconds = '0'] = match
  const year = first === undefined ? new Date(now).getUTCFullYear() : second === undefined ? (Number(first) < 69 ? 2000 : 1900) + Number(first) : Number(first + second)
  return Date.UTC(year, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(seconds))
}

export const touchPrograms: readonly Program[] = [touch]
