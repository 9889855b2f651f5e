/** `helm rollback` and `helm uninstall`. */
import type { Command } from '#engine/programs/common/cobra/command'
import { bool, string } from '#engine/programs/common/cobra/flags'
import { rollback } from '../actions/rollback'
import { uninstall } from '../actions/uninstall'
import type { Propagation } from '../cluster/write'
import { atLeast } from './arguments'
import { completeReleases, completeRollback } from './complete'
import { timeoutFlag } from './flagsets'
import { contextOf, print } from './run'
import { historyMaxFlag } from './upgrade'

const rollbackUse = 'rollback <RELEASE> [REVISION]'

export const rollbackCommand: Command = {
  use: rollbackUse, short: 'roll back a release to a previous revision', args: atLeast(rollbackUse, 1), complete: completeRollback,
  long: 'Takes a release back to an earlier revision, by its number; without one (or with 0) to the revision before the last.',
  flags: [
    timeoutFlag, historyMaxFlag,
    bool('cleanup-on-fail', 'allow deletion of new resources created in this rollback when rollback fails'),
    bool('dry-run', 'simulate a rollback'),
    bool('force', 'force resource update through delete/recreate if needed'),
    bool('no-hooks', 'prevent hooks from running during rollback'),
    bool('recreate-pods', 'performs pods restart for the resource if applicable', { deprecated: 'functionality will no longer be updated. Consult the documentation for other methods to recreate pods' }),
    bool('wait', 'wait until all resources are ready, for as long as --timeout'),
    bool('wait-for-jobs', 'with --wait, wait also until all Jobs have been completed'),
  ],
  async run(invocation) {
    const { args: [name = '', revision], flags } = invocation
    await rollback(contextOf(invocation), name, {
      version: revision === undefined ? 0 : revisionOf(revision), dryRun: flags.bool('dry-run'), wait: flags.bool('wait'), waitForJobs: flags.bool('wait-for-jobs'), noHooks: flags.bool('no-hooks'), force: flags.bool('force'),
      timeoutMs: flags.number('timeout'), cleanupOnFail: flags.bool('cleanup-on-fail'), maxHistory: flags.number('history-max'),
    })
    return await print(invocation, 'Rollback was a success! Happy Helming!\n')
  },
}

function revisionOf(text: string): number {
  if (/^[-+]?\d+$/.test(text)) return Number(text)
  throw new Error(`could not convert revision to a number: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
}

const uninstallUse = 'uninstall RELEASE_NAME [...]'
const cascades: Readonly<Record<string, Propagation>> = { background: 'Background', foreground: 'Foreground', orphan: 'Orphan' }

export const uninstallCommand: Command = {
  use: uninstallUse, aliases: ['del', 'delete', 'un'], suggestFor: ['remove', 'rm'], short: 'uninstall a release', args: atLeast(uninstallUse, 1), complete: completeReleases(Number.POSITIVE_INFINITY),
  long: 'Takes all resources of the last revision out of the cluster, and forgets the history of the release.',
  flags: [
    timeoutFlag,
    string('cascade', 'Must be "background", "orphan", or "foreground". Selects the deletion cascading strategy for the dependents', { default: 'background' }),
    string('description', 'add a custom description'),
    bool('dry-run', 'simulate a uninstall'),
    bool('ignore-not-found', 'Treat "release not found" as a successful uninstall'),
    bool('keep-history', 'remove all associated resources and mark the release as deleted, but retain the release history'),
    bool('no-hooks', 'prevent hooks from running during uninstallation'),
    bool('wait', 'wait until all the resources are deleted before returning, for as long as --timeout'),
  ],
  async run(invocation) {
    const { args, flags } = invocation
    const propagation = cascades[flags.string('cascade')]
    if (!propagation) throw new Error(`invalid cascade value (${flags.string('cascade')}). Must be "background", "foreground", or "orphan"`)
    for (const name of args) {
      const kept = await uninstall(contextOf(invocation), name, {
        dryRun: flags.bool('dry-run'), keepHistory: flags.bool('keep-history'), noHooks: flags.bool('no-hooks'), wait: flags.bool('wait'), timeoutMs: flags.number('timeout'), description: flags.string('description'),
        ignoreNotFound: flags.bool('ignore-not-found'), propagation,
      })
      await print(invocation, `${kept === '' ? '' : `${kept}\n`}release "${name}" uninstalled\n`)
    }
    return 0
  },
}
