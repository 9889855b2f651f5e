/** `helm install`. */
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { bool, type Flag, string } from '#engine/programs/common/cobra/flags'
import { parseTemplate } from '#engine/programs/common/gotemplate/template'
import { basePath } from '#engine/programs/helm/chart/paths'
import { sprigFunctions } from '#engine/programs/helm/sprig/index'
import { dryRunOf, told } from '../actions/context'
import { install, type InstallOptions } from '../actions/install'
import { releaseJson } from '../release/encode'
import type { Release } from '../release/types'
import { atLeast } from './arguments'
import { chartFrom } from './chart'
import { completeChart } from './complete'
import { deployFlags } from './flagsets'
import { isDebug } from './globals'
import { formatted } from './output'
import { cancellableContext, print } from './run'
import { statusText } from './status'

const use = 'install [NAME] [CHART]'

const ownFlags: readonly Flag[] = [
  bool('generate-name,g', 'generate the name (and omit the NAME parameter)'),
  string('name-template', 'specify template used to name the release'),
  bool('replace', 're-use the given name, only if that name is a deleted release which remains in the history'),
]

export const installCommand: Command = {
  use, short: 'install a chart', args: atLeast(use, 1), flags: [...deployFlags, ...ownFlags],
  long: 'Installs a chart: a directory, an archive, a URL, or REPO/CHART of a repository that was added. Values are given by -f and --set; later ones win.',
  complete: completeChart(1),
  async run(invocation) {
    let release: Release
    try {
      const [name, chart] = nameAndChart(invocation)
      release = await runInstall(invocation, name, chart, false)
    } catch (error) {
      throw told('INSTALLATION FAILED', error)
    }
    return await printRelease(invocation, release)
  },
}

export async function printRelease(invocation: Invocation, release: Release, head = ''): Promise<number> {
  const { flags, process } = invocation
  return await print(invocation, formatted(flags, () => releaseJson(release), () => head + statusText(release, { debug: isDebug(process, flags), hideNotes: flags.bool('hide-notes') })))
}

export async function runInstall(invocation: Invocation, name: string, chartName: string, replace: boolean): Promise<Release> {
  refuseMissing(invocation)
  const { chart, values } = await chartFrom(invocation, chartName, 'install')
  const context = cancellableContext(invocation, name)
  return await install(context, chart, values, installOptions(invocation, name, context.session.namespace, replace))
}

/** What is a flag of the real program, and no more. */
export function refuseMissing({ flags }: Invocation): void {
  if (flags.string('post-renderer') !== '') throw new Error('post renderers are not simulated')
}

function installOptions({ flags }: Invocation, name: string, namespace: string, replace: boolean): InstallOptions {
  return {
    name, namespace, replace: replace || (flags.has('replace') && flags.bool('replace')), dryRun: dryRunOf(flags.string('dry-run')), createNamespace: flags.bool('create-namespace'), skipCrds: flags.bool('skip-crds'), noHooks: flags.bool('no-hooks'),
    wait: flags.bool('wait'), waitForJobs: flags.bool('wait-for-jobs'), atomic: flags.bool('atomic'), timeoutMs: flags.number('timeout'), description: flags.string('description'), labels: Object.fromEntries(flags.map('labels')),
    takeOwnership: flags.bool('take-ownership'), skipSchema: flags.bool('skip-schema-validation'), subNotes: flags.bool('render-subchart-notes'), hideSecrets: flags.bool('hide-secret'), force: flags.bool('force'),
  }
}

function nameAndChart(invocation: Invocation): [name: string, chart: string] {
  const { args, flags, process } = invocation
  const template = flags.string('name-template')
  const [first = '', second] = args
  if (args.length > 2) throw new Error(`expected at most two arguments, unexpected arguments: ${args.slice(2).join(', ')}`)
  if (second !== undefined) {
    if (flags.bool('generate-name')) throw new Error('cannot set --generate-name and also specify a name')
    if (template !== '') throw new Error('cannot set --name-template and also specify a name')
    return [first, second]
  }
  if (template !== '') return [filledName(template, invocation), first]
  if (!flags.bool('generate-name')) throw new Error('must either provide a name or specify --generate-name')
  const base = basePath(first)
  const stem = base === '.' || base === '' ? 'chart' : base
  return [`${stem.includes('.') ? stem.slice(0, stem.indexOf('.')) : stem}-${Math.floor(process.clock.now() / 1000)}`, first]
}

function filledName(template: string, { process }: Invocation): string {
  const functions = sprigFunctions({ nowMs: () => process.clock.now(), random: process.random })
  return parseTemplate('name-template', template, { functions }).execute(undefined)
}
