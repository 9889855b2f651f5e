/** Blobs by digest on a machine's disk, as containerd keeps them: manifests and configurations. Layers live in snapshots. */
import { sha256 } from '@noble/hashes/sha2.js'
import { encodeUtf8, toHex } from '#engine/base/bytes'
import type { Files } from '#engine/linux/abi/files'
import type { ImageConfig, ImageDefinition, ImageFile, ImageLayer } from './definition'

export interface Descriptor { readonly mediaType: string; readonly digest: string; readonly size: number }

export interface ImageManifest {
  readonly schemaVersion: 2
  readonly mediaType: string
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}

/** The OCI image configuration blob. */
export interface ImageConfigBlob {
  readonly created: string
  readonly architecture: string
  readonly os: string
  readonly config: ImageConfig
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly string[] }
  readonly author?: string
  readonly history: readonly ImageHistory[]
}

export interface ImageHistory { readonly created: string; readonly created_by: string; readonly author?: string; readonly comment?: string; readonly empty_layer?: boolean }

export const manifestType = 'application/vnd.oci.image.manifest.v1+json'
export const configType = 'application/vnd.oci.image.config.v1+json'
export const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip'
const defaultCreated = '2026-02-04T00:00:00Z'

export class ContentStore {
  private readonly blobs: string

  constructor(
    private readonly files: Files,
    root: string,
  ) {
    this.blobs = `${root}/io.containerd.content.v1.content/blobs/sha256`
  }

  has(digest: string): boolean {
    return this.files.exists(this.path(digest)) !== undefined
  }

  /** Undefined where the blob is missing. Throws on a blob that is not JSON. */
  readJson<T>(digest: string): T | undefined {
    return this.has(digest) ? (JSON.parse(this.files.readText(this.path(digest))) as T) : undefined
  }

  read(digest: string): string {
    return this.files.readText(this.path(digest))
  }

  list(): { digest: string; size: number; createdMs: number }[] {
    if (!this.files.exists(this.blobs)) return []
    return this.files.readDirectory(this.blobs).map(({ name }) => {
      const { size, mtimeMs } = this.files.stat(`${this.blobs}/${name}`)
      return { digest: `sha256:${name}`, size, createdMs: mtimeMs }
    }).sort((a, b) => (a.digest < b.digest ? -1 : 1))
  }

  write(digest: string, content: string): void {
    if (this.has(digest)) return
    this.files.mkdirAll(this.blobs)
    this.files.writeFile(this.path(digest), content, 0o444)
  }

  remove(digest: string): void {
    if (this.has(digest)) this.files.unlink(this.path(digest))
  }

  private path(digest: string): string {
    return `${this.blobs}/${digest.slice(digest.indexOf(':') + 1)}`
  }
}

/** What a registry serves for a definition: its manifest and configuration, with their digests. */
export interface BuiltImage {
  readonly digest: string
  readonly imageId: string
  readonly manifest: string
  readonly config: string
  readonly layers: readonly { readonly digest: string; readonly layer: ImageLayer }[]
  readonly sizeBytes: number
}

const built = new WeakMap<ImageDefinition, BuiltImage>()
const layerDigests = new WeakMap<ImageLayer, string>()

export function buildImage(definition: ImageDefinition): BuiltImage {
  const known = built.get(definition)
  if (known) return known
  const image = build(definition)
  built.set(definition, image)
  return image
}

function build(definition: ImageDefinition): BuiltImage {
  const created = definition.created ?? defaultCreated
  const layers = definition.layers.map((layer) => ({ digest: layerDigest(layer), layer }))
  const blob: ImageConfigBlob = {
    created,
    architecture: 'amd64',
    os: 'linux',
    config: definition.config,
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
    history: definition.layers.map((layer) => ({ created, created_by: layer.createdBy ?? '/bin/sh -c #(nop) ADD file in /' })),
  }
  const config = JSON.stringify(blob)
  const imageId = definition.imageId ?? digestOf(config)
  const sizes = layerSizes(definition)
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: configType, digest: imageId, size: config.length },
    layers: layers.map((layer, index) => ({ mediaType: layerType, digest: layer.digest, size: sizes[index] ?? 0 })),
  }
  const text = JSON.stringify(manifest)
  return { digest: definition.digest ?? digestOf(text), imageId, manifest: text, config, layers, sizeBytes: sizes.reduce((sum, size) => sum + size, config.length) }
}

/** A total that is told is spread over the layers; the last one takes the rest. */
function layerSizes(definition: ImageDefinition): number[] {
  const sizes = definition.layers.map((layer) => layer.sizeBytes ?? filesSize(layer))
  if (definition.sizeBytes === undefined || sizes.length === 0) return sizes
  const others = sizes.slice(0, -1).reduce((sum, size) => sum + size, 0)
  return [...sizes.slice(0, -1), Math.max(0, definition.sizeBytes - others)]
}

function filesSize(layer: ImageLayer): number {
  return Object.values(layer.files).reduce((sum, file) => sum + (file.kind === 'file' ? file.content.length : file.kind === 'program' ? 200_000 : 0), 0)
}

/** Computed once per layer object: layers are data and never change. */
export function layerDigest(layer: ImageLayer): string {
  const known = layerDigests.get(layer)
  if (known !== undefined) return known
  const digest = digestOf(JSON.stringify(Object.entries(layer.files).sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, file]) => [path, describe(file)])))
  layerDigests.set(layer, digest)
  return digest
}

function describe(file: ImageFile): unknown {
  return file.kind === 'file' && typeof file.content !== 'string' ? { ...file, content: toHex(sha256(file.content)) } : file
}

export function digestOf(content: string | Uint8Array): string {
  return `sha256:${toHex(sha256(typeof content === 'string' ? encodeUtf8(content) : content))}`
}

/** Digest of a stack of layers, as OCI's chain ids: the key of its snapshot. */
export function chainIds(diffIds: readonly string[]): string[] {
  const chain: string[] = []
  for (const diffId of diffIds) {
    const below = chain.at(-1)
    chain.push(below === undefined ? diffId : digestOf(`${below} ${diffId}`))
  }
  return chain
}
