/** What the server writes at its start: a post-start hook each, named as in /livez?verbose. */
import type { ServerServices } from '#engine/apiserver/services'

export interface BootstrapHook {
  /** `rbac/bootstrap-roles` */
  readonly name: string
  run(services: ServerServices): Promise<void>
}
