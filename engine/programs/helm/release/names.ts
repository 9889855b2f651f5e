/** What a release may be called. */
const pattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/** The complaint about a name; undefined for a good one. */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'no name provided'
  return pattern.test(name) && name.length <= 53 ? undefined : `invalid release name, must match regex ${pattern.source} and the length must not be longer than 53`
}
