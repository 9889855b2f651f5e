/** Environment variables of a container. */
import { invalid, required } from '#engine/api/field'
import type { FieldPath } from '#engine/api/field'
import { configMapKey, dnsSubdomain, environmentName } from '#engine/api/validation/names'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { environmentFields, validateFieldRef, validateResourceFieldRef } from './downward'
import { checkName, localPath, needed } from './errors'
import type { Errors } from './errors'

export function validateEnvironment(errors: Errors, container: Free, path: FieldPath): void {
  for (const [index, variable] of listOf(container.env).entries()) {
    const at = path.child('env').index(index)
    if (needed(errors, variable.name, at.child('name'))) checkName(errors, variable.name as string, environmentName, at.child('name'))
    if (variable.valueFrom) validateValueFrom(errors, variable, at.child('valueFrom'))
  }
  const all = path.child('envFrom')
  for (const [index, source] of listOf(container.envFrom).entries()) {
    const at = all.index(index)
    if (source.prefix) checkName(errors, source.prefix as string, environmentName, at.child('prefix'))
    let count = 0
    for (const name of ['configMapRef', 'secretRef']) {
      if (!source[name]) continue
      count++
      needed(errors, source[name].name, at.child(name, 'name'))
    }
    if (count === 0) errors.push(invalid(all, '', 'must specify one of: `configMapRef` or `secretRef`'))
    if (count > 1) errors.push(invalid(all, '', 'may not have more than one field specified at a time'))
  }
}

function validateValueFrom(errors: Errors, variable: Free, path: FieldPath): void {
  const source = variable.valueFrom
  let count = 0
  if (source.fieldRef && ++count) validateFieldRef(errors, source.fieldRef, environmentFields, path.child('fieldRef'))
  if (source.resourceFieldRef && ++count) validateResourceFieldRef(errors, source.resourceFieldRef, false, path.child('resourceFieldRef'))
  for (const name of ['configMapKeyRef', 'secretKeyRef']) if (source[name] && ++count) validateKeyRef(errors, source[name], path.child(name))
  if (source.fileKeyRef && ++count) validateFileRef(errors, source.fileKeyRef, path.child('fileKeyRef'))
  validateSourceCount(errors, variable, count, path)
}

function validateSourceCount(errors: Errors, variable: Free, count: number, path: FieldPath): void {
  if (count === 0) errors.push(invalid(path, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'))
  if (variable.value) {
    if (count > 0) errors.push(invalid(path, '', 'may not be specified when `value` is not empty'))
  } else if (count > 1) errors.push(invalid(path, '', 'may not have more than one field specified at a time'))
}

function validateKeyRef(errors: Errors, ref: Free, path: FieldPath): void {
  checkName(errors, (ref.name ?? '') as string, dnsSubdomain, path.child('name'))
  if (needed(errors, ref.key, path.child('key'))) checkName(errors, ref.key as string, configMapKey, path.child('key'))
}

function validateFileRef(errors: Errors, ref: Free, path: FieldPath): void {
  if (!ref.key) errors.push(required(path.child('key'), ''))
  else checkName(errors, ref.key as string, environmentName, path.child('key'))
  needed(errors, ref.volumeName, path.child('volumeName'))
  if (needed(errors, ref.path, path.child('path'))) localPath(errors, ref.path as string, path.child('path'))
}
