/** A new image: a parent, perhaps one more layer, another configuration. */
import { encodeUtf8 } from '#engine/base/bytes'
import type { ImageConfig } from '../images/definition'
import { chainIds, configType, digestOf, type ImageConfigBlob, type ImageHistory, type ImageManifest, layerType, manifestType } from '../images/content'
import type { StoredImage } from '../images/store'
import { archiveOf, extractArchive, treeEntries } from './tree'
import { type ImageScope, imageById, isoTime } from './scope'

export interface CommitRequest {
  /** What it stands on; without one it stands on nothing. */
  readonly parent?: StoredImage | undefined
  /** A directory whose tree is copied as the new layer. */
  readonly tree?: string
  /** Paths of the tree, without a leading slash, that are left out. */
  readonly leaveOut?: ReadonlySet<string>
  /** An active snapshot that becomes the new layer. */
  readonly snapshot?: string
  /** The new layer as an archive. */
  readonly archive?: Uint8Array
  readonly config: ImageConfig
  readonly createdBy: string
  readonly comment?: string
  readonly author?: string
  /** Full names; without one the image is known by its id alone. */
  readonly names?: readonly string[]
  /** The record of what it was made from is kept under this label's value instead of the parent's id. */
  readonly created?: number
  /** History instead of the parent's with one more entry. */
  readonly history?: readonly ImageHistory[]
}

export function commitImage(scope: ImageScope, request: CommitRequest): StoredImage {
  const parent = request.parent?.config
  const layer = layerOf(scope, request)
  const diffIds = [...(parent?.rootfs.diff_ids ?? []), ...(layer ? [layer.digest] : [])]
  if (layer) keepLayer(scope, request, layer, chainIds(diffIds))
  const created = isoTime(request.created ?? scope.now())
  const entry: ImageHistory = { created, created_by: request.createdBy, ...(request.author ? { author: request.author } : {}), ...(request.comment ? { comment: request.comment } : {}), ...(layer ? {} : { empty_layer: true }) }
  const blob: ImageConfigBlob = {
    created, architecture: 'amd64', os: 'linux', config: request.config,
    ...(request.author ?? parent?.author ? { author: request.author ?? parent?.author ?? '' } : {}),
    rootfs: { type: 'layers', diff_ids: diffIds }, history: request.history ?? [...(parent?.history ?? []), entry],
  }
  const below = request.parent && scope.store.content.readJson<ImageManifest>(request.parent.digest)
  const layers = [...(below?.layers ?? []), ...(layer ? [{ mediaType: layerType, digest: layer.digest, size: layer.size }] : [])]
  return storeImage(scope, JSON.stringify(blob), layers, request.names ?? [], request.parent?.id)
}

/** Writes configuration and manifest and gives the image its names. */
export function storeImage(scope: ImageScope, config: string, layers: ImageManifest['layers'], names: readonly string[], parentId?: string): StoredImage {
  const { store, namespace } = scope
  const id = digestOf(config)
  const manifest: ImageManifest = { schemaVersion: 2, mediaType: manifestType, config: { mediaType: configType, digest: id, size: encodeUtf8(config).length }, layers }
  const text = JSON.stringify(manifest)
  const digest = digestOf(text)
  store.content.write(id, config)
  store.content.write(digest, text)
  store.setName(namespace, id, digest)
  if (parentId !== undefined) store.label(namespace, id, { parent: parentId }, false)
  for (const name of names) store.setName(namespace, name, digest)
  const image = imageById(scope, id)
  if (!image) throw new Error(`image ${id} was not stored`)
  return image
}

interface NewLayer { readonly digest: string; readonly size: number; readonly archive: Uint8Array }

function layerOf(scope: ImageScope, request: CommitRequest): NewLayer | undefined {
  const directory = request.snapshot === undefined ? request.tree : scope.store.snapshots.upperDirectory(request.snapshot)
  const archive = request.archive ?? (directory === undefined ? undefined : archiveOf(treeEntries(scope.files, directory).filter((entry) => !request.leaveOut?.has(entry.name.replace(/\/$/, '')))))
  return archive && { digest: digestOf(archive), size: archive.length, archive }
}

function keepLayer(scope: ImageScope, request: CommitRequest, layer: NewLayer, chain: readonly string[]): void {
  const key = chain.at(-1) ?? ''
  const { snapshots } = scope.store
  if (request.snapshot !== undefined) return snapshots.commit(request.snapshot, key, layer.size)
  addLayer(scope, key, chain.at(-2) ?? '', layer.archive)
}

/** Unpacks a layer's archive as the snapshot `key`, over `parent`. */
export function addLayer(scope: ImageScope, key: string, parent: string, archive: Uint8Array): void {
  const { snapshots } = scope.store
  if (snapshots.has(key)) return
  const temporary = `extract ${key}`
  const { upper } = snapshots.prepare(temporary, parent)
  extractArchive(scope.files, upper, archive, true)
  snapshots.commit(temporary, key, archive.length)
}
