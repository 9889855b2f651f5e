/** What every part of the server may know of a kind: its names, and the defaults of its fields. */
import type { KubeObject } from '#engine/api/object'

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch'

export interface ServedResource {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  /** Default: the kind in lower case. */
  readonly singular?: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly scope: 'namespaced' | 'cluster'
  /** Default: all eight. */
  readonly verbs?: readonly Verb[]
  readonly defaults?: (object: KubeObject) => void
}
