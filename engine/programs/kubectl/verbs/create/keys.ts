/** `--from-literal`, `--from-file`, `--from-env-file` of config maps and secrets. */
import { isErrno } from '#engine/linux/abi/errno'
import { decodeUtf8 } from '#engine/base/bytes'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'

export type AddKey = (key: string, value: Uint8Array | string) => void

export const keyFormat = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

export function keyProblem(key: string): string | undefined {
  if (key.length > 253) return 'must be no more than 253 characters'
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) return keyFormat
  if (key === '.') return "must not be '.'"
  if (key === '..') return "must not be '..'"
  return key.startsWith('..') ? "must not start with '..'" : undefined
}

export function readSources(session: Session, what: 'config' | 'secret', add: AddKey): void {
  const { flags } = session
  if (flags.list('from-env-file').length > 0 && (flags.list('from-file').length > 0 || flags.list('from-literal').length > 0)) throw new CliError('from-env-file cannot be combined with from-file or from-literal')
  for (const source of flags.list('from-literal')) addLiteral(source, add)
  for (const source of flags.list('from-file')) addFile(session, source, add)
  for (const source of flags.list('from-env-file')) addEnvFile(session, source, what, add)
}

function addLiteral(source: string, add: AddKey): void {
  const equals = source.indexOf('=')
  if (equals < 0) throw new CliError(`invalid literal source ${source}, expected key=value`)
  if (equals === 0) throw new CliError(`invalid literal source ${source}, expected key=value`)
  add(source.slice(0, equals), source.slice(equals + 1))
}

export function splitFileSource(source: string): { key: string; path: string; named: boolean } {
  const count = source.split('=').length - 1
  if (count === 0) return { key: source.split('/').pop() as string, path: source, named: false }
  if (count === 1 && source.startsWith('=')) throw new CliError(`key name for file path ${source.slice(1)} missing`)
  if (count === 1 && source.endsWith('=')) throw new CliError(`file path for key name ${source.slice(0, -1)} missing`)
  if (count > 1) throw new CliError('key names or file paths cannot contain \'=\'')
  const [key = '', path = ''] = source.split('=')
  return { key, path, named: true }
}

function addFile(session: Session, source: string, add: AddKey): void {
  const { files } = session.process
  const { key, path, named } = splitFileSource(source)
  const stat = files.exists(path)
  if (!stat) throw new CliError(`error reading ${path}: no such file or directory`)
  if (stat.type !== 'directory') return add(key, readBytes(session, path))
  if (named) throw new CliError('cannot give a key name for a directory path')
  for (const entry of [...files.readDirectory(path)].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const inside = `${path.replace(/\/$/, '')}/${entry.name}`
    if (files.exists(inside)?.type === 'file' && entry.type === 'file') add(entry.name, readBytes(session, inside))
  }
}

function readBytes(session: Session, path: string): Uint8Array {
  try {
    return session.process.files.readFile(path)
  } catch (error) {
    if (isErrno(error)) throw new CliError(`open ${path}: ${error.message.toLowerCase()}`)
    throw error
  }
}

function addEnvFile(session: Session, path: string, what: string, add: AddKey): void {
  const stat = session.process.files.exists(path)
  if (!stat) throw new CliError(`error reading ${path}: no such file or directory`)
  if (stat.type === 'directory') throw new CliError(`env ${what} file cannot be a directory`)
  const lines = decodeUtf8(readBytes(session, path)).replace(/^\ufeff/, '').split('\n')
  for (const line of lines) {
    const text = line.replace(/\r$/, '').replace(/^\s+/, '')
    if (text === '' || text.startsWith('#')) continue
    const equals = text.indexOf('=')
    const key = equals < 0 ? text : text.slice(0, equals)
    if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(key))
      throw new CliError(`${JSON.stringify(key)} is not a valid key name: a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')`)
    add(key, equals < 0 ? (session.process.env.get(key) ?? '') : text.slice(equals + 1))
  }
}
