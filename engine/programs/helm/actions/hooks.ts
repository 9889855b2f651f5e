/** Hooks of an event: in order of weight, each deleted, made and waited for as its policies say. */
import { buildObjects, type ClusterObject } from '../cluster/objects'
import { createObjects, deleteObjects, Several } from '../cluster/write'
import { waitGone, waitRun } from '../cluster/wait'
import { nowText } from '../release/time'
import { hooksOf, type Release, type ReleaseHook } from '../release/types'
import { type ActionContext, telling } from './context'

export async function runHooks(context: ActionContext, release: Release, event: string, timeoutMs: number): Promise<void> {
  const hooks = hooksOf(release, event).map((hook, index) => ({ hook, index })).sort((a, b) => a.hook.weight - b.hook.weight || a.index - b.index).map(({ hook }) => hook)
  const done: ReleaseHook[] = []
  for (const hook of hooks) {
    if (hook.deletePolicies.length === 0) hook.deletePolicies = ['before-hook-creation']
    await deleteByPolicy(context, hook, 'before-hook-creation', timeoutMs)
    const objects = await telling(`unable to build kubernetes object for ${event} hook ${hook.path}`, () => buildObjects(context.session, hook.manifest))
    await start(context, release, hook)
    try {
      await runHook(context, hook, objects, event, timeoutMs)
    } catch (error) {
      if (!(error instanceof HookFailed)) throw error
      await printLogs(context, hook, release.namespace, 'hook-failed')
      await deleteByPolicy(context, hook, 'hook-failed', timeoutMs).catch((problem: unknown) => ((problem as Error).name === 'ProcessKilled' ? Promise.reject(problem as Error) : undefined))
      for (const earlier of done) await deleteByPolicy(context, earlier, 'hook-succeeded', timeoutMs)
      throw error
    }
    done.push(hook)
  }
  for (const hook of done.reverse()) {
    await printLogs(context, hook, release.namespace, 'hook-succeeded')
    await deleteByPolicy(context, hook, 'hook-succeeded', timeoutMs)
  }
}

/** The hook ran and failed. */
class HookFailed extends Error {}

async function start({ session, storage }: ActionContext, release: Release, hook: ReleaseHook): Promise<void> {
  hook.lastRun = { startedAt: nowText(session.process), completedAt: '', phase: 'Running' }
  await storage.record(release)
  hook.lastRun.phase = 'Unknown'
}

async function runHook({ session }: ActionContext, hook: ReleaseHook, objects: readonly ClusterObject[], event: string, timeoutMs: number): Promise<void> {
  const ended = (phase: 'Succeeded' | 'Failed'): void => {
    hook.lastRun.completedAt = nowText(session.process)
    hook.lastRun.phase = phase
  }
  try {
    await telling(`warning: Hook ${event} ${hook.path} failed`, () => createObjects(session, objects))
  } catch (error) {
    ended('Failed')
    throw error
  }
  const problems: Error[] = []
  for (const object of objects) {
    try {
      await waitRun(session, object, timeoutMs)
    } catch (error) {
      if ((error as Error).name === 'ProcessKilled') throw error
      problems.push(error as Error)
    }
  }
  ended(problems.length > 0 ? 'Failed' : 'Succeeded')
  if (problems.length > 0) throw new HookFailed(new Several(problems).message)
}

async function deleteByPolicy({ session }: ActionContext, hook: ReleaseHook, policy: string, timeoutMs: number): Promise<void> {
  if (hook.kind === 'CustomResourceDefinition' || !hook.deletePolicies.includes(policy)) return
  const objects = await telling(`unable to build kubernetes object for deleting hook ${hook.path}`, () => buildObjects(session, hook.manifest))
  await deleteObjects(session, objects)
  await waitGone(session, objects, timeoutMs)
}

/** `helm.sh/hook-output-log-policy`: what its containers wrote, on standard output. */
async function printLogs({ session }: ActionContext, hook: ReleaseHook, namespace: string, policy: string): Promise<void> {
  if (!hook.outputLogPolicies.includes(policy)) return
  const selector = hook.kind === 'Job' ? `labelSelector=job-name%3D${encodeURIComponent(hook.name)}` : hook.kind === 'Pod' ? `fieldSelector=metadata.name%3D${encodeURIComponent(hook.name)}` : undefined
  if (selector === undefined) return
  const { items } = await session.client().json<{ items: { metadata: { name: string }; spec: { containers: { name: string }[] } }[] }>('GET', `/api/v1/namespaces/${namespace}/pods?${selector}`)
  for (const pod of items)
    for (const { name } of pod.spec.containers) await session.process.stdout.write(await session.client().text(`/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}/log?container=${encodeURIComponent(name)}`))
}
