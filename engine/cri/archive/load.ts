/** Images out of an archive: docker's (manifest.json) or an OCI layout (index.json). */
import type { TarEntry } from '#engine/base/archive/ustar'
import { decodeUtf8 } from '#engine/base/bytes'
import { chainIds, digestOf, type ImageConfigBlob, type ImageManifest, layerType } from '../images/content'
import { normalizeReference, ReferenceError } from '../images/reference'
import type { StoredImage } from '../images/store'
import { addLayer, storeImage } from './commit'
import type { PackedImage } from './save'
import { ArchiveProblem, type ImageScope } from './scope'
import { entriesOf } from './tree'

export interface LoadedImage { readonly id: string; readonly names: readonly string[] }

interface DockerManifest { readonly Config: string; readonly RepoTags?: readonly string[] | null; readonly Layers: readonly string[] }
interface IndexEntry { readonly digest: string; readonly annotations?: Readonly<Record<string, string>> }

/** `docker load`. */
export function loadImages(scope: ImageScope, bytes: Uint8Array): LoadedImage[] {
  return unpacked(bytes).map((image) => ({ id: keepImage(scope, image).id, names: image.names }))
}

/** Where an archive cannot be read, in dockerd's words. */
function unpacked(bytes: Uint8Array): PackedImage[] {
  try {
    return readArchive(bytes)
  } catch (error) {
    if (!(error instanceof ArchiveProblem) || !error.message.startsWith('archive/tar')) throw error
    throw new ArchiveProblem(`Error processing tar file(exit status 1): ${bytes.length < 512 ? 'unexpected EOF' : error.message}`)
  }
}

export const refName = 'org.opencontainers.image.ref.name'

/** All images of an archive, whichever of the two forms it has. */
export function readArchive(bytes: Uint8Array, nameOf: (name: string) => string = fullName): PackedImage[] {
  const entries = new Map(entriesOf(bytes).map((entry) => [entry.name, entry]))
  const manifest = entries.get('manifest.json')
  if (manifest) return (parse(manifest) as DockerManifest[]).map((image) => fromDocker(entries, image, nameOf))
  const index = entries.get('index.json')
  if (!index) throw new ArchiveProblem('open manifest.json: no such file or directory')
  return (parse(index) as { manifests: IndexEntry[] }).manifests.map((entry) => fromLayout((name) => entries.get(name)?.content, entry, nameOf))
}

function parse(entry: TarEntry): unknown {
  try {
    return JSON.parse(decodeUtf8(entry.content))
  } catch {
    throw new ArchiveProblem(`invalid character in ${entry.name}`)
  }
}

function fromDocker(entries: ReadonlyMap<string, TarEntry>, image: DockerManifest, nameOf: (name: string) => string): PackedImage {
  const config = entries.get(image.Config)
  if (!config) throw new ArchiveProblem(`open ${image.Config}: no such file or directory`)
  const text = decodeUtf8(config.content)
  const diffIds = (JSON.parse(text) as ImageConfigBlob).rootfs.diff_ids
  const layers = image.Layers.map((path, index) => ({ diffId: diffIds[index] ?? '', bytes: () => contentOf(entries, path) }))
  return { id: digestOf(config.content), config: text, names: (image.RepoTags ?? []).map(nameOf), layers }
}

/** podman's archives have the layers by digest and links to them. */
function contentOf(entries: ReadonlyMap<string, TarEntry>, path: string): Uint8Array {
  const entry = entries.get(path)
  if (!entry) throw new ArchiveProblem(`open ${path}: no such file or directory`)
  if (entry.type !== 'symlink') return entry.content
  return contentOf(entries, entry.target.replace(/^(?:\.\.\/)+/, ''))
}

/** One image of an OCI layout, whose files `read` gives. */
export function fromLayout(read: (path: string) => Uint8Array | undefined, entry: IndexEntry, nameOf: (name: string) => string = fullName): PackedImage {
  const blob = (digest: string): Uint8Array => {
    const found = read(`blobs/${digest.replace(':', '/')}`)
    if (!found) throw new ArchiveProblem(`open blobs/${digest.replace(':', '/')}: no such file or directory`)
    return found
  }
  const manifest = JSON.parse(decodeUtf8(blob(entry.digest))) as ImageManifest
  const config = decodeUtf8(blob(manifest.config.digest))
  const diffIds = (JSON.parse(config) as ImageConfigBlob).rootfs.diff_ids
  const name = entry.annotations?.['io.containerd.image.name'] ?? entry.annotations?.[refName]
  return { id: manifest.config.digest, config, names: name === undefined ? [] : [nameOf(name)], layers: manifest.layers.map((layer, index) => ({ diffId: diffIds[index] ?? layer.digest, bytes: () => blob(layer.digest) })) }
}

function fullName(name: string): string {
  try {
    return normalizeReference(name)
  } catch (error) {
    if (error instanceof ReferenceError) return name
    throw error
  }
}

/** Lays an image into a store: only the layers that are not there are unpacked. */
export function keepImage(scope: ImageScope, image: PackedImage, names: readonly string[] = image.names): StoredImage {
  const diffIds = (JSON.parse(image.config) as ImageConfigBlob).rootfs.diff_ids
  const chain = chainIds(diffIds)
  const layers: ImageManifest['layers'][number][] = []
  image.layers.forEach((layer, index) => {
    const bytes = layer.bytes()
    layers.push({ mediaType: layerType, digest: diffIds[index] ?? layer.diffId, size: bytes.length })
    addLayer(scope, chain[index] ?? '', chain[index - 1] ?? '', bytes)
  })
  return storeImage(scope, image.config, layers, names)
}
