/** Files of a kustomization: all below its root, unless the restriction is lifted. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { CliError } from '../session/errors'
import { isRepository, isUrl, noGit, type Remote } from './remote'

export const fileNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization']
const maxDepth = 100

export interface BuildOptions {
  /** Files may lie outside of the root. */
  readonly unrestricted?: boolean
  /** Plugins that are no part of kustomize are looked for. */
  readonly plugins?: boolean
  readonly helm?: { readonly command: string }
}

/** What one build shares, however deep its bases lie. */
export interface Build {
  readonly process: Process
  readonly options: BuildOptions
  readonly remote: Remote
  readonly warn: (text: string) => void
  /** A line of the log. */
  readonly note: (text: string) => void
}

export class Loader {
  private constructor(
    readonly build: Build,
    readonly root: string,
    private readonly parents: readonly string[],
    /** The way here from the first root, as written. */
    readonly origin: string,
  ) {}

  static at(build: Build, path: string): Loader {
    if (isRepository(path)) throw noGit(build.process)
    return new Loader(build, directoryAt(build.process, path.startsWith('/') ? path : joined(build.process.cwd(), path), path), [], '')
  }

  /** The loader of a base or component. */
  below(path: string): Loader {
    if (path === '') throw new CliError('new root cannot be empty')
    if (isRepository(path)) throw noGit(this.build.process)
    if (path.startsWith('/')) throw new CliError(`new root '${path}' cannot be absolute`)
    const root = directoryAt(this.build.process, joined(this.root, path))
    const above = [this.root, ...this.parents]
    for (const ancestor of above) if (ancestor === root || ancestor.startsWith(`${root}/`)) throw new CliError(`cycle detected: candidate root '${root}' contains visited root '${ancestor}'`)
    if (above.length > maxDepth) throw new CliError('kustomizations are nested too deeply')
    return new Loader(this.build, root, above, relative(this.origin, path))
  }

  readText(path: string): string {
    return new TextDecoder().decode(this.read(path))
  }

  read(path: string): Uint8Array {
    if (isUrl(path)) return this.build.remote.read(path)
    const { process } = this.build
    const full = path.startsWith('/') ? path : joined(this.root, path)
    const real = realPath(process, full)
    if (process.files.stat(real).type === 'directory') throw new CliError(`'${full}' must resolve to a file`)
    if (!this.build.options.unrestricted && !real.startsWith(`${this.root === '/' ? '' : this.root}/`)) throw new CliError(`security; file '${full}' is not in or below '${this.root}'`)
    return process.files.readFile(real)
  }

  exists(name: string): boolean {
    const stat = this.build.process.files.exists(joined(this.root, name))
    return stat !== undefined && stat.type !== 'directory'
  }

  /** A file of this root as the first root would write it. */
  originOf(path: string): string {
    return relative(this.origin, path)
  }
}

function relative(base: string, path: string): string {
  const out: string[] = []
  for (const part of `${base}/${path}`.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && out.length > 0 && out.at(-1) !== '..') out.pop()
    else out.push(part)
  }
  return out.join('/')
}

function directoryAt(process: Process, full: string, asGiven = full): string {
  let real: string
  try {
    real = realPath(process, full, asGiven)
  } catch (error) {
    if (error instanceof CliError) throw new CliError(`must build at directory: not a valid directory: ${error.message}`)
    throw error
  }
  if (process.files.stat(real).type !== 'directory') throw new CliError(`must build at directory: '${asGiven}': file is not directory`)
  return real
}

function realPath(process: Process, full: string, asGiven = full): string {
  try {
    return process.files.realpath(full)
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new CliError(`evalsymlink failure on '${asGiven}' : lstat ${firstMissing(process, full)}: ${error.message.toLowerCase().replace(/^.*: /, '')}`)
  }
}

function firstMissing(process: Process, path: string): string {
  const parts = path.split('/')
  for (let count = 2; count < parts.length; count++) if (!process.files.exists(parts.slice(0, count).join('/'))) return parts.slice(0, count).join('/')
  return path
}

export function joined(base: string, path: string): string {
  const out: string[] = []
  for (const part of `${base}/${path}`.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') out.pop()
    else out.push(part)
  }
  return `/${out.join('/')}`
}
