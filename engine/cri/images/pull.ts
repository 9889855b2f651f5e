/** Pulling: resolve a name at its registry, fetch manifest, configuration and layers, unpack. Errors in containerd's words. */
import { bytesBody, emptyBody, type HttpRequest, type HttpResponse } from '#engine/base/http'
import { decodeUtf8, toBase64, encodeUtf8 } from '#engine/base/bytes'
import type { Clock } from '#engine/base/clock'
import { isErrno } from '#engine/linux/abi/errno'
import { type DialOptions, type DialTarget, LookupError, type Sockets, TlsError } from '#engine/linux/abi/net'
import type { AuthConfig } from '../api'
import { RpcError, errorText } from '../rpc'
import { type BuiltImage, chainIds, type ImageConfigBlob, type ImageManifest } from './content'
import type { ImageLayer } from './definition'
import { formatReference, type ImageReference } from './reference'
import type { RegistryHost } from './hosts'

export interface PullContext {
  readonly net: Pick<Sockets, 'request'>
  readonly clock: Clock
  /** Where a domain's registry answers, in the order to try. */
  hosts(domain: string): readonly RegistryHost[]
  /** A layer with all below it is unpacked here already: it is not fetched again. */
  has(chainId: string): boolean
  readonly signal?: AbortSignal
}

/** Virtual transfer rate; a pull takes the time of its bytes. */
const bytesPerMs = 40_000
/** Until a registry has told what a name stands for. */
const resolveMs = 400
const openBrace = 123

export async function fetchImage(context: PullContext, reference: ImageReference, auth: AuthConfig | undefined): Promise<BuiltImage> {
  const name = formatReference(reference)
  const { host, response, digest } = await resolve(context, reference, auth, name)
  await context.clock.sleep(resolveMs, context.signal)
  const manifest = JSON.parse(await response.body.text()) as ImageManifest
  const get = async (digestOf: string): Promise<HttpResponse> => {
    const blob = await send(context, host, `/v2/${reference.path}/blobs/${digestOf}`, auth, 'GET')
    if (blob.status !== 200) throw new RpcError('NotFound', `failed to pull and unpack image "${name}": failed to copy: httpReadSeeker: failed open: content at ${url(host, `/v2/${reference.path}/blobs/${digestOf}`)} not found: not found`)
    return blob
  }
  const config = await (await get(manifest.config.digest)).body.text()
  const diffIds = (JSON.parse(config) as ImageConfigBlob).rootfs.diff_ids
  const chain = chainIds(diffIds)
  const layers: { digest: string; layer: ImageLayer }[] = []
  for (const [index, layer] of manifest.layers.entries()) {
    const blob = await get(layer.digest)
    if (!context.has(chain[index] ?? '')) await context.clock.sleep(layer.size / bytesPerMs, context.signal)
    layers.push({ digest: diffIds[index] ?? layer.digest, layer: await layerOf(blob) })
  }
  return { digest, imageId: manifest.config.digest, manifest: JSON.stringify(manifest), config, layers, sizeBytes: manifest.layers.reduce((sum, layer) => sum + layer.size, 0) }
}

/** A registry of this simulation hands the layer itself over; others have it as an archive. */
async function layerOf(blob: HttpResponse): Promise<ImageLayer> {
  if (blob.body.value !== undefined) return blob.body.value as ImageLayer
  const bytes = await blob.body.bytes()
  return bytes[0] === openBrace ? (JSON.parse(decodeUtf8(bytes)) as ImageLayer) : { files: {}, archive: bytes }
}

