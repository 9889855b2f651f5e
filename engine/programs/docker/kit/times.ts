/** Points in time as people give them: a date, seconds since the epoch, or how long ago. */
import { DockerFailure } from './api'
import { parseNanoseconds } from './sizes'

/** Milliseconds since the epoch. */
export function instantOf(text: string, nowMs: number, flag: string): number {
  const ago = parseNanoseconds(text)
  if (ago !== undefined && !/^\d+$/.test(text)) return nowMs - ago / 1e6
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  const at = Date.parse(/T.*(Z|[+-]\d\d:?\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`)
  if (Number.isNaN(at)) throw new DockerFailure(`Error response from daemon: invalid value for "${flag}": failed to parse value as time or duration: "${text}"`)
  return at
}
