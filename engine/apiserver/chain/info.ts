/** What a request is about, from its method and path alone. */
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

export function requestInfo(method: string, target: string): RequestInfo {
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
  let rest = parts
  let deprecatedVerb = ''
  if (rest[0] === 'watch' || rest[0] === 'proxy') {
    deprecatedVerb = rest[0]
    rest = rest.slice(1)
    if (rest.length === 0) return plain
  }
  let namespace = ''
  if (rest[0] === 'namespaces') {
    namespace = decode(rest[1])
    if (rest.length > 2 && !(namespaceSubresources.has(rest[2] ?? '') && rest.length === 3)) rest = rest.slice(2)
  }
  const [resource = '', name = '', subresource = '', ...others] = rest.map(decode)
  if (resource === 'namespaces') namespace = name
  return { ...plain, isResource: true, namespace, resource, name, subresource, rest: others, verb: deprecatedVerb || verbOf(plain, name, resource === 'namespaces' && subresource === '' ? name : name) }
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

function verbOf({ method, query }: RequestInfo, name: string, subject: string): string {
  switch (method) {
    case 'POST': return 'create'
    case 'PUT': return 'update'
    case 'PATCH': return 'patch'
    case 'DELETE': return subject === '' ? 'deletecollection' : 'delete'
    case 'GET': case 'HEAD': return name !== '' ? 'get' : isTrue(query.get('watch')) ? 'watch' : 'list'
    default: return ''
  }
}

export function isTrue(value: string | null): boolean {
  return value !== null && !['false', '0', 'no', 'f', 'F', 'False', 'FALSE'].includes(value) && (value !== '' || true)
}
