/**
 * A registry that takes pushes: the distribution project's HTTP API v2 over its own layout of files (`blobs/sha256/aa/DIGEST/data`,
 * `repositories/NAME/_manifests/tags/TAG/current/link`). What it does not have itself it may read from another handler.
 */
import { bytesBody, emptyBody, type HttpHandler, type HttpRequest, type HttpResponse } from '#engine/base/http'
import { decodeUtf8, encodeUtf8, toHex } from '#engine/base/bytes'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Files } from '#engine/linux/abi/files'

export interface DistributionOptions {
  readonly files: Files
  /** `/var/lib/registry`. */
  readonly root: string
  /** Random identifiers of uploads. */
  newId(): string
  /** Deleting is off by default, as in the real one. */
  readonly deletes?: boolean
  /** Asked for what is not here. */
  readonly upstream?: HttpHandler
  /** `user:password`; without one everybody may do everything. */
  accounts?(): readonly string[] | undefined
}

interface Route { readonly name: string; readonly kind: string; readonly what: string }

/** Every answer of a registry has these. */
const common: Readonly<Record<string, string>> = { 'docker-distribution-api-version': 'registry/2.0', 'x-content-type-options': 'nosniff' }
const notAllowed: HttpResponse = failure(405, 'UNSUPPORTED', 'The operation is unsupported.')

export function distributionHandler(options: DistributionOptions): HttpHandler {
  const registry = new Registry(options)
  return async (request) => {
    await Promise.resolve()
    const refused = refusal(options, request)
    return refused ?? registry.answer(request)
  }
}

function refusal(options: DistributionOptions, request: HttpRequest): HttpResponse | undefined {
  const accounts = options.accounts?.()
  if (!accounts) return undefined
  const header = request.headers['authorization'] ?? ''
  if (header.startsWith('Basic ') && accounts.includes(atob(header.slice(6)))) return undefined
  const answer = failure(401, 'UNAUTHORIZED', 'authentication required')
  return { ...answer, headers: { ...answer.headers, 'www-authenticate': 'Basic realm="Registry Realm"' } }
}

class Registry {
  private readonly base: string

  constructor(private readonly options: DistributionOptions) {
    this.base = `${options.root}/docker/registry/v2`
  }

  async answer(request: HttpRequest): Promise<HttpResponse> {
    const [path = '/', query = ''] = request.path.split('?')
    if (path === '/v2' || path === '/v2/') return json(200, {})
    if (path === '/v2/_catalog') return this.catalogue(query)
    const match = /^\/v2\/(.+?)\/(manifests|blobs\/uploads|blobs|tags)\/([^/]*)$/.exec(path)
    if (!match) return { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: bytesBody(encodeUtf8('404 page not found\n')) }
    const route = { name: match[1] ?? '', kind: match[2] ?? '', what: match[3] ?? '' }
    const own = await this.route(request, route, query)
    const reads = request.method === 'GET' || request.method === 'HEAD'
    return own.status === 404 && reads && this.options.upstream ? this.above(request, own) : own
  }

  private async above(request: HttpRequest, own: HttpResponse): Promise<HttpResponse> {
    const answer = await this.options.upstream?.(request)
    return answer?.status === 200 ? answer : own
  }

  private async route(request: HttpRequest, route: Route, query: string): Promise<HttpResponse> {
    if (route.kind === 'tags') return this.tags(route.name)
    if (route.kind === 'manifests') return this.manifest(request, route)
    return route.kind === 'blobs' ? this.blob(request, route) : this.upload(request, route, query)
  }

  private catalogue(query: string): HttpResponse {
    const all = this.repositories('', '').sort()
    const limit = Number(/(?:^|&)n=(\d+)/.exec(query)?.[1] ?? all.length)
    const last = decodeURIComponent(/(?:^|&)last=([^&]*)/.exec(query)?.[1] ?? '')
    return json(200, { repositories: all.filter((name) => name > last).slice(0, limit) })
  }

  private repositories(prefix: string, under: string): string[] {
    const directory = `${this.base}/repositories${under}`
    if (!this.options.files.exists(directory)) return []
    return this.options.files.readDirectory(directory).flatMap(({ name }) => {
      if (name === '_manifests') return [prefix]
      return name.startsWith('_') ? [] : this.repositories(prefix === '' ? name : `${prefix}/${name}`, `${under}/${name}`)
    })
  }

  private tags(name: string): HttpResponse {
    const directory = `${this.base}/repositories/${name}/_manifests/tags`
    const { files } = this.options
    if (!files.exists(directory)) return failure(404, 'NAME_UNKNOWN', 'repository name not known to registry', { name })
    const tags = files.readDirectory(directory).map((entry) => entry.name).sort()
    return json(200, { name, tags: tags.length > 0 ? tags : null })
  }

  private async manifest(request: HttpRequest, route: Route): Promise<HttpResponse> {
    if (request.method === 'PUT') return this.putManifest(request, route)
    const digest = this.digestOf(route)
    if (request.method === 'DELETE') return this.deleteManifest(route)
    const content = digest === undefined ? undefined : this.readBlob(digest)
    if (digest === undefined || !content) return failure(404, 'MANIFEST_UNKNOWN', 'manifest unknown', route.what.includes(':') ? `unknown manifest name=${route.name} revision=${route.what}` : { Tag: route.what })
    const { mediaType = 'application/vnd.docker.distribution.manifest.v2+json' } = JSON.parse(decodeUtf8(content)) as { mediaType?: string }
    return { status: 200, headers: { ...common, 'content-type': mediaType, 'content-length': String(content.length), 'docker-content-digest': digest, etag: `"${digest}"` }, body: request.method === 'HEAD' ? emptyBody : bytesBody(content) }
  }

