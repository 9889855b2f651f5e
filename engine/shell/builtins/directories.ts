/** cd, pwd, pushd, popd, dirs. */
import { isErrno } from '#engine/linux/abi/errno'
import { builtin, type BuiltinCall, parseOptions, usageError, write } from '#engine/shell/builtins/builtin'
import { assign } from '#engine/shell/state/access'
import { BuiltinError } from '#engine/shell/state/signals'
import type { Shell } from '#engine/shell/state/shell'

export const cdBuiltin = builtin(async (call) => {
  const { shell } = call
  const { flags, rest } = parseOptions(call, 'LPe@')
  if (rest.length > 1) throw new BuiltinError('too many arguments')
  const [given] = rest
  const target = targetOf(shell, given)
  if (target === '') {
    if (given === '-') await write(call, '\n')
    return 0
  }
  const found = alongCdPath(shell, target)
  const path = found ?? target
  try {
    change(shell, path, given === undefined || given === '-' ? path : given, flags.has('P') || shell.options.on('physical'))
  } catch (error) {
    if (!(error instanceof DirectoryGone)) throw error
    await shell.complain('cd: error retrieving current directory: getcwd: cannot access parent directories: No such file or directory')
    return 0
  }
  if (found !== undefined || given === '-') await write(call, `${logicalDirectory(shell)}\n`)
  return 0
})

function targetOf(shell: Shell, given: string | undefined): string {
  const name = given === undefined ? 'HOME' : given === '-' ? 'OLDPWD' : undefined
  if (name === undefined) return given as string
  const value = shell.vars.find(name)?.scalar()
  if (value === undefined) throw new BuiltinError(`${name} not set`)
  return value
}

function alongCdPath(shell: Shell, target: string): string | undefined {
  const path = shell.vars.find('CDPATH')?.scalar()
  if (!path || /^\.{0,2}(\/|$)/.test(target)) return undefined
  for (const directory of path.split(':')) {
    const candidate = directory === '' ? target : `${directory}/${target}`
    if (shell.files.exists(candidate)?.type === 'directory') return directory === '' ? undefined : candidate
  }
  return undefined
}

/** PWD as the shell keeps it: with symbolic links as they were followed. */
export function logicalDirectory(shell: Shell): string {
  return shell.vars.find('PWD')?.scalar() ?? shell.process.cwd()
}

export function change(shell: Shell, target: string, shown: string, physical: boolean): void {
  const before = logicalDirectory(shell)
  const logical = normalize(absolute(before, target))
  try {
    if (physical) shell.process.chdir(target)
    else changeLogically(shell, target, before, logical)
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new BuiltinError(shell.ash ? `can't cd to ${shown}: ${error.message}` : shell.posixShell ? `can't cd to ${shown}` : `${shown}: ${error.message}`, shell.posixShell ? 2 : 1)
  }
  assign(shell, 'OLDPWD', before)
  shell.vars.obtain('OLDPWD').exported = true
  assign(shell, 'PWD', physical ? shell.process.cwd() : logical)
  shell.vars.obtain('PWD').exported = true
}

/** By the path as it was followed; where the working directory is gone, its parents may still be there. */
function changeLogically(shell: Shell, target: string, before: string, logical: string): void {
  try {
    if (!/^(\.\.\/)*\.\.?$/.test(target)) shell.files.stat(absolute(before, target))
    shell.process.chdir(logical)
  } catch (error) {
    if (!isErrno(error)) throw error
    if (isErrno(error, 'ENOENT') && target === '.') throw new DirectoryGone()
    shell.process.chdir(target)
  }
}

/** The working directory has been removed: bash says so and stays. */
export class DirectoryGone {}

function absolute(from: string, path: string): string {
  return path.startsWith('/') ? path : `${from === '/' ? '' : from}/${path}`
}

export function normalize(path: string): string {
  const out: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') out.pop()
    else out.push(part)
  }
  return `${/^\/\/(?!\/)/.test(path) ? '//' : '/'}${out.join('/')}`
}

