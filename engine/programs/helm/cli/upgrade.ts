/** `helm upgrade`. */
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { bool, type Flag, int } from '#engine/programs/common/cobra/flags'
import { type ActionContext, dryRunOf, told } from '../actions/context'
import { upgrade, type UpgradeOptions } from '../actions/upgrade'
import { NotFound } from '../release/storage'
import type { Release } from '../release/types'
import { exactly } from './arguments'
import { chartFrom } from './chart'
import { completeReleaseThenChart } from './complete'
import { deployFlags } from './flagsets'
import { printRelease, refuseMissing, runInstall } from './install'
import { cancellableContext, contextOf, print } from './run'

const use = 'upgrade [RELEASE] [CHART]'

export const historyMaxFlag: Flag = int('history-max', 'limit the maximum number of revisions saved per release. Use 0 for no limit', { default: 10 })

const ownFlags: readonly Flag[] = [
  historyMaxFlag,
  bool('cleanup-on-fail', 'allow deletion of new resources created in this upgrade when upgrade fails'),
  bool('install,i', "if a release by this name doesn't already exist, run an install"),
  bool('reset-then-reuse-values', "reset the values to the ones built into the chart, apply the last release's values and merge in any overrides. With '--reset-values' or '--reuse-values' this is ignored"),
  bool('reset-values', 'reset the values to the ones built into the chart'),
  bool('reuse-values', "reuse the last release's values and merge in any overrides. With '--reset-values' this is ignored"),
]

export const upgradeCommand: Command = {
  use, short: 'upgrade a release', args: exactly(use, 2), flags: [...deployFlags, ...ownFlags],
  long: 'Takes a release to a new version of its chart, to another chart or to other values. Without flags about values, the earlier ones stay where none are given.',
  complete: completeReleaseThenChart,
  async run(invocation) {
    const { args: [name = '', chartName = ''], flags } = invocation
    refuseMissing(invocation)
    const context = contextOf(invocation)
    if (flags.bool('install')) {
      const last = await lastOf(context, name)
      if (!last || last.info.status === 'uninstalled') return await installInstead(invocation, name, chartName, last !== undefined)
    }
    const { chart, values } = await chartFrom(invocation, chartName, 'upgrade')
    let release: Release
    try {
      release = await upgrade(cancellableContext(invocation, name), name, chart, values, upgradeOptions(invocation, context))
    } catch (error) {
      throw told('UPGRADE FAILED', error)
    }
    return await printRelease(invocation, release, `Release ${JSON.stringify(name)} has been upgraded. Happy Helming!\n`)
  },
}

async function lastOf({ session, storage }: ActionContext, name: string): Promise<Release | undefined> {
  await session.reach()
  try {
    return await storage.last(name)
  } catch (error) {
    if (error instanceof NotFound) return undefined
    throw error
  }
}

async function installInstead(invocation: Invocation, name: string, chartName: string, replace: boolean): Promise<number> {
  if (invocation.flags.string('output') === 'table') await print(invocation, `Release ${JSON.stringify(name)} does not exist. Installing it now.\n`)
  return await printRelease(invocation, await runInstall(invocation, name, chartName, replace))
}

function upgradeOptions({ flags, process }: Invocation, { session }: ActionContext): UpgradeOptions {
  const fromEnvironment = Number.parseInt(process.env.get('HELM_MAX_HISTORY') ?? '', 10)
  return {
    namespace: session.namespace, dryRun: dryRunOf(flags.string('dry-run')), resetValues: flags.bool('reset-values'), reuseValues: flags.bool('reuse-values'), resetThenReuse: flags.bool('reset-then-reuse-values'), force: flags.bool('force'), noHooks: flags.bool('no-hooks'),
    wait: flags.bool('wait'), waitForJobs: flags.bool('wait-for-jobs'), atomic: flags.bool('atomic'), cleanupOnFail: flags.bool('cleanup-on-fail'), timeoutMs: flags.number('timeout'), description: flags.string('description'), labels: Object.fromEntries(flags.map('labels')),
    maxHistory: flags.changed('history-max') || Number.isNaN(fromEnvironment) ? flags.number('history-max') : fromEnvironment,
    takeOwnership: flags.bool('take-ownership'), skipSchema: flags.bool('skip-schema-validation'), subNotes: flags.bool('render-subchart-notes'), hideSecrets: flags.bool('hide-secret'),
  }
}
