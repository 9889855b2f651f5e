/** Image names, by the grammar of the distribution project, and the short names that Docker made common. */
export interface ImageReference {
  /** `docker.io`, `registry.k8s.io`, `localhost:5000`. */
  readonly domain: string
  /** `library/nginx`. */
  readonly path: string
  readonly tag?: string
  readonly digest?: string
}

/** Not a name of an image, in the distribution project's words. */
export class ReferenceError extends Error {
  override readonly name = 'ReferenceError'
}

const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const domainPart = /^(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::[0-9]+)?$/
const tagPattern = /^\w[\w.-]{0,127}$/
const digestPattern = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/
const badFormat = 'invalid reference format'

/** `nginx` is `docker.io/library/nginx`: the domain is told by a dot, a colon, capitals or the name localhost. */
export function parseReference(text: string): ImageReference {
  if (/^[a-f0-9]{64}$/.test(text)) throw new ReferenceError(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`)
  const { domain, rest } = splitDomain(text)
  const [named, digest] = splitAt(rest, rest.indexOf('@'))
  const [path, tag] = splitAt(named, named.lastIndexOf(':'))
  if (/[A-Z]/.test(path)) throw new ReferenceError(`${badFormat}: repository name (${path}) must be lowercase`)
  const nameFits = domainPart.test(domain) && path.split('/').every((part) => component.test(part))
  const restFits = (tag === undefined || tagPattern.test(tag)) && (digest === undefined || digestPattern.test(digest))
  if (!nameFits || !restFits) throw new ReferenceError(badFormat)
  if (domain.length + 1 + path.length > 255) throw new ReferenceError('repository name must not be more than 255 characters')
  return { domain, path, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) }
}

function splitAt(text: string, at: number): [string, string | undefined] {
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function splitDomain(text: string): { domain: string; rest: string } {
  const slash = text.indexOf('/')
  const first = slash < 0 ? '' : text.slice(0, slash)
  const isDomain = first !== '' && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first)
  const domain = isDomain ? (first === 'index.docker.io' ? 'docker.io' : first) : 'docker.io'
  const rest = isDomain ? text.slice(slash + 1) : text
  return { domain, rest: domain === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest }
}

/** With the tag `latest` where neither tag nor digest was given. */
export function withDefaultTag(reference: ImageReference): ImageReference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: 'latest' } : reference
}

export function repositoryOf(reference: ImageReference): string {
  return `${reference.domain}/${reference.path}`
}

/** The full name: `docker.io/library/nginx:1.27`. A digest wins over a tag, as in containerd's store. */
export function formatReference(reference: ImageReference): string {
  const { tag, digest } = reference
  const suffix = digest !== undefined ? `${tag === undefined ? '' : `:${tag}`}@${digest}` : tag === undefined ? '' : `:${tag}`
  return `${repositoryOf(reference)}${suffix}`
}

export function normalizeReference(text: string): string {
  return formatReference(withDefaultTag(parseReference(text)))
}
