/** `@base64`, `@csv` and the others. */
import { fromBase64, toBase64 } from '#engine/base/bytes'
import { decodeLossless, encodeLossless } from '#engine/base/lossless'
import { described, fail, type Json, toJson } from '#engine/programs/text/jq/values'

export function asText(value: Json): string {
  return typeof value === 'string' ? value : toJson(value)
}

export function formatValue(name: string, value: Json): Json {
  switch (name) {
    case '@text': return asText(value)
    case '@json': return toJson(value)
    case '@html': return asText(value).replace(/[<>&'"]/g, (c) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', "'": '&#39;', '"': '&quot;' })[c] as string)
    case '@uri': return [...encodeLossless(asText(value))].map((byte) => (/[A-Za-z0-9_.~-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)).join('')
    case '@csv': return rows(value, 'csv').map((cell) => (typeof cell === 'string' ? `"${cell.replace(/"/g, '""')}"` : plain(cell, 'csv'))).join(',')
    case '@tsv': return rows(value, 'tsv').map((cell) => (typeof cell === 'string' ? cell.replace(/[\\\t\n\r]/g, (c) => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' })[c] as string) : plain(cell, 'tsv'))).join('\t')
    case '@sh': return (Array.isArray(value) ? (value as Json[]) : [value]).map(shellWord).join(' ')
    case '@base64': return toBase64(encodeLossless(asText(value)))
    case '@base64d': return decode(asText(value), value)
    default: return fail(`${name.slice(1)} is not a valid format`)
  }
}

function rows(value: Json, kind: string): Json[] {
  if (!Array.isArray(value)) fail(`${described(value)} cannot be ${kind}-formatted, only an array can be`)
  return value as Json[]
}

function plain(cell: Json, kind: string): string {
  if (cell === null) return ''
  if (typeof cell === 'number' || typeof cell === 'boolean') return toJson(cell)
  return fail(`${described(cell)} is not valid in a csv row`.replace('csv row', kind === 'csv' ? 'a csv row'.slice(2) : 'csv row'))
}

function shellWord(value: Json): string {
  if (typeof value === 'string') return `'${value.replace(/'/g, "'\\''")}'`
  if (typeof value === 'object' && value !== null) return fail(`${described(value)} can not be escaped for shell`)
  return toJson(value)
}

function decode(text: string, value: Json): string {
  try {
    const clean = text.replace(/=+$/, '')
    if (clean === '' && text !== '') throw new Error('empty')
    if (/[^A-Za-z0-9+/]/.test(clean) || clean.length % 4 === 1) throw new Error('invalid')
    return decodeLossless(fromBase64(clean))
  } catch {
    return fail(`${described(value)} is not valid base64 data`)
  }
}
