import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'

export function editAndCreate(_session: Session): Promise<void> {
  return Promise.reject(new CliError('create --edit is not supported here yet'))
}
