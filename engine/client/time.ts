/** Times as the API writes them. */

/** metav1.Time: whole seconds. */
export function apiTime(ms: number): string {
  const second = Math.floor(ms / 1000)
  if (last.second !== second) last = { second, text: `${new Date(second * 1000).toISOString().slice(0, 19)}Z` }
  return last.text
}

let last = { second: Number.NaN, text: '' }

/** metav1.MicroTime. */
export function microTime(ms: number): string {
  const micros = Math.floor((ms % 1000) * 1000)
  return `${new Date(ms).toISOString().slice(0, 19)}.${String(micros).padStart(6, '0')}Z`
}

/** Milliseconds since the epoch of either; undefined where there is none. */
export function parseTime(text: string | undefined | null): number | undefined {
  if (!text) return undefined
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}
