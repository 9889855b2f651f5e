/** Logins of registries, in the file that docker's clients use as well. */
import { decodeUtf8, encodeUtf8, fromBase64, toBase64 } from '#engine/base/bytes'
import type { Process } from '#engine/linux/abi/process'
import { directoryOf } from '#engine/programs/helm/chart/paths'
import type { Access } from './fetch'

interface Logins {
  auths?: Record<string, { auth?: string }>
}

function read(process: Process, path: string): Logins {
  return process.files.exists(path) ? (JSON.parse(process.files.readText(path)) as Logins) : {}
}

export function loginOf(process: Process, path: string, host: string): Access {
  const { auth } = read(process, path).auths?.[host] ?? {}
  if (!auth) return {}
  const [username = '', ...password] = decodeUtf8(fromBase64(auth)).split(':')
  return { username, password: password.join(':') }
}

export function keepLogin(process: Process, path: string, host: string, { username = '', password = '' }: Access): void {
  const logins = read(process, path)
  write(process, path, { ...logins, auths: { ...logins.auths, [host]: { auth: toBase64(encodeUtf8(`${username}:${password}`)) } } })
}

/** False where there was none. */
export function dropLogin(process: Process, path: string, host: string): boolean {
  const { auths = {}, ...rest } = read(process, path)
  if (!(host in auths)) return false
  write(process, path, { ...rest, auths: Object.fromEntries(Object.entries(auths).filter(([name]) => name !== host)) })
  return true
}

function write(process: Process, path: string, logins: Logins): void {
  process.files.mkdirAll(directoryOf(path))
  process.files.writeFile(path, `${JSON.stringify(logins, null, '\t')}`, 0o600)
}
