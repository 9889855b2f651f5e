/** A directory whose content changes all at once: files in a dated directory, a `..data` link to it, and links to `..data`. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Files } from '#engine/linux/abi/files'

export interface Payload { readonly path: string; readonly data: Uint8Array; readonly mode: number; readonly uid?: number }

export function writeAtomically(files: Files, directory: string, payload: readonly Payload[], nowMs: number): void {
  const old = readLink(files, `${directory}/..data`)
  if (old !== undefined && unchanged(files, `${directory}/${old}`, payload)) return
  const dated = `..${stamp(nowMs)}`
  const target = `${directory}/${dated}`
  files.mkdirAll(target, 0o755)
  files.chmod(target, 0o755)
  for (const item of payload) {
    const path = `${target}/${item.path}`
    files.mkdirAll(path.slice(0, path.lastIndexOf('/')), 0o755)
    files.writeFile(path, item.data, item.mode)
    files.chmod(path, item.mode)
    if (item.uid !== undefined) files.chown(path, item.uid, 0)
  }
  files.symlink(dated, `${directory}/..data_tmp`)
  files.rename(`${directory}/..data_tmp`, `${directory}/..data`)
  linkVisible(files, directory, payload)
  if (old !== undefined) files.removeAll(`${directory}/${old}`)
}

/** Top names are links into `..data`; those of removed keys go. */
function linkVisible(files: Files, directory: string, payload: readonly Payload[]): void {
  const names = new Set(payload.map((item) => item.path.split('/')[0] ?? ''))
  for (const entry of files.readDirectory(directory)) {
    if (entry.name.startsWith('..') || names.has(entry.name)) continue
    if (entry.type === 'symlink') files.unlink(`${directory}/${entry.name}`)
  }
  for (const name of names) if (readLink(files, `${directory}/${name}`) === undefined) files.symlink(`..data/${name}`, `${directory}/${name}`)
}

function readLink(files: Files, path: string): string | undefined {
  try {
    return files.readlink(path)
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

function unchanged(files: Files, directory: string, payload: readonly Payload[]): boolean {
  const present = listFiles(files, directory, '')
  if (present.length !== payload.length) return false
  return payload.every((item) => {
    const stat = files.exists(`${directory}/${item.path}`)
    if (stat?.size !== item.data.length) return false
    const bytes = files.readFile(`${directory}/${item.path}`)
    return bytes.every((byte, index) => byte === item.data[index])
  })
}

function listFiles(files: Files, directory: string, prefix: string): string[] {
  return files.readDirectory(directory).flatMap((entry) => (entry.type === 'directory' ? listFiles(files, `${directory}/${entry.name}`, `${prefix}${entry.name}/`) : [`${prefix}${entry.name}`]))
}

/** `2026_11_21_09_26_02.123456789`. */
function stamp(ms: number): string {
  const iso = new Date(Math.floor(ms)).toISOString()
  return `${iso.slice(0, 19).replace(/[-T:]/g, '_')}.${iso.slice(20, 23)}${String(Math.floor((ms % 1) * 1e6)).padStart(6, '0')}`
}
