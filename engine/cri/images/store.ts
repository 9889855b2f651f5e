/** Images of one machine by namespace (`k8s.io`, `default`, `moby`), over the content store and the snapshotter. */
import type { Files } from '#engine/linux/abi/files'
import type { ImageDefinition } from './definition'
import { type BuiltImage, buildImage, chainIds, ContentStore, type ImageConfigBlob, type ImageManifest, manifestType } from './content'
import { RpcError } from '../rpc'
import { parseReference, repositoryOf } from './reference'
import { Snapshotter, writeIndex } from './snapshots'

export interface ImageRecord {
  /** `docker.io/library/nginx:1.27`, `docker.io/library/nginx@sha256:...`, or an image id for an untagged one. */
  readonly name: string
  readonly digest: string
  readonly createdMs: number
  readonly updatedMs: number
  readonly labels: Readonly<Record<string, string>>
}

/** An image as the runtime sees it: all names of one configuration. */
export interface StoredImage {
  /** Digest of the configuration. */
  readonly id: string
  readonly digest: string
  readonly repoTags: readonly string[]
  readonly repoDigests: readonly string[]
  readonly sizeBytes: number
  readonly config: ImageConfigBlob
  readonly pinned: boolean
  readonly createdMs: number
  readonly names: readonly string[]
}

interface NamespaceRecord { labels: Record<string, string>; images: Record<string, ImageRecord> }
interface Metadata { namespaces: Record<string, NamespaceRecord> }

export class ImageStore {
  readonly content: ContentStore
  readonly snapshots: Snapshotter
  private readonly metadata: Metadata
  private readonly path: string
  /** What `list` made, until something changes. */
  private readonly described = new Map<string, readonly StoredImage[]>()
  private readonly parsed = new Map<string, { manifest: ImageManifest; config: ImageConfigBlob }>()

  constructor(
    private readonly files: Files,
    root: string,
    private readonly now: () => number,
    private readonly pinnedNames: ReadonlySet<string> = new Set(),
  ) {
    this.content = new ContentStore(files, root)
    this.snapshots = new Snapshotter(files, root, now)
    this.path = `${root}/io.containerd.metadata.v1.bolt/meta.db`
    this.metadata = files.exists(this.path) ? load(files, this.path) : { namespaces: {} }
  }

  namespaces(): { name: string; labels: Record<string, string> }[] {
    return Object.entries(this.metadata.namespaces).map(([name, record]) => ({ name, labels: record.labels }))
  }

  createNamespace(name: string, labels: Record<string, string> = {}): void {
    if (this.metadata.namespaces[name]) return
    this.metadata.namespaces[name] = { labels, images: {} }
    this.save()
  }

  removeNamespace(name: string): void {
    delete this.metadata.namespaces[name]
    this.save()
  }

  /** Manifest, configuration and layers of a definition, and the names that point to them. */
  import(namespace: string, definition: ImageDefinition, names: readonly string[]): BuiltImage {
    const image = buildImage(definition)
    this.unpack(image)
    for (const name of names) this.setName(namespace, name, image.digest)
    return image
  }

  unpack(image: BuiltImage): void {
    this.described.clear()
    this.content.write(image.imageId, image.config)
    this.content.write(image.digest, image.manifest)
    const chain = chainIds(image.layers.map((layer) => layer.digest))
    const manifest = JSON.parse(image.manifest) as ImageManifest
    image.layers.forEach(({ layer }, index) => this.snapshots.commitLayer(chain[index] as string, chain[index - 1], layer, manifest.layers[index]?.size ?? 0))
  }

  setName(namespace: string, name: string, digest: string): void {
    this.createNamespace(namespace)
    const images = (this.metadata.namespaces[namespace] as NamespaceRecord).images
    const known = images[name]
    if (known?.digest === digest) return
    images[name] = { name, digest, createdMs: known?.createdMs ?? this.now(), updatedMs: this.now(), labels: namespace === 'k8s.io' ? { 'io.cri-containerd.image': 'managed' } : {} }
    this.save()
  }

  /** Sets labels of a name, an empty value taking one away; all it has then. */
  label(namespace: string, name: string, labels: Readonly<Record<string, string>>, replace: boolean): Record<string, string> {
    const images = this.metadata.namespaces[namespace]?.images
    const known = images?.[name]
    if (!images || !known) throw new RpcError('NotFound', `image "${name}": not found`)
    const next = Object.fromEntries(Object.entries({ ...(replace ? {} : known.labels), ...labels }).filter(([, value]) => value !== ''))
    images[name] = { ...known, labels: next, updatedMs: this.now() }
    this.save()
    return next
  }

  record(namespace: string, name: string): ImageRecord | undefined {
    return this.metadata.namespaces[namespace]?.images[name]
  }

