/** gzip in pure code. */
import { gunzipSync, gzipSync } from 'fflate'
import { decodeLossless } from '#engine/base/lossless'

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

/** Throws Error where it is no gzip stream. */
export function gunzip(bytes: Uint8Array): Uint8Array {
  return gunzipSync(bytes)
}

export function gzip(bytes: Uint8Array, options: { level: number; mtimeMs: number; name?: string }): Uint8Array {
  return gzipSync(bytes, { level: Math.max(1, Math.min(9, options.level)) as 6, mtime: options.mtimeMs, ...(options.name === undefined ? {} : { filename: options.name }) })
}

/** The text of a file that may be compressed. */
export function gunzipText(bytes: Uint8Array): string {
  return decodeLossless(isGzip(bytes) ? gunzip(bytes) : bytes)
}
