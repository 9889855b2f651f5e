/** The errors of an API server in their exact words (apimachinery's `api/errors`). */
import type { FieldError } from '#engine/api/field'
import { failure, type StatusCause, type StatusDetails, type StatusError } from '#engine/api/status'

export interface GroupResource {
  readonly group: string
  readonly resource: string
}

/** `deployments.apps`, `pods`. */
export function qualified({ group, resource }: GroupResource): string {
  return group === '' ? resource : `${resource}.${group}`
}

function details(resource: GroupResource, name: string, more: StatusDetails = {}): StatusDetails {
  return { ...(name === '' ? {} : { name }), ...(resource.group === '' ? {} : { group: resource.group }), ...(resource.resource === '' ? {} : { kind: resource.resource }), ...more }
}

export function notFoundError(resource: GroupResource, name: string): StatusError {
  return failure(404, 'NotFound', `${qualified(resource)} ${JSON.stringify(name)} not found`, details(resource, name))
}

export function alreadyExistsError(resource: GroupResource, name: string): StatusError {
  return failure(409, 'AlreadyExists', `${qualified(resource)} ${JSON.stringify(name)} already exists`, details(resource, name))
}

export function conflictError(resource: GroupResource, name: string, message: string): StatusError {
  return failure(409, 'Conflict', `Operation cannot be fulfilled on ${qualified(resource)} ${JSON.stringify(name)}: ${message}`, details(resource, name))
}

export const objectModified = 'the object has been modified; please apply your changes to the latest version and try again'

export function badRequestError(message: string): StatusError {
  return failure(400, 'BadRequest', message)
}

export function forbiddenError(resource: GroupResource, name: string, message: string): StatusError {
  const subject = name === '' ? qualified(resource) : `${qualified(resource)} ${JSON.stringify(name)}`
  return failure(403, 'Forbidden', resource.resource === '' ? `forbidden: ${message}` : `${subject} is forbidden: ${message}`, details(resource, name))
}

export function methodNotSupportedError(resource: GroupResource, action: string): StatusError {
  return failure(405, 'MethodNotAllowed', `${action} is not supported on resources of kind ${JSON.stringify(qualified(resource))}`, details(resource, ''))
}

export function goneError(message: string): StatusError {
  return failure(410, 'Expired', message)
}

export function internalError(message: string): StatusError {
  return failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] })
}

/** `Deployment.apps "web" is invalid: [a, b]`. */
export function invalidError(group: string, kind: string, name: string, errors: readonly FieldError[]): StatusError {
  const subject = group === '' ? kind : `${kind}.${group}`
  const causes: StatusCause[] = errors.map((error) => ({ reason: error.type, message: error.body, field: error.field }))
  return failure(422, 'Invalid', `${subject} ${JSON.stringify(name)} is invalid: ${aggregate(errors)}`, {
    ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind, ...(causes.length > 0 ? { causes } : {}),
  })
}

function aggregate(errors: readonly FieldError[]): string {
  const lines = [...new Set(errors.map((error) => `${error.field}: ${error.body}`))]
  return lines.length === 1 ? (lines[0] ?? '') : lines.length === 0 ? '<nil>' : `[${lines.join(', ')}]`
}

/** The answer to a path that names no resource of a known group: a Status without particulars. */
export function unknownResourceError(): StatusError {
  return failure(404, 'NotFound', 'the server could not find the requested resource', {})
}
