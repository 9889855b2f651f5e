/** IPv4 addresses and prefixes as numbers; IPv6 only as text, for the loopback. */
export interface Prefix {
  /** Network order as an unsigned number. */
  readonly address: number
  readonly length: number
}

/** Undefined unless four plain decimal bytes. */
export function parseV4(text: string): number | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined
    value = value * 256 + Number(part)
  }
  return value
}

export function printV4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`
}

export function maskOf(length: number): number {
  return length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0
}

/** `10.0.0.0/8`, or an address alone for /32. Undefined where it is neither. */
export function parsePrefix(text: string): Prefix | undefined {
  const [host = '', bits] = text.split('/')
  const address = parseV4(host)
  if (address === undefined) return undefined
  if (bits === undefined) return { address, length: 32 }
  const mask = parseV4(bits)
  if (mask !== undefined) return { address, length: lengthOf(mask) }
  if (!/^\d{1,2}$/.test(bits) || Number(bits) > 32) return undefined
  return { address, length: Number(bits) }
}

function lengthOf(mask: number): number {
  let length = 0
  while (length < 32 && (mask >>> (31 - length)) & 1) length++
  return length
}

export function contains(prefix: Prefix, address: number): boolean {
  const mask = maskOf(prefix.length)
  return ((prefix.address & mask) >>> 0) === ((address & mask) >>> 0)
}

export function networkOf(prefix: Prefix): Prefix {
  return { address: (prefix.address & maskOf(prefix.length)) >>> 0, length: prefix.length }
}

export function printPrefix(prefix: Prefix): string {
  return `${printV4(prefix.address)}/${prefix.length}`
}

export function isLoopback(address: number): boolean {
  return address >>> 24 === 127
}

export function isV6(text: string): boolean {
  return text.includes(':')
}

/** Both forms of "any": 0.0.0.0 and ::. */
export function isAny(text: string): boolean {
  return text === '0.0.0.0' || text === '::' || text === ''
}

/** IPv4 in IPv6 notation becomes plain; `::1` becomes 127.0.0.1, since loopback is one here. */
export function plainAddress(text: string): string {
  if (text === '::1') return '127.0.0.1'
  return text.startsWith('::ffff:') && text.includes('.') ? text.slice(7) : text
}

/** Where a Go program listens that is given "any": its wildcard sockets take both families. */
export function goAddress(text: string): string {
  return isAny(text) ? '::' : text
}
