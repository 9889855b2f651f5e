/** Pushing: layers and configuration that the registry does not have, then the manifest under its tag. */
import { gzip } from '#engine/base/archive/gzip'
import { encodeUtf8 } from '#engine/base/bytes'
import type { HttpResponse } from '#engine/base/http'
import type { AuthConfig } from '../api'
import { RpcError } from '../rpc'
import { type Descriptor, digestOf, type ImageManifest } from './content'
import { callRegistry, dialText, type PullContext } from './pull'
import { formatReference, type ImageReference } from './reference'
import type { RegistryHost } from './hosts'

/** What is pushed: a configuration, and the layers as uncompressed archives. */
export interface PushImage { readonly config: string; readonly layers: readonly { bytes(): Uint8Array }[] }

export interface PushResult { readonly digest: string; readonly size: number; readonly manifest: string; readonly layers: readonly Descriptor[] }

export type PushContext = Pick<PullContext, 'net' | 'signal' | 'hosts'>

/** docker's own media types: what docker pushes; podman pushes OCI's. */
export const dockerTypes = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
}

export type MediaTypes = typeof dockerTypes

export async function pushImage(context: PushContext, image: PushImage, reference: ImageReference, auth?: AuthConfig, types: MediaTypes = dockerTypes): Promise<PushResult> {
  const [host] = context.hosts(reference.domain)
  if (!host) throw new RpcError('NotFound', `no registry for ${reference.domain}`)
  const session: PushSession = { context, host, path: reference.path, auth, name: formatReference(reference) }
  await ping(session)
  const layers: Descriptor[] = []
  for (const layer of image.layers) layers.push(await upload(session, gzip(layer.bytes(), { level: 6, mtimeMs: 0 }), types.layer))
  const config = await upload(session, encodeUtf8(image.config), types.config)
  const manifest: ImageManifest = { schemaVersion: 2, mediaType: types.manifest, config, layers }
  const text = JSON.stringify(manifest, null, 3)
  const answer = await call(session, 'PUT', `manifests/${reference.tag ?? 'latest'}`, encodeUtf8(text), { 'content-type': types.manifest })
  if (answer.status !== 201) throw await refusal(answer, session)
  return { digest: digestOf(text), size: text.length, manifest: text, layers }
}

interface PushSession { readonly context: PushContext; readonly host: RegistryHost; readonly path: string; readonly auth: AuthConfig | undefined; readonly name: string }

/** Whether somebody is there, and lets us in. */
async function ping(session: PushSession): Promise<void> {
  const { context, host, auth } = session
  const path = '/v2/'
  try {
    const answer = await callRegistry(context, host, { method: 'GET', path }, auth)
    if (answer.status >= 400) throw await refusal(answer, session)
  } catch (error) {
    if (error instanceof RpcError) throw error
    throw new RpcError('Unknown', `Get "${host.scheme}://${host.name}:${host.port}${path}": ${dialText(error, host)}`)
  }
}

async function upload(session: PushSession, content: Uint8Array, mediaType: string): Promise<Descriptor> {
  const digest = digestOf(content)
  const descriptor: Descriptor = { mediaType, digest, size: content.length }
  if ((await call(session, 'HEAD', `blobs/${digest}`)).status === 200) return descriptor
  const begun = await call(session, 'POST', 'blobs/uploads/')
  if (begun.status !== 202) throw await refusal(begun, session)
  const location = (begun.headers['location'] ?? '').replace(/^https?:\/\/[^/]+/, '')
  const answer = await callRegistry(session.context, session.host, { method: 'PUT', path: `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`, body: content, headers: { 'content-type': 'application/octet-stream' } }, session.auth)
  if (answer.status !== 201) throw await refusal(answer, session)
  return descriptor
}

function call(session: PushSession, method: string, what: string, body?: Uint8Array, headers?: Readonly<Record<string, string>>): Promise<HttpResponse> {
  return callRegistry(session.context, session.host, { method, path: `/v2/${session.path}/${what}`, ...(body ? { body } : {}), ...(headers ? { headers } : {}) }, session.auth)
}

async function refusal(answer: HttpResponse, session: PushSession): Promise<RpcError> {
  if (answer.status === 401) return new RpcError('Unauthenticated', 'no basic auth credentials')
  if (answer.status === 403) return new RpcError('PermissionDenied', 'denied: requested access to the resource is denied')
  const text = await answer.body.text()
  return new RpcError('Unknown', `received unexpected HTTP status: ${answer.status}${text === '' ? '' : `: ${text.trim()}`} (${session.name})`)
}
