/** What a kustomization takes from elsewhere: files over HTTP, and repositories, which need git. */
import { findExecutable } from '../plugins'
import type { Process } from '#engine/linux/abi/process'
import { CliError } from '../session/errors'

/** Files that were fetched. A build is sync; what it lacks it throws, and begins anew with the answer. */
export class Remote {
  private readonly answers = new Map<string, Uint8Array | CliError>()

  read(url: string): Uint8Array {
    const answer = this.answers.get(url)
    if (answer === undefined) throw new NeedsRemote(url)
    if (answer instanceof CliError) throw answer
    return answer
  }

  keep(url: string, answer: Uint8Array | CliError): void {
    this.answers.set(url, answer)
  }
}

export class NeedsRemote extends Error {
  constructor(readonly url: string) {
    super(`${url} is not fetched yet`)
  }
}

export function isUrl(path: string): boolean {
  return /^https?:\/\//.test(path)
}

/** Whether kustomize would clone it: a host, and two parts of a path at least or a mark where the repository ends. */
export function isRepository(path: string): boolean {
  if (path.startsWith('/')) return false
  const rest = afterHost(path.split('?')[0]?.replace(/^git::/, '') ?? '')
  if (rest === undefined) return false
  const marked = /^(.+?)\/\/|^(.*_git\/[^/]+)|^(.+?\.git)(?:\/|$)/.test(rest)
  return marked || rest.split('/').filter((part) => part !== '').length >= 2
}

/** The path in the repository's address; undefined where it names no host. */
function afterHost(path: string): string | undefined {
  const scheme = /^(?:ssh|https?|file):\/\//i.exec(path)?.[0] ?? ''
  if (scheme === '' && path.includes('://')) return undefined
  const user = /^[a-zA-Z][a-zA-Z0-9-]*@/.exec(path.slice(scheme.length))?.[0] ?? ''
  const rest = path.slice(scheme.length + user.length)
  const github = /^(?:www\.)?github\.com[:/]?/i.exec(rest)?.[0]
  if (scheme.toLowerCase() === 'file://') return rest
  if (github !== undefined) return rest.slice(github.length)
  if (scheme === '' && user === '') return undefined
  const end = rest.search(scheme === '' ? /[:/]/ : /\//)
  return end <= 0 ? undefined : rest.slice(end + 1)
}

export function noGit(process: Process): CliError {
  const found = findExecutable(process, 'git')
  return new CliError(found === undefined ? `no 'git' program on path: exec: "git": executable file not found in $PATH` : `repositories are not cloned here: ${found}`)
}
