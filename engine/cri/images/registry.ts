/**
 * A registry: the read side of the OCI distribution API over a catalogue, for one or several host names. Layers go over as
 * values (the layer object itself); a client that asks for bytes gets the file list as JSON.
 */
import { bytesBody, emptyBody, type HttpHandler, type HttpRequest, type HttpResponse, textBody, valueBody } from '#engine/base/http'
import { encodeUtf8 } from '#engine/base/bytes'
import { type BuiltImage, buildImage, configType, layerType, manifestType } from './content'
import type { ImageCatalogue, ImageDefinition } from './definition'

/** Host names that are docker.io's. */
const dockerHosts = new Set(['registry-1.docker.io', 'index.docker.io', 'docker.io'])

export interface RegistryOptions {
  /** Repositories (full names) that are refused without an account, with `user:password` pairs that may read them. */
  readonly accounts?: Readonly<Record<string, readonly string[]>>
}

export function registryHandler(catalogue: ImageCatalogue, options: RegistryOptions = {}): HttpHandler {
  const blobs = new Map<string, HttpResponse>()
  return async (request) => {
    await Promise.resolve()
    const host = (request.headers['host'] ?? '').replace(/:(443|80)$/, '')
    const domain = dockerHosts.has(host) ? 'docker.io' : host
    const [path = '/'] = request.path.split('?')
    if (path === '/v2' || path === '/v2/') return json(200, {})
    if (path === '/v2/_catalog') return json(200, { repositories: catalogue.names().filter((name) => name.startsWith(`${domain}/`)).map((name) => name.slice(domain.length + 1)).sort() })
    const match = /^\/v2\/(.+)\/(manifests|blobs|tags)\/([^/]+)$/.exec(path)
    if (!match) return json(404, { errors: [{ code: 'UNSUPPORTED', message: 'not found' }] })
    const [, name = '', kind = '', what = ''] = match
    const repository = `${domain}/${name}`
    return allowed(repository, request, options) ? answer(catalogue.repository(repository), { name, kind, what }, request, blobs) : denied(host)
  }
}

function answer(definitions: readonly ImageDefinition[] | undefined, asked: { name: string; kind: string; what: string }, request: HttpRequest, blobs: Map<string, HttpResponse>): HttpResponse {
  const { name, kind, what } = asked
  if (!definitions) return unknown('NAME_UNKNOWN', 'repository name not known to registry', { name })
  if (kind === 'tags') return json(200, { name, tags: definitions.flatMap((definition) => definition.tags).sort() })
  if (kind === 'manifests') return manifest(definitions, what, request, blobs)
  return blobs.get(what) ?? findBlob(definitions, what) ?? unknown('BLOB_UNKNOWN', 'blob unknown to registry', { digest: what })
}

function allowed(repository: string, request: HttpRequest, options: RegistryOptions): boolean {
  const accounts = options.accounts?.[repository]
  if (!accounts) return true
  const header = request.headers['authorization'] ?? ''
  return header.startsWith('Basic ') && accounts.includes(atob(header.slice('Basic '.length)))
}

function denied(host: string): HttpResponse {
  const response = json(401, { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required', detail: null }] })
  return { ...response, headers: { ...response.headers, 'www-authenticate': `Basic realm="${host}"` } }
}

function manifest(definitions: readonly ImageDefinition[], tagOrDigest: string, request: HttpRequest, blobs: Map<string, HttpResponse>): HttpResponse {
  const definition = definitions.find((candidate) => (tagOrDigest.includes(':') ? buildImage(candidate).digest === tagOrDigest : candidate.tags.includes(tagOrDigest)))
  if (!definition) return unknown('MANIFEST_UNKNOWN', 'manifest unknown', { name: definitions[0]?.repository, tag: tagOrDigest })
  const image = buildImage(definition)
  remember(image, blobs)
  const headers = { 'content-type': manifestType, 'docker-content-digest': image.digest, 'content-length': String(image.manifest.length) }
  return { status: 200, headers, body: request.method === 'HEAD' ? emptyBody : textBody(image.manifest) }
}

function remember(image: BuiltImage, blobs: Map<string, HttpResponse>): void {
  blobs.set(image.imageId, { status: 200, headers: { 'content-type': configType }, body: textBody(image.config) })
  for (const { digest, layer } of image.layers) blobs.set(digest, { status: 200, headers: { 'content-type': layerType }, body: valueBody(layer, (value) => encodeUtf8(JSON.stringify(value))) })
}

function findBlob(definitions: readonly ImageDefinition[], digest: string): HttpResponse | undefined {
  const blobs = new Map<string, HttpResponse>()
  for (const definition of definitions) remember(buildImage(definition), blobs)
  return blobs.get(digest)
}

function unknown(code: string, message: string, detail: unknown): HttpResponse {
  return json(404, { errors: [{ code, message, detail }] })
}

function json(status: number, value: unknown): HttpResponse {
  const bytes = encodeUtf8(`${JSON.stringify(value)}\n`)
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', 'docker-distribution-api-version': 'registry/2.0' }, body: bytesBody(bytes) }
}
