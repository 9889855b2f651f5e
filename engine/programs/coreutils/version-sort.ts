/** Version order as `sort -V` and `ls -v` (Debian's algorithm): digits as numbers, `~` before everything, letters before others. */
export function compareVersions(a: string, b: string): number {
  return compareParts(withoutSuffix(a), withoutSuffix(b)) || compareParts(a, b) || compareText(a, b)
}

function withoutSuffix(text: string): string {
  return text.replace(/(\.[A-Za-z~][A-Za-z0-9~]*)*$/, '')
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

/** Parts without digits and numbers take turns. */
function compareParts(a: string, b: string): number {
  const [x, y] = [partsOf(a), partsOf(b)]
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const order = compareWords(x[i]?.word ?? '', y[i]?.word ?? '') || compareNumbers(x[i]?.number ?? '', y[i]?.number ?? '')
    if (order !== 0) return order
  }
  return 0
}

function partsOf(text: string): { readonly word: string; readonly number: string }[] {
  return Array.from(text.matchAll(/(\D*)(\d*)/g), (match) => ({ word: match[1] as string, number: (match[2] as string).replace(/^0+/, '') }))
}

function compareNumbers(a: string, b: string): number {
  return a.length - b.length || compareText(a, b)
}

function compareWords(a: string, b: string): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = weight(a[i]) - weight(b[i])
    if (difference !== 0) return difference
  }
  return 0
}

function weight(c: string | undefined): number {
  if (c === undefined) return 0
  if (c === '~') return -1
  return /[A-Za-z]/.test(c) ? c.charCodeAt(0) : c.charCodeAt(0) + 256
}