  private async putManifest(request: HttpRequest, route: Route): Promise<HttpResponse> {
    const content = await request.body.bytes()
    const digest = digestOf(content)
    let manifest: { config?: { digest: string }; layers?: readonly { digest: string }[] }
    try {
      manifest = JSON.parse(decodeUtf8(content)) as typeof manifest
    } catch {
      return failure(400, 'MANIFEST_INVALID', 'manifest invalid', {})
    }
    const missing = [...(manifest.config ? [manifest.config] : []), ...(manifest.layers ?? [])].find((blob) => !this.readBlob(blob.digest))
    if (missing) return failure(400, 'MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry', { digest: missing.digest })
    this.writeBlob(digest, content)
    const place = `${this.base}/repositories/${route.name}/_manifests`
    this.link(`${place}/revisions/${digest.replace(':', '/')}`, digest)
    if (!route.what.includes(':')) this.link(`${place}/tags/${route.what}/current`, digest)
    return { status: 201, headers: { ...common, location: `/v2/${route.name}/manifests/${digest}`, 'docker-content-digest': digest, 'content-length': '0' }, body: emptyBody }
  }

  private deleteManifest(route: Route): HttpResponse {
    const { files } = this.options
    const place = `${this.base}/repositories/${route.name}/_manifests`
    if (!this.options.deletes) return notAllowed
    if (!route.what.includes(':')) return failure(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')
    const revision = `${place}/revisions/${route.what.replace(':', '/')}`
    if (!files.exists(revision)) return failure(404, 'MANIFEST_UNKNOWN', 'manifest unknown')
    files.removeAll(revision)
    for (const { name } of files.readDirectory(`${place}/tags`)) if (files.readText(`${place}/tags/${name}/current/link`) === route.what) files.removeAll(`${place}/tags/${name}`)
    return { status: 202, headers: { ...common, 'content-length': '0' }, body: emptyBody }
  }

  private digestOf(route: Route): string | undefined {
    const { files } = this.options
    const place = `${this.base}/repositories/${route.name}/_manifests`
    const path = route.what.includes(':') ? `${place}/revisions/${route.what.replace(':', '/')}/link` : `${place}/tags/${route.what}/current/link`
    return files.exists(path) ? files.readText(path) : undefined
  }

  private blob(request: HttpRequest, route: Route): HttpResponse {
    const content = this.readBlob(route.what)
    if (!content) return failure(404, 'BLOB_UNKNOWN', 'blob unknown to registry', { digest: route.what })
    if (request.method === 'DELETE') return this.options.deletes ? { status: 202, headers: common, body: emptyBody } : notAllowed
    return { status: 200, headers: { ...common, 'content-type': 'application/octet-stream', 'content-length': String(content.length), 'docker-content-digest': route.what, etag: `"${route.what}"` }, body: request.method === 'HEAD' ? emptyBody : bytesBody(content) }
  }

  /** POST begins, PATCH adds, PUT ends with the digest. */
  private async upload(request: HttpRequest, route: Route, query: string): Promise<HttpResponse> {
    const { files } = this.options
    const directory = `${this.base}/repositories/${route.name}/_uploads`
    const id = route.what === '' ? this.options.newId() : route.what
    const path = `${directory}/${id}`
    if (request.method !== 'POST' && !files.exists(path)) return failure(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry')
    if (request.method === 'POST') {
      files.mkdirAll(directory, 0o755)
      files.writeFile(path, '')
    }
    const content = await request.body.bytes()
    if (content.length > 0) files.appendFile(path, content)
    const digest = decodeURIComponent(/(?:^|&)digest=([^&]*)/.exec(query)?.[1] ?? '')
    if (digest !== '') return this.finishUpload(route.name, path, digest)
    return { status: 202, headers: { ...common, location: `/v2/${route.name}/blobs/uploads/${id}`, 'docker-upload-uuid': id, range: `0-${Math.max(0, files.stat(path).size - 1)}`, 'content-length': '0' }, body: emptyBody }
  }

  private finishUpload(name: string, path: string, digest: string): HttpResponse {
    const { files } = this.options
    const content = files.readFile(path)
    files.unlink(path)
    if (digestOf(content) !== digest) return failure(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')
    this.writeBlob(digest, content)
    this.link(`${this.base}/repositories/${name}/_layers/${digest.replace(':', '/')}`, digest)
    return { status: 201, headers: { ...common, location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest, 'content-length': '0' }, body: emptyBody }
  }

  private link(directory: string, digest: string): void {
    this.options.files.mkdirAll(directory, 0o755)
    this.options.files.writeFile(`${directory}/link`, digest)
  }

  private blobPath(digest: string): string {
    const hex = digest.slice(digest.indexOf(':') + 1)
    return `${this.base}/blobs/sha256/${hex.slice(0, 2)}/${hex}`
  }

  private readBlob(digest: string): Uint8Array | undefined {
    const path = `${this.blobPath(digest)}/data`
    return /^sha256:[0-9a-f]{64}$/.test(digest) && this.options.files.exists(path) ? this.options.files.readFile(path) : undefined
  }

  private writeBlob(digest: string, content: Uint8Array): void {
    const directory = this.blobPath(digest)
    this.options.files.mkdirAll(directory, 0o755)
    this.options.files.writeFile(`${directory}/data`, content)
  }
}

function digestOf(content: Uint8Array): string {
  return `sha256:${toHex(sha256(content))}`
}

function failure(status: number, code: string, message: string, detail?: unknown): HttpResponse {
  return json(status, { errors: [{ code, message, ...(detail === undefined ? {} : { detail }) }] })
}

function json(status: number, value: unknown): HttpResponse {
  const bytes = encodeUtf8(`${JSON.stringify(value)}\n`)
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...common, 'content-length': String(bytes.length) }, body: bytesBody(bytes) }
}
