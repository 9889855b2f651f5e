/** find's tests, by name. */
import { isErrno } from '#engine/linux/abi/errno'
import type { FindContext, Node, Visit } from '#engine/programs/text/find/nodes'
import { timeTest } from '#engine/programs/text/find/times'
import { changeMode } from '#engine/programs/coreutils/modes'
import { matchesGlob } from '#engine/shell/patterns/glob'
import { PatternError, posixRegExp } from '#engine/shell/patterns/posix'
import { quote } from '#engine/programs/common/gnu'
import { numeric, sync } from '#engine/programs/text/find/comparing'

/** What a test is made from; a string says what is wrong. */
interface Making {
  readonly context: FindContext
  readonly name: string
  argument(): string
}

type Make = (making: Making) => Node | string

const types: Readonly<Record<string, string>> = { f: 'file', d: 'directory', l: 'symlink', p: 'fifo', s: 'socket', c: 'character', b: 'block' }

export function testFor(context: FindContext, name: string, argument: () => string): Node | string {
  if (Object.hasOwn(tests, name)) return tests[name]?.({ context, name, argument }) ?? ''
  return timeTest(context, name, argument) ?? `unknown predicate \`${name}'`
}

const tests: Readonly<Record<string, Make>> = {
  '-true': () => sync(() => true),
  '-false': () => sync(() => false),
  '-name': (making) => glob(making, (visit) => visit.name, false),
  '-iname': (making) => glob(making, (visit) => visit.name, true),
  '-path': (making) => glob(making, (visit) => visit.path, false),
  '-wholename': (making) => glob(making, (visit) => visit.path, false),
  '-ipath': (making) => glob(making, (visit) => visit.path, true),
  '-iwholename': (making) => glob(making, (visit) => visit.path, true),
  '-lname': (making) => linkName(making, false),
  '-ilname': (making) => linkName(making, true),
  '-regex': (making) => regex(making, false),
  '-iregex': (making) => regex(making, true),
  '-type': (making) => type(making, (visit) => visit.stat.type),
  '-xtype': (making) => type(making, (visit) => quietType(making.context, visit.path) ?? 'symlink'),
  '-size': ({ argument }) => size(argument()),
  '-empty': ({ context }) => sync((visit) => isEmpty(context, visit)),
  '-fstype': ({ context, argument }) => fileSystemType(context, argument()),
  '-used': (making) => number(making, () => 0),
  '-context': () => 'invalid predicate -context: SELinux is not enabled.',
  '-perm': ({ argument }) => permission(argument()),
  '-uid': (making) => number(making, (visit) => visit.stat.uid),
  '-gid': (making) => number(making, (visit) => visit.stat.gid),
  '-links': (making) => number(making, (visit) => visit.stat.nlink),
  '-inum': (making) => number(making, (visit) => visit.stat.ino),
  '-user': (making) => owner(making, (text) => making.context.accounts.userId(text), (visit) => visit.stat.uid, 'is not the name of a known user'),
  '-group': (making) => owner(making, (text) => making.context.accounts.groupId(text), (visit) => visit.stat.gid, 'is not the name of an existing group'),
  '-nouser': ({ context }) => sync((visit) => context.accounts.user(visit.stat.uid) === undefined),
  '-nogroup': ({ context }) => sync((visit) => context.accounts.group(visit.stat.gid) === undefined),
  '-samefile': sameFile,
  '-readable': ({ context }) => sync((visit) => context.process.files.access(visit.path, { read: true })),
  '-writable': ({ context }) => sync((visit) => context.process.files.access(visit.path, { write: true })),
  '-executable': ({ context }) => sync((visit) => context.process.files.access(visit.path, { execute: true })),
}

function fileSystemType({ process }: FindContext, type: string): Node {
  return sync((visit) => {
    try {
      return process.files.statfs(visit.path).type === type
    } catch (error) {
      if (isErrno(error)) return false
      throw error
    }
  })
}

function glob({ argument }: Making, of: (visit: Visit) => string, ignoreCase: boolean): Node {
  const pattern = argument()
  return sync((visit) => matchesGlob(pattern, of(visit), { ignoreCase }))
}

