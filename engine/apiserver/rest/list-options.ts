/** Which options of a list or a watch go together. */
import { badRequestError, invalidError } from '#engine/api/errors'
import { parsedVersion } from './core'
import { FieldPath, forbidden, notSupported, type FieldError } from '#engine/api/field'

const matchPath = FieldPath.root('resourceVersionMatch')
const initialPath = FieldPath.root('sendInitialEvents')

/** Throws Status 422 or 400. */
export function checkListOptions(query: URLSearchParams): void {
  const { match, version, token, initial } = optionsOf(query)
  const errors: FieldError[] = []
  if (match !== '') {
    if (version === '') errors.push(forbidden(matchPath, 'resourceVersionMatch is forbidden unless resourceVersion is provided'))
    if (token !== '') errors.push(forbidden(matchPath, 'resourceVersionMatch is forbidden when continue is provided'))
    if (match !== 'Exact' && match !== 'NotOlderThan') errors.push(notSupported(matchPath, match, ['Exact', 'NotOlderThan', '']))
    if (match === 'Exact' && version === '0') errors.push(forbidden(matchPath, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
  }
  if (initial !== null) errors.push(forbidden(initialPath, 'sendInitialEvents is forbidden for list'))
  refuse(errors)
  parsedVersion(version)
  if (token !== '' && version !== '' && version !== '0') throw badRequestError('specifying resource version is not allowed when using continue')
}

export function checkWatchOptions(query: URLSearchParams): void {
  const { match, version, token, initial } = optionsOf(query)
  const errors: FieldError[] = []
  if (initial !== null && match !== 'NotOlderThan') errors.push(forbidden(matchPath, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
  if (match !== '') {
    if (initial === null) errors.push(forbidden(matchPath, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'))
    if (match !== 'NotOlderThan') errors.push(notSupported(matchPath, match, ['NotOlderThan']))
    if (token !== '') errors.push(forbidden(matchPath, 'resourceVersionMatch is forbidden when continue is provided'))
  }
  refuse(errors)
  parsedVersion(version)
}

function optionsOf(query: URLSearchParams): { match: string; version: string; token: string; initial: string | null } {
  return { match: query.get('resourceVersionMatch') ?? '', version: query.get('resourceVersion') ?? '', token: query.get('continue') ?? '', initial: query.get('sendInitialEvents') }
}

function refuse(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidError('meta.k8s.io', 'ListOptions', '', errors)
}
