/** The last key of a prefix's range: its last byte that can grow, grown. */
export function prefixEnd(prefix: string): string {
  if (prefix === '') return '\0'
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
}
