/** Times, spans and sizes as systemd prints them. */
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const

const two = (value: number): string => String(value).padStart(2, '0')

/** `Sat 2026-11-21 09:39:31 UTC`. */
export function timestamp(ms: number): string {
  const date = new Date(ms)
  return `${days[date.getUTCDay()]} ${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} UTC`
}

const spanUnits: readonly (readonly [string, number])[] = [['y', 31_557_600_000], ['month', 2_629_800_000], ['w', 604_800_000], ['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1000], ['ms', 1]]

/** `1min 3.512s`, `313ms`, `10s`. */
export function span(ms: number, accuracyMs = 1): string {
  if (!Number.isFinite(ms)) return 'infinity'
  let rest = Math.floor(ms / accuracyMs) * accuracyMs
  if (rest <= 0) return '0'
  const out: string[] = []
  for (const [unit, size] of spanUnits) {
    if (rest < accuracyMs) break
    if (rest < size) continue
    if (unit === 's' && accuracyMs < 1000 && rest % 1000 !== 0) return [...out, `${(rest / 1000).toFixed(3).replace(/0+$/, '')}s`].join(' ')
    const count = Math.floor(rest / size)
    out.push(`${count}${unit}`)
    rest -= count * size
  }
  return out.join(' ')
}

/** `1min 36s ago`, `622ms ago`, `2 days ago`. */
export function ago(ms: number): string {
  return `${distance(Math.abs(ms))} ${ms < 0 ? 'left' : 'ago'}`
}

function distance(ms: number): string {
  const count = (size: number): number => Math.floor(ms / size)
  const words = (value: number, unit: string): string => `${value} ${unit}${value === 1 ? '' : 's'}`
  const day = 86_400_000
  if (ms >= 365.25 * day) return `${words(count(365.25 * day), 'year')} ${words(Math.floor((ms % (365.25 * day)) / (30.4375 * day)), 'month')}`
  if (ms >= 30.4375 * day) return `${words(count(30.4375 * day), 'month')} ${words(Math.floor((ms % (30.4375 * day)) / day), 'day')}`
  if (ms >= 7 * day) return `${words(count(7 * day), 'week')} ${words(Math.floor((ms % (7 * day)) / day), 'day')}`
  if (ms >= 2 * day) return words(count(day), 'day')
  if (ms >= 25 * 3_600_000) return `${words(count(day), 'day')} ${Math.floor((ms % day) / 3_600_000)}h`
  if (ms >= 6 * 3_600_000) return `${count(3_600_000)}h`
  if (ms >= 3_600_000) return `${count(3_600_000)}h ${Math.floor((ms % 3_600_000) / 60_000)}min`
  if (ms >= 5 * 60_000) return `${count(60_000)}min`
  if (ms >= 60_000) return `${count(60_000)}min ${Math.floor((ms % 60_000) / 1000)}s`
  if (ms >= 1000) return `${count(1000)}s`
  return `${Math.max(1, Math.floor(ms))}ms`
}

/** `27.7M`, `1.0G`, `512B`. */
export function bytes(count: number): string {
  for (const [suffix, size] of [['T', 1024 ** 4], ['G', 1024 ** 3], ['M', 1024 ** 2], ['K', 1024]] as const) if (count >= size) return `${(Math.floor((count * 10) / size) / 10).toFixed(1)}${suffix}`
  return `${count}B`
}

/** Rows with columns padded to the widest cell, two spaces never: systemd separates by one. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, [...cell].length)
  return rows.map((row) => row.map((cell, index) => (index === row.length - 1 ? cell : cell + ' '.repeat((widths[index] ?? 0) - [...cell].length))).join(' '))
}
