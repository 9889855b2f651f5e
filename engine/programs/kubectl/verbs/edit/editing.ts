import { CliError } from '../../session/errors'
import type { Session } from '../../session/session'

export function editAndCreate(_session: Session): Promise<void> {
  return Promise.reject(new CliError('create --edit is not supported here yet'))
}
