/** chmod, chown, chgrp. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { Accounts, complain, modeString, print, quote, quoteName, reason, usageFailure } from '#engine/programs/common/gnu'
import { changeMode } from '#engine/programs/coreutils/modes'

const octal = (mode: number): string => mode.toString(8).padStart(4, '0')
const letters = (mode: number): string => modeString('file', mode).slice(1)

/** Every path below, the directory itself first. */
export function* walkTree(process: Process, path: string): Generator<{ path: string; stat: Stat } | { path: string; error: unknown }> {
  let stat: Stat
  try {
    stat = process.files.lstat(path)
  } catch (error) {
    yield { path, error }
    return
  }
  yield { path, stat }
  if (stat.type !== 'directory') return
  let names: string[]
  try {
    names = process.files.readDirectory(path).map((entry) => entry.name).filter((name) => name !== '.' && name !== '..').sort()
  } catch (error) {
    yield { path, error }
    return
  }
  for (const name of names) yield* walkTree(process, path.endsWith('/') ? path + name : `${path}/${name}`)
}

/** chmod takes `-x` and `-rwx` as modes though they look like flags: they become an operand at the front. */
function modesAsOperands(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--')
  const at = args.findIndex((arg) => /^-[rwxXstugoa,+=-]+$/.test(arg) && !arg.startsWith('--'))
  if (at < 0 || (end >= 0 && end < at)) return args
  const others = args.filter((_, index) => index !== at)
  const flagsOnly = others.filter((arg) => /^-[cfvR]+$|^--\w/.test(arg))
  return [...flagsOnly, '--', args[at] as string, ...others.filter((arg) => !flagsOnly.includes(arg))]
}

export const chmod: Program = defineProgram({
    name: 'chmod',
    rewrite: modesAsOperands,
    flags: { changes: flag('-c', '--changes'), quiet: flag('-f', '--silent', '--quiet'), verbose: flag('-v', '--verbose'), recursive: flag('-R', '--recursive'), reference: option('--reference'), preserve: flag('--preserve-root'), noPreserve: flag('--no-preserve-root') },
    async run(process, options) {
      const operands = [...options.operands]
      let reference: number | undefined
      if (options.reference !== undefined) {
        try {
          reference = process.files.stat(options.reference).mode
        } catch (error) {
          await complain(process, `failed to get attributes of ${quoteName(options.reference)}: ${reason(error)}`)
          return 1
        }
      }
      const text = reference === undefined ? operands.shift() : ''
      if (text === undefined) return usageFailure(process, 'missing operand')
      if (operands.length === 0) return usageFailure(process, reference === undefined ? `missing operand after ${quote(process, text)}` : 'missing operand')
      const umask = process.umask()
      if (reference === undefined && changeMode(text, 0, false, umask) === undefined) return usageFailure(process, `invalid mode: ${quote(process, text)}`)
      let status = 0
      for (const operand of operands) if (!(await chmodOne(process, operand, (stat) => reference ?? (changeMode(text, stat.mode, stat.type === 'directory', umask) as number), options))) status = 1
      return status
    },
  })

