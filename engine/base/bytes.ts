/** Text and bytes. UTF-8 throughout; wrong bytes become U+FFFD, as in most programs of a Linux machine. */
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Texts up to here are tried letter by letter: the host's encoder takes longer to begin than most of them take. */
const shortText = 96

export function encodeUtf8(text: string): Uint8Array {
  if (text.length > shortText) return encoder.encode(text)
  const out = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 127) return encoder.encode(text)
    out[index] = code
  }
  return out
}

export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1 && parts[0]) return parts[0]
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  return out
}

/** Bytes as they come become text as it is complete: a character split between two chunks is held back. */
export class Utf8Stream {
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true })

  push(bytes: Uint8Array): string {
    return this.decoder.decode(bytes, { stream: true })
  }

  end(): string {
    return this.decoder.decode()
  }
}

const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function toHex(bytes: Uint8Array): string {
  let out = ''
  for (let index = 0; index < bytes.length; index++) out += hexDigits[bytes[index] as number]
  return out
}

export function fromHex(hex: string): Uint8Array {
  const out = new Uint8Array(hex.length >> 1)
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16)
  return out
}

export function toBase64(bytes: Uint8Array): string {
  return base64(bytes, standardDigits, true)
}

const standardDigits = encodeUtf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
const urlDigits = encodeUtf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
const padding = 61

function base64(bytes: Uint8Array, digits: Uint8Array, padded: boolean): string {
  const whole = Math.ceil(bytes.length / 3) * 4
  const length = padded ? whole : Math.ceil((bytes.length * 4) / 3)
  const out = new Uint8Array(whole).fill(padding)
  const at = (index: number): number => bytes[index] ?? 0
  for (let from = 0, to = 0; from < bytes.length; from += 3, to += 4) {
    const group = (at(from) << 16) | (at(from + 1) << 8) | at(from + 2)
    const last = bytes.length - from
    out[to] = digits[group >> 18] as number
    out[to + 1] = digits[(group >> 12) & 63] as number
    if (last > 1) out[to + 2] = digits[(group >> 6) & 63] as number
    if (last > 2) out[to + 3] = digits[group & 63] as number
  }
  return decodeUtf8(length === whole ? out : out.subarray(0, length))
}

/** Throws an Error on text that is not base64. Line breaks are allowed. */
export function fromBase64(text: string): Uint8Array {
  const binary = atob(text.replace(/[\r\n]/g, ''))
  const out = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) out[i] = binary.charCodeAt(i)
  return out
}

export function toBase64Url(bytes: Uint8Array): string {
  return base64(bytes, urlDigits, false)
}

export function fromBase64Url(text: string): Uint8Array {
  return fromBase64(text.replace(/-/g, '+').replace(/_/g, '/'))
}
