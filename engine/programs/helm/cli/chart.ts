/** The chart that a command line names, loaded and fit to be installed. */
import type { Invocation } from '#engine/programs/common/cobra/command'
import { checkDependencies } from '#engine/programs/helm/chart/dependencies'
import { loadChart } from '#engine/programs/helm/chart/load'
import type { Chart } from '#engine/programs/helm/chart/types'
import { mergeValues } from '#engine/programs/helm/values/options'
import { updateDependencies } from '#engine/programs/helm/local/dependency-update'
import type { Values } from '#engine/programs/helm/values/types'
import { dryRunOf } from '../actions/context'
import { locateChart, locateOptions } from '../repo/locate'
import { warning } from './run'

export interface ChartAndValues {
  readonly chart: Chart
  readonly values: Values
}

export async function chartFrom(invocation: Invocation, name: string, verb: 'install' | 'upgrade'): Promise<ChartAndValues> {
  const { process, flags } = invocation
  const path = await locateChart(process, name, locateOptions(process, flags))
  if (verb === 'upgrade') dryRunOf(flags.string('dry-run'))
  const values = await mergeValues(process, flags)
  const chart = loadChart(process.files, path)
  if (verb === 'install') checkInstallable(chart)
  if (verb === 'install' && chart.metadata.deprecated) await warning(invocation, 'This chart is deprecated')
  const complete = await withDependencies(invocation, path, chart)
  if (verb === 'upgrade' && chart.metadata.deprecated) await warning(invocation, 'This chart is deprecated')
  return { chart: complete, values }
}

/** What is missing in charts/ is fetched where that is wanted, else told. */
async function withDependencies(invocation: Invocation, path: string, chart: Chart): Promise<Chart> {
  if (!chart.metadata.dependencies) return chart
  try {
    checkDependencies(chart)
    return chart
  } catch (error) {
    if (!invocation.flags.bool('dependency-update')) throw new Error(`An error occurred while checking for chart dependencies. You may need to run \`helm dependency build\` to fetch missing dependencies: ${(error as Error).message}`)
  }
  await updateDependencies(invocation, path, { skipRefresh: false })
  return loadChart(invocation.process.files, path)
}

function checkInstallable({ metadata }: Chart): void {
  const type = metadata.type ?? ''
  if (type !== '' && type !== 'application') throw new Error(`${type} charts are not installable`)
}
