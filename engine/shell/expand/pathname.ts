/** Pathname expansion. */
import { isErrno } from '#engine/linux/abi/errno'
import type { DirectoryEntry } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { globRegExp, hasGlob, unescapeGlob } from '#engine/shell/patterns/glob'

export interface PathnameOptions {
  readonly extglob: boolean
  readonly dotglob: boolean
  readonly globstar: boolean
  readonly ignoreCase: boolean
}

const maxResults = 200_000

/** Names that match, sorted; none where nothing does. */
export function expandPathname(process: Process, pattern: string, options: PathnameOptions): string[] {
  const components = splitComponents(pattern)
  const trailing = pattern.endsWith('/') && components.length > 0
  let found = [/^\/+/.exec(pattern)?.[0] ?? '']
  for (const [index, component] of components.entries()) {
    const last = index === components.length - 1 && !trailing
    found = found.flatMap((base) => (component === '**' && options.globstar ? globstar(process, base, last) : step(process, base, component, last, options)))
    if (found.length === 0 || found.length > maxResults) return []
  }
  if (trailing) found = found.filter((name) => isDirectory(process, name)).map((name) => (name.endsWith('/') ? name : `${name}/`))
  return found.filter((name) => name !== '').sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

function splitComponents(pattern: string): string[] {
  const out: string[] = []
  let current = ''
  let depth = 0
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i] as string
    if (c === '\\') current += c + (pattern[++i] ?? '')
    else if (c === '/' && depth === 0) {
      if (current !== '') out.push(current)
      current = ''
    } else {
      if (c === '(') depth++
      if (c === ')' && depth > 0) depth--
      current += c
    }
  }
  if (current !== '') out.push(current)
  return out
}

function step(process: Process, base: string, component: string, last: boolean, options: PathnameOptions): string[] {
  if (!hasGlob(component, options.extglob)) {
    const path = join(base, unescapeGlob(component))
    return present(process, path, last) ? [path] : []
  }
  const wanted = namesWanted(component, options)
  const leads = (entry: DirectoryEntry): boolean => last || entry.type === 'directory' || (entry.type === 'symlink' && isDirectory(process, join(base, entry.name)))
  return list(process, base).filter((entry) => wanted(entry.name) && leads(entry)).map((entry) => join(base, entry.name))
}

/** Names that begin with a dot match only a pattern that does, or with `dotglob`. */
function namesWanted(component: string, options: PathnameOptions): (name: string) => boolean {
  const regex = globRegExp(component, { extglob: options.extglob, ignoreCase: options.ignoreCase })
  const dotted = options.dotglob || /^\\?\./.test(component) || (options.extglob && /^[@?*+]\((?:[^)]*\|)?\\?\./.test(component))
  return (name) => name !== '.' && name !== '..' && (dotted || !name.startsWith('.')) && regex.test(name)
}

function globstar(process: Process, base: string, last: boolean): string[] {
  const out: string[] = last && base !== '' ? [base.endsWith('/') ? base : `${base}/`] : last ? [] : [base]
  const walk = (directory: string): void => {
    for (const entry of list(process, directory)) {
      if (entry.name.startsWith('.') || out.length > maxResults) continue
      const path = join(directory, entry.name)
      if (last || entry.type === 'directory') out.push(path)
      if (entry.type === 'directory') walk(path)
    }
  }
  walk(base)
  return out
}

function join(base: string, name: string): string {
  return base === '' ? name : base.endsWith('/') ? base + name : `${base}/${name}`
}

function list(process: Process, directory: string): DirectoryEntry[] {
  try {
    return process.files.readDirectory(directory === '' ? '.' : directory)
  } catch (error) {
    if (isErrno(error)) return []
    throw error
  }
}

function present(process: Process, path: string, last: boolean): boolean {
  try {
    if (last) process.files.lstat(path)
    else if (process.files.stat(path).type !== 'directory') return false
    return true
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}

function isDirectory(process: Process, path: string): boolean {
  try {
    return process.files.stat(path).type === 'directory'
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}
