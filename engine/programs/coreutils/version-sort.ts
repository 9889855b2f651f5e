/** Version order as `sort -V` and `ls -v` (Debian's algorithm): digits as numbers, `~` before everything, letters before others. */
export function compareVersions(a: string, b: string): number {
  const order = compareParts(withoutSuffix(a), withoutSuffix(b)) || compareParts(a, b)
  return order !== 0 ? order : a < b ? -1 : a > b ? 1 : 0
}

function withoutSuffix(text: string): string {
  return text.replace(/(\.[A-Za-z~][A-Za-z0-9~]*)*$/, '')
}

function weight(c: string | undefined): number {
  if (c === undefined || /\d/.test(c)) return 0
  if (c === '~') return -1
  return /[A-Za-z]/.test(c) ? c.charCodeAt(0) : c.charCodeAt(0) + 256
}

function compareParts(a: string, b: string): number {
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    while ((i < a.length && !/\d/.test(a[i] as string)) || (j < b.length && !/\d/.test(b[j] as string))) {
      const difference = weight(i < a.length ? a[i] : undefined) - weight(j < b.length ? b[j] : undefined)
      if (difference !== 0) return difference
      i++
      j++
    }
    while (a[i] === '0') i++
    while (b[j] === '0') j++
    const x = /^\d*/.exec(a.slice(i))?.[0] ?? ''
    const y = /^\d*/.exec(b.slice(j))?.[0] ?? ''
    if (x.length !== y.length) return x.length - y.length
    if (x !== y) return x < y ? -1 : 1
    i += x.length
    j += y.length
  }
  return 0
}
