/** Durations as the API has them: nanoseconds, nothing or zero for the usual. */
export function parseDurationNs(value: number | undefined, usualMs: number): number {
  return value === undefined || value === 0 ? usualMs : value / 1e6
}
