/** ln, link, unlink, readlink, realpath. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { complain, print, quote, quoteName, reason, usageFailure } from '#engine/programs/common/gnu'
import { normalize } from '#engine/shell/builtins/directories'

const ln = defineProgram({
  name: 'ln',
  flags: { force: flag('-f', '--force'), symbolic: flag('-s', '--symbolic'), verbose: flag('-v', '--verbose'), noDereference: flag('-n', '--no-dereference'), noTarget: flag('-T', '--no-target-directory'), target: option('-t', '--target-directory'), relative: flag('-r', '--relative'), backup: flag('-b'), interactive: flag('-i', '--interactive'), logical: flag('-L', '--logical'), physical: flag('-P', '--physical') },
  async run(process, options) {
    const { operands } = options
    if (operands.length === 0) return usageFailure(process, 'missing file operand')
    const isDirectory = (path: string): boolean => (options.noDereference && isSymlink(process, path) ? false : quietType(process, path) === 'directory')
    let sources = [...operands]
    let into = options.target
    let destination: string | undefined
    if (into === undefined) {
      if (sources.length === 1 && !options.noTarget) into = '.'
      else if (sources.length === 1) return usageFailure(process, `missing destination file operand after ${quoteName(sources[0] as string)}`)
      else {
        const last = sources[sources.length - 1] as string
        if (!options.noTarget && isDirectory(last)) into = last
        else if (sources.length > 2) {
          if (options.noTarget) return usageFailure(process, `extra operand ${quoteName(sources[2] as string)}`)
          await complain(process, `target ${quoteName(last)}: ${quietType(process, last) === undefined ? 'No such file or directory' : 'Not a directory'}`)
          return 1
        } else destination = last
        sources = sources.slice(0, -1)
      }
    }
    let status = 0
    for (const source of sources) {
      const name = destination ?? `${(into as string).replace(/\/$/, '')}/${source.replace(/\/+$/, '').split('/').pop() ?? ''}`.replace(/^\.\//, into === '.' ? './' : './')
      if (!(await linkOne(process, source, into === '.' && options.target === undefined && destination === undefined ? name : name, options))) status = 1
    }
    return status
  },
})

async function linkOne(process: Process, source: string, name: string, options: { symbolic: boolean; force: boolean; relative: boolean; verbose: boolean }): Promise<boolean> {
  try {
    if (!options.symbolic) {
      const stat = await sourceStat(process, source)
      if (!stat) return false
      if (stat === 'directory') {
        await complain(process, `${source}: hard link not allowed for directory`)
        return false
      }
    }
    if (options.force && isPresent(process, name)) process.files.unlink(name)
    if (options.symbolic) process.files.symlink(options.relative ? relativeTo(process, source, name) : source, name)
    else process.files.link(source, name)
    if (options.verbose) await print(process, `${quoteName(name)} ${options.symbolic ? '->' : '=>'} ${quoteName(source)}\n`)
    return true
  } catch (error) {
    const far = !options.symbolic && !isErrno(error, 'EEXIST') ? ` => ${quoteName(source)}` : ''
    await complain(process, `failed to create ${options.symbolic ? 'symbolic' : 'hard'} link ${quoteName(name)}${far}: ${reason(error)}`)
    return false
  }
}

async function sourceStat(process: Process, source: string): Promise<string | undefined> {
  try {
    return process.files.lstat(source).type
  } catch (error) {
    await complain(process, `failed to access ${quoteName(source)}: ${reason(error)}`)
    return undefined
  }
}

export function isPresent(process: Process, path: string): boolean {
  try {
    process.files.lstat(path)
    return true
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}

function isSymlink(process: Process, path: string): boolean {
  try {
    return process.files.lstat(path).type === 'symlink'
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}

function quietType(process: Process, path: string): string | undefined {
  try {
    return process.files.exists(path)?.type
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

function relativeTo(process: Process, source: string, link: string): string {
  const absolute = (path: string): string[] => normalize(path.startsWith('/') ? path : `${process.cwd()}/${path}`).split('/').filter((part) => part !== '')
  return relativePath(absolute(source), absolute(link).slice(0, -1))
}

function relativePath(to: readonly string[], from: readonly string[]): string {
  let shared = 0
  while (shared < to.length && shared < from.length && to[shared] === from[shared]) shared++
  return [...from.slice(shared).map(() => '..'), ...to.slice(shared)].join('/') || '.'
}

const link = defineProgram({
  name: 'link',
  flags: {},
  async run(process, { operands }) {
    const [a, b, c] = operands
    if (a === undefined) return usageFailure(process, 'missing operand')
    if (b === undefined) return usageFailure(process, `missing operand after ${quote(process, a)}`)
    if (c !== undefined) return usageFailure(process, `extra operand ${quote(process, c)}`)
    try {
      process.files.link(a, b)
      return 0
    } catch (error) {
      await complain(process, `cannot create link ${quoteName(b)} to ${quoteName(a)}: ${reason(error)}`)
      return 1
    }
  },
})

const unlink = defineProgram({
  name: 'unlink',
  flags: {},
  async run(process, { operands }) {
    const [path, extra] = operands
    if (path === undefined) return usageFailure(process, 'missing operand')
    if (extra !== undefined) return usageFailure(process, `extra operand ${quote(process, extra)}`)
    try {
      process.files.unlink(path)
      return 0
    } catch (error) {
      await complain(process, `cannot unlink ${quoteName(path)}: ${reason(error)}`)
      return 1
    }
  },
})

const readlink = defineProgram({
  name: 'readlink',
  flags: { canonicalize: flag('-f', '--canonicalize'), existing: flag('-e', '--canonicalize-existing'), missing: flag('-m', '--canonicalize-missing'), noNewline: flag('-n', '--no-newline'), quiet: flag('-q', '--quiet', '-s', '--silent'), verbose: flag('-v', '--verbose'), zero: flag('-z', '--zero') },
  async run(process, options) {
    if (options.operands.length === 0) return usageFailure(process, 'missing operand')
    const end = options.zero ? '\0' : options.noNewline && options.operands.length === 1 ? '' : '\n'
    let status = 0
    for (const path of options.operands) {
      try {
        const canonical = options.canonicalize || options.existing || options.missing
        await print(process, (canonical ? canonicalPath(process, path, options.existing ? 'all' : options.missing ? 'none' : 'parent') : process.files.readlink(path)) + end)
      } catch (error) {
        if (options.verbose) await complain(process, `${path}: ${reason(error)}`)
        else reason(error)
        status = 1
      }
    }
    return status
  },
})

/** realpath where the last component, or everything, may be missing. */
export function canonicalPath(process: Process, path: string, mustExist: 'all' | 'parent' | 'none'): string {
  try {
    return process.files.realpath(path)
  } catch (error) {
    if (mustExist === 'all' || !isErrno(error, 'ENOENT', 'ENOTDIR')) throw error
    if (path === '') throw error
    const absolute = normalize(path.startsWith('/') ? path : `${process.cwd()}/${path}`)
    if (isSymlink(process, absolute)) {
      const target = process.files.readlink(absolute)
      return canonicalPath(process, target.startsWith('/') ? target : `${absolute.slice(0, absolute.lastIndexOf('/'))}/${target}`, mustExist)
    }
    const parent = absolute.slice(0, absolute.lastIndexOf('/')) || '/'
    const name = absolute.slice(absolute.lastIndexOf('/') + 1)
    const real = mustExist === 'parent' ? process.files.realpath(parent) : canonicalPath(process, parent, 'none')
    return real === '/' ? `/${name}` : `${real}/${name}`
  }
}

