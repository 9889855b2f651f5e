/** Durations as Go writes them: `1m30s`, `500ms`. Undefined for what is none. */
const unitMs: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

export function parseGoDuration(text: string): number | undefined {
  if (text === '0') return 0
  const sign = text.startsWith('-') ? -1 : 1
  const body = text.replace(/^[+-]/, '')
  if (!/^(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+$/.test(body)) return undefined
  let total = 0
  for (const [, amount = '0', unit = 's'] of body.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g)) total += Number(amount) * (unitMs[unit] ?? 0)
  return sign * total
}

/** As time.Duration prints: `1.5s`, `2m0s`, `350ms`. */
export function formatGoDuration(ms: number): string {
  if (ms === 0) return '0s'
  if (ms < 0) return `-${formatGoDuration(-ms)}`
  if (ms < 1) return `${trim((ms * 1000).toFixed(3))}µs`
  if (ms < 1000) return `${trim(ms.toFixed(6))}ms`
  const hours = Math.floor(ms / 3_600_000)
  const minutes = Math.floor((ms % 3_600_000) / 60_000)
  const seconds = trim(((ms % 60_000) / 1000).toFixed(9))
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`
}

function trim(text: string): string {
  return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text
}
