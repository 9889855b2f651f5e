/** The long lines of ls -l. */
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { Accounts, displayWidth, humanSize, modeString } from '#engine/programs/common/gnu'
import { isBusybox } from '#engine/programs/common/busybox'
import type { Entry } from '#engine/programs/coreutils/ls-names'
import { fileUnitOf, type LsGiven, timeFieldOf } from '#engine/programs/coreutils/ls-options'
import { sizeText } from '#engine/programs/coreutils/block-sizes'
import { formatDate } from '#engine/shell/builtins/strftime'

type Column = 'mode' | 'links' | 'owner' | 'group' | 'author' | 'context' | 'size' | 'time'

/** busybox does not look at what is to come: its columns are fixed. */
const busyboxWidths: Readonly<Partial<Record<Column, number>>> = { links: 4, owner: 8, group: 8, size: 9, time: 12 }
const toTheLeft: ReadonlySet<Column> = new Set(['mode', 'owner', 'group', 'author', 'context'])
const letters: Readonly<Record<string, string>> = { directory: 'd', symlink: 'l', fifo: 'p', socket: 's', character: 'c', block: 'b' }

export class LongForm {
  private readonly accounts: Accounts
  private readonly columns: readonly Column[]

  constructor(
    private readonly process: Process,
    private readonly o: LsGiven,
  ) {
    this.accounts = new Accounts(process)
    const wanted: readonly (readonly [Column, boolean])[] = [
      ['mode', true], ['links', true], ['owner', !o.noOwner], ['group', !o.noGroup && !o.longNoGroup], ['author', o.author], ['context', o.context], ['size', true], ['time', true],
    ]
    this.columns = wanted.filter(([, on]) => on).map(([column]) => column)
  }

  /** What stands before each name. */
  lines(entries: readonly Entry[]): string[] {
    const rows = entries.map((entry) => this.cells(entry))
    const widthOf = (column: Column): number => (isBusybox(this.process) ? (busyboxWidths[column] ?? 0) : Math.max(column === 'time' ? this.unknownTimeWidth(rows) : 0, ...rows.map((row) => displayWidth(row[column]))))
    const widths = this.columns.map(widthOf)
    return rows.map((row) => this.columns.map((column, index) => (toTheLeft.has(column) ? row[column].padEnd(widths[index] as number) : row[column].padStart(widths[index] as number))).join(' '))
  }

  /** A `?` takes the room of a time. */
  private unknownTimeWidth(rows: readonly Record<Column, string>[]): number {
    return rows.some((row) => row.time === '?') ? displayWidth(this.timeText(this.process.clock.now())) : 0
  }

  private cells(entry: Entry): Record<Column, string> {
    const { stat } = entry
    if (!stat) return { mode: `${letters[entry.type ?? ''] ?? '-'}?????????`, links: '?', owner: '?', group: '?', author: '?', context: '?', size: '?', time: '?' }
    const owner = this.userName(stat.uid)
    return { mode: modeString(stat.type, stat.mode), links: String(stat.nlink), owner, group: this.groupName(stat.gid), author: owner, context: '?', size: this.sizeText(stat), time: this.timeText(stat[timeFieldOf(this.o)]) }
  }

  private userName(uid: number): string {
    return (this.o.numeric ? undefined : this.accounts.user(uid)) ?? String(uid)
  }

  private groupName(gid: number): string {
    return (this.o.numeric ? undefined : this.accounts.group(gid)) ?? String(gid)
  }

  private sizeText(stat: Stat): string {
    const { human, si, block } = this.o
    if (stat.rdev) return `${stat.rdev.major}, ${stat.rdev.minor}`
    if (human || si || block === 'human-readable' || block === 'si') return humanSize(stat.size, si || block === 'si' ? 1000 : 1024)
    const unit = fileUnitOf(this.o)
    return unit ? sizeText(stat.size, { human: false, si: false, unit }) : String(stat.size)
  }

  private timeText(ms: number): string {
    const style = this.o.fullTime ? 'full-iso' : (this.o.timeStyle ?? this.process.env.get('TIME_STYLE') ?? 'locale')
    const now = this.process.clock.now()
    const recent = ms <= now && ms > now - 15778476000
    return formatDate(style.startsWith('+') ? formatFor(style.slice(1), recent) : timeForm(style, recent), ms, 0, 'UTC')
  }
}

/** Two lines: the first for old files, the second for recent ones. */
function formatFor(text: string, recent: boolean): string {
  const [old = '', fresh = old] = text.split('\n')
  return recent ? fresh : old
}

function timeForm(style: string, recent: boolean): string {
  switch (style.replace(/^posix-/, '')) {
    case 'full-iso': return '%Y-%m-%d %H:%M:%S.%N %z'
    case 'long-iso': return '%Y-%m-%d %H:%M'
    case 'iso': return recent ? '%m-%d %H:%M' : '%Y-%m-%d '
    default: return recent ? '%b %e %H:%M' : '%b %e  %Y'
  }
}
