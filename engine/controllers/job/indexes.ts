/** Completion indexes: `0-3,7` and back. */
import type { Pod } from '#engine/api/kinds'

export const indexAnnotation = 'batch.kubernetes.io/job-completion-index'

export function indexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[indexAnnotation]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

export function parseIndexes(text: string | undefined, completions: number): Set<number> {
  const out = new Set<number>()
  for (const part of (text ?? '').split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part)
    if (!match) continue
    for (let index = Number(match[1]); index <= Number(match[2] ?? match[1]) && index < completions; index++) out.add(index)
  }
  return out
}

export function printIndexes(indexes: ReadonlySet<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b)
  const parts: string[] = []
  for (let i = 0; i < sorted.length; ) {
    let end = i
    while (end + 1 < sorted.length && sorted[end + 1] === (sorted[end] ?? 0) + 1) end++
    const first = sorted[i] ?? 0
    const last = sorted[end] ?? 0
    // Two neighbours are written as two.
    parts.push(end === i ? String(first) : end === i + 1 ? `${first},${last}` : `${first}-${last}`)
    i = end + 1
  }
  return parts.join(',')
}
