/** IP addresses and CIDRs, as the fields of the API take them. */
import type { FieldError, FieldPath } from '#engine/api/field'
import { invalid } from '#engine/api/field'

/** The address as a number and its family; undefined when it is none. Leading zeros are let pass, as in old fields. */
export interface Address {
  readonly family: 4 | 6
  readonly value: bigint
}

export interface Network {
  readonly family: 4 | 6
  readonly base: bigint
  readonly address: bigint
  readonly prefix: number
}

export function parseAddress(text: string): Address | undefined {
  if (text.includes(':')) {
    const value = parseSix(text)
    return value === undefined ? undefined : value >> 32n === 0xffffn ? { family: 4, value: value & 0xffffffffn } : { family: 6, value }
  }
  const value = parseFour(text)
  return value === undefined ? undefined : { family: 4, value }
}

function parseFour(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0n
  for (const part of parts) {
    if (!/^[0-9]{1,10}$/.test(part) || Number(part) > 255) return undefined
    value = (value << 8n) | BigInt(Number(part))
  }
  return value
}

function parseSix(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = words(halves[0] ?? '')
  const tail = halves.length === 2 ? words(halves[1] ?? '') : []
  if (!head || !tail) return undefined
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  return [...head, ...new Array<number>(halves.length === 2 ? missing : 0).fill(0), ...tail].reduce((value, word) => (value << 16n) | BigInt(word), 0n)
}

function words(text: string): number[] | undefined {
  if (text === '') return []
  const out: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes('.')) {
      const four = parseFour(part)
      if (four === undefined) return undefined
      out.push(Number(four >> 16n), Number(four & 0xffffn))
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) out.push(Number.parseInt(part, 16))
    else return undefined
  }
  return out
}

export function formatAddress(address: Address): string {
  if (address.family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((address.value >> shift) & 0xffn)).join('.')
  const parts = Array.from({ length: 8 }, (_, index) => Number((address.value >> BigInt((7 - index) * 16)) & 0xffffn))
  const run = longestZeros(parts)
  const hex = (items: readonly number[]): string => items.map((item) => item.toString(16)).join(':')
  return run.length < 2 ? hex(parts) : `${hex(parts.slice(0, run.start))}::${hex(parts.slice(run.start + run.length))}`
}

function longestZeros(parts: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < parts.length; start++) {
    let length = 0
    while (parts[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  return best
}

export function parseNetwork(text: string): Network | undefined {
  const [head, tail, ...more] = text.split('/')
  if (head === undefined || tail === undefined || more.length > 0 || !/^[0-9]{1,3}$/.test(tail)) return undefined
  const address = parseAddress(head)
  const prefix = Number(tail)
  const bits = head.includes(':') ? 128 : 32
  if (!address || prefix > bits) return undefined
  const width = address.family === 4 ? 32 : 128
  const shift = BigInt(Math.max(0, width - prefix))
  return { family: address.family, address: address.value, base: (address.value >> shift) << shift, prefix }
}

export function formatNetwork(network: Network): string {
  return `${formatAddress({ family: network.family, value: network.base })}/${network.prefix}`
}

export function networkContains(network: Network, address: Address): boolean {
  const width = network.family === 4 ? 32 : 128
  const shift = BigInt(width - network.prefix)
  return network.family === address.family && address.value >> shift === network.base >> shift
}

export const addressWords = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
export const networkWords = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

/** An address of an old field: leading zeros pass, with a warning elsewhere. */
export function validateLegacyAddress(text: string, path: FieldPath): FieldError[] {
  return parseAddress(text) ? [] : [invalid(path, text, addressWords)]
}

/** An address of a new field: strict and canonical. */
export function validateAddress(text: string, path: FieldPath): FieldError[] {
  const address = parseAddress(text)
  if (!address) return [invalid(path, text, addressWords)]
  if (!text.includes(':') && text.split('.').some((part) => part.length > 1 && part.startsWith('0'))) return [invalid(path, text, 'must not have leading 0s')]
  if (text.includes(':') && address.family === 4) return [invalid(path, text, 'must not be an IPv4-mapped IPv6 address')]
  const canonical = formatAddress(address)
  return canonical === text ? [] : [invalid(path, text, `must be in canonical form (${JSON.stringify(canonical)})`)]
}

export function validateLegacyNetwork(text: string, path: FieldPath): FieldError[] {
  return parseNetwork(text) ? [] : [invalid(path, text, networkWords)]
}

export function validateNetwork(text: string, path: FieldPath): FieldError[] {
  const network = parseNetwork(text)
  if (!network) return [invalid(path, text, networkWords)]
  const canonical = formatNetwork(network)
  if (network.base !== network.address) return [invalid(path, text, `must not have bits set beyond the prefix length`)]
  return canonical === text ? [] : [invalid(path, text, `must be in canonical form (${JSON.stringify(canonical)})`)]
}
