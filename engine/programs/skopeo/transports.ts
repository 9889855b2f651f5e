/** `transport:details` names, and images read from them and written to them. */
import { layoutArchive, layoutFiles, podmanArchive } from '#engine/cri/archive/layout'
import { fromLayout, keepImage, readArchive } from '#engine/cri/archive/load'
import { packImage, type PackedImage } from '#engine/cri/archive/save'
import { ArchiveProblem } from '#engine/cri/archive/scope'
import { decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { gunzip, isGzip } from '#engine/base/archive/gzip'
import type { AuthConfig } from '#engine/cri/api'
import { digestOf, type ImageConfigBlob, type ImageManifest } from '#engine/cri/images/content'
import { callRegistry, dialText } from '#engine/cri/images/pull'
import { pushImage } from '#engine/cri/images/push'
import { formatReference, type ImageReference, normalizeReference, parseReference, ReferenceError, withDefaultTag } from '#engine/cri/images/reference'
import type { HttpResponse } from '#engine/base/http'
import type { Library } from '#engine/cri/podman/library'
import { findImage, ociTypes } from '#engine/cri/podman/images'
import { authFor, localName, Registries } from '#engine/cri/podman/registries'
import { RpcError } from '#engine/cri/rpc'

export class SkopeoError extends Error {
  override readonly name = 'SkopeoError'
}

const transports = ['containers-storage', 'dir', 'docker', 'docker-archive', 'docker-daemon', 'oci', 'oci-archive', 'ostree', 'sif', 'tarball']
export const transportList = transports.join(', ')

export interface Place { readonly transport: string; readonly details: string; readonly text: string }

export interface Access { readonly tlsVerify: boolean | undefined; readonly auth: AuthConfig | undefined; readonly authFile: string | undefined }

export function placeOf(text: string): Place {
  const at = text.indexOf(':')
  if (at < 0) throw new SkopeoError(`Invalid image name ${JSON.stringify(text)}, expected colon-separated transport:reference`)
  const transport = text.slice(0, at)
  if (!transports.includes(transport)) throw new SkopeoError(`Invalid image name ${JSON.stringify(text)}, unknown transport ${JSON.stringify(transport)}`)
  const details = text.slice(at + 1)
  if (transport === 'docker' && !details.startsWith('//')) throw new SkopeoError(`Invalid image name ${JSON.stringify(text)}, docker: image reference ${details} does not start with //`)
  return { transport, details: transport === 'docker' ? details.slice(2) : details, text }
}

export function referenceOf(place: Place): ImageReference {
  try {
    return withDefaultTag(parseReference(place.details))
  } catch (error) {
    if (error instanceof ReferenceError) throw new SkopeoError(`Invalid image name ${JSON.stringify(place.text)}, ${error.message}`)
    throw error
  }
}

/** `path[:name[:tag]]`. */
function archivePath(details: string): { path: string; name: string | undefined } {
  const at = details.indexOf(':')
  return at < 0 ? { path: details, name: undefined } : { path: details.slice(0, at), name: details.slice(at + 1) }
}

export interface ReadImage { readonly image: PackedImage; readonly manifest: string; readonly digest: string; readonly reference?: ImageReference }

export async function readImage(library: Library, place: Place, access: Access): Promise<ReadImage> {
  if (place.transport === 'docker') return fromRegistry(library, place, access)
  if (place.transport === 'containers-storage') return fromStorage(library, place)
  const { path, name } = archivePath(place.details)
  try {
    const image = localImage(library, place.transport, path, name)
    const manifest = decodeUtf8([...layoutFiles(image, undefined)].find(([file, content]) => file.startsWith('blobs/') && content[0] === 123 && decodeUtf8(content).includes('"layers"') && !decodeUtf8(content).includes('"rootfs"'))?.[1] ?? new Uint8Array(0))
    return { image, manifest, digest: digestOf(manifest) }
  } catch (error) {
    if (error instanceof ArchiveProblem) throw new SkopeoError(`loading ${path}: ${error.message}`)
    throw error
  }
}

function localImage(library: Library, transport: string, path: string, name: string | undefined): PackedImage {
  const { files } = library.process
  const missing = (what: string): never => {
    throw new SkopeoError(transport === 'docker-archive' ? `opening file ${JSON.stringify(what)}: open ${what}: no such file or directory` : `open ${what}: no such file or directory`)
  }
  if (transport === 'dir') return fromDir(library, path)
  if (transport === 'oci') {
    const index = files.exists(`${path}/index.json`) ? files.readText(`${path}/index.json`) : missing(`${path}/index.json`)
    const read = (file: string): Uint8Array | undefined => (files.exists(`${path}/${file}`) ? files.readFile(`${path}/${file}`) : undefined)
    const { manifests } = JSON.parse(index) as { manifests: { digest: string; annotations?: Record<string, string> }[] }
    const entry = name === undefined ? manifests[0] : manifests.find((each) => each.annotations?.['org.opencontainers.image.ref.name'] === name)
    if (!entry) throw new SkopeoError(`no descriptor found for reference ${JSON.stringify(name ?? '')}`)
    return fromLayout(read, entry, (each) => each)
  }
  if (transport !== 'docker-archive' && transport !== 'oci-archive') throw new SkopeoError(`the transport ${transport} is not simulated`)
  if (!files.exists(path)) missing(path)
  const all = readArchive(files.readFile(path), transport === 'oci-archive' ? (each) => each : normalizeReference)
  const wanted = name === undefined ? all[0] : all.find((image) => image.names.includes(transport === 'oci-archive' ? name : normalizeReference(name)))
  if (!wanted) throw new SkopeoError(`Tag ${JSON.stringify(name ?? '')} not found`)
  return wanted
}

function fromDir(library: Library, path: string): PackedImage {
  const { files } = library.process
  if (!files.exists(`${path}/manifest.json`)) throw new SkopeoError(`open ${path}/manifest.json: no such file or directory`)
  const manifest = JSON.parse(files.readText(`${path}/manifest.json`)) as ImageManifest
  const blob = (digest: string): Uint8Array => files.readFile(`${path}/${digest.slice(7)}`)
  const config = decodeUtf8(blob(manifest.config.digest))
  const diffIds = (JSON.parse(config) as ImageConfigBlob).rootfs.diff_ids
  return { id: manifest.config.digest, config, names: [], layers: manifest.layers.map((layer, index) => ({ diffId: diffIds[index] ?? '', bytes: () => plain(blob(layer.digest)) })) }
}

function fromStorage(library: Library, place: Place): ReadImage {
  const image = findImage(library, place.details)
  if (!image) throw new SkopeoError(`reference ${JSON.stringify(`[overlay@/var/lib/containers/storage+/run/containers/storage]${localName(place.details)}`)} does not resolve to an image ID: identifier is not an image`)
  return { image: packImage(library, image, image.repoTags), manifest: library.store.content.read(image.digest), digest: image.digest }
}

async function fromRegistry(library: Library, place: Place, access: Access): Promise<ReadImage> {
  const reference = referenceOf(place)
  const tag = reference.digest ?? reference.tag ?? 'latest'
  const answer = await registryCall(library, reference, access, `/v2/${reference.path}/manifests/${tag}`)
  if (answer.status !== 200) throw new SkopeoError(`reading manifest ${tag} in ${repository(reference)}: ${answer.status === 401 ? 'unauthorized: authentication required' : reference.domain === 'docker.io' ? 'requested access to the resource is denied' : 'manifest unknown: manifest unknown'}`)
  const text = await answer.body.text()
  const manifest = JSON.parse(text) as ImageManifest
  const config = await (await registryCall(library, reference, access, `/v2/${reference.path}/blobs/${manifest.config.digest}`)).body.text()
  const diffIds = (JSON.parse(config) as ImageConfigBlob).rootfs.diff_ids
  const layers: PackedImage['layers'][number][] = []
  for (const [index, layer] of manifest.layers.entries()) {
    const content = await (await registryCall(library, reference, access, `/v2/${reference.path}/blobs/${layer.digest}`)).body.bytes()
    layers.push({ diffId: diffIds[index] ?? layer.digest, bytes: () => plain(content) })
  }
  return { image: { id: manifest.config.digest, config, names: [formatReference(reference)], layers }, manifest: text, digest: answer.headers['docker-content-digest'] ?? digestOf(text), reference }
}

function plain(bytes: Uint8Array): Uint8Array {
  return isGzip(bytes) ? gunzip(bytes) : bytes
}

export function repository(reference: ImageReference): string {
  return `${reference.domain}/${reference.path}`
}

export async function registryCall(library: Library, reference: ImageReference, access: Access, path: string, method = 'GET'): Promise<HttpResponse> {
  const { process } = library
  const [host] = new Registries(process.files).hosts(reference.domain, access.tlsVerify)
  if (!host) throw new SkopeoError(`no registry for ${reference.domain}`)
  try {
    return await callRegistry({ net: process.net }, host, { method, path }, access.auth ?? authFor(process, reference.domain, access.authFile))
  } catch (error) {
    throw new SkopeoError(`pinging container registry ${reference.domain === 'docker.io' ? 'registry-1.docker.io' : reference.domain}: Get "${host.scheme}://${host.name}${host.port === 443 ? '' : `:${host.port}`}/v2/": ${dialText(error, host)}`)
  }
}

export async function writeImage(library: Library, place: Place, image: PackedImage, access: Access): Promise<void> {
  const { process } = library
  if (place.transport === 'docker') return toRegistry(library, place, image, access)
  if (place.transport === 'containers-storage') {
    keepImage(library, image, [localName(place.details)])
    return
  }
  const { path, name } = archivePath(place.details)
  if (place.transport === 'dir') return toDir(library, path, image)
  if (place.transport === 'oci') return files(library, path, layoutFiles(image, name))
  if (place.transport === 'oci-archive') return process.files.writeFile(path, layoutArchive(image, name), 0o644)
  if (place.transport !== 'docker-archive') throw new SkopeoError(`the transport ${place.transport} is not simulated`)
  if ((process.files.exists(path)?.size ?? 0) > 0) throw new SkopeoError(`docker-archive doesn't support modifying existing images`)
  process.files.writeFile(path, podmanArchive([{ ...image, names: name === undefined ? [] : [normalizeReference(name)] }], (each) => each), 0o644)
}

function files(library: Library, path: string, content: ReadonlyMap<string, Uint8Array>): void {
  for (const [name, bytes] of content) {
    const target = `${path}/${name}`
    library.process.files.mkdirAll(target.slice(0, target.lastIndexOf('/')), 0o755)
    library.process.files.writeFile(target, bytes, 0o644)
  }
}

function toDir(library: Library, path: string, image: PackedImage): void {
  const out = new Map<string, Uint8Array>()
  for (const [name, bytes] of layoutFiles(image, undefined)) if (name.startsWith('blobs/')) out.set(name.slice('blobs/sha256/'.length), bytes)
  const manifest = [...out].find(([, bytes]) => bytes[0] === 123 && decodeUtf8(bytes).includes('"layers"') && !decodeUtf8(bytes).includes('"rootfs"'))
  if (manifest) {
    out.delete(manifest[0])
    out.set('manifest.json', manifest[1])
  }
  out.set('version', encodeUtf8('Directory Transport Version: 1.1\n'))
  files(library, path, out)
}

async function toRegistry(library: Library, place: Place, image: PackedImage, access: Access): Promise<void> {
  const { process } = library
  const reference = referenceOf(place)
  const registries = new Registries(process.files)
  try {
    await pushImage({ net: process.net, hosts: (domain) => registries.hosts(domain, access.tlsVerify) }, image, reference, access.auth ?? authFor(process, reference.domain, access.authFile), ociTypes)
  } catch (error) {
    if (!(error instanceof RpcError)) throw error
    throw new SkopeoError(`trying to reuse blob ${image.layers[0]?.diffId ?? ''} at destination: ${error.code === 'Unauthenticated' ? `checking whether a blob exists in ${repository(reference)}: authentication required` : error.description}`)
  }
}