function linkName({ context, argument }: Making, ignoreCase: boolean): Node {
  const pattern = argument()
  return sync((visit) => visit.stat.type === 'symlink' && matchesGlob(pattern, context.process.files.readlink(visit.path), { ignoreCase }))
}

function regex({ context, argument }: Making, ignoreCase: boolean): Node | string {
  const pattern = argument()
  try {
    const { syntax } = context.settings
    const compiled = posixRegExp(syntax === 'emacs' ? `^(${fromEmacs(pattern)})$` : syntax === 'extended' ? `^(${pattern})$` : `^\\(${pattern}\\)$`, { extended: syntax !== 'basic', ignoreCase })
    return sync((visit) => compiled.test(visit.path))
  } catch (error) {
    if (error instanceof PatternError) return `failed to compile regular expression '${pattern}': ${error.message}`
    throw error
  }
}

/** Emacs syntax: `+` and `?` repeat, groups and bars are escaped. */
function fromEmacs(pattern: string): string {
  return pattern.replace(/\\([(){}|])|[(){}|]/g, (whole, escaped?: string) => escaped ?? `\\${whole}`)
}

function type({ name, argument }: Making, of: (visit: Visit) => string): Node | string {
  const wanted = argument().split(',')
  const bad = wanted.find((one) => one.length !== 1 || types[one] === undefined)
  if (bad !== undefined) return bad.length > 1 ? "Must separate multiple arguments to -type using: ','" : `Unknown argument to ${name}: ${bad}`
  return sync((visit) => wanted.some((one) => types[one] === of(visit)))
}

function isEmpty({ process }: FindContext, { stat, path }: Visit): boolean {
  if (stat.type === 'file') return stat.size === 0
  return stat.type === 'directory' && process.files.readDirectory(path).every((entry) => entry.name === '.' || entry.name === '..')
}

function number({ name, argument }: Making, of: (visit: Visit) => number): Node | string {
  const text = argument()
  const test = numeric(text)
  return test ? sync((visit) => test(of(visit))) : `invalid argument \`${text}' to \`${name}'`
}

/** By name, or by number where nobody has that name. */
function owner({ context, argument }: Making, byName: (text: string) => number | undefined, of: (visit: Visit) => number, problem: string): Node | string {
  const text = argument()
  const wanted = byName(text) ?? (/^\d+$/.test(text) ? Number(text) : undefined)
  return wanted === undefined ? `${quote(context.process, text)} ${problem}` : sync((visit) => of(visit) === wanted)
}

function sameFile({ context, argument }: Making): Node | string {
  const path = argument()
  const stat = context.process.files.exists(path)
  return stat ? sync((visit) => visit.stat.ino === stat.ino && visit.stat.dev === stat.dev) : `${quote(context.process, path)}: No such file or directory`
}

function quietType(context: FindContext, path: string): string | undefined {
  try {
    return context.process.files.exists(path)?.type
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

const units: Readonly<Record<string, number>> = { '': 512, b: 512, c: 1, w: 2, k: 1024, M: 1048576, G: 1073741824 }

/** In whole units, begun ones counted. */
function size(text: string): Node | string {
  const match = /^([-+]?\d+)([bcwkMG]?)$/.exec(text)
  const test = numeric(match?.[1] ?? '')
  const unit = units[match?.[2] ?? ''] ?? 512
  if (match && test) return sync((visit) => test(Math.ceil(visit.stat.size / unit)))
  return /\d$/.test(text) || !/[a-zA-Z]$/.test(text) ? `invalid argument \`${text}' to \`-size'` : `invalid -size type \`${text.charAt(text.length - 1)}'`
}

function permission(text: string): Node | string {
  const kind = /^[-/]/.exec(text)?.[0] ?? ''
  const mode = changeMode(text.slice(kind.length), 0, false, 0)
  if (mode === undefined) return `invalid mode ${`\u2018${text}\u2019`}`
  if (kind === '-') return sync((visit) => (visit.stat.mode & mode) === mode)
  if (kind === '/') return sync((visit) => mode === 0 || (visit.stat.mode & mode) !== 0)
  return sync((visit) => (visit.stat.mode & 0o7777) === mode)
}

