/** The other forms of an archive: an OCI layout, and podman's docker-archive. */
import { encodeUtf8 } from '#engine/base/bytes'
import { configType, digestOf, type ImageManifest, manifestType } from '../images/content'
import { refName } from './load'
import type { PackedImage, Spelling } from './save'
import { archiveOf, plainEntry } from './tree'

const uncompressed = 'application/vnd.oci.image.layer.v1.tar'

/** Files of an OCI layout with this image in it, by path. */
export function layoutFiles(image: PackedImage, reference: string | undefined): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  const blob = (content: Uint8Array, mediaType: string): ImageManifest['config'] => {
    const digest = digestOf(content)
    files.set(`blobs/${digest.replace(':', '/')}`, content)
    return { mediaType, digest, size: content.length }
  }
  const layers = image.layers.map((layer) => blob(layer.bytes(), uncompressed))
  const config = blob(encodeUtf8(image.config), configType)
  const manifest = blob(encodeUtf8(JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config, layers })), manifestType)
  const annotations = reference === undefined ? {} : { annotations: { [refName]: reference } }
  files.set('index.json', encodeUtf8(JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, ...annotations }] })))
  files.set('oci-layout', encodeUtf8('{"imageLayoutVersion": "1.0.0"}'))
  return files
}

export function layoutArchive(image: PackedImage, reference: string | undefined): Uint8Array {
  const files = [...layoutFiles(image, reference)]
  const folder = (name: string) => plainEntry(name, new Uint8Array(0), 0, 'directory')
  const blobs = files.filter(([name]) => name.startsWith('blobs/')).sort(([a], [b]) => (a < b ? -1 : 1))
  const others = files.filter(([name]) => !name.startsWith('blobs/'))
  return archiveOf([folder('blobs/'), folder('blobs/sha256/'), ...[...blobs, ...others].map(([name, content]) => plainEntry(name, content, 0))])
}

/** podman's docker-archive: layers by their digest, folders that link to them, the configuration, repositories, manifest.json. */
export function podmanArchive(images: readonly PackedImage[], spell: Spelling): Uint8Array {
  const entries = new Map<string, ReturnType<typeof plainEntry>>()
  const put = (name: string, content: string | Uint8Array): void => void entries.set(name, plainEntry(name, typeof content === 'string' ? encodeUtf8(content) : content, 0))
  for (const image of images) {
    for (const layer of image.layers) put(`${layer.diffId.slice(7)}.tar`, layer.bytes())
    put(`${image.id.slice(7)}.json`, image.config)
  }
  const repositories: Record<string, Record<string, string>> = {}
  for (const image of images) {
    const top = legacyFolders(image, put, (name, target) => void entries.set(name, { ...plainEntry(name, new Uint8Array(0), 0), type: 'symlink', target }))
    for (const name of image.names.map(spell)) (repositories[name.slice(0, name.lastIndexOf(':'))] ??= {})[name.slice(name.lastIndexOf(':') + 1)] = top
  }
  put('repositories', JSON.stringify(repositories))
  put('manifest.json', JSON.stringify(images.map((image) => ({ Config: `${image.id.slice(7)}.json`, RepoTags: image.names.map(spell), Layers: image.layers.map((layer) => `${layer.diffId.slice(7)}.tar`) }))))
  return archiveOf([...entries.values()])
}

function legacyFolders(image: PackedImage, put: (name: string, content: string) => void, link: (name: string, target: string) => void): string {
  let parent = ''
  for (const layer of image.layers) {
    const id = digestOf(`${parent} ${layer.diffId} containers`).slice(7)
    put(`${id}/VERSION`, '1.0')
    link(`${id}/layer.tar`, `../${layer.diffId.slice(7)}.tar`)
    put(`${id}/json`, JSON.stringify({ id, ...(parent === '' ? {} : { parent }), created: '0001-01-01T00:00:00Z', container_config: { Cmd: [''] } }))
    parent = id
  }
  return parent
}
