/**
 * An admission plugin: one folder below `admission/`, one line in `admission/plugins.ts`. The chain runs every `admit` in the
 * order of the table, validates the object, then runs every `validate`. A plugin refuses by throwing a StatusError
 * (`admissionForbidden` has the usual words).
 */
import { failure, type StatusError } from '#engine/api/status'
import type { KubeObject } from '#engine/api/object'
import type { UserInfo } from '#engine/apiserver/authentication/user'
import type { ServerServices } from '#engine/apiserver/services'

export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'

export interface AdmissionAttributes {
  readonly operation: AdmissionOperation
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  readonly kind: string
  /** Group and version of `kind`, where they differ from the resource's (`pods/eviction` is policy/v1 Eviction). */
  readonly kindGroup: string
  readonly kindVersion: string
  readonly namespace: string
  /** Empty for a create with generateName. */
  readonly name: string
  /** In `admit` a private copy, to be changed in place or replaced; in `validate` not to be touched. Undefined for DELETE. */
  object: KubeObject | undefined
  readonly oldObject: KubeObject | undefined
  /** CreateOptions, UpdateOptions, PatchOptions or DeleteOptions as an object with apiVersion and kind. */
  readonly options: KubeObject | undefined
  readonly dryRun: boolean
  readonly user: UserInfo
  readonly nowMs: number
  /** A `Warning:` header of the response. */
  warn(text: string): void
  /** An annotation of the audit event. */
  annotate(key: string, value: string): void
}

export interface AdmissionPlugin {
  readonly name: string
  handles(operation: AdmissionOperation): boolean
  admit?(attributes: AdmissionAttributes): Promise<void> | void
  validate?(attributes: AdmissionAttributes): Promise<void> | void
}

export interface AdmissionRegistration {
  readonly name: string
  readonly enabledByDefault: boolean
  create(services: ServerServices): AdmissionPlugin
}

/** `pods "web" is forbidden: MESSAGE`, or `pods is forbidden: MESSAGE` where there is no name. */
export function admissionForbidden(attributes: Pick<AdmissionAttributes, 'group' | 'resource' | 'name' | 'object'>, message: string): StatusError {
  const name = attributes.name || attributes.object?.metadata.name || attributes.object?.metadata.generateName || ''
  const resource = attributes.group === '' ? attributes.resource : `${attributes.resource}.${attributes.group}`
  const subject = name === '' ? resource : `${resource} ${JSON.stringify(name)}`
  return failure(403, 'Forbidden', `${subject} is forbidden: ${message}`, { ...(name === '' ? {} : { name }), ...(attributes.group === '' ? {} : { group: attributes.group }), kind: attributes.resource })
}
