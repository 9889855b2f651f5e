/** What GNU programs share: quoting in messages, complaints, inputs as bytes, texts and lines. */
import { decodeLossless, encodeLossless } from '#engine/base/lossless'
import { concatBytes } from '#engine/base/bytes'
import { Errno, isErrno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { complaintLine, isBusybox } from '#engine/programs/common/busybox'
import { HeldMemory } from '#engine/programs/common/held-memory'

/** As gnulib's shell-escape-always: `'name'`, `"it's"`, `'a'$'\n''b'`. */
export function quoteName(text: string): string {
  if (!text.includes("'") && !/[\x00-\x1f\x7f]/.test(text)) return `'${text}'`
  if (!/[\x00-\x1f\x7f"$`\\!]/.test(text)) return `"${text}"`
  return `'${text.replace(/'/g, "'\\''").replace(/[\x00-\x1f\x7f]+/g, (run) => `'$'${[...run].map(escapeControl).join('')}''`)}'`
}

function escapeControl(c: string): string {
  const known: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\x07': '\\a', '\b': '\\b', '\f': '\\f', '\v': '\\v' }
  return known[c] ?? `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`
}

export function isUtf8(process: Process): boolean {
  return /utf-?8/i.test(process.env.get('LC_ALL') || process.env.get('LC_CTYPE') || process.env.get('LANG') || '')
}

/** As gnulib's quote(): ‘thus’ in a UTF-8 locale, 'thus' elsewhere. */
export function quote(process: Process, text: string): string {
  return isUtf8(process) ? `‘${text}’` : `'${text}'`
}

export function programName(process: Process): string {
  return process.argv[0] ?? ''
}

export async function complain(process: Process, message: string): Promise<void> {
  await process.stderr.write(encodeLossless(complaintLine(process, programName(process), message)))
}

/** Wrong usage found after the flags: the message and where to look. */
export async function usageFailure(process: Process, message: string, status = 1): Promise<number> {
  const name = programName(process)
  if (isBusybox(process)) return complain(process, message).then(() => 1)
  await process.stderr.write(encodeLossless(`${name}: ${message}\nTry '${name} --help' for more information.\n`))
  return status
}

/** strerror's text of what was thrown; anything but an Errno passes. */
export function reason(error: unknown): string {
  if (isErrno(error)) return error.message
  throw error
}

export async function print(process: Process, text: string): Promise<void> {
  if (text !== '') await process.stdout.write(encodeLossless(text))
}

/** Collects output and hands it over in large pieces. */
export class Output {
  private parts: string[] = []
  private size = 0

  constructor(private readonly process: Process) {}

  async write(text: string): Promise<void> {
    this.parts.push(text)
    this.size += text.length
    if (this.size > 16384) await this.flush()
  }

  async flush(): Promise<void> {
    if (this.parts.length === 0) return
    const text = this.parts.join('')
    this.parts = []
    this.size = 0
    await print(this.process, text)
  }
}

/** An input by name; `-` is standard input. */
export function openInput(process: Process, name: string): { file: OpenFile; close(): void } {
  if (name === '-') return { file: process.descriptor(0), close: () => undefined }
  const file = process.files.open(name, { read: true })
  if (file.kind === 'directory') {
    file.release()
    throw new Errno('EISDIR', name)
  }
  return { file, close: () => file.release() }
}

export async function* inputChunks(process: Process, name: string): AsyncGenerator<Uint8Array> {
  const { file, close } = openInput(process, name)
  try {
    for (;;) {
      const piece = await file.read(65536)
      if (piece === null) return
      if (piece.length > 0) yield piece
    }
  } finally {
    close()
  }
}

export async function readInput(process: Process, name: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  const held = new HeldMemory(process)
  for await (const piece of inputChunks(process, name)) {
    parts.push(piece)
    held.grow(piece.length)
  }
  held.release()
  return concatBytes(parts)
}

export async function readInputText(process: Process, name: string): Promise<string> {
  return decodeLossless(await readInput(process, name))
}

/** Lines with their terminator, as they come. */
export async function* inputLines(process: Process, name: string, terminator = 10): AsyncGenerator<string> {
  let rest: Uint8Array[] = []
  const held = new HeldMemory(process)
  for await (const piece of inputChunks(process, name)) {
    let from = 0
    for (let at = piece.indexOf(terminator); at >= 0; at = piece.indexOf(terminator, from)) {
      const line = piece.subarray(from, at + 1)
      yield decodeLossless(rest.length > 0 ? concatBytes([...rest, line]) : line)
      if (rest.length > 0) held.release()
      rest = []
      from = at + 1
    }
    if (from < piece.length) {
      rest.push(piece.slice(from))
      held.grow(piece.length - from)
    }
  }
  if (rest.length > 0) yield decodeLossless(concatBytes(rest))
}

/** Lines of a whole text without terminators; a missing last newline makes no difference. */
export function splitLines(text: string, terminator = '\n'): string[] {
  if (text === '') return []
  const lines = text.split(terminator)
  if (lines[lines.length - 1] === '') lines.pop()
  return lines
}

/** Columns a text takes on a terminal. */
export function displayWidth(text: string): number {
  let width = 0
  for (const c of text) {
    const code = c.codePointAt(0) as number
    if (code >= 0xdc80 && code <= 0xdcff) width++
    else if (/\p{M}/u.test(c)) continue
    else width += code >= 0x1100 && (code <= 0x115f || (code >= 0x2e80 && code <= 0xa4cf) || (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff) || (code >= 0xfe30 && code <= 0xfe6f) || (code >= 0xff00 && code <= 0xff60) || (code >= 0x1f300 && code <= 0x1faff)) ? 2 : 1
  }
  return width
}

/** `/etc/passwd` and `/etc/group`, read when asked. */
export class Accounts {
  private users: Map<number, string> | undefined
  private groupNames: Map<number, string> | undefined

  constructor(private readonly process: Process) {}

  user(uid: number): string | undefined {
    this.users ??= this.read('/etc/passwd')
    return this.users.get(uid)
  }

  group(gid: number): string | undefined {
    this.groupNames ??= this.read('/etc/group')
    return this.groupNames.get(gid)
  }

  userId(name: string): number | undefined {
    return this.find('/etc/passwd', name)
  }

  groupId(name: string): number | undefined {
    return this.find('/etc/group', name)
  }

  /** The primary group of a user. */
  loginGroup(name: string): number | undefined {
    const line = this.lines('/etc/passwd').find((fields) => fields[0] === name)
    return line ? Number(line[3]) : undefined
  }

  /** Groups that name the user as a member. */
  memberships(name: string): number[] {
    return this.lines('/etc/group').filter((fields) => (fields[3] ?? '').split(',').includes(name)).map((fields) => Number(fields[2]))
  }

  private find(path: string, name: string): number | undefined {
    const line = this.lines(path).find((fields) => fields[0] === name)
    return line ? Number(line[2]) : undefined
  }

  private read(path: string): Map<number, string> {
    const out = new Map<number, string>()
    for (const fields of this.lines(path)) if (fields[0] && !out.has(Number(fields[2]))) out.set(Number(fields[2]), fields[0])
    return out
  }

  private lines(path: string): string[][] {
    try {
      return this.process.files.readText(path).split('\n').filter((line) => line.includes(':')).map((line) => line.split(':'))
    } catch (error) {
      if (isErrno(error)) return []
      throw error
    }
  }
}

/** `-rwxr-xr-x`. */
export function modeString(type: string, mode: number): string {
  const kind = type === 'directory' ? 'd' : type === 'symlink' ? 'l' : type === 'fifo' ? 'p' : type === 'socket' ? 's' : type === 'character' ? 'c' : type === 'block' ? 'b' : '-'
  const bits = (shift: number, special: number, letter: string): string => {
    const part = mode >> shift
    const execute = part & 1
    return `${part & 4 ? 'r' : '-'}${part & 2 ? 'w' : '-'}${mode & special ? (execute ? letter : letter.toUpperCase()) : execute ? 'x' : '-'}`
  }
  return kind + bits(6, 0o4000, 's') + bits(3, 0o2000, 's') + bits(0, 0o1000, 't')
}

/** 1536 -> 1.5K as ls -h and du -h: rounded up. */
export function humanSize(bytes: number, base: 1024 | 1000 = 1024): string {
  const units = base === 1024 ? 'KMGTPE' : 'kMGTPE'
  if (bytes < base) return String(bytes)
  let value = bytes
  let unit = -1
  while (value >= base && unit < units.length - 1) {
    value /= base
    unit++
  }
  let text = value < 10 ? (Math.ceil(value * 10 - 1e-9) / 10).toFixed(1) : String(Math.ceil(value - 1e-9))
  if (text === '10.0') text = '10'
  if (Number(text) >= base && unit < units.length - 1) text = `1.0`, unit++
  return text + units.charAt(unit)
}

/** A size argument: `10`, `4k`, `1M`, `2KB`, `5b`. Undefined where it is none. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+)(?:(b)|([kKmMgGtTpPeE])(iB|B)?)?$/.exec(text)
  if (!match) return undefined
  const number = Number(match[1])
  if (match[2]) return number * 512
  if (!match[3]) return number
  const power = 'KMGTPE'.indexOf(match[3].toUpperCase()) + 1
  return number * (match[4] === 'B' ? 1000 : 1024) ** power
}
