/** Durations and sizes as docker's units package words them: crictl, nerdctl and docker print these. */
export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < 1) return 'Less than a second'
  if (seconds === 1) return '1 second'
  if (seconds < 60) return `${seconds} seconds`
  const minutes = Math.floor(seconds / 60)
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return `${minutes} minutes`
  const hours = Math.floor(seconds / 3600 + 0.5)
  if (hours === 1) return 'About an hour'
  if (hours < 48) return `${hours} hours`
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`
  return `${Math.floor(seconds / 3600 / 24 / 365)} years`
}

const decimal = ['B', 'kB', 'MB', 'GB', 'TB']
const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

export function humanSize(bytes: number, precision = 4): string {
  return scaled(bytes, 1000, decimal, precision)
}

export function binarySize(bytes: number, precision = 4): string {
  return scaled(bytes, 1024, binary, precision)
}

function scaled(bytes: number, base: number, names: readonly string[], precision: number): string {
  let value = bytes
  let index = 0
  while (value >= base && index < names.length - 1) {
    value /= base
    index++
  }
  return `${Number(value.toPrecision(precision))}${names[index] ?? ''}`
}

/** A table as Go's tabwriter lays it out with these settings: the last column is not padded. */
export function table(rows: readonly (readonly string[])[], minWidth: number, padding: number): string {
  const widths: number[] = []
  for (const row of rows) row.slice(0, -1).forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? minWidth, cell.length + padding, minWidth)))
  return rows.map((row) => `${row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? minWidth))).join('')}\n`).join('')
}

/** As `table`, where each row ends in a tab: the last column is padded too. */
export function closedTable(rows: readonly (readonly string[])[], minWidth: number, padding: number): string {
  return table(rows.map((row) => [...row, '']), minWidth, padding)
}
