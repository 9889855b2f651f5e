/** The order of a listing. */
import { displayWidth } from '#engine/programs/common/gnu'
import type { Entry } from '#engine/programs/coreutils/ls-names'
import { type LsGiven, type SortKey, sortKeyOf, timeFieldOf } from '#engine/programs/coreutils/ls-options'
import { compareVersions } from '#engine/programs/coreutils/version-sort'
import { encodeLossless } from '#engine/base/lossless'

type Compare = (a: Entry, b: Entry) => number

/** By bytes, as in the C.UTF-8 locale. */
function byName(a: Entry, b: Entry): number {
  return compareText(a.name, b.name)
}

function compareText(a: string, b: string): number {
  if (!/[\udc80-\udcff]/.test(a + b)) return a < b ? -1 : Number(a > b)
  const [x, y] = [encodeLossless(a), encodeLossless(b)]
  const at = x.findIndex((byte, index) => byte !== y[index])
  return at < 0 ? x.length - y.length : (x[at] as number) - (y[at] ?? -1)
}

function extension(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(dot) : ''
}

function comparison(key: SortKey, o: LsGiven): Compare {
  const time = timeFieldOf(o)
  const orders: Readonly<Record<string, Compare>> = {
    size: (a, b) => (b.stat?.size ?? 0) - (a.stat?.size ?? 0),
    time: (a, b) => (b.stat?.[time] ?? 0) - (a.stat?.[time] ?? 0),
    version: (a, b) => compareVersions(a.name, b.name),
    extension: (a, b) => compareText(extension(a.name), extension(b.name)),
    width: (a, b) => displayWidth(a.name) - displayWidth(b.name),
  }
  const first = orders[key]
  return first ? (a, b) => first(a, b) || byName(a, b) : byName
}

export function sortEntries(entries: readonly Entry[], o: LsGiven, long: boolean): Entry[] {
  const key = sortKeyOf(o, long)
  if (key === 'none') return [...entries]
  const compare = comparison(key, o)
  const out = [...entries].sort((a, b) => (o.reverse ? compare(b, a) : compare(a, b)))
  // A link to a directory is a directory here.
  const isDirectory = (entry: Entry): number => Number((entry.targetStat ?? entry.stat)?.type === 'directory')
  return o.groupFirst ? out.sort((a, b) => isDirectory(b) - isDirectory(a)) : out
}
