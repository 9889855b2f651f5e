/** Charts of a kustomization, which the helm program would inflate. */
import { emitYaml } from '#engine/base/yaml/emit'
import { findExecutable } from '../plugins'
import { CliError } from '../session/errors'
import type { Kustomization } from './kustomization'
import type { Loader } from './loader'
import type { Data } from './resource'

const renamed: Readonly<Record<string, string>> = { chartName: 'name', chartVersion: 'version', chartRepoUrl: 'repo', chartHome: 'chartHome', values: 'valuesFile' }

export function refuseHelm(loader: Loader, { helmCharts = [], helmGlobals = {}, helmChartInflationGenerator = [] }: Kustomization): void {
  const old = helmChartInflationGenerator.map((entry) => Object.fromEntries(Object.entries(entry).map(([key, value]) => [renamed[key] ?? key, value])))
  for (const chart of [...old, ...helmCharts]) configure(loader, { ...helmGlobals, ...chart })
}

function configure(loader: Loader, config: Data): void {
  const { helm } = loader.build.options
  const problem = helm === undefined ? 'must specify --enable-helm' : config['name'] ? undefined : 'chart name cannot be empty'
  if (problem !== undefined) throw new CliError(`trouble configuring builtin HelmChartInflationGenerator with config: \`\n${emitYaml(config)}\`: ${problem}`)
  const command = helm?.command ?? 'helm'
  if (findExecutable(loader.build.process, command) !== undefined) throw new CliError(`charts are not inflated here: ${String(config['name'])}`)
  const home = `/tmp/kustomize-helm-${1_000_000_000 + loader.build.process.pid}/helm`
  throw new CliError(`unable to run: '${command} version -c --short' with env=[HELM_CONFIG_HOME=${home} HELM_CACHE_HOME=${home}/.cache HELM_DATA_HOME=${home}/.data] (is '${command}' installed?): exec: ${JSON.stringify(command)}: executable file not found in $PATH`)
}
