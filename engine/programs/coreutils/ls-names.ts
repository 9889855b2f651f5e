/** Names as ls writes them: quoted, escaped, marked and coloured. */
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { escapeControl, isUtf8, quoteIfNeeded, quoteName } from '#engine/programs/common/quoting'
import type { Indicators } from '#engine/programs/coreutils/ls-options'

export interface Entry {
  readonly name: string
  readonly path: string
  readonly type: Stat['type'] | undefined
  readonly stat: Stat | undefined
  readonly target: string | undefined
  readonly targetStat: Stat | undefined
}

const strange = /[\x00-\x1f\x7f\udc80-\udcff]/g
/** What a shell would read otherwise; bytes that are no text matter only where they are escaped. */
const plainSpecial = /[\s!"$&'()*;<=>?[\\^`|\x00-\x1f\x7f]|^[#~]|^[{}]?$/

type Styler = (name: string, process: Process) => string

const stylers: Readonly<Record<string, Styler>> = {
  c: (name) => cQuoted(name, '"', '"'),
  'c-maybe': (name) => (/["\\\x00-\x1f\x7f\udc80-\udcff]/.test(name) ? cQuoted(name, '"', '"') : name),
  locale: (name, process) => (isUtf8(process) ? cQuoted(name, '‘', '’') : cQuoted(name.replace(/'/g, "\\'"), "'", "'")),
  clocale: (name, process) => (isUtf8(process) ? cQuoted(name, '‘', '’') : cQuoted(name, '"', '"')),
  escape: (name) => name.replace(/[\\ ]/g, '\\$&').replace(strange, escapeControl),
  shell: (name) => (plainSpecial.test(name) ? plainShell(name) : name),
  'shell-always': plainShell,
  'shell-escape': quoteIfNeeded,
  'shell-escape-always': quoteName,
}

/** A name in the style of --quoting-style. */
export function styledName(process: Process, name: string, style: string): string {
  return stylers[style]?.(name, process) ?? name
}

function cQuoted(name: string, left: string, right: string): string {
  return `${left}${name.replace(/\\/g, '\\\\').replace(/"/g, right === '"' ? '\\"' : '"').replace(strange, escapeControl)}${right}`
}

/** Without `$'...'`: what is strange stands as it is. */
function plainShell(name: string): string {
  if (!name.includes("'")) return `'${name}'`
  return /["$`\\!]/.test(name) ? `'${name.replace(/'/g, "'\\''")}'` : `"${name}"`
}

export function withoutControls(name: string): string {
  return name.replace(strange, '?')
}

const marks: Readonly<Record<string, string>> = { directory: '/', symlink: '@', fifo: '|', socket: '=' }

export function indicator(type: Stat['type'] | undefined, mode: number, style: Indicators): string {
  if (type === undefined || style === 'none') return ''
  if (style === 'slash') return type === 'directory' ? '/' : ''
  if (type === 'file') return style === 'classify' && mode & 0o111 ? '*' : ''
  return marks[type] ?? ''
}

const plainColors: Readonly<Record<string, string>> = { fifo: '40;33', socket: '01;35', block: '40;33;01', character: '40;33;01' }

/** The colour of an entry as dircolors has it; empty for none. Links to nowhere are red where LS_COLORS is set, as at a login shell. */
export function colorOf(entry: Entry, orphans: boolean): string {
  if (!entry.stat) return ''
  const { type, mode } = entry.stat
  if (type === 'directory') return directoryColor(mode)
  if (type === 'symlink') return entry.targetStat || !orphans ? '01;36' : '40;31;01'
  return plainColors[type] ?? fileColor(entry.name, mode)
}

function directoryColor(mode: number): string {
  if ((mode & 0o1002) === 0o1002) return '30;42'
  if (mode & 0o2) return '34;42'
  return mode & 0o1000 ? '37;44' : '01;34'
}

function fileColor(name: string, mode: number): string {
  if (mode & 0o4000) return '37;41'
  if (mode & 0o2000) return '30;43'
  if (mode & 0o111) return '01;32'
  if (/\.(tar|tgz|gz|zip|xz|bz2|deb|rpm|jar)$/.test(name)) return '01;31'
  return /\.(png|jpe?g|gif|svg|webp)$/.test(name) ? '01;35' : ''
}