async function resolve(context: PullContext, reference: ImageReference, auth: AuthConfig | undefined, name: string): Promise<{ host: RegistryHost; response: HttpResponse; digest: string }> {
  const path = `/v2/${reference.path}/manifests/${reference.digest ?? reference.tag ?? 'latest'}`
  const prefix = `failed to pull and unpack image "${name}": failed to resolve image: `
  let failure: RpcError | undefined
  for (const host of context.hosts(reference.domain)) {
    let response: HttpResponse
    try {
      response = await send(context, host, path, auth, 'GET')
    } catch (error) {
      failure ??= new RpcError('Unknown', `${prefix}failed to do request: Head "${url(host, path)}": ${dialText(error, host)}`)
      continue
    }
    if (response.status === 200) return { host, response, digest: response.headers['docker-content-digest'] ?? reference.digest ?? '' }
    failure = refusal(response, host, path, prefix, name, auth)
  }
  throw failure ?? new RpcError('NotFound', `${prefix}${name}: not found`)
}

function refusal(response: HttpResponse, host: RegistryHost, path: string, prefix: string, name: string, auth: AuthConfig | undefined): RpcError {
  if (response.status === 404) return new RpcError('NotFound', `${prefix}${name}: not found`)
  if (response.status === 401 || response.status === 403) {
    const detail = auth?.username === undefined ? 'authorization failed: no basic auth credentials' : 'insufficient_scope: authorization failed'
    return new RpcError('Unknown', `${prefix}pull access denied, repository does not exist or may require authorization: ${detail}`)
  }
  return new RpcError('Unknown', `${prefix}unexpected status from HEAD request to ${url(host, path)}: ${response.status}`)
}

export interface RegistryCall { readonly method: string; readonly path: string; readonly body?: Uint8Array; readonly headers?: Readonly<Record<string, string>> }

function send(context: PullContext, host: RegistryHost, path: string, auth: AuthConfig | undefined, method: string): Promise<HttpResponse> {
  return callRegistry(context, host, { method, path }, auth)
}

export function callRegistry(context: Pick<PullContext, 'net' | 'signal'>, host: RegistryHost, call: RegistryCall, auth: AuthConfig | undefined): Promise<HttpResponse> {
  const target: DialTarget = { host: host.name, port: host.port }
  const options: DialOptions = {
    timeoutMs: 30_000,
    ...(host.scheme === 'https' ? { tls: { ...(host.skipVerify ? { insecureSkipVerify: true } : {}), ...(host.roots === undefined ? {} : { roots: host.roots }) } } : {}),
    ...(context.signal ? { signal: context.signal } : {}),
  }
  const request: HttpRequest = { method: call.method, path: call.path, headers: { accept: 'application/vnd.oci.image.manifest.v1+json, */*', 'user-agent': 'containerd/v2.2.1', ...call.headers, ...authorization(auth) }, body: call.body ? bytesBody(call.body) : emptyBody }
  return context.net.request(target, request, options)
}

function authorization(auth: AuthConfig | undefined): Record<string, string> {
  if (auth?.auth) return { authorization: `Basic ${auth.auth}` }
  if (auth?.username) return { authorization: `Basic ${toBase64(encodeUtf8(`${auth.username}:${auth.password ?? ''}`))}` }
  return {}
}

function url(host: RegistryHost, path: string): string {
  const standard = host.port === (host.scheme === 'https' ? 443 : 80)
  return `${host.scheme}://${host.name}${standard ? '' : `:${host.port}`}${path}`
}

/** As net/http tells a failed dial. */
export function dialText(error: unknown, host: { readonly name: string; readonly port: number }): string {
  if (error instanceof LookupError) {
    const on = error.server === undefined ? '' : ` on ${error.server}`
    const why = { 'not-found': 'no such host', 'no-server': 'no such host', 'server-failure': 'server misbehaving', timeout: 'i/o timeout' }[error.reason]
    return `dial tcp: lookup ${error.host}${on}: ${why}`
  }
  if (error instanceof TlsError) return error.reason === 'not-tls' ? 'http: server gave HTTP response to HTTPS client' : `tls: failed to verify certificate: ${error.message}`
  if (isErrno(error)) return `dial tcp ${error.subject ?? `${host.name}:${host.port}`}: ${error.code === 'ETIMEDOUT' ? 'i/o timeout' : `connect: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`}`
  return errorText(error)
}
