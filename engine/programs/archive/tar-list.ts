/** A line of `tar -t`. */
import { modeString } from '#engine/programs/common/gnu'
import type { TarEntry } from '#engine/programs/archive/ustar'
import { formatDate } from '#engine/shell/builtins/strftime'

/** The owner's column grows with what has been shown. */
export function shownEntry(entry: TarEntry, verbose: boolean, numeric: boolean, widths: { owner: number }, fullTime: boolean): string {
  const name = entry.name.replace(/\n/g, '\\n')
  if (!verbose) return name
  const owner = `${numeric || entry.user === '' ? entry.uid : entry.user}/${numeric || entry.group === '' ? entry.gid : entry.group}`
  const size = String(entry.content.length)
  widths.owner = Math.max(widths.owner, owner.length + 1 + size.length)
  const tail = entry.type === 'symlink' ? ` -> ${entry.target}` : entry.type === 'link' ? ` link to ${entry.target}` : ''
  const mode = modeString(entry.type === 'link' ? 'file' : entry.type, entry.mode)
  return `${entry.type === 'link' ? `h${mode.slice(1)}` : mode} ${owner}${size.padStart(widths.owner - owner.length)} ${formatDate(fullTime ? '%Y-%m-%d %H:%M:%S' : '%Y-%m-%d %H:%M', entry.mtimeMs, 0, 'UTC')} ${name}${tail}`
}
