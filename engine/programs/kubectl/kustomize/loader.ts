/** Files of a kustomization: all below its root, unless the restriction is lifted. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { CliError } from '../session/errors'

export const fileNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization']
const maxDepth = 100

export class Loader {
  private constructor(
    private readonly process: Process,
    readonly root: string,
    private readonly parents: readonly string[],
    private readonly restricted: boolean,
  ) {}

  static at(process: Process, path: string, restricted: boolean): Loader {
    return new Loader(process, directoryAt(process, path.startsWith('/') ? path : joined(process.cwd(), path), path), [], restricted)
  }

  /** The loader of a base or component. */
  below(path: string): Loader {
    if (path === '') throw new CliError('new root cannot be empty')
    if (isRemote(path)) throw new CliError(`remote resources are not supported here: ${path}`)
    if (path.startsWith('/')) throw new CliError(`new root '${path}' cannot be absolute`)
    const root = directoryAt(this.process, joined(this.root, path))
    const above = [...this.parents, this.root]
    for (const ancestor of above) if (ancestor === root || ancestor.startsWith(`${root}/`)) throw new CliError(`cycle detected: candidate root '${root}' contains visited root '${ancestor}'`)
    if (above.length > maxDepth) throw new CliError('kustomizations are nested too deeply')
    return new Loader(this.process, root, above, this.restricted)
  }

  readText(path: string): string {
    return new TextDecoder().decode(this.read(path))
  }

  read(path: string): Uint8Array {
    if (isRemote(path)) throw new CliError(`remote resources are not supported here: ${path}`)
    const full = path.startsWith('/') ? path : joined(this.root, path)
    const real = realPath(this.process, full)
    if (this.process.files.stat(real).type === 'directory') throw new CliError(`'${full}' must resolve to a file`)
    if (this.restricted && !real.startsWith(`${this.root === '/' ? '' : this.root}/`)) throw new CliError(`security; file '${full}' is not in or below '${this.root}'`)
    return this.process.files.readFile(real)
  }

  exists(name: string): boolean {
    const stat = this.process.files.exists(joined(this.root, name))
    return stat !== undefined && stat.type !== 'directory'
  }
}

export function isRemote(path: string): boolean {
  return /^(?:https?|ssh|git|file):\/\//.test(path) || /^(?:git@|github\.com\/|[\w.-]+@[\w.-]+:)/.test(path) || path.includes('?ref=')
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
