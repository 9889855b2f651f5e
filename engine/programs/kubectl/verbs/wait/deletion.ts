/** Waits until an object is gone: looks, then watches. */
import type { KubeObject } from '#engine/api/object'
import { StatusError } from '#engine/api/status'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { type Session } from '#engine/programs/kubectl/session/session'

export async function awaitDeletion(session: Session, info: Info, uid: string | undefined, deadline: number): Promise<void> {
  if (session.now() >= deadline) throw new CliError('client rate limiter Wait returned an error: context deadline exceeded')
  for (;;) {
    let object: KubeObject
    try {
      object = await session.get(info.mapping, info.namespace, info.name)
    } catch (error) {
      if (error instanceof StatusError && error.status.reason === 'NotFound') return
      throw error
    }
    if (uid !== undefined && object.metadata.uid !== uid) return
    const left = deadline - session.now()
    if (left <= 0) throw timedOut(info)
    if (await watchForDeletion(session, info, object, left)) continue
    throw timedOut(info)
  }
}

function timedOut(info: Info): CliError {
  return new CliError(`timed out waiting for the condition on ${info.mapping.resource}/${info.name}`)
}

/** True once something happened that is worth a new look; false when the time is over. */
async function watchForDeletion(session: Session, info: Info, object: KubeObject, leftMs: number): Promise<boolean> {
  const abort = new AbortController()
  const timer = session.process.clock.after(leftMs, () => abort.abort(new Error('timeout')))
  try {
    for await (const event of await session.watch(info.mapping, info.namespace, { fieldSelector: `metadata.name=${info.name}`, resourceVersion: object.metadata.resourceVersion, allowWatchBookmarks: true }, abort.signal)) if (event.type === 'DELETED') return true
    return !abort.signal.aborted
  } catch (error) {
    if (abort.signal.aborted) return false
    if (error instanceof StatusError && (error.status.reason === 'Expired' || error.status.reason === 'Gone')) return true
    throw error
  } finally {
    timer.cancel()
    abort.abort(new Error('done'))
  }
}
