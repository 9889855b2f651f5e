/** readlink, realpath. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { complain, print, reason, usageFailure } from '#engine/programs/common/gnu'
import { quoteIfNeeded } from '#engine/programs/common/quoting'
import { lstatOf, parentOf, statOf } from '#engine/programs/coreutils/paths'
import { normalize } from '#engine/shell/builtins/directories'

/** How much of a path must be there. */
type Existing = 'all' | 'parent' | 'none'

function existing(o: { readonly existing: boolean; readonly missing: boolean }): Existing {
  if (o.existing) return 'all'
  return o.missing ? 'none' : 'parent'
}

/** The names of an absolute path, without `.`, `..` and links followed. */
export function absolute(process: Process, path: string): string[] {
  return normalize(path.startsWith('/') ? path : `${process.cwd()}/${path}`).split('/').filter((part) => part !== '')
}

export function relativePath(to: readonly string[], from: readonly string[]): string {
  let shared = 0
  while (shared < to.length && shared < from.length && to[shared] === from[shared]) shared++
  return [...from.slice(shared).map(() => '..'), ...to.slice(shared)].join('/') || '.'
}

/** realpath where the last component, or everything, may be missing. */
export function canonicalPath(process: Process, path: string, mustExist: Existing): string {
  try {
    return process.files.realpath(path)
  } catch (error) {
    if (mustExist === 'all' || path === '' || !isErrno(error, 'ENOENT', 'ENOTDIR')) throw error
    if (mustExist === 'parent' && isErrno(error, 'ENOTDIR')) throw error
  }
  const at = `/${absolute(process, path).join('/')}`
  if (lstatOf(process, at)?.type === 'symlink') {
    const target = process.files.readlink(at)
    return canonicalPath(process, target.startsWith('/') ? target : `${parentOf(at)}/${target}`, mustExist)
  }
  const parent = parentOf(at)
  const real = mustExist === 'parent' ? realDirectory(process, parent) : canonicalPath(process, parent, 'none')
  return `${real === '/' ? '' : real}/${at.slice(at.lastIndexOf('/') + 1)}`
}

function realDirectory(process: Process, path: string): string {
  const real = process.files.realpath(path)
  if (statOf(process, real)?.type !== 'directory') process.files.readDirectory(real)
  return real
}

const readlink = defineProgram({
  name: 'readlink',
  usage: '[OPTION]... FILE...',
  flags: { canonicalize: flag('-f', '--canonicalize'), existing: flag('-e', '--canonicalize-existing'), missing: flag('-m', '--canonicalize-missing'), noNewline: flag('-n', '--no-newline'), quiet: flag('-q', '--quiet', '-s', '--silent'), verbose: flag('-v', '--verbose'), zero: flag('-z', '--zero') },
  async run(process, o) {
    if (o.operands.length === 0) return usageFailure(process, 'missing operand')
    const many = o.operands.length > 1
    if (o.noNewline && many) await complain(process, 'ignoring --no-newline with multiple arguments')
    const end = o.zero ? '\0' : o.noNewline && !many ? '' : '\n'
    const canonical = o.canonicalize || o.existing || o.missing
    return eachPath(process, o.operands, o.verbose, async (path) => print(process, (canonical ? canonicalPath(process, path, existing(o)) : process.files.readlink(path)) + end))
  },
})

/** Complaints only where they are wanted. */
async function eachPath(process: Process, operands: readonly string[], loud: boolean, work: (path: string) => Promise<void>): Promise<number> {
  let status = 0
  for (const path of operands) {
    try {
      await work(path)
    } catch (error) {
      const why = reason(error)
      if (loud) await complain(process, `${quoteIfNeeded(path)}: ${why}`)
      status = 1
    }
  }
  return status
}

const realpath = defineProgram({
  name: 'realpath',
  usage: '[OPTION]... FILE...',
  flags: { existing: flag('-e', '--canonicalize-existing'), missing: flag('-m', '--canonicalize-missing'), relativeTo: option('--relative-to'), relativeBase: option('--relative-base'), quiet: flag('-q', '--quiet'), strip: flag('-s', '--strip', '--no-symlinks'), zero: flag('-z', '--zero'), logical: flag('-L', '--logical'), physical: flag('-P', '--physical') },
  async run(process, o) {
    if (o.operands.length === 0) return usageFailure(process, 'missing operand')
    const resolve = (path: string): string => {
      if (path === '') process.files.realpath(path)
      return o.strip ? `/${absolute(process, path).join('/')}` : canonicalPath(process, path, existing(o))
    }
    const shown = await shower(process, o.relativeTo, o.relativeBase)
    if (typeof shown === 'number') return shown
    return eachPath(process, o.operands, !o.quiet, async (path) => print(process, shown(resolve(path)) + (o.zero ? '\0' : '\n')))
  },
})

/** Makes paths relative; those not below --relative-base stay absolute. */
async function shower(process: Process, to: string | undefined, base: string | undefined): Promise<((path: string) => string) | number> {
  if (to === undefined && base === undefined) return (path) => path
  const parts = (path: string): string[] => path.split('/').filter(Boolean)
  const bounds = base === undefined ? undefined : canonicalPath(process, base, 'none')
  const from = to === undefined ? (bounds as string) : canonicalPath(process, to, 'none')
  const below = (path: string): boolean => bounds === undefined || bounds === '/' || path === bounds || path.startsWith(`${bounds}/`)
  return (path) => (below(path) && below(from) ? relativePath(parts(path), parts(from)) : path)
}

export const readlinkPrograms: readonly Program[] = [readlink, realpath]
