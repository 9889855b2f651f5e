/** PEM (RFC 7468): blocks of base64 between BEGIN and END lines; text around them is ignored, as everybody does. */
import { fromBase64, toBase64 } from '#engine/base/bytes'

export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`, `RSA PRIVATE KEY` ... */
  readonly label: string
  readonly bytes: Uint8Array
}

export function encodePem(label: string, bytes: Uint8Array): string {
  const lines = toBase64(bytes).match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.map((line) => `${line}\n`).join('')}-----END ${label}-----\n`
}

const block = /-----BEGIN ([A-Z0-9 ]+)-----[ \t]*\r?\n([\s\S]*?)-----END \1-----/g

/** Blocks whose base64 is sound, in order. A broken block is passed over, as Go's pem.Decode does. */
export function decodePem(text: string): PemBlock[] {
  const out: PemBlock[] = []
  for (const match of text.matchAll(block)) {
    const [, label = '', body = ''] = match
    const lines = body.split(/\r?\n/)
    const data = lines.filter((line) => !line.includes(':')).join('').replace(/[ \t]/g, '')
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(data) || data.length % 4 !== 0) continue
    out.push({ label, bytes: fromBase64(data) })
  }
  return out
}
