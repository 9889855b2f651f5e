/** Keys in OpenSSH's formats: public lines, fingerprints, private key files. */
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, encodeUtf8, fromBase64, toBase64 } from '#engine/base/bytes'
import { encodePkcs8, generateEc, generateEd25519, type KeySource, generateRsa, parsePrivateKeyDer, type PrivateKey, type PublicKey, publicOf } from '#engine/base/pki/keys'
import { algorithmFor, sign, verify } from '#engine/base/pki/signature'
import type { Random } from '#engine/base/random'

export type KeyType = 'ed25519' | 'rsa' | 'ecdsa'

export function generateKey(type: KeyType, bits: number, random: Random, source?: KeySource): PrivateKey {
  if (type === 'rsa') return generateRsa(bits, random, source)
  return type === 'ecdsa' ? generateEc(bits === 384 ? 'P-384' : bits === 521 ? 'P-521' : 'P-256', random) : generateEd25519(random)
}

/** `ssh-ed25519 AAAA... comment`. */
export function publicLine(key: PublicKey | PrivateKey, comment = ''): string {
  return `${algorithmName(key)} ${toBase64(blobOf(key))}${comment === '' ? '' : ` ${comment}`}`
}

export function algorithmName(key: PublicKey | PrivateKey): string {
  return key.type === 'rsa' ? 'ssh-rsa' : key.type === 'ed25519' ? 'ssh-ed25519' : `ecdsa-sha2-nist${key.curve.replace('-', '').toLowerCase()}`
}

/** `SHA256:...`, as OpenSSH shows it. */
export function fingerprint(line: string): string {
  const blob = line.split(/\s+/)[1] ?? ''
  return `SHA256:${toBase64(sha256(fromBase64(blob))).replace(/=+$/, '')}`
}

export function keyLabel(line: string): string {
  const algorithm = line.split(/\s+/)[0] ?? ''
  return algorithm.startsWith('ecdsa') ? 'ECDSA' : algorithm === 'ssh-rsa' ? 'RSA' : 'ED25519'
}

export function keyBits(line: string): number {
  const algorithm = line.split(/\s+/)[0] ?? ''
  if (algorithm === 'ssh-ed25519') return 256
  if (algorithm.startsWith('ecdsa')) return Number(/\d+$/.exec(algorithm)?.[0] ?? 256)
  const blob = fromBase64(line.split(/\s+/)[1] ?? '')
  return Math.round((blob.length - 22) / 128) * 1024
}

const magic = encodeUtf8('openssh-key-v1\0')

export function privateKeyFile(key: PrivateKey, comment: string): string {
  const body = toBase64(concatBytes([magic, lengthPrefixed(blobOf(key)), lengthPrefixed(encodePkcs8(key)), lengthPrefixed(encodeUtf8(comment))]))
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.replace(/.{70}/g, '$&\n').trimEnd()}\n-----END OPENSSH PRIVATE KEY-----\n`
}

/** Undefined for what is no key of ours. */
export function parsePrivateKeyFile(text: string): { readonly key: PrivateKey; readonly comment: string } | undefined {
  const match = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*)-----END OPENSSH PRIVATE KEY-----/.exec(text)
  if (!match) return undefined
  try {
    const bytes = fromBase64((match[1] ?? '').replace(/\s/g, ''))
    const parts: Uint8Array[] = []
    for (let at = magic.length; at < bytes.length; ) {
      const length = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0)
      parts.push(bytes.slice(at + 4, at + 4 + length))
      at += 4 + length
    }
    return { key: parsePrivateKeyDer(parts[1] ?? new Uint8Array(0)), comment: new TextDecoder().decode(parts[2] ?? new Uint8Array(0)) }
  } catch {
    return undefined
  }
}

export function prove(key: PrivateKey, challenge: string): string {
  return toBase64(sign(key, algorithmFor(key), encodeUtf8(challenge)))
}

export function isProof(line: string, challenge: string, signature: string): boolean {
  const key = parseBlob(fromBase64(line.split(/\s+/)[1] ?? ''))
  return key !== undefined && verify(key, algorithmFor(key as PrivateKey), encodeUtf8(challenge), fromBase64(signature))
}

function blobOf(key: PublicKey | PrivateKey): Uint8Array {
  const pub = publicOf(key)
  const name = lengthPrefixed(encodeUtf8(algorithmName(pub)))
  if (pub.type === 'rsa') return concatBytes([name, mpint(pub.e), mpint(pub.n)])
  if (pub.type === 'ed25519') return concatBytes([name, lengthPrefixed(pub.point)])
  return concatBytes([name, lengthPrefixed(encodeUtf8(`nist${pub.curve.replace('-', '').toLowerCase()}`)), lengthPrefixed(pub.point)])
}

function parseBlob(bytes: Uint8Array): PublicKey | undefined {
  const parts: Uint8Array[] = []
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0)
    parts.push(bytes.slice(at + 4, at + 4 + length))
    at += 4 + length
  }
  const [name, first, second] = parts
  if (!name || !first) return undefined
  const algorithm = new TextDecoder().decode(name)
  if (algorithm === 'ssh-ed25519') return { type: 'ed25519', point: first }
  if (!second) return undefined
  if (algorithm === 'ssh-rsa') return { type: 'rsa', e: toBigInt(first), n: toBigInt(second) }
  const curve = algorithm.endsWith('384') ? 'P-384' : algorithm.endsWith('521') ? 'P-521' : 'P-256'
  return { type: 'ec', curve, point: second }
}

function lengthPrefixed(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(4 + bytes.length)
  new DataView(out.buffer).setUint32(0, bytes.length)
  out.set(bytes, 4)
  return out
}

function mpint(value: bigint): Uint8Array {
  let hex = value.toString(16)
  if (hex.length % 2) hex = `0${hex}`
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  return lengthPrefixed((bytes[0] ?? 0) & 0x80 ? concatBytes([Uint8Array.of(0), bytes]) : bytes)
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') || '0'}`)
}
