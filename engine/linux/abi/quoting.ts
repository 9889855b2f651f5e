/** Words in messages, as gnulib's quote() writes them in the locale of a process. */
import type { Process } from '#engine/linux/abi/process'

const letters: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\x07': '\\a', '\b': '\\b', '\f': '\\f', '\v': '\\v' }

/** A control character, or a byte that is no text, as `\n` or `\200`. */
export function escapeControl(c: string): string {
  return letters[c] ?? `\\${(c.charCodeAt(0) & 0xff).toString(8).padStart(3, '0')}`
}

export function isUtf8(process: Process): boolean {
  return /utf-?8/i.test(process.env.get('LC_ALL') || process.env.get('LC_CTYPE') || process.env.get('LANG') || '')
}

/** ‘thus’ in a UTF-8 locale, 'thus' elsewhere; what is not printable is escaped. */
export function quote(process: Process, text: string): string {
  const shown = text.replace(/\\/g, '\\\\').replace(/[\x00-\x1f\x7f\udc80-\udcff]/g, escapeControl)
  return isUtf8(process) ? `‘${shown}’` : `'${shown.replace(/'/g, "\\'")}'`
}
