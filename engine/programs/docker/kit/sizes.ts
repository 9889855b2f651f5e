/** Sizes and spans of time as people write them on docker's command line. */
const powers: Readonly<Record<string, number>> = { '': 0, b: 0, k: 1, kb: 1, kib: 1, m: 2, mb: 2, mib: 2, g: 3, gb: 3, gib: 3, t: 4, tb: 4, tib: 4, p: 5, pb: 5, pib: 5 }

/** `64m` in bytes; undefined where it is no size. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)*) ?([kKmMgGtTpP])?[iI]?[bB]?$/.exec(text)
  if (!match) return undefined
  return Math.floor(Number(match[1]) * 1024 ** (powers[(match[2] ?? '').toLowerCase()] ?? 0))
}

const units: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 }

/** `1m30s` in nanoseconds; undefined where it is no duration. */
export function parseNanoseconds(text: string): number | undefined {
  if (text === '0') return 0
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|ms|s|m|h))+$/.test(text)) return undefined
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)/g)].reduce((sum, [, number, unit]) => sum + Number(number) * (units[unit ?? ''] ?? 0), 0)
}
