/** Waiting for objects: until they are ready, done or gone. */
import type { KubeObject } from '#engine/api/object'
import { findObject } from './write'
import type { ClusterObject } from './objects'
import { isReady } from './ready'
import type { HelmSession } from './session'

const everyMs = 2000
/** How often hooks are looked at; a kubelet tells of an end about once a second. */
const watchMs = 1000

/** Asks until it is so; false once the time has passed. */
async function until(session: HelmSession, timeoutMs: number, stepMs: number, done: () => Promise<boolean>): Promise<boolean> {
  const { clock } = session.process
  const end = clock.now() + timeoutMs
  for (;;) {
    if (await done()) return true
    const left = end - clock.now()
    if (left <= 0) return false
    await clock.sleep(Math.min(stepMs, left))
  }
}

/** Until all are ready; with `jobs` also until jobs are complete. */
export async function waitReady(session: HelmSession, objects: readonly ClusterObject[], timeoutMs: number, jobs: boolean): Promise<void> {
  const all = async (): Promise<boolean> => {
    for (const object of objects) if (!(await isReady(session, object, jobs))) return false
    return true
  }
  if (!(await until(session, timeoutMs, everyMs, all))) throw new Error('context deadline exceeded')
}

export async function waitGone(session: HelmSession, objects: readonly ClusterObject[], timeoutMs: number): Promise<void> {
  const all = async (): Promise<boolean> => {
    for (const object of objects) if (await findObject(session, object)) return false
    return true
  }
  if (!(await until(session, timeoutMs, everyMs, all))) throw new Error('context deadline exceeded')
}

/** Until pods and jobs have run; other kinds count as soon as they are there. */
export async function waitRun(session: HelmSession, object: ClusterObject, timeoutMs: number): Promise<void> {
  const ends = { Job: jobEnded, Pod: podEnded }[object.mapping.kind]
  if (!ends) return
  const ended = await until(session, timeoutMs, watchMs, async () => {
    const live = await findObject(session, object)
    if (!live) throw new Error('object was deleted')
    return ends(live)
  })
  if (!ended) throw new Error('timed out waiting for the condition')
}

interface Conditioned {
  readonly status?: { readonly phase?: string; readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[] }
}

function jobEnded(job: KubeObject): boolean {
  for (const { type, status, reason } of (job as Conditioned).status?.conditions ?? []) {
    if (type === 'Complete' && status === 'True') return true
    if (type === 'Failed' && status === 'True') throw new Error(`job ${job.metadata.name} failed: ${reason ?? ''}`)
  }
  return false
}

function podEnded(pod: KubeObject): boolean {
  const phase = (pod as Conditioned).status?.phase
  if (phase === 'Failed') throw new Error(`pod ${pod.metadata.name} failed`)
  return phase === 'Succeeded'
}
