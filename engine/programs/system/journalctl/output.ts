/** One entry in each of the output formats. */
import { entryText, fieldOf, type ReadEntry, shortTime } from '#engine/linux/journald/reader'
import { timestamp } from '#engine/linux/systemd/format'

export const outputModes = ['short', 'short-full', 'short-iso', 'short-iso-precise', 'short-precise', 'short-monotonic', 'short-delta', 'short-unix', 'verbose', 'export', 'json', 'json-pretty', 'json-sse', 'json-seq', 'cat', 'with-unit']

export interface OutputStyle {
  readonly mode: string
  readonly utc: boolean
  readonly noHostname: boolean
  readonly fields: readonly string[] | undefined
}

export function formatEntry(entry: ReadEntry, style: OutputStyle): string {
  switch (style.mode) {
    case 'cat':
      return style.fields ? style.fields.flatMap((name) => fieldOf(entry, name) ?? []).map((value) => `${value}\n`).join('') : `${entry.fields['MESSAGE'] ?? ''}\n`
    case 'json':
      return `${JSON.stringify(asObject(entry, style.fields))}\n`
    case 'json-pretty':
      return `${JSON.stringify(asObject(entry, style.fields), null, '\t').replace(/": /g, '" : ')}\n`
    case 'json-sse':
      return `data: ${JSON.stringify(asObject(entry, style.fields))}\n\n`
    case 'json-seq':
      return `\x1e${JSON.stringify(asObject(entry, style.fields))}\n`
    case 'export':
      return `${Object.entries(asObject(entry, style.fields)).map(([name, value]) => `${name}=${value}\n`).join('')}\n`
    case 'verbose':
      return verbose(entry, style.fields)
    default:
      return `${withHost(entryText(style.mode === 'with-unit' ? named(entry) : entry, head(entry, style.mode)), entry, style)}\n`
  }
}

function head(entry: ReadEntry, mode: string): string {
  const ms = entry.realtimeUs / 1000
  const micros = String(Math.floor(entry.realtimeUs % 1_000_000)).padStart(6, '0')
  switch (mode) {
    case 'short-full':
    case 'with-unit':
      return timestamp(ms)
    case 'short-iso':
      return `${new Date(ms).toISOString().slice(0, 19)}+0000`
    case 'short-iso-precise':
      return `${new Date(ms).toISOString().slice(0, 19)}.${micros}+0000`
    case 'short-precise':
      return `${shortTime(entry.realtimeUs)}.${micros}`
    case 'short-monotonic':
    case 'short-delta':
      return `[${(entry.monotonicUs / 1e6).toFixed(6).padStart(12)}]`
    case 'short-unix':
      return (entry.realtimeUs / 1e6).toFixed(6)
    default:
      return shortTime(entry.realtimeUs)
  }
}

function named(entry: ReadEntry): ReadEntry {
  const unit = entry.fields['_SYSTEMD_UNIT']
  return unit === undefined ? entry : { ...entry, fields: { ...entry.fields, SYSLOG_IDENTIFIER: unit } }
}

function withHost(text: string, entry: ReadEntry, style: OutputStyle): string {
  return style.noHostname ? text.replace(` ${entry.hostname} `, ' ') : text
}

function asObject(entry: ReadEntry, fields: readonly string[] | undefined): Record<string, string> {
  const own = fields ? Object.fromEntries(Object.entries(entry.fields).filter(([name]) => fields.includes(name))) : entry.fields
  return { __CURSOR: entry.cursor, __REALTIME_TIMESTAMP: String(entry.realtimeUs), __MONOTONIC_TIMESTAMP: String(entry.monotonicUs), _BOOT_ID: entry.bootId, ...(fields ? {} : { _HOSTNAME: entry.hostname }), ...own }
}

function verbose(entry: ReadEntry, fields: readonly string[] | undefined): string {
  const micros = String(Math.floor(entry.realtimeUs % 1_000_000)).padStart(6, '0')
  const time = timestamp(entry.realtimeUs / 1000).replace(/ UTC$/, `.${micros} UTC`)
  const rows = Object.entries(asObject(entry, fields)).filter(([name]) => !name.startsWith('__'))
  return `${time} [${entry.cursor}]\n${rows.map(([name, value]) => `    ${name}=${value}\n`).join('')}`
}
