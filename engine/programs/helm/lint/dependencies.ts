/** Rules for what a chart depends on. */
import type { Files } from '#engine/linux/abi/files'
import { loadChart } from '#engine/programs/helm/chart/load'
import { type Chart, chartName } from '#engine/programs/helm/chart/types'
import { type Findings, problemOf } from './messages'

export function lintDependencies(files: Files, directory: string, findings: Findings): void {
  let chart: Chart | undefined
  const broken = problemOf(() => (chart = loadChart(files, directory)))
  if (!findings.rule('ERROR', '', broken === undefined ? undefined : `unable to load chart\n\t${broken}`) || !chart) return
  const named = (chart.metadata.dependencies ?? []).map(({ name }) => name)
  const present = chart.dependencies.map(chartName)
  findings.rule('ERROR', directory, missing(present.filter((name) => !named.includes(name)), 'chart metadata is missing these dependencies'))
  findings.rule('WARNING', directory, missing(named.filter((name) => !present.includes(name)), 'chart directory is missing these dependencies'))
}

function missing(names: readonly string[], words: string): string | undefined {
  return names.length === 0 ? undefined : `${words}: ${names.join(',')}`
}
