/** Puts a chart into the cluster as a new release. */
import { type Chart, chartCrds } from '#engine/programs/helm/chart/types'
import type { Values } from '#engine/programs/helm/values/types'
import { decodeUtf8 } from '#engine/base/bytes'
import type { KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { namespaces } from '#engine/client/resources'
import { buildObjects, type ClusterObject } from '../cluster/objects'
import { createObjects, Several, updateObjects } from '../cluster/write'
import { waitReady } from '../cluster/wait'
import { nameProblem } from '../release/names'
import { nowText } from '../release/time'
import { type Release, setStatus } from '../release/types'
import { checkLabels, render, settle } from './build'
import { type ActionContext, cancellable, type DryRun, told, telling } from './context'
import { runHooks } from './hooks'
import { existing, own } from './ownership'
import { uninstall } from './uninstall'

export interface InstallOptions {
  readonly name: string
  readonly namespace: string
  readonly dryRun: DryRun
  readonly createNamespace: boolean
  readonly replace: boolean
  readonly skipCrds: boolean
  readonly noHooks: boolean
  readonly wait: boolean
  readonly waitForJobs: boolean
  readonly atomic: boolean
  readonly timeoutMs: number
  readonly description: string
  readonly labels: Readonly<Record<string, string>>
  readonly takeOwnership: boolean
  readonly skipSchema: boolean
  readonly subNotes: boolean
  readonly hideSecrets: boolean
  readonly force: boolean
}

export async function install(context: ActionContext, chart: Chart, values: Values, options: InstallOptions): Promise<Release> {
  const { session, storage } = context
  const dry = options.dryRun !== 'none'
  await session.reach()
  if (!dry && options.hideSecrets) throw new Error('Hiding Kubernetes secrets requires a dry-run mode')
  await checkName(context, options, dry)
  settle(chart, values)
  if (!options.skipCrds && !dry) await installCrds(context, chart)
  const release = await makeRelease(context, chart, values, options)
  const objects = await telling('unable to build kubernetes objects from release manifest', () => buildObjects(session, release.manifest))
  own(objects, release)
  const adopted = await telling('Unable to continue with install', () => existing(session, objects, release, options.takeOwnership))
  if (dry) {
    release.info.description = 'Dry run complete'
    return release
  }
  if (options.createNamespace) await makeNamespace(context, options.namespace)
  if (options.replace) await replaceLast(context, release)
  await storage.create(release)
  return await perform(context, release, objects, adopted, options)
}

async function checkName({ storage }: ActionContext, { name, replace }: InstallOptions, dry: boolean): Promise<void> {
  const problem = nameProblem(name)
  if (problem !== undefined) throw new Error(`release name ${JSON.stringify(name)}: ${problem}`)
  if (dry) return
  const last = await storage.last(name).catch((error: unknown) => ((error as Error).name === 'ProcessKilled' ? Promise.reject(error as Error) : undefined))
  if (last && !(replace && ['uninstalled', 'failed'].includes(last.info.status))) throw new Error('cannot re-use a name that is still in use')
}

async function installCrds({ session }: ActionContext, chart: Chart): Promise<void> {
  const made: ClusterObject[] = []
  for (const { name, file } of chartCrds(chart)) {
    const objects = await telling(`failed to install CRD ${name}`, () => buildObjects(session, decodeUtf8(file.data)))
    try {
      await createObjects(session, objects)
      made.push(...objects)
    } catch (error) {
      if (!isThere(error)) throw told(`failed to install CRD ${name}`, error)
    }
  }
  if (made.length === 0) return
  await waitReady(session, made, 60_000, false)
  session.forgetDiscovery()
}

function isThere(error: unknown): boolean {
  return error instanceof Several && error.errors.every((one) => isReason(one, 'AlreadyExists'))
}

async function makeRelease(context: ActionContext, chart: Chart, values: Values, options: InstallOptions): Promise<Release> {
  const { name, namespace } = options
  const now = nowText(context.session.process)
  const { manifest, hooks, notes } = await render(context, {
    chart, values, name, namespace, revision: 1, upgrade: false, remote: options.dryRun !== 'client', skipSchema: options.skipSchema, subNotes: options.subNotes, hideSecrets: options.hideSecrets,
  })
  checkLabels(options.labels)
  return {
    name, namespace, chart, config: values, version: 1, manifest, hooks, labels: { ...options.labels },
    info: { firstDeployed: now, lastDeployed: now, deleted: '', description: 'Initial install underway', status: 'pending-install', notes },
  }
}

async function makeNamespace({ session }: ActionContext, name: string): Promise<void> {
  try {
    await session.client().of(namespaces).create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { name } } } as KubeObject as never, { fieldManager: 'helm' })
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw (error as Error).name === 'ProcessKilled' ? error : new Several([error as Error])
  }
}

/** The one before becomes history. */
async function replaceLast({ storage }: ActionContext, release: Release): Promise<void> {
  const history = await storage.history(release.name).catch(() => [])
  const last = history.at(-1)
  if (!last) return
  release.version = last.version + 1
  if (last.info.status !== 'failed') {
    setStatus(last, 'superseded', `superseded by new release`)
    await storage.record(last)
  }
}

async function perform(context: ActionContext, release: Release, objects: readonly ClusterObject[], adopted: readonly ClusterObject[], options: InstallOptions): Promise<Release> {
  try {
    await cancellable(context, deploy(context, release, objects, adopted, options))
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    return await failed(context, release, error as Error, options)
  }
  setStatus(release, 'deployed', options.description || 'Install complete')
  await context.storage.record(release)
  return release
}

async function deploy(context: ActionContext, release: Release, objects: readonly ClusterObject[], adopted: readonly ClusterObject[], options: InstallOptions): Promise<void> {
  const { session } = context
  const hooks = async (event: string): Promise<void> => {
    if (!options.noHooks) await telling(`failed ${event}`, () => runHooks(context, release, event, options.timeoutMs))
  }
  await hooks('pre-install')
  if (adopted.length === 0) await createObjects(session, objects)
  else await updateObjects(session, adopted, objects, options.force, { created: [] })
  if (options.wait || options.atomic) await waitReady(session, objects, options.timeoutMs, options.waitForJobs)
  await hooks('post-install')
}

async function failed(context: ActionContext, release: Release, error: Error, { name, atomic, noHooks, timeoutMs }: InstallOptions): Promise<never> {
  setStatus(release, 'failed', `Release ${JSON.stringify(name)} failed: ${error.message}`)
  await context.storage.record(release)
  if (!atomic) throw error
  try {
    await uninstall(context, name, { dryRun: false, keepHistory: false, noHooks, wait: false, timeoutMs, description: '', ignoreNotFound: false, propagation: 'Background' })
  } catch (problem) {
    throw told('an error occurred while uninstalling the release. original install error: ' + error.message, problem)
  }
  throw new Error(`release ${name} failed, and has been uninstalled due to atomic being set: ${error.message}`)
}
