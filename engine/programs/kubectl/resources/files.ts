/** `-f`: files, folders, addresses and standard input. */
import { concatBytes, decodeUtf8 } from '#engine/base/bytes'
import { emptyBody } from '#engine/base/http'
import { ConnectionError, dialFailure } from '#engine/client/errors'
import { isErrno } from '#engine/linux/abi/errno'
import type { Session } from '../session/session'
import { CliError } from '../session/errors'

export interface Source {
  readonly name: string
  read(): Promise<string>
}

const extensions = ['.json', '.yaml', '.yml']

export interface FoundSources {
  readonly sources: readonly Source[]
  readonly errors: readonly Error[]
  /** A folder or a stream was given, so one object may become several. */
  readonly several: boolean
}

export function findSources(session: Session, names: readonly string[], recursive: boolean): FoundSources {
  const sources: Source[] = []
  const errors: Error[] = []
  let several = false
  for (const name of names) {
    if (name === '-') {
      several = true
      sources.push({ name: 'STDIN', read: async () => await session.process.stdin.text() })
    } else if (name.startsWith('http://') || name.startsWith('https://')) {
      several = true
      sources.push({ name, read: () => readUrl(session, name) })
    } else several = fromPath(session, name, recursive, sources, errors) || several
  }
  return { sources, errors, several }
}

function fromPath(session: Session, path: string, recursive: boolean, sources: Source[], errors: Error[]): boolean {
  const { files } = session.process
  const stat = files.exists(path)
  if (!stat) {
    errors.push(new CliError(`the path ${JSON.stringify(path)} does not exist`))
    return false
  }
  if (stat.type !== 'directory') {
    sources.push({ name: path, read: stat.type === 'file' ? () => Promise.resolve(readPath(session, path)) : () => readStream(session, path) })
    return false
  }
  const found: string[] = []
  try {
    walk(session, path, recursive, found, 0)
  } catch (error) {
    errors.push(new CliError(`error reading ${JSON.stringify(path)}: open ${path}: ${(error as Error).message.toLowerCase()}`))
    return true
  }
  if (found.length === 0) errors.push(new CliError(`error reading [${path}]: recognized file extensions are [${extensions.join(' ')}]`))
  for (const file of found) sources.push({ name: file, read: () => Promise.resolve(readPath(session, file)) })
  return true
}

function walk(session: Session, directory: string, recursive: boolean, found: string[], depth: number): void {
  if (depth > 64) throw new CliError(`error reading ${JSON.stringify(directory)}: too many levels of directories`)
  const entries = [...session.process.files.readDirectory(directory)].sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    if (entry.name === '.' || entry.name === '..') continue
    const path = `${directory.replace(/\/$/, '').replace(/^\.\//, '')}/${entry.name}`.replace(/^\.\//, '')
    if (entry.type === 'directory') {
      if (recursive) walk(session, path, recursive, found, depth + 1)
    } else if (extensions.some((extension) => entry.name.endsWith(extension))) found.push(path)
  }
}

export function readPath(session: Session, path: string): string {
  try {
    return session.process.files.readText(path)
  } catch (error) {
    if (isErrno(error)) throw new CliError(`open ${path}: ${error.message.toLowerCase()}`)
    throw error
  }
}

/** A pipe or a terminal, read to its end. */
async function readStream(session: Session, path: string): Promise<string> {
  const file = session.process.files.open(path, { read: true })
  const pieces: Uint8Array[] = []
  for (let piece = await file.read(); piece; piece = await file.read()) pieces.push(piece)
  file.release()
  return decodeUtf8(concatBytes(pieces))
}

async function readUrl(session: Session, address: string): Promise<string> {
  const url = new URL(address)
  const secure = url.protocol === 'https:'
  const target = { host: url.hostname, port: url.port === '' ? (secure ? 443 : 80) : Number(url.port) }
  const response = await session.process.net.request(target, { method: 'GET', path: `${url.pathname}${url.search}`, headers: {}, body: emptyBody }, secure ? { tls: {} } : {}).catch((error: unknown) => {
    if ((error as Error).name === 'ProcessKilled') throw error
    throw new ConnectionError('GET', address, error, dialFailure(error, target.host, target.port))
  })
  if (response.status !== 200) throw new CliError(`unable to read URL ${JSON.stringify(address)}, server reported ${response.status} ${statusWords[response.status] ?? ''}, status code=${response.status}`)
  return await response.body.text()
}

const statusWords: Readonly<Record<number, string>> = { 301: 'Moved Permanently', 302: 'Found', 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 500: 'Internal Server Error', 502: 'Bad Gateway', 503: 'Service Unavailable' }
