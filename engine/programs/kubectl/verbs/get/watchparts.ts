export { findObjects, plainTable, tableAccept, tableOptions } from './print'
import type { Session } from '#engine/programs/kubectl/session/session'

export function isHuman(session: Session): boolean {
  const output = session.flags.string('output')
  return (output === '' && session.flags.string('template') === '') || output === 'wide'
}
