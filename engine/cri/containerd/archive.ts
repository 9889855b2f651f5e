/** Images given out whole, and taken in: what `ctr images export` and `import` ask of the store. */
import { chainIds, type ImageConfigBlob, type ImageManifest } from '../images/content'
import type { ImageLayer } from '../images/definition'
import type { ImageStore } from '../images/store'
import { RpcError } from '../rpc'

export interface ExportedImage {
  readonly name: string
  readonly digest: string
  readonly manifest: string
  readonly config: string
  /** Where each layer's tree lies on this machine. */
  readonly layers: readonly { readonly digest: string; readonly directory: string }[]
}

export interface ImportRequest {
  readonly namespace: string
  readonly name: string
  readonly digest: string
  readonly manifest: string
  readonly config: string
  readonly layers: readonly ImageLayer[]
}

export function exportImage(images: ImageStore, namespace: string, name: string): ExportedImage {
  const record = images.record(namespace, name)
  if (!record) throw new RpcError('NotFound', `image "${name}": not found`)
  const text = images.content.read(record.digest)
  const manifest = JSON.parse(text) as ImageManifest
  const config = images.content.read(manifest.config.digest)
  const chain = chainIds((JSON.parse(config) as ImageConfigBlob).rootfs.diff_ids)
  const layers = manifest.layers.map((layer, index) => ({ digest: layer.digest, directory: images.snapshots.upperDirectory(chain[index] ?? '') ?? '' }))
  return { name, digest: record.digest, manifest: text, config, layers }
}

export function importImage(images: ImageStore, request: ImportRequest): object {
  const manifest = JSON.parse(request.manifest) as ImageManifest
  const diffIds = (JSON.parse(request.config) as ImageConfigBlob).rootfs.diff_ids
  const layers = request.layers.map((layer, index) => ({ digest: diffIds[index] ?? '', layer }))
  const sizeBytes = manifest.layers.reduce((sum, layer) => sum + layer.size, manifest.config.size)
  images.unpack({ digest: request.digest, imageId: manifest.config.digest, manifest: request.manifest, config: request.config, layers, sizeBytes })
  images.setName(request.namespace, request.name, request.digest)
  return {}
}
