/** What the shell is offered: names of releases, revisions, charts. */
import type { Completer } from '#engine/programs/common/cobra/command'
import { chartLabel } from '../release/types'
import { ansiTime } from '../release/time'
import { contextOf } from './run'

/** Names of releases, for as many arguments; those given are not offered again. */
export function completeReleases(most: number): Completer {
  return async (invocation, toComplete) => {
    if (invocation.args.length >= most) return { candidates: [] }
    return { candidates: (await names(invocation)).filter((name) => name.startsWith(toComplete) && !invocation.args.includes(name.split('\t')[0] as string)) }
  }
}

async function names(invocation: Parameters<Completer>[0]): Promise<string[]> {
  const { storage } = contextOf(invocation)
  const newest = new Map((await storage.list().catch(() => [])).sort((a, b) => a.version - b.version).map((release) => [release.name, release]))
  return [...newest.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map((release) => `${release.name}\t${chartLabel(release)} -> ${release.info.status}`)
}

/** The chart, a file or directory, after so many arguments. */
export function completeChart(after: number): Completer {
  return (invocation) => (invocation.args.length === after || invocation.flags.bool('generate-name') ? { candidates: [], files: true } : { candidates: [] })
}

export const completeReleaseThenChart: Completer = async (invocation, toComplete) => {
  if (invocation.args.length === 0) return await completeReleases(1)(invocation, toComplete)
  return { candidates: [], files: invocation.args.length === 1 }
}

export const completeRollback: Completer = async (invocation, toComplete) => {
  if (invocation.args.length === 0) return await completeReleases(1)(invocation, toComplete)
  if (invocation.args.length > 1) return { candidates: [] }
  const { storage } = contextOf(invocation)
  const history = await storage.history(invocation.args[0] as string).catch(() => [])
  return { candidates: history.filter(({ version }) => String(version).startsWith(toComplete)).map((release) => `${release.version}\tApp: ${String(release.chart.metadata.appVersion ?? '')}, Chart: ${chartLabel(release)}, deployed ${ansiTime(release.info.lastDeployed)}`) }
}
