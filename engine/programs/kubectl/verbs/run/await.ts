/** Waits for a pod to come to a point, by a watch. */
import type { Pod } from '#engine/api/kinds'
import { StatusError } from '#engine/api/status'
import { notFoundError } from '#engine/api/errors'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { pods, type Session } from '#engine/programs/kubectl/session/session'

export async function awaitPod(session: Session, pod: Pod, timeoutMs: number, check: (pod: Pod) => { done: boolean }): Promise<Pod> {
  const abort = new AbortController()
  const timer = timeoutMs > 0 ? session.process.clock.after(timeoutMs, () => abort.abort(new Error('timeout'))) : undefined
  try {
    return await follow(session, pod, abort.signal, check)
  } catch (error) {
    if (abort.signal.aborted && !(error instanceof StatusError) && (error as Error).name !== 'ProcessKilled') throw new CliError('timed out waiting for the condition')
    throw error
  } finally {
    timer?.cancel()
    abort.abort(new Error('done'))
  }
}

async function follow(session: Session, pod: Pod, signal: AbortSignal, check: (pod: Pod) => { done: boolean }): Promise<Pod> {
  const { name = '', namespace = '' } = pod.metadata
  for (;;) {
    const current = await session.get<Pod>(pods, namespace, name)
    if (check(current).done) return current
    for await (const event of await session.watch(pods, namespace, { fieldSelector: `metadata.name=${name}`, resourceVersion: current.metadata.resourceVersion }, signal)) {
      if (event.type === 'DELETED') throw notFoundError({ group: '', resource: 'pods' }, '')
      if (event.type !== 'BOOKMARK' && check(event.object as Pod).done) return event.object as Pod
    }
    if (signal.aborted) throw new CliError('timed out waiting for the condition')
  }
}
