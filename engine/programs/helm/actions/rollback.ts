/** Makes an earlier revision the newest one. */
import { buildObjects, type ClusterObject } from '../cluster/objects'
import { deleteObjects, updateObjects } from '../cluster/write'
import { waitReady } from '../cluster/wait'
import { nameProblem } from '../release/names'
import { NoDeployedReleases } from '../release/storage'
import { nowText } from '../release/time'
import { type Release, setStatus } from '../release/types'
import { type ActionContext, telling } from './context'
import { runHooks } from './hooks'
import { own } from './ownership'

export interface RollbackOptions {
  /** 0: the one before the last. */
  readonly version: number
  readonly dryRun: boolean
  readonly wait: boolean
  readonly waitForJobs: boolean
  readonly noHooks: boolean
  readonly force: boolean
  readonly timeoutMs: number
  readonly cleanupOnFail: boolean
  readonly maxHistory: number
}

export async function rollback(context: ActionContext, name: string, options: RollbackOptions): Promise<void> {
  await context.session.reach()
  const { current, target } = await prepare(context, name, options.version)
  if (options.dryRun) return
  await context.storage.create(target, options.maxHistory)
  await perform(context, current, target, options)
  await context.storage.update(target)
}

async function prepare({ session, storage }: ActionContext, name: string, version: number): Promise<{ current: Release; target: Release }> {
  if (nameProblem(name) !== undefined) throw new Error(`prepareRollback: Release name is invalid: ${name}`)
  if (version < 0) throw new Error('invalid release revision')
  const history = await storage.history(name)
  const current = history.at(-1) as Release
  const wanted = version === 0 ? current.version - 1 : version
  const previous = history.find((release) => release.version === wanted)
  if (!previous) throw new Error(`release has no ${wanted} version`)
  const target: Release = {
    name, namespace: current.namespace, chart: previous.chart, config: previous.config, version: current.version + 1, labels: previous.labels, manifest: previous.manifest, hooks: previous.hooks,
    info: { firstDeployed: current.info.firstDeployed, lastDeployed: nowText(session.process), deleted: '', status: 'pending-rollback', notes: previous.info.notes, description: `Rollback to ${wanted}` },
  }
  return { current, target }
}

async function perform(context: ActionContext, current: Release, target: Release, options: RollbackOptions): Promise<void> {
  const { session, storage } = context
  const before = await telling('unable to build kubernetes objects from current release manifest', () => buildObjects(session, current.manifest))
  const wanted = await telling('unable to build kubernetes objects from new release manifest', () => buildObjects(session, target.manifest))
  const hooks = async (event: string): Promise<void> => {
    if (!options.noHooks) await runHooks(context, target, event, options.timeoutMs)
  }
  await hooks('pre-rollback')
  own(wanted, target)
  await change(context, current, target, [before, wanted], options)
  if (options.wait) await settled(context, current, target, wanted, options)
  await hooks('post-rollback')
  const deployed = await storage.deployed(target.name).catch((error: unknown) => (error instanceof NoDeployedReleases ? [] : Promise.reject(error as Error)))
  for (const release of deployed) {
    release.info.status = 'superseded'
    await storage.record(release)
  }
  target.info.status = 'deployed'
}

async function change(context: ActionContext, current: Release, target: Release, [before, wanted]: readonly [ClusterObject[], ClusterObject[]], options: RollbackOptions): Promise<void> {
  const created: ClusterObject[] = []
  try {
    await updateObjects(context.session, before, wanted, options.force, { created })
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    current.info.status = 'superseded'
    setStatus(target, 'failed', `Rollback ${JSON.stringify(target.name)} failed: ${(error as Error).message}`)
    await context.storage.record(current)
    await context.storage.record(target)
    if (options.cleanupOnFail && created.length > 0) await telling(`an error occurred while cleaning up resources. original rollback error: ${(error as Error).message}`, () => deleteObjects(context.session, created))
    throw error
  }
}

async function settled(context: ActionContext, current: Release, target: Release, wanted: readonly ClusterObject[], options: RollbackOptions): Promise<void> {
  try {
    await waitReady(context.session, wanted, options.timeoutMs, options.waitForJobs)
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    setStatus(target, 'failed', `Release ${JSON.stringify(target.name)} failed: ${(error as Error).message}`)
    await context.storage.record(current)
    await context.storage.record(target)
    throw new Error(`release ${target.name} failed: ${(error as Error).message}`)
  }
}
