/** Takes a release out of the cluster. */
import { buildObjects, type ClusterObject } from '../cluster/objects'
import { deleteObjects, type Propagation } from '../cluster/write'
import { waitGone } from '../cluster/wait'
import { nameProblem } from '../release/names'
import { NotFound } from '../release/storage'
import { nowText } from '../release/time'
import type { Release } from '../release/types'
import { splitManifests } from '#engine/programs/helm/manifests/split'
import { sortByKind, uninstallOrder } from '#engine/programs/helm/manifests/order'
import { parseYaml } from '#engine/base/yaml/parser'
import { type ActionContext, told, telling } from './context'
import { runHooks } from './hooks'

export interface UninstallOptions {
  readonly dryRun: boolean
  readonly keepHistory: boolean
  readonly noHooks: boolean
  readonly wait: boolean
  readonly timeoutMs: number
  readonly description: string
  readonly ignoreNotFound: boolean
  readonly propagation: Propagation
}

/** What is to be told: of what was kept. */
export async function uninstall(context: ActionContext, name: string, options: UninstallOptions): Promise<string> {
  const { session, storage } = context
  await session.reach()
  if (options.dryRun) {
    await storage.last(name)
    return ''
  }
  if (nameProblem(name) !== undefined) throw new Error(`uninstall: Release name is invalid: ${name}`)
  const history = await historyOf(context, name, options.ignoreNotFound)
  const release = history?.at(-1)
  if (!history || !release) return ''
  if (release.info.status === 'uninstalled') {
    if (options.keepHistory) throw new Error(`the release named ${JSON.stringify(name)} is already deleted`)
    await telling('uninstall: Failed to purge the release', () => purge(context, history))
    return ''
  }
  return await remove(context, release, history, options)
}

async function historyOf({ storage }: ActionContext, name: string, ignoreNotFound: boolean): Promise<Release[] | undefined> {
  try {
    return await storage.history(name)
  } catch (error) {
    if (ignoreNotFound && error instanceof NotFound) return undefined
    throw told(`uninstall: Release not loaded: ${name}`, error)
  }
}

async function remove(context: ActionContext, release: Release, history: readonly Release[], options: UninstallOptions): Promise<string> {
  const { session, storage } = context
  Object.assign(release.info, { status: 'uninstalling', deleted: nowText(session.process), description: 'Deletion in progress (or silently failed)' })
  if (!options.noHooks) await runHooks(context, release, 'pre-delete', options.timeoutMs)
  await storage.record(release)
  const { kept, deleted } = await deleteResources(context, release, options.propagation)
  const problems: Error[] = []
  const trying = async (run: () => Promise<void>): Promise<void> => {
    await run().catch((error: unknown) => ((error as Error).name === 'ProcessKilled' ? Promise.reject(error as Error) : void problems.push(error as Error)))
  }
  if (options.wait) await trying(() => waitGone(session, deleted, options.timeoutMs))
  if (!options.noHooks) await trying(() => runHooks(context, release, 'post-delete', options.timeoutMs))
  Object.assign(release.info, { status: 'uninstalled', description: options.description || 'Uninstallation complete' })
  if (options.keepHistory) await storage.record(release)
  else await trying(() => telling('uninstall: Failed to purge the release', () => purge(context, history)))
  if (problems.length > 0) throw new Error(`uninstallation completed with ${problems.length} error(s): ${problems.map(({ message }) => message).join('; ')}`)
  return kept
}

async function purge({ storage }: ActionContext, history: readonly Release[]): Promise<void> {
  for (const release of history) await storage.delete(release)
}

interface Removed {
  readonly kept: string
  readonly deleted: readonly ClusterObject[]
}

async function deleteResources({ session }: ActionContext, release: Release, propagation: Propagation): Promise<Removed> {
  const parts = sortByKind(splitManifests(release.manifest).map((text) => ({ text, ...headOf(text) })), uninstallOrder)
  const kept = parts.filter(({ keep }) => keep)
  const failure = (error: unknown): Error => ((error as Error).name === 'ProcessKilled' ? (error as Error) : new Error(`failed to delete release: ${release.name}`))
  try {
    const objects = await buildObjects(session, parts.filter(({ keep }) => !keep).map(({ text }) => `\n---\n${text}`).join(''))
    await deleteObjects(session, objects, propagation)
    return { deleted: objects, kept: kept.length === 0 ? '' : `These resources were kept due to the resource policy:\n${kept.map(({ kind, name }) => `[${kind}] ${name}\n`).join('')}` }
  } catch (error) {
    throw failure(error)
  }
}

function headOf(text: string): { kind: string; name: string; keep: boolean } {
  const value = (parseYaml(text) ?? {}) as { kind?: string; metadata?: { name?: string; annotations?: Record<string, string> } }
  return { kind: value.kind ?? '', name: value.metadata?.name ?? '', keep: value.metadata?.annotations?.['helm.sh/resource-policy']?.trim().toLowerCase() === 'keep' }
}
