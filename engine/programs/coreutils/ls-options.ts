/** What ls is asked for, read once from its many flags. */
import type { Process } from '#engine/linux/abi/process'
import { choice, whenChoices } from '#engine/linux/abi/choices'
import { flag, type FlagValues, list, option, optional, UsageError } from '#engine/linux/abi/flags'
import { quote } from '#engine/programs/common/gnu'
import { type BlockUnit, blockUnitOf } from '#engine/programs/coreutils/block-sizes'

const styles = [['literal'], ['shell'], ['shell-always'], ['shell-escape'], ['shell-escape-always'], ['c'], ['c-maybe'], ['escape'], ['locale'], ['clocale']]

export const lsFlags = {
  all: flag('-a', '--all'), escape: flag('-b', '--escape'), directory: flag('-d', '--directory'), dired: flag('-D', '--dired'), fullTime: flag('--full-time'), groupFirst: flag('--group-directories-first'), human: flag('-h', '--human-readable'), inode: flag('-i', '--inode'), kibibytes: flag('-k', '--kibibytes'), numeric: flag('-n', '--numeric-uid-gid'),
  noGroup: flag('-G', '--no-group'), hideControl: flag('-q', '--hide-control-chars'), reverse: flag('-r', '--reverse'), size: flag('-s', '--size'), width: option('-w', '--width'), almostAll: flag('-A', '--almost-all'), backups: flag('-B', '--ignore-backups'), classify: choice(optional('--classify'), whenChoices), classifyShort: flag('-F'), fileType: flag('--file-type'), si: flag('--si'),
  derefArguments: flag('-H', '--dereference-command-line'), derefArgumentDirectories: flag('--dereference-command-line-symlink-to-dir'), hide: list('--hide'), ignore: list('-I', '--ignore'), indicator: choice(option('--indicator-style'), [['none'], ['slash'], ['file-type'], ['classify']]), dereference: flag('-L', '--dereference'), literal: flag('-N', '--literal'), quoteNames: flag('-Q', '--quote-name'),
  quotingStyle: choice(option('--quoting-style'), styles), recursive: flag('-R', '--recursive'), format: choice(option('--format'), [['verbose', 'long'], ['commas'], ['horizontal', 'across'], ['vertical'], ['single-column']]), showControl: flag('--show-control-chars'), sort: choice(option('--sort'), [['none'], ['time'], ['size'], ['extension'], ['version'], ['width']]), tabSize: option('-T', '--tabsize'),
  time: choice(option('--time'), [['atime', 'access', 'use'], ['ctime', 'status'], ['birth', 'creation']]), timeStyle: option('--time-style'), zero: flag('--zero'), color: choice(optional('--color'), whenChoices), hyperlink: choice(optional('--hyperlink'), whenChoices), block: option('--block-size'), context: flag('-Z', '--context'), author: flag('--author'),
  sortChange: flag('-c'), columns: flag('-C'), unsorted: flag('-f'), noOwner: flag('-g'), long: flag('-l'), commas: flag('-m'), longNoGroup: flag('-o'), slash: flag('-p'), bySize: flag('-S'), byTime: flag('-t'), byAccess: flag('-u'), byNothing: flag('-U'), version: flag('-v'), across: flag('-x'), byExtension: flag('-X'), one: flag('-1'),
} as const

export type LsGiven = FlagValues<typeof lsFlags>

/** The name under which ls runs sets its form: `dir` shows columns, `vdir` long lines. */
export interface Manner {
  readonly columns?: boolean
  readonly long?: boolean
  readonly escape?: boolean
}

/** What of `-w`, `-T` and `--block-size` is no number. */
export function numberProblem(process: Process, o: LsGiven): string | undefined {
  const digits = (value: string | undefined): boolean => value === undefined || /^\d+$/.test(value)
  if (!digits(o.width)) return `invalid line width: ${quote(process, o.width ?? '')}`
  if (!digits(o.tabSize)) return `invalid tab size: ${quote(process, o.tabSize ?? '')}`
  if (o.block === undefined || /^(human-readable|si)$/.test(o.block) || blockUnitOf(o.block.replace(/^'/, ''))) return undefined
  return `invalid --block-size argument '${o.block}'`
}

export function checkTimeStyle(process: Process, style: string): void {
  if (style.startsWith('+') || ['full-iso', 'long-iso', 'iso', 'locale'].includes(style.replace(/^posix-/, ''))) return
  const forms = ['[posix-]full-iso', '[posix-]long-iso', '[posix-]iso', '[posix-]locale', "+FORMAT (e.g., +%H:%M) for a 'date'-style format"]
  throw new UsageError(`invalid argument ${quote(process, style)} for ${quote(process, 'time style')}\nValid arguments are:\n${forms.map((form) => `  - ${form}`).join('\n')}`)
}

export type Format = 'long' | 'single-column' | 'commas' | 'vertical' | 'across'

export function formatOf(o: LsGiven, manner: Manner, terminal: boolean): Format {
  if (isLong(o) || (manner.long && !o.one)) return 'long'
  if (o.one || o.zero) return 'single-column'
  if (o.commas) return 'commas'
  if (o.across) return 'across'
  if (o.columns) return 'vertical'
  const named: Readonly<Record<string, Format>> = { horizontal: 'across', commas: 'commas', vertical: 'vertical', 'single-column': 'single-column' }
  return named[o.format ?? ''] ?? (manner.columns || terminal ? 'vertical' : 'single-column')
}

function isLong(o: LsGiven): boolean {
  return o.long || o.numeric || o.noOwner || o.longNoGroup || o.fullTime || o.format === 'verbose'
}

export type SortKey = 'none' | 'name' | 'time' | 'size' | 'extension' | 'version' | 'width'

export function sortKeyOf(o: LsGiven, long: boolean): SortKey {
  if (o.unsorted || o.byNothing) return 'none'
  const short = ([['bySize', 'size'], ['byTime', 'time'], ['version', 'version'], ['byExtension', 'extension']] as const).find(([key]) => o[key])
  if (short) return short[1]
  if (o.sort !== undefined) return o.sort as SortKey
  return (o.sortChange || o.byAccess) && !long ? 'time' : 'name'
}

export type TimeField = 'atimeMs' | 'ctimeMs' | 'mtimeMs'

export function timeFieldOf(o: LsGiven): TimeField {
  if (o.byAccess || o.time === 'atime') return 'atimeMs'
  return o.sortChange || o.time === 'ctime' || o.time === 'birth' ? 'ctimeMs' : 'mtimeMs'
}

export type Indicators = 'none' | 'slash' | 'file-type' | 'classify'

export function indicatorsOf(o: LsGiven, terminal: boolean): Indicators {
  if (o.indicator !== undefined) return o.indicator as Indicators
  if (o.classifyShort || o.classify === 'always' || (o.classify === 'auto' && terminal)) return 'classify'
  return o.fileType ? 'file-type' : o.slash ? 'slash' : 'none'
}

export function quotingOf(process: Process, o: LsGiven, manner: Manner, terminal: boolean): string {
  if (o.quotingStyle !== undefined) return o.quotingStyle
  if (o.literal || o.zero) return 'literal'
  if (o.quoteNames) return 'c'
  if (o.escape || manner.escape) return 'escape'
  return process.env.get('QUOTING_STYLE') ?? (terminal ? 'shell-escape' : 'literal')
}

/** How sizes of files are shown: undefined means bytes. */
export function fileUnitOf(o: LsGiven): BlockUnit | undefined {
  return o.block === undefined ? undefined : blockUnitOf(o.block.replace(/^'/, ''))
}
