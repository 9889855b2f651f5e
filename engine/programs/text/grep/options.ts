/** grep's command line. */
import { flag, list, option, optional, parseFlags, UsageError } from '#engine/linux/abi/flags'
import type { Process } from '#engine/linux/abi/process'
import { reason } from '#engine/programs/common/gnu'

const flags = {
  extended: flag('-E', '--extended-regexp'), fixed: flag('-F', '--fixed-strings'), basic: flag('-G', '--basic-regexp'), perl: flag('-P', '--perl-regexp'), regexp: list('-e', '--regexp'), file: list('-f', '--file'), ignoreCase: flag('-i', '-y', '--ignore-case'), noIgnoreCase: flag('--no-ignore-case'),
  invert: flag('-v', '--invert-match'), word: flag('-w', '--word-regexp'), line: flag('-x', '--line-regexp'), count: flag('-c', '--count'), color: optional('--color', '--colour'), filesWithout: flag('-L', '--files-without-match'), filesWith: flag('-l', '--files-with-matches'), max: option('-m', '--max-count'),
  only: flag('-o', '--only-matching'), quiet: flag('-q', '--quiet', '--silent'), noMessages: flag('-s', '--no-messages'), byteOffset: flag('-b', '--byte-offset'), withFilename: flag('-H', '--with-filename'), noFilename: flag('-h', '--no-filename'), label: option('--label'), lineNumber: flag('-n', '--line-number'), initialTab: flag('-T', '--initial-tab'),
  nullName: flag('-Z', '--null'), after: option('-A', '--after-context'), before: option('-B', '--before-context'), context: option('-C', '--context'), separator: option('--group-separator'), noSeparator: flag('--no-group-separator'), text: flag('-a', '--text'), binaryFiles: option('--binary-files'), skipBinary: flag('-I'), devices: option('-D', '--devices'), directories: option('-d', '--directories'),
  exclude: list('--exclude'), excludeFrom: option('--exclude-from'), excludeDir: list('--exclude-dir'), include: list('--include'), recursive: flag('-r', '--recursive'), dereference: flag('-R', '--dereference-recursive'), lineBuffered: flag('--line-buffered'), nullData: flag('-z', '--null-data'), unix: flag('-U', '--binary'), version: flag('-V', '--version'),
} as const

export type Options = ReturnType<typeof parseFlags<typeof flags>>['values']
export type Kind = 'basic' | 'extended' | 'fixed' | 'perl'

/** What makes grep end with status 2. */
export class Trouble extends Error {}

export class MissingPattern extends UsageError {
  constructor() {
    super('')
  }
}

/** `-3` is three lines of context. */
export function readOptions(args: readonly string[]): ReturnType<typeof parseFlags<typeof flags>> {
  return parseFlags(flags, args.flatMap((arg, index) => (/^-\d+$/.test(arg) && !/^-[ABCDdefm]$/.test(args[index - 1] ?? '') ? ['-C', arg.slice(1)] : [arg])), false)
}

export interface Request {
  readonly patterns: readonly string[]
  readonly kind: Kind
  readonly files: readonly string[]
  readonly recursive: boolean
  readonly before: number
  readonly after: number
  /** Groups of lines are set apart. */
  readonly grouped: boolean
  readonly most: number
}

export function requestOf(process: Process, o: Options, operands: readonly string[], preset: Kind): Request {
  const fromOperand = o.regexp.length === 0 && o.file.length === 0
  const patterns = fromOperand ? operands.slice(0, 1) : [...o.regexp, ...o.file.flatMap((file) => patternFile(process, file))]
  if (fromOperand && patterns.length === 0) throw new MissingPattern()
  return {
    patterns: patterns.flatMap((pattern) => pattern.split('\n')),
    kind: kindOf(o, preset),
    files: fromOperand ? operands.slice(1) : operands,
    recursive: o.recursive || o.dereference || o.directories === 'recurse',
    before: contextLength(o.before ?? o.context ?? '0'),
    after: contextLength(o.after ?? o.context ?? '0'),
    grouped: (o.after ?? o.before ?? o.context) !== undefined,
    most: mostOf(o.max),
  }
}

function kindOf(o: Options, preset: Kind): Kind {
  if ([o.fixed, o.perl, o.extended, o.basic].filter(Boolean).length > 1) throw new Trouble('conflicting matchers specified')
  if (o.fixed) return 'fixed'
  if (o.perl) return 'perl'
  return o.extended ? 'extended' : o.basic ? 'basic' : preset
}

function mostOf(text: string | undefined): number {
  if (text !== undefined && !/^-?\d+$/.test(text)) throw new Trouble('invalid max count')
  return text === undefined || Number(text) < 0 ? Infinity : Number(text)
}

function contextLength(text: string): number {
  if (!/^\d+$/.test(text)) throw new Trouble(`${text}: invalid context length argument`)
  return Number(text)
}

function patternFile(process: Process, path: string): string[] {
  try {
    return process.files.readText(path).replace(/\n$/, '').split('\n')
  } catch (error) {
    throw new Trouble(`${path}: ${reason(error)}`)
  }
}