const realpath = defineProgram({
  name: 'realpath',
  flags: { existing: flag('-e', '--canonicalize-existing'), missing: flag('-m', '--canonicalize-missing'), logical: flag('-L', '--logical'), physical: flag('-P', '--physical'), quiet: flag('-q', '--quiet'), strip: flag('-s', '--strip', '--no-symlinks'), zero: flag('-z', '--zero'), relativeTo: option('--relative-to'), relativeBase: option('--relative-base') },
  async run(process, options) {
    if (options.operands.length === 0) return usageFailure(process, 'missing operand')
    let status = 0
    for (const path of options.operands) {
      try {
        let real = options.strip ? normalize(path.startsWith('/') ? path : `${process.cwd()}/${path}`) : canonicalPath(process, path, options.existing ? 'all' : options.missing ? 'none' : 'parent')
        if (options.relativeTo !== undefined) real = relativePath(real.split('/').filter(Boolean), canonicalPath(process, options.relativeTo, 'none').split('/').filter(Boolean))
        await print(process, real + (options.zero ? '\0' : '\n'))
      } catch (error) {
        if (!options.quiet) await complain(process, `${path}: ${reason(error)}`)
        status = 1
      }
    }
    return status
  },
})

export const linkPrograms: readonly Program[] = [ln, link, unlink, readlink, realpath]
