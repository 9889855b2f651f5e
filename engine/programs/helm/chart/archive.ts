/** Charts in gzipped tar archives. */
import { concatBytes } from '#engine/base/bytes'
import { gunzip, gzip, isGzip } from '#engine/base/archive/gzip'
import { encodeEntry, readEntries } from '#engine/base/archive/ustar'
import type { ChartFile } from './types'
import { cleanPath } from './paths'

/** The files of an archive without their first directory. */
export function unpack(bytes: Uint8Array): ChartFile[] {
  if (!isGzip(bytes)) throw new Error('gzip: invalid header')
  const out: ChartFile[] = []
  for (const entry of readEntries(gunzip(bytes))) {
    if (entry.type === 'directory' || entry.type !== 'file') continue
    out.push({ name: insidePath(entry.name), data: withoutMark(entry.content) })
  }
  if (out.length === 0) throw new Error('no files in chart archive')
  return out
}

function insidePath(name: string): string {
  const parts = name.replaceAll('\\', '/').split('/')
  const inside = parts.slice(1).join('/')
  if (parts[0] === 'Chart.yaml') throw new Error('chart yaml not in base directory')
  if (inside === '') throw new Error('chart illegally contains content outside the base directory')
  const clean = cleanPath(inside)
  if (clean === '.') throw new Error('chart illegally contains content outside the base directory')
  if (clean === '..' || clean.startsWith('../')) throw new Error('chart illegally references parent directory')
  return clean
}

/** A byte order mark is no part of a file. */
export function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
}

export function pack(files: readonly ChartFile[], nowMs: number): Uint8Array {
  const entries = files.map(({ name, data }) => encodeEntry({ name, type: 'file', mode: 0o644, uid: 0, gid: 0, user: '', group: '', mtimeMs: nowMs, target: '', content: data }))
  return gzip(concatBytes([...entries, new Uint8Array(1024)]), { level: 6, mtimeMs: nowMs })
}
