/** Schedules of cron jobs, in the words of the parser that the server uses (robfig/cron). */
import { invalid } from '#engine/api/field'
import type { FieldError, FieldPath } from '#engine/api/field'
import { isTimeZone } from './time-zones'

interface Bounds { readonly min: number; readonly max: number; readonly names?: readonly string[] }

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const fields: readonly Bounds[] = [{ min: 0, max: 59 }, { min: 0, max: 23 }, { min: 1, max: 31 }, { min: 1, max: 12, names: months }, { min: 0, max: 6, names: days }]
const descriptors = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'])

class ScheduleError extends Error {}

export function validateSchedule(errors: FieldError[], schedule: string, timeZone: string | undefined, path: FieldPath): void {
  const problem = scheduleProblem(schedule)
  if (problem !== '') errors.push(invalid(path, schedule, problem))
  if (/TZ/.test(schedule)) errors.push(invalid(path, schedule, timeZone === undefined ? 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead' : 'cannot use both timeZone field and TZ or CRON_TZ in schedule'))
}

function scheduleProblem(schedule: string): string {
  let rest = schedule
  const zone = /^(?:CRON_TZ|TZ)=(\S*)(?:\s+|$)/.exec(rest)
  if (zone) {
    if (!isTimeZone(zone[1] ?? '')) return `provided bad location ${zone[1] ?? ''}: unknown time zone ${zone[1] ?? ''}`
    rest = rest.slice(zone[0].length)
  }
  rest = rest.trim()
  if (rest.startsWith('@')) return descriptorProblem(rest)
  const parts = rest.split(/\s+/).filter((part) => part !== '')
  if (parts.length !== 5) return `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`
  try {
    for (const [index, part] of parts.entries()) checkField(part, fields[index] ?? { min: 0, max: 0 })
    return ''
  } catch (error) {
    if (error instanceof ScheduleError) return error.message
    throw error
  }
}

function descriptorProblem(text: string): string {
  if (descriptors.has(text)) return ''
  const every = /^@every (.*)$/.exec(text)
  if (!every) return `unrecognized descriptor: ${text}`
  return /^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(every[1] ?? '') ? '' : `failed to parse duration ${text}: time: invalid duration ${JSON.stringify(every[1] ?? '')}`
}

function checkField(field: string, bounds: Bounds): void {
  for (const expression of field.split(',').filter((item) => item !== '')) checkRange(expression, bounds)
}

function checkRange(expression: string, bounds: Bounds): void {
  const [range = '', step, ...more] = expression.split('/')
  const [low = '', high, ...rest] = range.split('-')
  let start = bounds.min
  let end = bounds.max
  if (low !== '*' && low !== '?') {
    start = numberOf(low, bounds)
    end = start
    if (rest.length > 0) throw new ScheduleError(`too many hyphens: ${expression}`)
    if (high !== undefined) end = numberOf(high, bounds)
  }
  if (more.length > 0) throw new ScheduleError(`too many slashes: ${expression}`)
  const stride = step === undefined ? 1 : plainNumber(step)
  if (step !== undefined && high === undefined && low !== '*' && low !== '?') end = bounds.max
  checkLimits(expression, start, end, bounds)
  if (stride === 0) throw new ScheduleError(`step of range should be a positive number: ${expression}`)
}

function checkLimits(expression: string, start: number, end: number, bounds: Bounds): void {
  if (start < bounds.min) throw new ScheduleError(`beginning of range (${start}) below minimum (${bounds.min}): ${expression}`)
  if (end > bounds.max) throw new ScheduleError(`end of range (${end}) above maximum (${bounds.max}): ${expression}`)
  if (start > end) throw new ScheduleError(`beginning of range (${start}) beyond end of range (${end}): ${expression}`)
}

function numberOf(text: string, bounds: Bounds): number {
  const named = bounds.names?.indexOf(text.toLowerCase()) ?? -1
  return named >= 0 ? named + bounds.min : plainNumber(text)
}

function plainNumber(text: string): number {
  if (!/^[-+]?\d+$/.test(text)) throw new ScheduleError(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
  const value = Number(text)
  if (value < 0) throw new ScheduleError(`negative number (${value}) not allowed: ${text}`)
  return value
}

export function validateTimeZone(errors: FieldError[], zone: string | undefined, path: FieldPath): void {
  if (zone === undefined || zone === null) return
  if (zone === '') errors.push(invalid(path, zone, 'timeZone must be nil or non-empty string'))
  else if (zone.toLowerCase() === 'local') errors.push(invalid(path, zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'))
  else if (!isTimeZone(zone)) errors.push(invalid(path, zone, `unknown time zone ${zone}`))
}
