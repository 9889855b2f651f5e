/** `helm lint`: what is wrong with charts. */
import type { Process } from '#engine/linux/abi/process'
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { bool, string } from '#engine/programs/common/cobra/flags'
import { fileError, joinPath } from '#engine/programs/helm/chart/paths'
import { lintChartfile } from '#engine/programs/helm/lint/chartfile'
import { lintDependencies } from '#engine/programs/helm/lint/dependencies'
import { Findings, type Message, messageText } from '#engine/programs/helm/lint/messages'
import { lintTemplates, type TemplateOptions } from '#engine/programs/helm/lint/templates'
import { lintValues } from '#engine/programs/helm/lint/values'
import { defaultCapabilities, parseKubeVersion } from '#engine/programs/helm/render/capabilities'
import { mergeValues, valueFlags } from '#engine/programs/helm/values/options'
import { HelmSession } from '../cluster/session'
import { withUnpacked } from './unpacked'

export const lintCommand: Command = {
  use: 'lint PATH', short: 'examine a chart for possible issues', long: 'Checks whether a chart is well formed. What keeps it from being installed is an error, what is against convention a warning.',
  flags: [
    ...valueFlags, string('kube-version', 'Kubernetes version used for capabilities and deprecation checks'), bool('quiet', 'print only warnings and errors'),
    bool('skip-schema-validation', 'do not validate values against the JSON schema'), bool('strict', 'fail on lint warnings'), bool('with-subcharts', 'lint dependent charts'),
  ],
  complete: () => ({ candidates: [], files: true }),
  run: lint,
}

interface Result {
  readonly path: string
  readonly messages: readonly Message[]
  /** What lets the chart fail. */
  readonly errors: readonly string[]
}

async function lint(invocation: Invocation): Promise<number> {
  const { process, flags, args } = invocation
  const kubeVersion = flags.string('kube-version') === '' ? defaultCapabilities.kubeVersion : parseKubeVersion(flags.string('kube-version'))
  const given = args.length === 0 ? ['.'] : [...args]
  const paths = flags.bool('with-subcharts') ? given.flatMap((path) => [path, ...subcharts(process, path)]) : given
  const options: TemplateOptions = { values: await mergeValues(process, flags), namespace: new HelmSession(invocation).namespace, kubeVersion, skipSchema: flags.bool('skip-schema-validation') }
  const quiet = flags.bool('quiet')
  const results: Result[] = []
  for (const path of paths) results.push(await lintChart(process, path, options, flags.bool('strict')))
  await process.stdout.write(results.filter((result) => !quiet || !isFine(result)).map((result) => resultText(result, quiet)).join(''))
  const failed = results.filter(({ errors }) => errors.length > 0).length
  const summary = `${paths.length} chart(s) linted, ${failed} chart(s) failed`
  if (failed > 0) throw new Error(summary)
  if (!quiet || !results.every(isFine)) await process.stdout.write(`${summary}\n`)
  return 0
}

function isFine({ errors, messages }: Result): boolean {
  return errors.length === 0 && messages.every(({ severity }) => severity === 'INFO')
}

function resultText({ path, messages, errors }: Result, quiet: boolean): string {
  const shown = messages.filter(({ severity }) => !quiet || severity !== 'INFO').map(messageText)
  const lines = messages.length === 0 ? errors.map((error) => `Error ${error}`) : shown
  return [`==> Linting ${path}`, ...lines, ''].map((line) => `${line}\n`).join('')
}

async function lintChart(process: Process, path: string, options: TemplateOptions, strict: boolean): Promise<Result> {
  try {
    return { path, ...(await withUnpacked(process, path, (directory) => lintDirectory(process, directory, options, strict))) }
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    return { path, messages: [], errors: [(error as Error).message] }
  }
}

async function lintDirectory(process: Process, directory: string, options: TemplateOptions, strict: boolean): Promise<Omit<Result, 'path'>> {
  const path = joinPath(directory, 'Chart.yaml')
  try {
    process.files.stat(path)
  } catch (error) {
    throw new Error(`unable to check Chart.yaml file in chart: ${fileError('stat', path, error).message}`)
  }
  const findings = new Findings()
  lintChartfile(process.files, directory, findings)
  lintValues(process.files, directory, options.values, options.skipSchema, findings)
  await lintTemplates(process, directory, options, findings)
  lintDependencies(process.files, directory, findings)
  const { messages } = findings
  return { messages, errors: messages.filter(({ severity }) => severity === 'ERROR' || (strict && severity === 'WARNING')).map(({ text }) => text) }
}

/** Directories and archives below charts/. */
function subcharts({ files }: Process, path: string): string[] {
  const directory = `${path}/charts`
  if (files.exists(directory)?.type !== 'directory') return []
  return files.readDirectory(directory).map(({ name }) => `${directory}/${name}`).sort().filter((found) => files.exists(`${found}/Chart.yaml`) !== undefined || /\.t(?:ar\.)?gz$/.test(found))
    .flatMap((found) => [found, ...subcharts({ files } as Process, found)])
}
