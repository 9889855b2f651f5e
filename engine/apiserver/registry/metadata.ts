/** For kinds whose creation is checked in another way than their update: they call for metadata themselves. */
import { FieldPath } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import type { KubeObject } from '#engine/api/object'
import { validateCoreFinalizers, validateObjectMeta, validateObjectMetaUpdate } from '#engine/api/validation/meta'
import type { NameFormat } from '#engine/api/validation/meta'
import type { Check } from '#engine/api/validation/names'

const path = FieldPath.root('metadata')

type Validate = (object: KubeObject) => FieldError[]
type ValidateUpdate = (next: KubeObject, previous: KubeObject) => FieldError[]

export function withMeta(format: NameFormat | Check, namespaced: boolean, validate: Validate): Validate {
  return (object) => [...validateObjectMeta(object.metadata, namespaced, format, path), ...validateCoreFinalizers(object.metadata, path.child('finalizers')), ...validate(object)]
}

export function withMetaUpdate(format: NameFormat | Check, namespaced: boolean, validate: ValidateUpdate): ValidateUpdate {
  return (next, previous) => {
    const errors = [...validateObjectMetaUpdate(next.metadata, previous.metadata, path), ...validateCoreFinalizers(next.metadata, path.child('finalizers'))]
    const more = validateObjectMeta(next.metadata, namespaced, format, path).filter((error) => !errors.some((other) => other.field === error.field))
    return [...errors, ...more, ...validate(next, previous)]
  }
}