  records(namespace: string): ImageRecord[] {
    return Object.values(this.metadata.namespaces[namespace]?.images ?? {}).sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Removes names. What nothing points to any more leaves the disk. */
  removeNames(namespace: string, names: readonly string[]): void {
    const images = this.metadata.namespaces[namespace]?.images
    if (!images) return
    for (const name of names) delete images[name]
    this.save()
    this.collectGarbage()
  }

  list(namespace: string): StoredImage[] {
    const known = this.described.get(namespace)
    if (known) return [...known]
    const made = this.describeAll(namespace)
    this.described.set(namespace, made)
    return [...made]
  }

  private describeAll(namespace: string): StoredImage[] {
    const byId = new Map<string, ImageRecord[]>()
    for (const record of this.records(namespace)) {
      const blobs = this.blobs(record.digest)
      if (!blobs) continue
      const id = blobs.manifest.config.digest
      const group = byId.get(id)
      if (group) group.push(record)
      else byId.set(id, [record])
    }
    return [...byId].map(([id, records]) => this.describe(id, records))
  }

  /** By name (short or full), digest reference, image id, or a prefix of the id. */
  find(namespace: string, reference: string): StoredImage | undefined {
    return this.findById(namespace, reference) ?? this.findByName(namespace, reference)
  }

  /** Key of the snapshot that is the image's root; '' for an image without layers. */
  rootKey(image: StoredImage): string {
    return chainIds(image.config.rootfs.diff_ids).at(-1) ?? ''
  }

  private findByName(namespace: string, text: string): StoredImage | undefined {
    const record = this.candidates(text).map((name) => this.record(namespace, name)).find((found) => found)
    if (!record) return undefined
    const id = this.blobs(record.digest)?.manifest.config.digest
    return id === undefined ? undefined : this.list(namespace).find((image) => image.id === id)
  }

  private candidates(text: string): string[] {
    try {
      const reference = parseReference(text)
      const repository = repositoryOf(reference)
      if (reference.digest !== undefined) return [`${repository}@${reference.digest}`, text]
      return [`${repository}:${reference.tag ?? 'latest'}`, text]
    } catch {
      return [text]
    }
  }

  private findById(namespace: string, text: string): StoredImage | undefined {
    const prefix = text.startsWith('sha256:') ? text : `sha256:${text}`
    if (!/^sha256:[0-9a-f]{3,64}$/.test(prefix)) return undefined
    const matches = this.list(namespace).filter((image) => image.id.startsWith(prefix))
    return matches.length === 1 ? matches[0] : undefined
  }

  private describe(id: string, records: readonly ImageRecord[]): StoredImage {
    const first = records[0] as ImageRecord
    const { manifest, config } = this.blobs(first.digest) as { manifest: ImageManifest; config: ImageConfigBlob }
    const names = records.map((record) => record.name)
    return {
      id,
      digest: first.digest,
      repoTags: names.filter((name) => !name.includes('@') && !name.startsWith('sha256:')),
      repoDigests: names.filter((name) => name.includes('@')),
      sizeBytes: manifest.layers.reduce((sum, layer) => sum + layer.size, manifest.config.size),
      config,
      pinned: names.some((name) => this.pinnedNames.has(name)),
      createdMs: first.createdMs,
      names,
    }
  }

  private blobs(digest: string): { manifest: ImageManifest; config: ImageConfigBlob } | undefined {
    const known = this.parsed.get(digest)
    if (known) return known
    const manifest = this.content.readJson<ImageManifest>(digest)
    const config = manifest && this.content.readJson<ImageConfigBlob>(manifest.config.digest)
    if (!manifest || !config) return undefined
    const value = { manifest, config }
    this.parsed.set(digest, value)
    return value
  }

  private collectGarbage(): void {
    const roots = new Set<string>()
    const live = new Set<string>()
    for (const namespace of Object.keys(this.metadata.namespaces)) {
      for (const image of this.list(namespace)) roots.add(this.rootKey(image))
      for (const record of this.records(namespace)) live.add(record.digest).add(this.blobs(record.digest)?.manifest.config.digest ?? '')
    }
    for (const [digest, { manifest }] of this.parsed) {
      if (live.has(digest)) continue
      this.content.remove(digest)
      if (!live.has(manifest.config.digest)) this.content.remove(manifest.config.digest)
      this.parsed.delete(digest)
    }
    this.snapshots.collect(roots)
  }

  private save(): void {
    this.described.clear()
    const directory = this.path.slice(0, this.path.lastIndexOf('/'))
    if (!this.files.exists(directory)) this.files.mkdirAll(directory, 0o711)
    writeIndex(this.files, this.path, this.metadata)
  }
}

/** Images that came with the disk are as old as it is. */
function load(files: Files, path: string): Metadata {
  const metadata = JSON.parse(files.readText(path)) as Metadata
  const { mtimeMs } = files.stat(path)
  for (const namespace of Object.values(metadata.namespaces))
    for (const [name, record] of Object.entries(namespace.images)) if (record.createdMs === 0) namespace.images[name] = { ...record, createdMs: mtimeMs, updatedMs: mtimeMs }
  return metadata
}

export { manifestType }
