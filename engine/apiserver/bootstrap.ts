/** What the server writes at its start: a post-start hook each, named as in /livez?verbose. */
import type { KubeObject } from '#engine/api/object'
import type { ResourceName, ServerServices } from '#engine/apiserver/services'

export interface BootstrapHook {
  /** `rbac/bootstrap-roles` */
  readonly name: string
  run(services: ServerServices): Promise<void>
  readonly upkeep?: Upkeep
}

/** What is put right at the next turn of an interval once somebody took it away or changed it. */
export interface Upkeep {
  readonly everyMs: number
  readonly resources: readonly ResourceName[]
  concerns(object: KubeObject, gone: boolean): boolean
  restore(services: ServerServices): Promise<void>
}
