/** base64, base32, basenc: encoding streams, so an endless input is no harm. */
import { concatBytes, toBase64, toHex } from '#engine/base/bytes'
import { decodeLossless } from '#engine/base/lossless'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { complain, inputChunks, Output, quote, readInput, reason, usageFailure } from '#engine/programs/common/gnu'

const alphabet32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export function toBase32(bytes: Uint8Array): string {
  let out = ''
  for (let i = 0; i < bytes.length; i += 5) {
    const part = bytes.subarray(i, i + 5)
    let value = 0n
    for (let j = 0; j < 5; j++) value = (value << 8n) | BigInt(part[j] ?? 0)
    const digits = Array.from({ length: 8 }, (_, index) => alphabet32[Number((value >> BigInt(35 - 5 * index)) & 31n)]).join('')
    const kept = [0, 2, 4, 5, 7, 8][part.length] as number
    out += digits.slice(0, kept).padEnd(8, '=')
  }
  return out
}

/** Decodes what is valid; false where something is not. */
export function decodeDigits(text: string, base: 32 | 64): { bytes: Uint8Array; valid: boolean } {
  const alphabet = base === 64 ? 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/' : alphabet32
  const bits = base === 64 ? 6 : 5
  const group = base === 64 ? 4 : 8
  const out: number[] = []
  let held = 0
  let heldBits = 0
  let count = 0
  let valid = true
  let i = 0
  for (; i < text.length; i++) {
    const value = alphabet.indexOf(text[i] as string)
    if (value < 0) break
    held = ((held << bits) | value) & 0xffffff
    heldBits += bits
    count++
    if (heldBits >= 8) {
      heldBits -= 8
      out.push((held >> heldBits) & 255)
    }
  }
  const padding = /^=*/.exec(text.slice(i))?.[0] ?? ''
  if (i + padding.length < text.length || (count + padding.length) % group !== 0 || padding.length >= group) valid = i + padding.length >= text.length && (count + padding.length) % group === 0
  return { bytes: Uint8Array.from(out), valid }
}

interface Encoding {
  /** Bytes that make whole digits. */
  readonly group: number
  readonly encode: (bytes: Uint8Array) => string
  readonly decode: (text: string) => { bytes: Uint8Array; valid: boolean }
  readonly garbage: RegExp
}

const base64Encoding: Encoding = { group: 3, encode: toBase64, decode: (text) => decodeDigits(text, 64), garbage: /[^A-Za-z0-9+/=]/g }
const base32Encoding: Encoding = { group: 5, encode: toBase32, decode: (text) => decodeDigits(text, 32), garbage: /[^A-Z2-7=]/g }

const urlEncoding: Encoding = {
  group: 3,
  encode: (bytes) => toBase64(bytes).replace(/\+/g, '-').replace(/\//g, '_'),
  decode: (text) => decodeDigits(text.replace(/-/g, '+').replace(/_/g, '/'), 64),
  garbage: /[^A-Za-z0-9_=-]/g,
}

const hexEncoding: Encoding = {
  group: 1,
  encode: (bytes) => toHex(bytes).toUpperCase(),
  decode(text) {
    const digits = /^[0-9A-F]*/.exec(text)?.[0] ?? ''
    return { bytes: Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)), valid: digits.length === text.length && text.length % 2 === 0 }
  },
  garbage: /[^0-9A-F]/g,
}

const bitsEncoding: Encoding = {
  group: 1,
  encode: (bytes) => [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join(''),
  decode: (text) => ({ bytes: Uint8Array.from(text.match(/[01]{8}/g) ?? [], (bits) => Number.parseInt(bits, 2)), valid: /^([01]{8})*$/.test(text) }),
  garbage: /[^01]/g,
}

interface Request {
  readonly decode: boolean
  readonly ignore: boolean
  readonly wrap: string | undefined
  readonly operands: readonly string[]
}

const common = { decode: flag('-d', '--decode'), ignore: flag('-i', '--ignore-garbage'), wrap: option('-w', '--wrap') } as const

async function run(process: Process, o: Request, encoding: Encoding): Promise<number> {
  if (o.operands.length > 1) return usageFailure(process, `extra operand ${quote(process, o.operands[1] as string)}`)
  const name = o.operands[0] ?? '-'
  const wrap = o.wrap === undefined ? 76 : /^\d+$/.test(o.wrap) ? Number(o.wrap) : undefined
  if (wrap === undefined) return complain(process, `invalid wrap size: ${quote(process, o.wrap as string)}`).then(() => 1)
  try {
    return o.decode ? await decode(process, name, o.ignore, encoding) : await encode(process, name, wrap, encoding)
  } catch (error) {
    await complain(process, `${name}: ${reason(error)}`)
    return 1
  }
}

async function decode(process: Process, name: string, ignore: boolean, encoding: Encoding): Promise<number> {
  const bytes = await readInput(process, name)
  const text = decodeLossless(bytes).replace(/\n/g, '')
  const decoded = encoding.decode(ignore ? text.replace(encoding.garbage, '') : text)
  await process.stdout.write(decoded.bytes)
  return decoded.valid ? 0 : complain(process, 'invalid input').then(() => 1)
}

async function encode(process: Process, name: string, wrap: number, encoding: Encoding): Promise<number> {
  const out = new Output(process)
  const lines = new Wrapped(wrap)
  let held = new Uint8Array(0)
  for await (const chunk of inputChunks(process, name)) {
    const all = concatBytes([held, chunk])
    const whole = all.length - (all.length % encoding.group)
    await out.write(lines.push(encoding.encode(all.subarray(0, whole))))
    held = all.slice(whole)
  }
  await out.write(lines.push(encoding.encode(held)) + lines.end())
  await out.flush()
  return 0
}

/** Cuts a stream of digits into lines; 0 means one line without an end. */
class Wrapped {
  private held = ''

  constructor(private readonly width: number) {}

  push(text: string): string {
    if (this.width === 0) return text
    this.held += text
    let out = ''
    let at = 0
    for (; at + this.width <= this.held.length; at += this.width) out += `${this.held.slice(at, at + this.width)}\n`
    this.held = this.held.slice(at)
    return out
  }

  end(): string {
    return this.held === '' ? '' : `${this.held}\n`
  }
}

function baseProgram(name: string, encoding: Encoding): Program {
  return defineProgram({ name, flags: common, run: (process, o) => run(process, o, encoding) })
}

const basenc = defineProgram({
  name: 'basenc',
  unsupported: 'base32hex and z85 are missing',
  flags: { ...common, base64: flag('--base64'), base64url: flag('--base64url'), base32: flag('--base32'), base16: flag('--base16'), msbf: flag('--base2msbf') },
  run(process, o) {
    const encoding = o.base64 ? base64Encoding : o.base64url ? urlEncoding : o.base32 ? base32Encoding : o.base16 ? hexEncoding : o.msbf ? bitsEncoding : undefined
    return encoding ? run(process, o, encoding) : usageFailure(process, 'missing encoding type')
  },
})

export const basePrograms: readonly Program[] = [baseProgram('base64', base64Encoding), baseProgram('base32', base32Encoding), basenc]
