/** `docker save`: images as a docker-archive, each layer in a folder of its own beside the configurations. */
import { encodeUtf8 } from '#engine/base/bytes'
import type { TarEntry } from '#engine/base/archive/ustar'
import { chainIds, digestOf, type ImageManifest } from '../images/content'
import { formatReference, parseReference, ReferenceError, repositoryOf } from '../images/reference'
import type { StoredImage } from '../images/store'
import { ArchiveProblem, type ImageScope } from './scope'
import { archiveOf, plainEntry, treeArchive } from './tree'

/** An image as an archive holds it. */
export interface PackedImage {
  readonly id: string
  readonly config: string
  /** Full names, with tags. */
  readonly names: readonly string[]
  readonly layers: readonly PackedLayer[]
}

export interface PackedLayer { readonly diffId: string; bytes(): Uint8Array }

/** How an archive spells a name: docker leaves the default registry out, podman does not. */
export type Spelling = (name: string) => string

export const familiarName: Spelling = (name) => name.replace(/^docker\.io\/(?:library\/)?/, '')

export function saveImages(scope: ImageScope, names: readonly string[]): Uint8Array {
  return dockerArchive(chosen(scope, names), familiarName)
}

/** What is named, each image once with the names it was asked by; one asked by a bare repository has all its tags. */
function chosen(scope: ImageScope, names: readonly string[]): PackedImage[] {
  const out = new Map<string, { image: StoredImage; names: Set<string> }>()
  for (const name of names) {
    const found = namesFor(scope, name)
    if (found.length === 0) throw new ArchiveProblem('reference does not exist')
    for (const { image, tag } of found) {
      const entry = out.get(image.id) ?? { image, names: new Set<string>() }
      if (tag !== undefined) entry.names.add(tag)
      out.set(image.id, entry)
    }
  }
  return [...out.values()].map(({ image, names: tags }) => packImage(scope, image, [...tags]))
}

function namesFor(scope: ImageScope, name: string): { image: StoredImage; tag?: string }[] {
  const tagged = wanted(name)
  if (tagged !== undefined && tagged.tag === undefined && tagged.digest === undefined) {
    const prefix = `${repositoryOf(tagged)}:`
    const all = scope.store.list(scope.namespace).flatMap((image) => image.repoTags.filter((tag) => tag.startsWith(prefix)).map((tag) => ({ image, tag })))
    if (all.length > 0) return all
  }
  const image = scope.store.find(scope.namespace, tagged?.tag === undefined ? name : formatReference(tagged))
  if (!image) return []
  return [{ image, ...(tagged?.tag === undefined ? {} : { tag: formatReference(tagged) }) }]
}

function wanted(name: string): ReturnType<typeof parseReference> | undefined {
  try {
    return parseReference(name)
  } catch (error) {
    if (error instanceof ReferenceError) return undefined
    throw error
  }
}

export function packImage(scope: ImageScope, image: StoredImage, names: readonly string[]): PackedImage {
  const { store, files } = scope
  const chain = chainIds(image.config.rootfs.diff_ids)
  const layers = image.config.rootfs.diff_ids.map((diffId, index): PackedLayer => {
    const directory = store.snapshots.upperDirectory(chain[index] ?? '')
    return { diffId, bytes: () => (directory === undefined ? archiveOf([]) : treeArchive(files, directory)) }
  })
  return { id: image.id, config: store.content.read(image.id), names, layers }
}

/** The manifest of a stored image. */
export function manifestOf(scope: ImageScope, image: StoredImage): ImageManifest {
  return scope.store.content.readJson<ImageManifest>(image.digest) as ImageManifest
}

/** docker 20.10's layout: a folder per layer with VERSION, json and layer.tar; a configuration per image; manifest.json and repositories. */
export function dockerArchive(images: readonly PackedImage[], spell: Spelling): Uint8Array {
  const entries = new Map<string, TarEntry>()
  const put = (name: string, content: string | Uint8Array, type: 'file' | 'directory' = 'file'): void => void entries.set(name, plainEntry(name, typeof content === 'string' ? encodeUtf8(content) : content, 0, type))
  const repositories: Record<string, Record<string, string>> = {}
  const manifest = images.map((image) => {
    const folders = layerFolders(image, put)
    put(`${image.id.slice(7)}.json`, image.config)
    const tags = image.names.map(spell)
    for (const tag of tags) (repositories[tag.slice(0, tag.lastIndexOf(':'))] ??= {})[tag.slice(tag.lastIndexOf(':') + 1)] = folders.at(-1) ?? ''
    return { Config: `${image.id.slice(7)}.json`, RepoTags: tags.length > 0 ? tags : null, Layers: folders.map((folder) => `${folder}/layer.tar`) }
  })
  put('manifest.json', `${JSON.stringify(manifest)}\n`)
  if (Object.keys(repositories).length > 0) put('repositories', `${JSON.stringify(repositories)}\n`)
  return archiveOf([...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1)))
}

function layerFolders(image: PackedImage, put: (name: string, content: string | Uint8Array, type?: 'file' | 'directory') => void): string[] {
  const folders: string[] = []
  for (const layer of image.layers) {
    const parent = folders.at(-1)
    const id = digestOf(`${parent ?? ''} ${layer.diffId}`).slice(7)
    put(`${id}/`, '', 'directory')
    put(`${id}/VERSION`, '1.0')
    put(`${id}/json`, JSON.stringify({ id, ...(parent === undefined ? {} : { parent }), created: '1970-01-01T00:00:00Z', container_config: { Hostname: '', Cmd: null }, os: 'linux' }))
    put(`${id}/layer.tar`, layer.bytes())
    folders.push(id)
  }
  return folders
}

