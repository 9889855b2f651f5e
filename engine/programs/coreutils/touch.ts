/** touch. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { choice } from '#engine/linux/abi/choices'
import { complain, quote, quoteName, reason, usageFailure } from '#engine/programs/common/gnu'
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

class TouchError extends Error {}

const touch = defineProgram({
  name: 'touch',
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
      return complain(process, error.message).then(() => 1)
    }
  },
})

function wantedTimes(process: Process, options: Options): Times {
  const now = process.clock.now()
  const base = options.reference === undefined ? { atime: now, mtime: now } : timesOf(process, options.reference)
  if (options.date === undefined && options.stamp === undefined) return base
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
async function touchOne(process: Process, path: string, { atime, mtime }: Times, options: Options): Promise<boolean> {
  const { access, modify } = chosen(options)
  try {
    const before = options.noDereference ? quietLstat(process, path) : process.files.exists(path)
    if (!before && (options.noCreate || options.noDereference)) return options.noCreate || complain(process, `setting times of ${quoteName(path)}: No such file or directory`).then(() => false)
    if (!before) process.files.open(path, { write: true, create: true }, 0o666).release()
    const keepAccess = modify && !access
    const keepModify = access && !modify
    process.files.utimes(path, keepAccess ? (before?.atimeMs ?? atime) : atime, keepModify ? (before?.mtimeMs ?? mtime) : mtime, { noFollow: options.noDereference })
    return true
  } catch (error) {
    await complain(process, `cannot touch ${quoteName(path)}: ${reason(error)}`)
    return false
  }
}

/** Which times `-a`, `-m` and `--time` speak of. */
function chosen(options: Options): { access: boolean; modify: boolean } {
  return { access: options.access || options.time === 'atime', modify: options.modify || options.time === 'mtime' }
}

function quietLstat(process: Process, path: string): Stat | undefined {
  try {
    return process.files.lstat(path)
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
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
