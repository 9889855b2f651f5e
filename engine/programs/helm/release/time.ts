/** Times as Go has them: text with nanoseconds, and the two ways they are shown. */
import type { Process } from '#engine/linux/abi/process'

/** Now, as RFC 3339 with nanoseconds: the clock's fraction, filled up with chance; never a zero at the end, which would be left out. */
export function nowText(process: Process): string {
  const now = process.clock.now()
  const nanos = Math.floor((now - Math.floor(now)) * 1000) * 1000 + process.random.integer(100) * 10 + 1 + process.random.integer(9)
  return `${new Date(Math.floor(now)).toISOString().slice(0, 19)}.${String(Math.floor(now) % 1000).padStart(3, '0')}${String(nanos).padStart(6, '0')}Z`
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Sat Nov 21 09:58:03 2026`. */
export function ansiTime(text: string): string {
  const date = dateOf(text)
  return `${days[date.getUTCDay()] as string} ${months[date.getUTCMonth()] as string} ${String(date.getUTCDate()).padStart(2)} ${date.toISOString().slice(11, 19)} ${date.getUTCFullYear()}`
}

/** `2026-11-21 09:57:42.627851566 +0000 UTC`. */
export function goTime(text: string): string {
  return `${text.replace('T', ' ').replace(/Z$/, '')} +0000 UTC`
}

export function dateOf(text: string): Date {
  return new Date(`${text.slice(0, 19)}Z`)
}

/** To the second, as times compare by. */
export function isZero(text: string | undefined): boolean {
  return text === undefined || text === ''
}

/** Go's layout words in a text; what is none stands as it is. */
export function formatTime(text: string, layout: string): string {
  const date = dateOf(text)
  const two = (value: number): string => String(value).padStart(2, '0')
  const hour = date.getUTCHours()
  const words: Readonly<Record<string, string>> = {
    2006: String(date.getUTCFullYear()), January: fullMonths[date.getUTCMonth()] as string, Jan: months[date.getUTCMonth()] as string, Monday: fullDays[date.getUTCDay()] as string, Mon: days[date.getUTCDay()] as string, MST: 'UTC', 'Z07:00': 'Z', '-0700': '+0000', '-07:00': '+00:00',
    '01': two(date.getUTCMonth() + 1), '02': two(date.getUTCDate()), '03': two(((hour + 11) % 12) + 1), '04': two(date.getUTCMinutes()), '05': two(date.getUTCSeconds()), '06': two(date.getUTCFullYear() % 100), 15: two(hour), PM: hour < 12 ? 'AM' : 'PM',
    _2: String(date.getUTCDate()).padStart(2), 1: String(date.getUTCMonth() + 1), 2: String(date.getUTCDate()), 3: String(((hour + 11) % 12) + 1), 4: String(date.getUTCMinutes()), 5: String(date.getUTCSeconds()),
  }
  return layout.replace(/2006|January|Jan|Monday|Mon|MST|Z07:00|-07:00|-0700|01|02|03|04|05|06|15|PM|_2|[1-5]/g, (word) => words[word] ?? word)
}

const fullDays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const fullMonths = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']
