/** The tar format: ustar headers with GNU's long names. */
import { concatBytes } from '#engine/base/bytes'
import { decodeLossless, encodeLossless } from '#engine/base/lossless'

export interface TarEntry {
  readonly name: string
  readonly type: 'file' | 'directory' | 'symlink' | 'link' | 'fifo' | 'character' | 'block'
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly user: string
  readonly group: string
  readonly mtimeMs: number
  readonly target: string
  readonly content: Uint8Array
  /** Where the entry begins in the archive. */
  readonly offset?: number
}

export class TarProblem extends Error {}

const flags = { file: '0', link: '1', symlink: '2', character: '3', block: '4', directory: '5', fifo: '6' } as const

function octal(value: number, width: number): string {
  return `${Math.max(0, Math.floor(value)).toString(8).padStart(width - 1, '0')}\0`
}

export function encodeEntry(entry: TarEntry): Uint8Array {
  const parts: Uint8Array[] = []
  const name = encodeLossless(entry.name)
  const target = encodeLossless(entry.target)
  if (target.length > 100) parts.push(header('././@LongLink', 'K', target.length + 1, { ...entry, mode: 0, uid: 0, gid: 0, mtimeMs: 0, target: '' }), padded(concatBytes([target, new Uint8Array(1)])))
  if (name.length > 100) parts.push(header('././@LongLink', 'L', name.length + 1, { ...entry, mode: 0, uid: 0, gid: 0, mtimeMs: 0, target: '' }), padded(concatBytes([name, new Uint8Array(1)])))
  parts.push(header(entry.name, flags[entry.type], entry.content.length, entry), padded(entry.content))
  return concatBytes(parts)
}

function header(name: string, flag: string, size: number, entry: TarEntry): Uint8Array {
  const out = new Uint8Array(512)
  const put = (at: number, text: string, max: number): void => out.set(encodeLossless(text).subarray(0, max), at)
  put(0, name, 100)
  put(100, octal(entry.mode & 0o7777, 8), 8)
  put(108, octal(entry.uid, 8), 8)
  put(116, octal(entry.gid, 8), 8)
  put(124, octal(size, 12), 12)
  put(136, octal(entry.mtimeMs / 1000, 12), 12)
  put(148, '        ', 8)
  put(156, flag, 1)
  put(157, entry.target, 100)
  put(257, 'ustar  \0', 8)
  put(265, entry.user, 32)
  put(297, entry.group, 32)
  const sum = out.reduce((total, byte) => total + byte, 0)
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `, 8)
  return out
}

function padded(content: Uint8Array): Uint8Array {
  const rest = content.length % 512
  return rest === 0 ? content : concatBytes([content, new Uint8Array(512 - rest)])
}

/** The end of an archive, filled up to a record of 10 KiB. */
export function trailer(length: number): Uint8Array {
  const end = length + 1024
  return new Uint8Array(Math.ceil(end / 10240) * 10240 - length)
}

/** Long names and targets that come before the entry they belong to. */
interface Extended {
  name?: string | undefined
  target?: string | undefined
}

export function* readEntries(bytes: Uint8Array): Generator<TarEntry> {
  let extended: Extended = {}
  for (let at = 0; at + 512 <= bytes.length; ) {
    const block = bytes.subarray(at, at + 512)
    if (block.every((byte) => byte === 0)) return
    if (!isHeader(block)) throw new TarProblem(at === 0 ? 'This does not look like a tar archive' : 'Skipping to next header')
    const size = number(block, 124, 12)
    const flag = String.fromCharCode(block[156] as number)
    const content = bytes.subarray(at + 512, at + 512 + size)
    if (at + 512 + size > bytes.length) throw new TarProblem('Unexpected EOF in archive')
    const offset = at
    at += 512 + Math.ceil(size / 512) * 512
    if ('LKxg'.includes(flag)) extend(extended, flag, content)
    else {
      yield entryOf(block, flag, content, offset, extended.name, extended.target)
      extended = {}
    }
  }
  if (bytes.length > 0 && bytes.length < 512) throw new TarProblem('This does not look like a tar archive')
}

function extend(extended: Extended, flag: string, content: Uint8Array): void {
  if (flag === 'L') extended.name = text(content, 0, content.length)
  else if (flag === 'K') extended.target = text(content, 0, content.length)
  else if (flag === 'x') {
    const records = paxRecords(content)
    extended.name = records.get('path') ?? extended.name
    extended.target = records.get('linkpath') ?? extended.target
  }
}

function entryOf(block: Uint8Array, flag: string, content: Uint8Array, offset: number, longName: string | undefined, longTarget: string | undefined): TarEntry {
  const prefix = text(block, 257, 6) === 'ustar' && block[262] === 0 ? text(block, 345, 155) : ''
  const name = longName ?? (prefix === '' ? text(block, 0, 100) : `${prefix}/${text(block, 0, 100)}`)
  const type = (Object.entries(flags).find(([, letter]) => letter === flag)?.[0] ?? (name.endsWith('/') ? 'directory' : 'file')) as TarEntry['type']
  return { name, type, mode: number(block, 100, 8) & 0o7777, uid: number(block, 108, 8), gid: number(block, 116, 8), user: text(block, 265, 32), group: text(block, 297, 32), mtimeMs: number(block, 136, 12) * 1000, target: longTarget ?? text(block, 157, 100), content, offset }
}

function isHeader(block: Uint8Array): boolean {
  let sum = 0
  for (let i = 0; i < 512; i++) sum += i >= 148 && i < 156 ? 32 : (block[i] as number)
  return sum === number(block, 148, 8)
}

function text(block: Uint8Array, at: number, length: number): string {
  const piece = block.subarray(at, at + length)
  const end = piece.indexOf(0)
  return decodeLossless(end < 0 ? piece : piece.subarray(0, end))
}

function number(block: Uint8Array, at: number, length: number): number {
  if ((block[at] as number) & 0x80) {
    let value = 0
    for (let i = 1; i < length; i++) value = value * 256 + (block[at + i] as number)
    return value
  }
  return Number.parseInt(text(block, at, length).trim() || '0', 8) || 0
}

function paxRecords(content: Uint8Array): Map<string, string> {
  const out = new Map<string, string>()
  let at = 0
  while (at < content.length) {
    const space = content.indexOf(32, at)
    const length = Number(decodeLossless(content.subarray(at, space)))
    if (space < 0 || !length) break
    const record = decodeLossless(content.subarray(space + 1, at + length - 1))
    out.set(record.slice(0, record.indexOf('=')), record.slice(record.indexOf('=') + 1))
    at += length
  }
  return out
}

