/** find's tests. */
import { isErrno } from '#engine/linux/abi/errno'
import type { FindContext, Node, Visit } from '#engine/programs/text/find-nodes'
import { changeMode } from '#engine/programs/coreutils/modes'
import { parseDate } from '#engine/programs/coreutils/date-parse'
import { matchesGlob } from '#engine/shell/patterns/glob'
import { PatternError, posixRegExp } from '#engine/shell/patterns/posix'
import { quote } from '#engine/programs/common/gnu'

const types: Readonly<Record<string, string>> = { f: 'file', d: 'directory', l: 'symlink', p: 'fifo', s: 'socket', c: 'character', b: 'block' }

const sync = (test: (visit: Visit) => boolean): Node => (visit) => Promise.resolve(test(visit))

/** `+5`, `-5`, `5`. */
function numeric(text: string): ((value: number) => boolean) | undefined {
  const match = /^([-+]?)(\d+(?:\.\d+)?)$/.exec(text)
  if (!match) return undefined
  const wanted = Number(match[2])
  return match[1] === '+' ? (value) => value > wanted : match[1] === '-' ? (value) => value < wanted : (value) => value === wanted
}

/** A string says what is wrong. */
export function testFor(context: FindContext, name: string, argument: () => string): Node | string {
  return nameTest(context, name, argument) ?? statTest(context, name, argument) ?? timeTest(context, name, argument) ?? `unknown predicate \`${name}'`
}

function nameTest(context: FindContext, name: string, argument: () => string): Node | string | undefined {
  const glob = (of: (visit: Visit) => string, ignoreCase: boolean): Node => {
    const pattern = argument()
    return sync((visit) => matchesGlob(pattern, of(visit), { ignoreCase }))
  }
  switch (name) {
    case '-name': return glob((visit) => visit.name, false)
    case '-iname': return glob((visit) => visit.name, true)
    case '-path': case '-wholename': return glob((visit) => visit.path, false)
    case '-ipath': case '-iwholename': return glob((visit) => visit.path, true)
    case '-lname': case '-ilname': {
      const pattern = argument()
      return sync((visit) => visit.stat.type === 'symlink' && matchesGlob(pattern, context.process.files.readlink(visit.path), { ignoreCase: name === '-ilname' }))
    }
    case '-regex': case '-iregex': {
      const pattern = argument()
      try {
        const regex = posixRegExp(`^(${emacs(pattern)})$`, { extended: true, ignoreCase: name === '-iregex' })
        return sync((visit) => regex.test(visit.path))
      } catch (error) {
        if (error instanceof PatternError) return `failed to compile regular expression '${pattern}': ${error.message}`
        throw error
      }
    }
    default: return undefined
  }
}

/** Emacs syntax: `+` and `?` repeat, groups and bars are escaped. */
function emacs(pattern: string): string {
  return pattern.replace(/\\([(){}|])|[(){}|]/g, (whole, escaped?: string) => escaped ?? `\\${whole}`)
}

function statTest(context: FindContext, name: string, argument: () => string): Node | string | undefined {
  const { process, accounts } = context
  switch (name) {
    case '-true': return sync(() => true)
    case '-false': return sync(() => false)
    case '-type': case '-xtype': {
      const wanted = argument().split(',')
      const bad = wanted.find((one) => one.length !== 1 || types[one] === undefined)
      if (bad !== undefined) return `${bad.length > 1 ? 'Must separate multiple arguments to -type using: \',\'' : `Unknown argument to ${name}: ${bad}`}`
      return sync((visit) => wanted.some((one) => types[one] === (name === '-xtype' ? (quietType(context, visit.path) ?? 'symlink') : visit.stat.type)))
    }
    case '-size': return sizeTest(context, argument())
    case '-empty': return sync((visit) => (visit.stat.type === 'file' ? visit.stat.size === 0 : visit.stat.type === 'directory' && process.files.readDirectory(visit.path).every((entry) => entry.name === '.' || entry.name === '..')))
    case '-perm': return permissionTest(argument())
    case '-user': case '-uid': {
      const text = argument()
      const uid = name === '-uid' ? numeric(text) : exact(accounts.userId(text) ?? (/^\d+$/.test(text) ? Number(text) : undefined))
      return uid ? sync((visit) => uid(visit.stat.uid)) : `${quote(process, text)} is not the name of a known user`
    }
    case '-group': case '-gid': {
      const text = argument()
      const gid = name === '-gid' ? numeric(text) : exact(accounts.groupId(text) ?? (/^\d+$/.test(text) ? Number(text) : undefined))
      return gid ? sync((visit) => gid(visit.stat.gid)) : `${quote(process, text)} is not the name of an existing group`
    }
    case '-nouser': return sync((visit) => accounts.user(visit.stat.uid) === undefined)
    case '-nogroup': return sync((visit) => accounts.group(visit.stat.gid) === undefined)
    case '-links': case '-inum': {
      const text = argument()
      const test = numeric(text)
      return test ? sync((visit) => test(name === '-links' ? visit.stat.nlink : visit.stat.ino)) : `invalid argument \`${text}' to \`${name}'`
    }
    case '-samefile': {
      const path = argument()
      const stat = process.files.exists(path)
      return stat ? sync((visit) => visit.stat.ino === stat.ino && visit.stat.dev === stat.dev) : `${quote(process, path)}: No such file or directory`
    }
    case '-readable': return sync((visit) => process.files.access(visit.path, { read: true }))
    case '-writable': return sync((visit) => process.files.access(visit.path, { write: true }))
    case '-executable': return sync((visit) => process.files.access(visit.path, { execute: true }))
    default: return undefined
  }
}

