/** Which containers a command is for: those named, or all. */
import { PodmanError } from '#engine/cri/podman/model'
import type { Session } from './session'

export function chosen(session: Session, complaint: string, onlyRunning: boolean): readonly string[] {
  const { flags, library } = session
  if (flags.has('all') && flags.operands.length > 0) throw new PodmanError('--all and --latest cannot be used together with names')
  if (flags.has('all')) return library.containers().filter((record) => (!onlyRunning || library.state(record.id).status === 'running') && !record.isInfra).map((record) => record.id)
  if (flags.has('latest')) return library.containers().slice(-1).map((record) => record.id)
  if (flags.operands.length === 0) throw new PodmanError(complaint)
  return flags.operands
}