export const pwdBuiltin = builtin(async (call) => {
  const { flags } = parseOptions(call, 'LP')
  await write(call, `${flags.has('P') ? call.shell.process.cwd() : logicalDirectory(call.shell)}\n`)
  return 0
})

function shorten(shell: Shell, path: string, long: boolean): string {
  const home = shell.vars.find('HOME')?.scalar() ?? ''
  return !long && home !== '' && (path === home || path.startsWith(`${home}/`)) ? `~${path.slice(home.length)}` : path
}

async function show(call: BuiltinCall, style: 'line' | 'lines' | 'numbered' = 'line', long = false): Promise<number> {
  const { shell } = call
  const all = [logicalDirectory(shell), ...shell.directories].map((path) => shorten(shell, path, long))
  await write(call, style === 'line' ? `${all.join(' ')}\n` : all.map((path, index) => (style === 'numbered' ? `${String(index).padStart(2)}  ${path}\n` : `${path}\n`)).join(''))
  return 0
}

/** `+N` or `-N` as a position in the whole stack. */
function position(call: BuiltinCall, text: string): number {
  const count = call.shell.directories.length + 1
  const number = Number(text.slice(1))
  const index = text.startsWith('+') ? number : count - 1 - number
  if (index < 0 || index >= count) throw new BuiltinError(count === 1 ? 'directory stack empty' : `${call.name === 'dirs' ? text.replace(/^\+/, '') : text}: directory stack index out of range`)
  return index
}

export const dirsBuiltin = builtin((call) => {
  const { shell, args } = call
  const letters = args.filter((arg) => /^-[clpv]+$/.test(arg)).join('')
  const index = args.find((arg) => /^[+-]\d+$/.test(arg))
  const wrong = args.find((arg) => !/^-[clpv]+$/.test(arg) && !/^[+-]\d+$/.test(arg))
  if (wrong !== undefined) throw usageError('dirs', wrong.startsWith('-') ? `${wrong}: invalid number` : `${wrong}: invalid option`)
  if (letters.includes('c')) {
    shell.directories = []
    return 0
  }
  if (index !== undefined) return write(call, `${shorten(shell, [logicalDirectory(shell), ...shell.directories][position(call, index)] as string, letters.includes('l'))}\n`).then(() => 0)
  return show(call, letters.includes('v') ? 'numbered' : letters.includes('p') ? 'lines' : 'line', letters.includes('l'))
})

export const pushdBuiltin = builtin((call) => {
  const { shell } = call
  const stay = call.args[0] === '-n'
  const [target] = stay ? call.args.slice(1) : call.args
  const here = logicalDirectory(shell)
  if (target !== undefined && /^-(?!\d+$)./.test(target)) throw usageError('pushd', `${target}: invalid number`)
  if (target === undefined) {
    const next = shell.directories[0]
    if (next === undefined) throw new BuiltinError('no other directory')
    change(shell, next, next, false)
    shell.directories[0] = here
  } else if (/^[+-]\d+$/.test(target)) {
    const index = position(call, target)
    const all = [here, ...shell.directories]
    const rotated = [...all.slice(index), ...all.slice(0, index)]
    change(shell, rotated[0] as string, target, false)
    shell.directories = rotated.slice(1)
  } else if (stay) shell.directories.unshift(normalize(absolute(here, target)))
  else {
    change(shell, target, target, false)
    shell.directories.unshift(here)
  }
  return show(call)
})

export const popdBuiltin = builtin((call) => {
  const { shell } = call
  const stay = call.args[0] === '-n'
  const [which = '+0'] = stay ? call.args.slice(1) : call.args
  if (!/^[+-]\d+$/.test(which)) throw usageError('popd', which.startsWith('-') ? `${which}: invalid number` : `${which}: invalid argument`)
  if (shell.directories.length === 0) throw new BuiltinError('directory stack empty')
  const index = position(call, which)
  if (index > 0) shell.directories.splice(index - 1, 1)
  else if (stay) shell.directories.shift()
  else {
    const next = shell.directories[0] as string
    change(shell, next, next, false)
    shell.directories.shift()
  }
  return show(call)
})
