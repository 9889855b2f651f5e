/** Takes a release to another chart or other values. */
import type { Chart } from '#engine/programs/helm/chart/types'
import { coalesceTables, coalesceValues } from '#engine/programs/helm/values/coalesce'
import type { Values } from '#engine/programs/helm/values/types'
import { buildObjects, type ClusterObject, objectKey } from '../cluster/objects'
import { deleteObjects, updateObjects } from '../cluster/write'
import { waitReady } from '../cluster/wait'
import { nameProblem } from '../release/names'
import { NoDeployedReleases, NotFound } from '../release/storage'
import { nowText } from '../release/time'
import { isPending, type Release } from '../release/types'
import { checkLabels, render, settle } from './build'
import { type ActionContext, cancellable, type DryRun, told, telling } from './context'
import { runHooks } from './hooks'
import { existing, own } from './ownership'
import { rollback } from './rollback'

export interface UpgradeOptions {
  readonly namespace: string
  readonly dryRun: DryRun
  readonly resetValues: boolean
  readonly reuseValues: boolean
  readonly resetThenReuse: boolean
  readonly force: boolean
  readonly noHooks: boolean
  readonly wait: boolean
  readonly waitForJobs: boolean
  readonly atomic: boolean
  readonly cleanupOnFail: boolean
  readonly timeoutMs: number
  readonly maxHistory: number
  readonly description: string
  readonly labels: Readonly<Record<string, string>>
  readonly takeOwnership: boolean
  readonly skipSchema: boolean
  readonly subNotes: boolean
  readonly hideSecrets: boolean
}

export async function upgrade(context: ActionContext, name: string, chart: Chart, values: Values, options: UpgradeOptions): Promise<Release> {
  await context.session.reach()
  if (nameProblem(name) !== undefined) throw new Error(`release name is invalid: ${name}`)
  const { current, next } = await prepare(context, name, chart, values, options)
  const { original, target } = await objectsOf(context, current, next, options)
  if (options.dryRun !== 'none') {
    next.info.description = options.description || 'Dry run complete'
    return next
  }
  await context.storage.create(next, options.maxHistory)
  await perform(context, { current, next, original, target }, options)
  await context.storage.update(next)
  return next
}

interface Prepared {
  readonly current: Release
  readonly next: Release
}

async function prepare(context: ActionContext, name: string, chart: Chart, given: Values, options: UpgradeOptions): Promise<Prepared> {
  const { session } = context
  if (options.dryRun === 'none' && options.hideSecrets) throw new Error('Hiding Kubernetes secrets requires a dry-run mode')
  const { last, current } = await lastAndCurrent(context, name)
  const values = valuesFor(chart, current, given, options)
  settle(chart, values)
  const revision = last.version + 1
  const { manifest, hooks, notes } = await render(context, {
    chart, values, name, namespace: current.namespace, revision, upgrade: true, remote: options.dryRun !== 'client', skipSchema: options.skipSchema, subNotes: options.subNotes, hideSecrets: options.hideSecrets,
  })
  checkLabels(options.labels)
  const next: Release = {
    name, namespace: current.namespace, chart, config: values, version: revision, manifest, hooks, labels: mergedLabels(last.labels, options.labels),
    info: { firstDeployed: current.info.firstDeployed, lastDeployed: nowText(session.process), deleted: '', description: 'Preparing upgrade', status: 'pending-upgrade', notes },
  }
  await buildObjects(session, manifest)
  return { current, next }
}

/** A label given as null goes. */
function mergedLabels(before: Readonly<Record<string, string>>, given: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries({ ...before, ...given }).filter(([, value]) => value !== 'null'))
}

