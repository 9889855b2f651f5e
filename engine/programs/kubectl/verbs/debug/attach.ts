/** Waits for a debug container to run, then attaches; its log where that is too late. */
import type { KubeObject } from '#engine/api/object'
import type { ContainerStatus, Pod } from '#engine/api/kinds'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { attachToPod } from '../attach/attach'
import { copyLog } from '../logs/logs'
import { awaitPod } from '../run/await'

export async function attachToDebugger(session: Session, made: KubeObject, container: string): Promise<void> {
  const { flags } = session
  const pod = await awaitPod(session, made as Pod, 0, (at) => {
    const state = statusOf(at, container)?.state
    return { done: state?.running !== undefined || state?.terminated !== undefined }
  })
  const status = statusOf(pod, container)
  if (!status) throw new CliError(`error getting container status of container name ${JSON.stringify(container)}`)
  if (status.state?.terminated) return await copyLog(session, pod, container)
  try {
    await attachToPod(session, pod, { container, stdin: flags.bool('stdin'), tty: flags.bool('tty'), quiet: flags.bool('quiet'), command: 'kubectl attach' })
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    await session.err(`warning: couldn't attach to pod/${pod.metadata.name ?? ''}, falling back to streaming logs: ${(error as Error).message}\n`)
    await copyLog(session, pod, container)
  }
}

function statusOf(pod: Pod, name: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {}
  return [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses].find((status) => status.name === name)
}