async function chmodOne(process: Process, operand: string, modeFor: (stat: Stat) => number, options: { recursive: boolean; verbose: boolean; changes: boolean; quiet: boolean }): Promise<boolean> {
  let fine = true
  const change = async (path: string): Promise<void> => {
    try {
      const stat = process.files.stat(path)
      const mode = modeFor(stat)
      process.files.chmod(path, mode)
      if (options.verbose && mode === stat.mode) await print(process, `mode of ${quoteName(path)} retained as ${octal(mode)} (${letters(mode)})\n`)
      else if ((options.verbose || options.changes) && mode !== stat.mode) await print(process, `mode of ${quoteName(path)} changed from ${octal(stat.mode)} (${letters(stat.mode)}) to ${octal(mode)} (${letters(mode)})\n`)
    } catch (error) {
      fine = false
      if (options.quiet) return
      const dangling = isErrno(error, 'ENOENT') && isLink(process, path)
      await complain(process, dangling ? `cannot operate on dangling symlink ${quoteName(path)}` : isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP') ? `cannot access ${quoteName(path)}: ${reason(error)}` : `changing permissions of ${quoteName(path)}: ${reason(error)}`)
    }
  }
  if (!options.recursive) {
    await change(operand)
    return fine
  }
  for (const entry of [...walkTree(process, operand)]) {
    if ('error' in entry) await change(entry.path)
    else if (entry.stat.type !== 'symlink') await change(entry.path)
  }
  return fine
}

function isLink(process: Process, path: string): boolean {
  try {
    return process.files.lstat(path).type === 'symlink'
  } catch {
    return false
  }
}

const ownerFlags = { changes: flag('-c', '--changes'), quiet: flag('-f', '--silent', '--quiet'), verbose: flag('-v', '--verbose'), dereference: flag('--dereference'), noDereference: flag('-h', '--no-dereference'), recursive: flag('-R', '--recursive'), reference: option('--reference'), from: option('--from'), H: flag('-H'), L: flag('-L'), P: flag('-P'), preserve: flag('--preserve-root'), noPreserve: flag('--no-preserve-root') } as const

function ownership(name: 'chown' | 'chgrp'): Program {
  return defineProgram({
    name,
    flags: ownerFlags,
    async run(process, options) {
      const operands = [...options.operands]
      const accounts = new Accounts(process)
      const wanted = await wantedOwner(process, name, options.reference, operands, accounts)
      if (typeof wanted === 'number') return wanted
      let status = 0
      for (const operand of operands) {
        const entries = options.recursive ? [...walkTree(process, operand)] : [{ path: operand }]
        for (const entry of entries) {
          try {
            const stat = options.noDereference || options.recursive ? process.files.lstat(entry.path) : process.files.stat(entry.path)
            process.files.chown(entry.path, wanted.uid ?? stat.uid, wanted.gid ?? stat.gid, { noFollow: options.noDereference || stat.type === 'symlink' })
            await report(process, name, entry.path, stat, wanted, accounts, options)
          } catch (error) {
            status = 1
            if (!options.quiet) await complain(process, isErrno(error, 'ENOENT', 'ENOTDIR') ? `cannot access ${quoteName(entry.path)}: ${reason(error)}` : `changing ${name === 'chgrp' ? 'group' : 'ownership'} of ${quoteName(entry.path)}: ${reason(error)}`)
          }
        }
      }
      return status
    },
  })
}

interface Owner {
  readonly uid: number | undefined
  readonly gid: number | undefined
  readonly text: string
}

async function wantedOwner(process: Process, name: string, reference: string | undefined, operands: string[], accounts: Accounts): Promise<Owner | number> {
  if (reference !== undefined) {
    try {
      const stat = process.files.stat(reference)
      return { uid: name === 'chgrp' ? undefined : stat.uid, gid: stat.gid, text: '' }
    } catch (error) {
      await complain(process, `failed to get attributes of ${quoteName(reference)}: ${reason(error)}`)
      return 1
    }
  }
  const text = operands.shift()
  if (text === undefined) return usageFailure(process, 'missing operand')
  if (operands.length === 0) return usageFailure(process, `missing operand after ${quote(process, text)}`)
  const [user, group] = name === 'chgrp' ? ['', text] : /[:.]/.test(text) ? splitOwner(text, accounts) : [text, undefined]
  const uid = user === '' || user === undefined ? undefined : (accounts.userId(user) ?? (/^\d+$/.test(user) ? Number(user) : NaN))
  if (Number.isNaN(uid)) {
    await complain(process, `invalid user: ${quote(process, text)}`)
    return 1
  }
  const gid = group === undefined ? undefined : group === '' ? (user ? accounts.loginGroup(user) : undefined) : (accounts.groupId(group) ?? (/^\d+$/.test(group) ? Number(group) : NaN))
  if (Number.isNaN(gid)) {
    await complain(process, `invalid group: ${quote(process, text)}`)
    return 1
  }
  return { uid, gid, text }
}

function splitOwner(text: string, accounts: Accounts): [string, string | undefined] {
  const at = text.indexOf(':') >= 0 ? text.indexOf(':') : accounts.userId(text) !== undefined ? -1 : text.indexOf('.')
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

async function report(process: Process, name: string, path: string, stat: Stat, wanted: Owner, accounts: Accounts, options: { verbose: boolean; changes: boolean }): Promise<void> {
  const changed = (wanted.uid !== undefined && wanted.uid !== stat.uid) || (wanted.gid !== undefined && wanted.gid !== stat.gid)
  if (!options.verbose && !(options.changes && changed)) return
  const user = (id: number): string => accounts.user(id) ?? String(id)
  const group = (id: number): string => accounts.group(id) ?? String(id)
  const before = name === 'chgrp' ? group(stat.gid) : wanted.gid === undefined ? user(stat.uid) : `${user(stat.uid)}:${group(stat.gid)}`
  const after = name === 'chgrp' ? group(wanted.gid ?? stat.gid) : wanted.gid === undefined ? user(wanted.uid ?? stat.uid) : `${user(wanted.uid ?? stat.uid)}:${group(wanted.gid)}`
  const what = name === 'chgrp' ? 'group' : 'ownership'
  await print(process, changed ? `changed ${what} of ${quoteName(path)} from ${before} to ${after}\n` : `${what} of ${quoteName(path)} retained as ${after}\n`)
}

export const permissionPrograms: readonly Program[] = [chmod, ownership('chown'), ownership('chgrp')]
