/** `[[namespace/]pod:]path`, and paths by their text alone. */
import type { Container, Pod } from '#engine/api/kinds'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { pods, type Session } from '#engine/programs/kubectl/session/session'
import { refuseCompleted } from '../exec/exec'
import { findOrDefaultContainer } from '../pods'

export interface LocalSpec {
  readonly file: string
}

export interface RemoteSpec extends LocalSpec {
  readonly namespace: string
  readonly pod: string
}

const mismatch = 'filespec must match the canonical format: [[namespace/]pod:]file/path'

export function parseFileSpec(text: string): LocalSpec | RemoteSpec {
  const colon = text.indexOf(':')
  if (colon === 0) throw new CliError(mismatch)
  if (colon < 0) return { file: text }
  const pieces = text.slice(0, colon).split('/')
  if (pieces.length > 2) throw new CliError(mismatch)
  const pod = pieces.at(-1) ?? ''
  return { namespace: pieces.length === 2 ? (pieces[0] ?? '') : '', pod, file: text.slice(colon + 1) }
}

export function isRemote(spec: LocalSpec | RemoteSpec): spec is RemoteSpec {
  return 'pod' in spec && spec.pod !== ''
}

/** The running pod, and the container meant; `quiet` keeps the word on the default one. */
export async function targetOf(session: Session, spec: RemoteSpec, quiet: boolean): Promise<{ pod: Pod; container: Container['name'] }> {
  const found = await session.get<Pod>(pods, spec.namespace === '' ? session.namespace : spec.namespace, spec.pod)
  refuseCompleted(found)
  const named = session.flags.string('container')
  return { pod: found, container: named === '' ? (await findOrDefaultContainer(session, found, '', quiet)).name : named }
}

/** Without `.`, `..` and doubled slashes, as Go's path.Clean. */
export function cleanPath(path: string): string {
  const rooted = path.startsWith('/')
  const out: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && out.length > 0 && out.at(-1) !== '..') out.pop()
    else if (part !== '..' || !rooted) out.push(part)
  }
  const text = out.join('/')
  return rooted ? `/${text}` : text === '' ? '.' : text
}

export function baseName(path: string): string {
  const clean = path.replace(/\/+$/, '')
  if (clean === '') return path === '' ? '.' : '/'
  return clean.slice(clean.lastIndexOf('/') + 1)
}

export function directoryName(path: string): string {
  const slash = path.lastIndexOf('/')
  return cleanPath(slash < 0 ? '' : path.slice(0, slash + 1))
}

export function joinPath(...parts: readonly string[]): string {
  const given = parts.filter((part) => part !== '')
  return given.length === 0 ? '' : cleanPath(given.join('/'))
}
