/** Reading the journal from its files: entries in order of time, filtered. */
import { decodeUtf8 } from '#engine/base/bytes'
import type { Files } from '#engine/linux/abi/files'
import { type JournalEntry, journalMagic } from '#engine/linux/journald/journal'

export interface ReadEntry extends JournalEntry {
  readonly hostname: string
  /** Where to go on reading: the number of the entry since the oldest file. */
  readonly cursor: string
}

/** Every group must hold; within a group one match is enough. */
export type MatchGroup = readonly (readonly [string, string])[]

export interface JournalQuery {
  readonly matches?: readonly MatchGroup[]
  readonly sinceUs?: number
  readonly untilUs?: number
  readonly bootId?: string
  readonly maxPriority?: number
  readonly grep?: RegExp
}

/** Directories that hold journal files: those of every machine id there. */
function journalFiles(files: Files, directory?: string): string[] {
  const roots = directory === undefined ? ['/var/log/journal', '/run/log/journal'] : [directory]
  const out: string[] = []
  for (const root of roots) {
    if (files.exists(root)?.type !== 'directory') continue
    for (const entry of files.readDirectory(root)) {
      if (entry.type === 'directory') for (const file of files.readDirectory(`${root}/${entry.name}`)) out.push(`${root}/${entry.name}/${file.name}`)
      else out.push(`${root}/${entry.name}`)
    }
  }
  // Archives carry their time in the name; the file being written comes last.
  return out.filter((path) => path.endsWith('.journal')).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}

function rank(path: string): number {
  return path.endsWith('/system.journal') ? 1 : 0
}

export function journalUsage(files: Files): number {
  return journalFiles(files).reduce((sum, path) => sum + Math.max(8 * 1024 * 1024, files.stat(path).size), 0)
}

export function currentJournal(files: Files): string | undefined {
  return journalFiles(files).findLast((path) => path.endsWith('/system.journal'))
}

/** The newest `last` entries that match, oldest first; all of them without `last`. */
export function readJournal(files: Files, query: JournalQuery, last = Infinity, directory?: string): ReadEntry[] {
  const found: ReadEntry[] = []
  const paths = journalFiles(files, directory)
  for (let index = paths.length - 1; index >= 0 && found.length < last; index--) {
    const path = paths[index] as string
    const lines = decodeUtf8(files.readFile(path)).split('\n')
    for (let at = lines.length - 1; at >= 0 && found.length < last; at--) {
      const line = lines[at] as string
      if (line === '' || line === journalMagic.trimEnd()) continue
      const entry = parseEntry(line, `s=${path.length.toString(16)};i=${(index * 1_000_000 + at).toString(16)}`)
      if (query.sinceUs !== undefined && entry.realtimeUs < query.sinceUs) return found.reverse()
      if (matchesQuery(entry, query)) found.push(entry)
    }
  }
  return found.reverse()
}

/** Entries of text that was appended to the file. */
export function parseEntries(text: string): ReadEntry[] {
  return text.split('\n').filter((line) => line !== '' && line !== journalMagic.trimEnd()).map((line) => parseEntry(line, 's=0;i=0'))
}

function parseEntry(line: string, cursor: string): ReadEntry {
  const [realtimeUs, monotonicUs, bootId, hostname, fields] = JSON.parse(line) as [number, number, string, string, Record<string, string>]
  return { realtimeUs, monotonicUs, bootId, hostname, fields, cursor: `${cursor};b=${bootId};m=${monotonicUs.toString(16)};t=${realtimeUs.toString(16)}` }
}

export function matchesQuery(entry: ReadEntry, query: JournalQuery): boolean {
  if (query.bootId !== undefined && entry.bootId !== query.bootId) return false
  if (query.untilUs !== undefined && entry.realtimeUs > query.untilUs) return false
  if (query.maxPriority !== undefined && Number(entry.fields['PRIORITY'] ?? 6) > query.maxPriority) return false
  if (query.grep && !query.grep.test(entry.fields['MESSAGE'] ?? '')) return false
  return (query.matches ?? []).every((group) => group.some(([name, value]) => fieldOf(entry, name) === value))
}

export function fieldOf(entry: ReadEntry, name: string): string | undefined {
  if (name === '_BOOT_ID') return entry.bootId
  if (name === '_HOSTNAME') return entry.hostname
  return entry.fields[name]
}

/** What `-u UNIT` selects: what the unit wrote, and what pid 1 says of it. */
export function unitMatch(unit: string): MatchGroup {
  return [['_SYSTEMD_UNIT', unit], ['UNIT', unit], ['OBJECT_SYSTEMD_UNIT', unit], ['COREDUMP_UNIT', unit], ...(unit.endsWith('.slice') ? [['_SYSTEMD_SLICE', unit] as const] : [])]
}

export interface Boot {
  readonly id: string
  firstUs: number
  lastUs: number
}

export function boots(files: Files): Boot[] {
  const out = new Map<string, Boot>()
  for (const entry of readJournal(files, {})) {
    const boot = out.get(entry.bootId)
    if (boot) boot.lastUs = entry.realtimeUs
    else out.set(entry.bootId, { id: entry.bootId, firstUs: entry.realtimeUs, lastUs: entry.realtimeUs })
  }
  return [...out.values()]
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

/** `Nov 21 09:39:32`. */
export function shortTime(us: number): string {
  const date = new Date(us / 1000)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${months[date.getUTCMonth()]} ${two(date.getUTCDate())} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
}

/** `kubelet[22797]: message`; further lines of a message are indented below it. */
export function entryText(entry: ReadEntry, head: string): string {
  const { fields } = entry
  const identifier = fields['SYSLOG_IDENTIFIER'] ?? fields['_COMM'] ?? 'unknown'
  const pid = fields['_PID'] ?? fields['SYSLOG_PID']
  const start = `${head} ${entry.hostname} ${identifier}${pid === undefined ? '' : `[${pid}]`}: `
  return start + (fields['MESSAGE'] ?? '').split('\n').join(`\n${' '.repeat(start.length)}`)
}
