/** What a request is about, from its method and path alone. */
import { remembered } from '#engine/base/remembered'

export interface RequestInfo {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly isResource: boolean
  /** A resource verb, or the method in lower case. */
  readonly verb: string
  readonly prefix: '' | 'api' | 'apis'
  readonly group: string
  readonly version: string
  readonly namespace: string
  readonly resource: string
  readonly subresource: string
  readonly name: string
  /** Path segments after the subresource (proxy). */
  readonly rest: readonly string[]
}

const namespaceSubresources = new Set(['status', 'finalize'])

/** Shared by all requests that read the same: clients ask for the same again and again. */
export function requestInfo(method: string, target: string): RequestInfo {
  return target.length > longestKept ? infoOf(method, target) : keptInfo(`${method} ${target}`)
}

const longestKept = 300

const keptInfo = remembered(2000, (text) => {
  const space = text.indexOf(' ')
  return infoOf(text.slice(0, space), text.slice(space + 1))
})

function infoOf(method: string, target: string): RequestInfo {
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1))
  const parts = path.split('/').filter((part) => part !== '')
  const plain: RequestInfo = { method, path, query, isResource: false, verb: method.toLowerCase(), prefix: '', group: '', version: '', namespace: '', resource: '', subresource: '', name: '', rest: [] }
  const prefix = parts[0]
  if (prefix !== 'api' && prefix !== 'apis') return plain
  const skip = prefix === 'api' ? 1 : 2
  if (parts.length < skip + 2) return plain
  const group = prefix === 'api' ? '' : (parts[1] ?? '')
  const version = parts[skip] ?? ''
  return resourceInfo({ ...plain, prefix, group, version }, parts.slice(skip + 1))
}

function resourceInfo(plain: RequestInfo, parts: string[]): RequestInfo {
  const old = parts[0] === 'watch' || parts[0] === 'proxy' ? parts[0] : ''
  const rest = old === '' ? parts : parts.slice(1)
  if (rest.length === 0) return plain
  const inNamespace = rest[0] === 'namespaces'
  const own = inNamespace && !isNamespaceItself(rest) ? rest.slice(2) : rest
  const [resource = '', name = '', subresource = '', ...others] = own.map(decode)
  return { ...plain, isResource: true, namespace: inNamespace ? decode(rest[1]) : '', resource, name, subresource, rest: others, verb: old || verbOf(plain, name) }
}

/** `namespaces`, `namespaces/x`, `namespaces/x/status`: about the namespace, not about what is in it. */
function isNamespaceItself(parts: readonly string[]): boolean {
  return parts.length <= 2 || (parts.length === 3 && namespaceSubresources.has(parts[2] ?? ''))
}

function decode(part: string | undefined): string {
  if (part === undefined) return ''
  if (!part.includes('%')) return part
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function verbOf({ method, query }: RequestInfo, name: string): string {
  switch (method) {
    case 'POST': return 'create'
    case 'PUT': return 'update'
    case 'PATCH': return 'patch'
    case 'DELETE': return name === '' ? 'deletecollection' : 'delete'
    case 'GET': case 'HEAD': return name !== '' ? 'get' : isTrue(query.get('watch')) ? 'watch' : 'list'
    default: return ''
  }
}

export function isTrue(value: string | null): boolean {
  return value !== null && !['false', '0', 'no', 'f', 'F', 'False', 'FALSE'].includes(value)
}
