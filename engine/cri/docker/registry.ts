/** Pull and push as dockerd does them: where a registry answers, progress as JSON lines, failures in its words. */
import { emptyBody } from '#engine/base/http'
import type { AuthConfig } from '../api'
import { chainIds, type ImageConfigBlob, type ImageManifest } from '../images/content'
import type { RegistryHost } from '../images/hosts'
import { fetchImage, type PullContext } from '../images/pull'
import { pushImage } from '../images/push'
import { formatReference, type ImageReference, repositoryOf, withDefaultTag } from '../images/reference'
import { familiarName, packImage } from '../archive/save'
import { RpcError } from '../rpc'
import type { DockerHost } from './host'
import { mobyNamespace } from './host'
import type { Images } from './images'
import { type ApiError, notFound, serverError } from './model'

export type Progress = (message: Readonly<Record<string, unknown>>) => Promise<void> | void

export function registryContext(host: DockerHost): PullContext {
  const { process, images } = host
  return { net: process.net, clock: process.clock, hosts: (domain) => hostsOf(host, domain), has: (chainId) => images.snapshots.has(chainId), signal: process.dying }
}

/** Plain HTTP where the configuration allows it, and on this machine. */
function hostsOf({ config }: DockerHost, domain: string): RegistryHost[] {
  const [name = domain, port] = domain.split(':')
  const insecure = name === 'localhost' || name.startsWith('127.') || config.insecureRegistries.includes(domain)
  if (insecure) return [{ scheme: 'http', name, port: Number(port ?? 80) }]
  return [{ scheme: 'https', name: domain === 'docker.io' ? 'registry-1.docker.io' : name, port: Number(port ?? 443) }]
}

/** What is missing is fetched; what was there already is told so. */
export async function pullReference(host: DockerHost, images: Images, wanted: ImageReference, auth: AuthConfig | undefined, progress: Progress): Promise<void> {
  const reference = withDefaultTag(wanted)
  const name = formatReference(reference)
  const before = host.images.record(mobyNamespace, name)?.digest
  let built
  try {
    built = await fetchImage(registryContext(host), reference, auth)
  } catch (error) {
    throw await pullFailure(host, reference, error)
  }
  await progress({ status: `Pulling from ${reference.path}`, id: reference.tag ?? reference.digest ?? 'latest' })
  if (before !== built.digest) await layerLines(host, built, progress)
  host.images.unpack(built)
  host.images.setName(mobyNamespace, `${repositoryOf(reference)}@${built.digest}`, built.digest)
  const image = images.find(`${repositoryOf(reference)}@${built.digest}`)
  if (reference.tag !== undefined) images.name(name, image)
  host.events.publish('image', 'pull', familiarName(name), { name: familiarName(name).replace(/:[^:/]+$/, '') })
  await progress({ status: `Digest: ${built.digest}` })
  await progress({ status: before === built.digest ? `Status: Image is up to date for ${familiarName(name)}` : `Status: Downloaded newer image for ${familiarName(name)}` })
}

async function layerLines(host: DockerHost, built: Awaited<ReturnType<typeof fetchImage>>, progress: Progress): Promise<void> {
  const { layers } = JSON.parse(built.manifest) as ImageManifest
  const chain = chainIds((JSON.parse(built.config) as ImageConfigBlob).rootfs.diff_ids)
  const missing: string[] = []
  for (const [index, layer] of layers.entries()) {
    const id = layer.digest.slice(7, 19)
    const there = host.images.snapshots.has(chain[index] ?? '')
    await progress(there ? { status: 'Already exists', progressDetail: {}, id } : { status: 'Pulling fs layer', progressDetail: {}, id })
    if (!there) missing.push(id)
  }
  for (const id of missing) {
    await progress({ status: 'Verifying Checksum', progressDetail: {}, id })
    await progress({ status: 'Download complete', progressDetail: {}, id })
    await progress({ status: 'Pull complete', progressDetail: {}, id })
  }
}

