/**
 * What the API server knows of a kind beyond its schema: one definition a kind, in a folder `registry/<group>/<resource>/`,
 * registered by one line in `registry/resources.ts`. Schemas, merge keys, list types, enums and required fields are data.
 *
 * Functions get plain JSON objects of the definition's version. `defaults`, `prepareForCreate` and `prepareForUpdate` get a
 * private copy and change it; the others only look.
 */
import type { KubeObject } from '#engine/api/object'
import type { FieldError } from '#engine/api/field'
import type { UserInfo } from '#engine/apiserver/authentication/user'
import type { ServedResource } from '#engine/apiserver/registry/served'
import type { ServerServices } from '#engine/apiserver/services'

export interface ResourceDefinition extends ServedResource {
  /** Key prefix in etcd below /registry, where it is not the plural (`services/specs`, `minions`). */
  readonly storagePrefix?: string

  readonly validate?: (object: KubeObject, context: RequestContext) => FieldError[]
  /** Runs after `validate` of the new object. */
  readonly validateUpdate?: (next: KubeObject, previous: KubeObject, context: RequestContext) => FieldError[]
  /** The kind's own functions check all metadata, and `validateUpdate` alone is asked for an update. */
  readonly ownsMetaValidation?: boolean
  /** Of an update: the errors of the new object that the update is to blame for. Default: all. */
  readonly ratchet?: (errors: readonly FieldError[], next: KubeObject, previous: KubeObject) => FieldError[]
  readonly prepareForCreate?: (object: KubeObject, context: RequestContext) => void
  readonly prepareForUpdate?: (next: KubeObject, previous: KubeObject, context: RequestContext) => void
  readonly warnings?: (object: KubeObject, previous: KubeObject | undefined, context: RequestContext) => string[]
  /** Default true: `metadata.generation` starts at 1 and grows when anything but metadata and status changes. */
  readonly hasGeneration?: boolean
  /** PUT must carry a resourceVersion. */
  readonly requiresVersion?: boolean
  /** Default false: PUT to a missing name creates. */
  readonly createOnUpdate?: boolean
  /** How the name is checked; default DNS subdomain. */
  readonly nameFormat?: 'dns-subdomain' | 'dns-label' | 'dns1035-label' | 'path-segment'
  readonly subresources?: Readonly<Record<string, Subresource>>
  /** Grace period for a delete, in seconds; absent means at once. */
  readonly gracePeriodSeconds?: (object: KubeObject, requested: number | undefined, context: RequestContext) => number | undefined
  /** Fields usable in a field selector besides metadata.name and metadata.namespace. */
  readonly selectableFields?: Readonly<Record<string, (object: KubeObject) => string>>
  readonly columns: readonly Column[]
  /**
   * Runs after mutating admission, before prepare and validation, and may change the object: allocation of cluster IPs and node
   * ports, checks that need other objects (escalation). `previous` is undefined for a create. What it returns is called with the outcome.
   */
  readonly begin?: (next: KubeObject, previous: KubeObject | undefined, services: ServerServices, context: RequestContext) => Promise<((stored: boolean) => void) | undefined>
  /** Changes the private copy that marks the object as deleting; with it a delete never takes effect at once. */
  readonly markDeleting?: (object: KubeObject, now: string) => void
  /** A warning for every request of this version. */
  readonly deprecation?: string
  /** Why an object of this name is never deleted. */
  readonly keeps?: (name: string) => string | undefined
  /** After the object is gone from the store. */
  readonly afterDelete?: (object: KubeObject, services: ServerServices) => Promise<void>
  /** A kind that is asked, not stored (TokenReview, SubjectAccessReview): the answer to a create. Verbs are `create` only. */
  readonly review?: (object: KubeObject, services: ServerServices, context: RequestContext) => Promise<KubeObject>
  /** What a reader gets is made from what is stored (Secret without stringData, Service with defaults of its families). */
  readonly decorate?: (object: KubeObject) => KubeObject
  /** Indexes of the watch cache beside the namespace: `spec.nodeName` of pods. */
  readonly indexes?: Readonly<Record<string, (object: KubeObject) => string>>
}

/** A subresource that is a view of the object itself (status, resize, ephemeralcontainers) or of a scale. */
export interface Subresource {
  readonly kind: 'view' | 'scale'
  /** Runs on a private copy of what `take` made, before validation. */
  readonly prepareForUpdate?: (next: KubeObject, previous: KubeObject, context: RequestContext) => void
  readonly warnings?: (object: KubeObject, previous: KubeObject | undefined, context: RequestContext) => string[]
  readonly verbs?: readonly ('get' | 'patch' | 'update')[]
  /** For a view: takes from `next` what this subresource may change, keeps the rest of `previous`; returns the object to store. */
  readonly take?: (next: KubeObject, previous: KubeObject) => KubeObject
  readonly validateUpdate?: (next: KubeObject, previous: KubeObject, context: RequestContext) => FieldError[]
  readonly scale?: { readonly specReplicasPath: string; readonly statusReplicasPath: string; readonly selectorPath: string }
}

export interface Column {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  readonly format?: 'name' | ''
  readonly description?: string
  /** Where the description is that of a schema's field: `io.k8s.api.core.v1.PodStatus#podIP`. */
  readonly docOf?: string
  /** 1 for columns of `-o wide`. */
  readonly priority?: number
  readonly cell: (object: KubeObject, nowMs: number) => string | number | boolean | null
}

/** Who asks what, for strategies, validation and admission. */
export interface RequestContext {
  readonly nowMs: number
  readonly user: UserInfo
  readonly namespace: string
  readonly name: string
  readonly subresource: string
  readonly dryRun: boolean
}

export function defineResource(definition: ResourceDefinition): ResourceDefinition {
  return definition
}
