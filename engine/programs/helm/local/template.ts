/** `helm template`: what a chart makes of values, without putting it into a cluster. */
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { bool, type Flag, string, stringArray, strings } from '#engine/programs/common/cobra/flags'
import { parseTemplate } from '#engine/programs/common/gotemplate/template'
import { processDependencies } from '#engine/programs/helm/chart/dependencies'
import { chartCrds, type Chart } from '#engine/programs/helm/chart/types'
import { decodeUtf8 } from '#engine/base/bytes'
import type { Hook } from '#engine/programs/helm/manifests/types'
import { type Capabilities, defaultCapabilities, parseKubeVersion } from '#engine/programs/helm/render/capabilities'
import { ManifestError, renderChart, type Rendered } from '#engine/programs/helm/render/render'
import { copyValues, type Values } from '#engine/programs/helm/values/types'
import { sprigFunctions } from '#engine/programs/helm/sprig/index'
import { dryRunOf } from '../actions/context'
import { atLeast } from '../cli/arguments'
import { chartFrom } from '../cli/chart'
import { completeChart } from '../cli/complete'
import { deployFlags } from '../cli/flagsets'
import { isDebug } from '../cli/globals'
import { HelmSession } from '../cluster/session'
import { nameProblem } from '../release/names'
import { ManifestWriter } from './output-dir'
import { shownOnly } from './show-only'

const use = 'template [NAME] [CHART]'

const ownFlags: readonly Flag[] = [
  strings('api-versions,a', 'Kubernetes api versions used for Capabilities.APIVersions (multiple can be specified)'),
  bool('generate-name,g', 'generate the name (and omit the NAME parameter)'),
  bool('include-crds', 'include CRDs in the templated output'),
  bool('is-upgrade', 'set .Release.IsUpgrade instead of .Release.IsInstall'),
  string('kube-version', 'Kubernetes version used for Capabilities.KubeVersion'),
  string('name-template', 'specify template used to name the release'),
  string('output-dir', 'writes the executed templates to files in output-dir instead of stdout'),
  bool('release-name', 'use release name in the output-dir path.'),
  bool('replace', 're-use the given name, only if that name is a deleted release which remains in the history'),
  stringArray('show-only,s', 'only show manifests rendered from the given templates'),
  bool('skip-tests', 'skip tests from templated output'),
  bool('validate', 'validate your manifests against the Kubernetes cluster you are currently pointing at. This is the same validation performed on an install'),
]

export const templateCommand: Command = {
  use, short: 'locally render templates', args: atLeast(use, 1), flags: [...deployFlags.filter(({ name }) => name !== 'output'), ...ownFlags], complete: completeChart(1),
  long: 'Renders a chart and shows the result. Nothing asks the cluster, unless --validate or --dry-run=server is given: what a cluster can is assumed.',
  run: template,
}

async function template(invocation: Invocation): Promise<number> {
  const { flags, process } = invocation
  if (flags.string('post-renderer') !== '') throw new Error('post renderers are not simulated')
  if (flags.string('kube-version') !== '') parseKubeVersion(flags.string('kube-version'))
  const dryRun = dryRunOf(flags.string('dry-run'))
  const [name, chartName] = nameAndChart(invocation)
  const { chart, values } = await chartFrom(invocation, chartName, 'install')
  const session = new HelmSession(invocation)
  const asks = flags.bool('validate') || dryRun === 'server'
  if (asks) await session.reach()
  const problem = nameProblem(name)
  if (problem !== undefined) throw new Error(`release name ${JSON.stringify(name)}: ${problem}`)
  processDependencies(chart, copyValues(values))
  const rendered = await render(invocation, session, { chart, values, name, asks })
  const writer = flags.string('output-dir') === '' ? undefined : new ManifestWriter(process, flags.bool('release-name') ? `${flags.string('output-dir')}/${name}` : flags.string('output-dir'))
  const text = writer ? await written(writer, chart, rendered, flags.bool('include-crds')) : `${rendered.manifest.trim()}\n`
  const hooks = flags.bool('no-hooks') ? [] : rendered.hooks.filter((hook) => !(flags.bool('skip-tests') && hook.events.includes('test')))
  const whole = text + (await hooksText(hooks, writer))
  const only = flags.list('show-only')
  await process.stdout.write(only.length === 0 ? whole : shownOnly(whole, only))
  return 0
}

interface Wanted {
  readonly chart: Chart
  readonly values: Values
  readonly name: string
  readonly asks: boolean
}

async function render({ flags, process }: Invocation, session: HelmSession, { chart, values, name, asks }: Wanted): Promise<Rendered> {
  const upgrade = flags.bool('is-upgrade')
  try {
    return await renderChart({
      process, chart, values, capabilities: await capabilities(flags.string('kube-version'), flags.list('api-versions'), asks ? session : undefined),
      release: { name, namespace: session.namespace, revision: 1, isInstall: !upgrade, isUpgrade: upgrade }, includeCrds: flags.bool('include-crds') && flags.string('output-dir') === '',
      skipSchemaValidation: flags.bool('skip-schema-validation'), hideSecrets: flags.bool('hide-secret'), ...(asks ? { lookup: (...asked: [string, string, string, string]) => session.lookup(...asked) } : {}),
    })
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error
    if (!isDebug(process, flags)) throw new Error(`${error.message}\n\nUse --debug flag to render out invalid YAML`)
    await process.stdout.write(`${error.blob.trim()}\n`)
    throw new Error(error.message)
  }
}

async function capabilities(kubeVersion: string, extra: readonly string[], session: HelmSession | undefined): Promise<Capabilities> {
  const base = session ? await session.capabilities() : defaultCapabilities
  return { kubeVersion: kubeVersion === '' ? base.kubeVersion : parseKubeVersion(kubeVersion), apiVersions: [...base.apiVersions, ...extra] }
}

async function written(writer: ManifestWriter, chart: Chart, { manifests }: Rendered, crds: boolean): Promise<string> {
  if (crds) for (const { filename, file } of chartCrds(chart)) await writer.write(filename, decodeUtf8(file.data))
  for (const { name, content } of manifests) await writer.write(name, content)
  return '\n'
}

async function hooksText(hooks: readonly Hook[], writer: ManifestWriter | undefined): Promise<string> {
  if (!writer) return hooks.map(({ path, manifest }) => `---\n# Source: ${path}\n${manifest}\n`).join('')
  for (const { path, manifest } of hooks) await writer.write(path, manifest)
  return ''
}

/** Without a name it is `release-name`. */
function nameAndChart({ args, flags, process }: Invocation): [name: string, chart: string] {
  if (args.length > 2) throw new Error(`expected at most two arguments, unexpected arguments: ${args.slice(2).join(', ')}`)
  const generated = flags.bool('generate-name')
  if (args.length === 2) {
    if (generated) throw new Error('cannot set --generate-name and also specify a name')
    if (flags.string('name-template') !== '') throw new Error('cannot set --name-template and also specify a name')
    return args as [string, string]
  }
  const chart = args[0] as string
  const text = flags.string('name-template')
  if (text === '') return ['release-name', chart]
  const functions = sprigFunctions({ nowMs: () => process.clock.now(), random: process.random })
  return [parseTemplate('name-template', text, { functions }).execute(undefined), chart]
}