async function pullFailure(host: DockerHost, reference: ImageReference, error: unknown): Promise<unknown> {
  if (!(error instanceof RpcError)) return error
  const familiar = familiarName(formatReference(reference))
  const text = error.description
  if (error.code === 'NotFound') {
    const known = reference.domain !== 'docker.io' || (await repositoryExists(host, reference))
    const short = familiarName(repositoryOf(reference))
    return notFound(known ? `manifest for ${familiar} not found: manifest unknown: manifest unknown` : `pull access denied for ${short}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`)
  }
  if (/authorization failed|no basic auth/.test(text)) return serverError(reference.domain === 'docker.io' ? `pull access denied for ${familiarName(repositoryOf(reference))}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied` : `Head "https://${reference.domain}/v2/${reference.path}/manifests/${reference.tag ?? 'latest'}": no basic auth credentials`)
  return dialFailure(host, reference, text)
}

/** A registry that cannot be reached is told by its first address. */
function dialFailure(host: DockerHost, reference: ImageReference, text: string): ApiError {
  const why = /(?:failed to do request: (?:Head|Get) "[^"]*": |: (?=dial tcp))(.*)$/.exec(text)?.[1] ?? text
  const [first] = hostsOf(host, reference.domain)
  const domain = reference.domain === 'docker.io' ? 'registry-1.docker.io' : reference.domain
  return serverError(`Get "${first?.scheme ?? 'https'}://${domain}/v2/": ${why}`)
}

async function repositoryExists(host: DockerHost, reference: ImageReference): Promise<boolean> {
  const [first] = hostsOf(host, reference.domain)
  if (!first) return false
  try {
    const answer = await host.process.net.request({ host: first.name, port: first.port }, { method: 'GET', path: `/v2/${reference.path}/tags/list`, headers: {}, body: emptyBody }, first.scheme === 'https' ? { tls: {} } : {})
    return answer.status === 200
  } catch {
    return false
  }
}

export async function pushReference(host: DockerHost, images: Images, wanted: ImageReference, auth: AuthConfig | undefined, progress: Progress): Promise<void> {
  const reference = withDefaultTag(wanted)
  await progress({ status: `The push refers to repository [${repositoryOf(reference)}]` })
  const image = host.images.record(mobyNamespace, formatReference(reference)) ? images.find(formatReference(reference)) : undefined
  if (!image) throw serverError(`tag does not exist: ${familiarName(formatReference(reference))}`)
  const packed = packImage(images.scope, image, [])
  const ids = [...image.config.rootfs.diff_ids].reverse().map((id) => id.slice(7, 19))
  for (const id of ids) await progress({ status: 'Preparing', progressDetail: {}, id })
  try {
    const pushed = await pushImage(registryContext(host), packed, reference, auth)
    for (const id of ids) await progress({ status: 'Pushed', progressDetail: {}, id })
    host.images.content.write(pushed.digest, pushed.manifest)
    host.images.setName(mobyNamespace, `${repositoryOf(reference)}@${pushed.digest}`, image.digest)
    host.events.publish('image', 'push', familiarName(formatReference(reference)), { name: familiarName(repositoryOf(reference)) })
    await progress({ status: `${reference.tag ?? 'latest'}: digest: ${pushed.digest} size: ${pushed.size}` })
    await progress({ progressDetail: {}, aux: { Tag: reference.tag ?? 'latest', Digest: pushed.digest, Size: pushed.size } })
  } catch (error) {
    if (!(error instanceof RpcError)) throw error
    throw pushFailure(host, reference, error)
  }
}

function pushFailure(host: DockerHost, reference: ImageReference, error: RpcError): ApiError {
  const text = error.description
  if (reference.domain === 'docker.io' && !/dial tcp/.test(text)) return serverError('denied: requested access to the resource is denied')
  if (/401|403|denied|unauthorized|authorization|credentials/.test(text)) return serverError('no basic auth credentials')
  return /dial tcp/.test(text) ? dialFailure(host, reference, text) : serverError(text)
}