function exact(wanted: number | undefined): ((value: number) => boolean) | undefined {
  return wanted === undefined ? undefined : (value) => value === wanted
}

function quietType(context: FindContext, path: string): string | undefined {
  try {
    return context.process.files.exists(path)?.type
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

function sizeTest(context: FindContext, text: string): Node | string {
  const match = /^([-+]?)(\d+)([bcwkMG]?)$/.exec(text)
  if (!match) return /\d$/.test(text) || !/[a-zA-Z]$/.test(text) ? `invalid argument \`${text}' to \`-size'` : `invalid -size type \`${text.charAt(text.length - 1)}'`
  void context
  const unit = ({ '': 512, b: 512, c: 1, w: 2, k: 1024, M: 1048576, G: 1073741824 } as Record<string, number>)[match[3] as string] as number
  const test = numeric(`${match[1] as string}${match[2] as string}`) as (value: number) => boolean
  return sync((visit) => test(Math.ceil(visit.stat.size / unit)))
}

function permissionTest(text: string): Node | string {
  const kind = /^[-/]/.exec(text)?.[0] ?? ''
  const mode = changeMode(text.slice(kind.length), 0, false, 0)
  if (mode === undefined) return `invalid mode ${`\u2018${text}\u2019`}`
  if (kind === '-') return sync((visit) => (visit.stat.mode & mode) === mode)
  if (kind === '/') return sync((visit) => mode === 0 || (visit.stat.mode & mode) !== 0)
  return sync((visit) => (visit.stat.mode & 0o7777) === mode)
}

function timeTest(context: FindContext, name: string, argument: () => string): Node | string | undefined {
  const { process } = context
  const now = process.clock.now()
  const relative = /^-([amc])(time|min)$/.exec(name)
  if (relative) {
    const text = argument()
    const test = numeric(text)
    if (!test) return `invalid argument \`${text}' to \`${name}'`
    const unit = relative[2] === 'time' ? 86400000 : 60000
    const value = (visit: Visit): number => (now - timeOf(visit, relative[1] as string)) / unit
    return sync((visit) => (relative[2] === 'time' ? test(Math.floor(value(visit))) : text.startsWith('-') ? value(visit) < Number(text.slice(1)) : text.startsWith('+') ? value(visit) > Number(text.slice(1)) : Math.ceil(value(visit)) === Number(text)))
  }
  const newer = /^-newer(?:([acmB])([acmBt]))?$/.exec(name) ?? /^-([ac])newer$/.exec(name)
  if (!newer) return undefined
  const own = newer[1] ?? 'm'
  const text = argument()
  let limit: number | undefined
  if (newer[2] === 't') {
    limit = parseDate(text, now, 0)
    if (limit === undefined) return `I cannot figure out how to interpret ${quote(process, text)} as a date or time`
  } else {
    const stat = process.files.exists(text)
    if (!stat) return `${quote(process, text)}: No such file or directory`
    limit = newer[2] === 'a' ? stat.atimeMs : newer[2] === 'c' ? stat.ctimeMs : stat.mtimeMs
  }
  const bound = limit
  return sync((visit) => timeOf(visit, own) > bound)
}

function timeOf(visit: Visit, letter: string): number {
  return letter === 'a' ? visit.stat.atimeMs : letter === 'm' ? visit.stat.mtimeMs : visit.stat.ctimeMs
}
