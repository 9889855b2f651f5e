/** The right word beside a wrong one. */

/** The key that is at most a third of its letters away. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const scored = known.map((name) => ({ name, distance: distance(given.toLowerCase(), name.toLowerCase()) })).sort((a, b) => a.distance - b.distance)
  const best = scored[0]
  return best && best.distance <= Math.max(1, Math.floor(given.length / 3) + 1) ? best.name : undefined
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length] ?? 0
}
