/** `acme.io/foo`: a domain, and a path that its owner chooses. */
import { invalid, required, type FieldError, type FieldPath } from '#engine/api/field'
import { dnsSubdomain } from './names'

const pathFormat = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"

export function domainPrefixedPath(text: string, at: FieldPath): FieldError[] {
  if (text === '') return [required(at, '')]
  const slash = text.indexOf('/')
  const host = text.slice(0, slash)
  const path = text.slice(slash + 1)
  if (slash <= 0 || path === '') return [invalid(at, text, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  const errors = dnsSubdomain(host).map((message) => invalid(at, host, message))
  if (!new RegExp(`^${pathFormat}$`).test(path)) errors.push(invalid(at, path, `Invalid path (regex used for validation is '${pathFormat}')`))
  return errors
}