async function lastAndCurrent({ storage }: ActionContext, name: string): Promise<{ last: Release; current: Release }> {
  const last = await storage.last(name).catch((error: unknown) => Promise.reject(error instanceof NotFound ? new NoDeployedReleases(name) : (error as Error)))
  const { status } = last.info
  if (isPending(status)) throw new Error('another operation (install/upgrade/rollback) is in progress')
  if (status === 'deployed') return { last, current: last }
  try {
    return { last, current: (await storage.deployed(name)).at(-1) as Release }
  } catch (error) {
    if (error instanceof NoDeployedReleases && (status === 'failed' || status === 'superseded')) return { last, current: last }
    throw error
  }
}

/** Without any flag and values the earlier ones stay. */
function valuesFor(chart: Chart, current: Release, given: Values, { resetValues, reuseValues, resetThenReuse }: UpgradeOptions): Values {
  const before = current.config ?? {}
  if (resetValues) return given
  if (reuseValues) {
    chart.values = coalesceValues(current.chart, before)
    return coalesceTables(given, before)
  }
  if (resetThenReuse) return coalesceTables(given, before)
  return Object.keys(given).length === 0 ? before : given
}

interface Targets {
  readonly original: ClusterObject[]
  readonly target: ClusterObject[]
}

async function objectsOf({ session }: ActionContext, current: Release, next: Release, options: UpgradeOptions): Promise<Targets> {
  const original = await telling('unable to build kubernetes objects from current release manifest', () => buildObjects(session, current.manifest))
  const target = await telling('unable to build kubernetes objects from new release manifest', () => buildObjects(session, next.manifest))
  own(target, next)
  const known = new Set(original.map(objectKey))
  const fresh = target.filter((object) => !known.has(objectKey(object)))
  const found = await telling('Unable to continue with update', () => existing(session, fresh, next, options.takeOwnership))
  return { original: [...original, ...found], target }
}

async function perform(context: ActionContext, { current, next, original, target }: Prepared & Targets, options: UpgradeOptions): Promise<void> {
  const { session, storage } = context
  const created: ClusterObject[] = []
  const hooks = async (event: string): Promise<void> => {
    if (!options.noHooks) await telling(`${event} hooks failed`, () => runHooks(context, next, event, options.timeoutMs))
  }
  const deploy = async (): Promise<void> => {
    await hooks('pre-upgrade')
    await updateObjects(session, original, target, options.force, { created })
    if (options.wait || options.atomic) await waitReady(session, target, options.timeoutMs, options.waitForJobs)
    await hooks('post-upgrade')
  }
  try {
    await cancellable(context, deploy())
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    await failed(context, next, created, error as Error, options)
  }
  current.info.status = 'superseded'
  await storage.record(current)
  Object.assign(next.info, { status: 'deployed', description: options.description || 'Upgrade complete' })
}

async function failed(context: ActionContext, next: Release, created: readonly ClusterObject[], error: Error, options: UpgradeOptions): Promise<never> {
  const { name } = next
  Object.assign(next.info, { status: 'failed', description: `Upgrade ${JSON.stringify(name)} failed: ${error.message}` })
  await context.storage.record(next)
  if (options.cleanupOnFail && created.length > 0) await telling(`an error occurred while cleaning up resources. original upgrade error: ${error.message}`, () => deleteObjects(context.session, created))
  if (!options.atomic) throw error
  const history = await context.storage.history(name)
  const good = history.filter(({ info }) => info.status === 'superseded' || info.status === 'deployed').at(-1)
  if (!good) throw new Error(`unable to find a previously successful release when attempting to rollback. original upgrade error: ${error.message}`)
  try {
    await rollback(context, name, { version: good.version, dryRun: false, wait: true, waitForJobs: options.waitForJobs, noHooks: options.noHooks, force: options.force, timeoutMs: options.timeoutMs, cleanupOnFail: false, maxHistory: options.maxHistory })
  } catch (problem) {
    throw told(`an error occurred while rolling back the release. original upgrade error: ${error.message}`, problem)
  }
  throw new Error(`release ${name} failed, and has been rolled back due to atomic being set: ${error.message}`)
}
