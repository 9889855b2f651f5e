/** The smaller kinds of the core group. */
import { parseJson } from '#engine/api/json'
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { FieldPath, forbidden, invalid, required, tooLong } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { decodeUtf8, fromBase64 } from '#engine/base/bytes'
import { validateImmutable } from '#engine/api/validation/meta'
import { byteLength, configMapKey, qualifiedName } from '#engine/api/validation/names'
import { checkName } from '#engine/apiserver/registry/core/pods/validation/errors'
import { validateTemplate } from '#engine/apiserver/registry/core/pods/validation/template'
import { listOf } from '#engine/apiserver/registry/free'

const root = (name: string): FieldPath => FieldPath.root(name)
const largest = 1024 * 1024

export function validateConfigMap(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const data = (object.data ?? {}) as Record<string, string>
  const binary = (object.binaryData ?? {}) as Record<string, string>
  let size = 0
  for (const [key, value] of Object.entries(data)) {
    checkName(errors, key, configMapKey, root('data').key(key))
    if (key in binary) errors.push(invalid(root('data').key(key), key, 'duplicate of key present in binaryData'))
    size += byteLength(value)
  }
  for (const [key, value] of Object.entries(binary)) {
    checkName(errors, key, configMapKey, root('binaryData').key(key))
    size += Math.floor((value.length * 3) / 4)
  }
  if (size > largest) errors.push(tooLong(root('[]'), largest))
  return errors
}

/** What is immutable stays so, and stays as it is. */
function immutableUpdate(next: KubeObject, previous: KubeObject, fields: readonly string[]): FieldError[] {
  if (previous.immutable !== true) return []
  const errors: FieldError[] = []
  if (next.immutable !== true) errors.push(forbidden(root('immutable'), 'field is immutable when `immutable` is set'))
  for (const field of fields) if (!equalJson(next[field] ?? {}, previous[field] ?? {})) errors.push(forbidden(root(field), 'field is immutable when `immutable` is set'))
  return errors
}

export function validateConfigMapUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  return immutableUpdate(next, previous, ['data', 'binaryData'])
}

const requiredKeys: ReadonlyMap<string, readonly string[]> = new Map(Object.entries({ 'kubernetes.io/ssh-auth': ['ssh-privatekey'], 'kubernetes.io/tls': ['tls.crt', 'tls.key'] }))

export function validateSecret(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const data = (object.data ?? {}) as Record<string, string>
  let size = 0
  for (const [key, value] of Object.entries(data)) {
    checkName(errors, key, configMapKey, root('data').key(key))
    size += Math.floor((value.length * 3) / 4)
  }
  if (size > largest) errors.push(tooLong(root('data'), largest))
  validateSecretType(errors, object, data)
  return errors
}

/** What a type promises to its readers must be there. */
function validateSecretType(errors: FieldError[], object: KubeObject, data: Readonly<Record<string, string>>): void {
  const type = object.type as string
  if (type === 'kubernetes.io/service-account-token' && !object.metadata.annotations?.['kubernetes.io/service-account.name']) errors.push(required(root('metadata').child('annotations').key('kubernetes.io/service-account.name'), ''))
  if (type === 'kubernetes.io/dockercfg') validateJsonKey(errors, data, '.dockercfg')
  if (type === 'kubernetes.io/dockerconfigjson') validateJsonKey(errors, data, '.dockerconfigjson')
  if (type === 'kubernetes.io/basic-auth' && data.username === undefined && data.password === undefined) for (const key of ['username', 'password']) errors.push(required(root('data').key(key), ''))
  for (const key of requiredKeys.get(type) ?? []) if (data[key] === undefined) errors.push(required(root('data').key(key), ''))
}

function validateJsonKey(errors: FieldError[], data: Readonly<Record<string, string>>, key: string): void {
  const value = data[key]
  if (value === undefined) {
    errors.push(required(root('data').key(key), ''))
    return
  }
  try {
    parseJson(decodeUtf8(fromBase64(value)))
  } catch (error) {
    errors.push(invalid(root('data').key(key), '<secret contents redacted>', error instanceof Error ? error.message : ''))
  }
}

export function validateSecretUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  return [...validateImmutable(next.type, previous.type, root('type')), ...immutableUpdate(next, previous, ['data'])]
}

export function validateNamespace(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  for (const finalizer of listOf(object.spec?.finalizers) as string[]) {
    checkName(errors, finalizer, qualifiedName, root('spec').child('finalizers'))
    if (!finalizer.includes('/') && finalizer !== 'kubernetes') errors.push(invalid(root('spec').child('finalizers'), finalizer, 'name is neither a standard finalizer name nor is it fully qualified'))
  }
  return errors
}

export function validatePodTemplateObject(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  validateTemplate(errors, object.template ?? {}, root('template'))
  return errors
}

export function validateEvent(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  // The same kind is served by events.k8s.io, where two fields have other names.
  const involved = ((object.involvedObject ?? object.regarding)?.namespace ?? '') as string
  const namespace = object.metadata.namespace ?? ''
  if (involved === '' ? namespace !== '' && namespace !== 'default' : involved !== namespace) errors.push(invalid(root('involvedObject').child('namespace'), involved, 'does not match event.namespace'))
  if (object.eventTime && !object.reportingComponent && !object.reportingController) errors.push(required(root('reportingController'), ''))
  return errors
}

/** The phase of a namespace says whether it is being deleted, and nothing else. */
export function validateNamespaceStatus(object: KubeObject): FieldError[] {
  const deleting = object.metadata.deletionTimestamp !== undefined
  const [phase, when] = deleting ? ['Terminating', 'not empty'] : ['Active', 'empty']
  if (object.status?.phase === phase) return []
  return [invalid(FieldPath.root('status').child('Phase'), object.status?.phase ?? '', `may only be '${phase}' if \`deletionTimestamp\` is ${when}`)]
}
