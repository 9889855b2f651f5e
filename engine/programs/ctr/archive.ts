/** `ctr images export` and `import`: images as an OCI layout in a tar archive. */
import { concatBytes, decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import type { ImageManifest } from '#engine/cri/images/content'
import type { ExportedImage } from '#engine/cri/containerd/archive'
import type { ImageFile, ImageLayer } from '#engine/cri/images/definition'
import { isErrno } from '#engine/linux/abi/errno'
import type { Files } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { encodeEntry, readEntries, type TarEntry, TarProblem, trailer } from '#engine/base/archive/ustar'
import { CtrError, print, type Context } from './session'

interface IndexEntry { readonly mediaType: string; readonly digest: string; readonly size: number; readonly annotations?: Readonly<Record<string, string>> }

const nameKey = 'io.containerd.image.name'
const refKey = 'org.opencontainers.image.ref.name'

export async function exportImages(context: Context): Promise<number> {
  const [path, ...names] = context.operands
  if (path === undefined || names.length === 0) throw new CtrError('please provide both an output filename and an image reference to export')
  const images: ExportedImage[] = []
  for (const name of names) images.push(await context.call<ExportedImage>('Export', { name }))
  const bytes = layout(context.process, images)
  if (path === '-') await context.process.stdout.write(bytes)
  else context.process.files.writeFile(path, bytes, 0o644)
  return 0
}

function layout(process: Process, images: readonly ExportedImage[]): Uint8Array {
  const now = process.clock.now()
  const entry = (name: string, content: Uint8Array | string, type: 'file' | 'directory' = 'file'): Uint8Array =>
    encodeEntry({ name, type, mode: type === 'file' ? 0o444 : 0o755, uid: 0, gid: 0, user: '', group: '', mtimeMs: now, target: '', content: typeof content === 'string' ? encodeUtf8(content) : content })
  const blobs = new Map<string, Uint8Array | string>()
  const manifests: IndexEntry[] = []
  for (const image of images) {
    const manifest = JSON.parse(image.manifest) as ImageManifest
    blobs.set(image.digest, image.manifest).set(manifest.config.digest, image.config)
    for (const { digest, directory } of image.layers) if (!blobs.has(digest)) blobs.set(digest, layerArchive(process.files, directory))
    manifests.push({ mediaType: manifest.mediaType, digest: image.digest, size: image.manifest.length, annotations: { [nameKey]: image.name, [refKey]: image.name.slice(image.name.lastIndexOf(':') + 1) } })
  }
  const docker = images.map((image) => {
    const manifest = JSON.parse(image.manifest) as ImageManifest
    return { Config: blobPath(manifest.config.digest), RepoTags: [image.name], Layers: manifest.layers.map((layer) => blobPath(layer.digest)) }
  })
  const parts = [
    entry('blobs/', '', 'directory'), entry('blobs/sha256/', '', 'directory'), ...[...blobs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([digest, content]) => entry(blobPath(digest), content)),
    entry('index.json', JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests })), entry('manifest.json', JSON.stringify(docker)), entry('oci-layout', '{"imageLayoutVersion":"1.0.0"}'),
  ]
  const all = concatBytes(parts)
  return concatBytes([all, trailer(all.length)])
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`
}

/** The tree of a layer; what it takes away is an empty file `.wh.NAME`. */
function layerArchive(files: Files, root: string): Uint8Array {
  const parts: Uint8Array[] = []
  const walk = (directory: string, prefix: string): void => {
    for (const { name } of files.readDirectory(directory)) {
      const path = `${directory}/${name}`
      const stat = files.lstat(path)
      const removed = stat.type === 'character'
      const type: TarEntry['type'] = removed ? 'file' : stat.type === 'directory' ? 'directory' : stat.type === 'symlink' ? 'symlink' : 'file'
      const content = type === 'file' && !removed ? files.readFile(path) : new Uint8Array(0)
      parts.push(encodeEntry({ name: `${prefix}${removed ? '.wh.' : ''}${name}${type === 'directory' ? '/' : ''}`, type, mode: stat.mode, uid: stat.uid, gid: stat.gid, user: '', group: '', mtimeMs: stat.mtimeMs, target: type === 'symlink' ? files.readlink(path) : '', content }))
      if (type === 'directory') walk(path, `${prefix}${name}/`)
    }
  }
  walk(root, '')
  const all = concatBytes(parts)
  return concatBytes([all, trailer(all.length)])
}

export async function importImages(context: Context): Promise<number> {
  const [path] = context.operands
  if (path === undefined) throw new CtrError('please provide an input file to import')
  const entries = archiveOf(context, path)
  const text = (name: string): string | undefined => {
    const found = entries.get(name)
    return found && decodeUtf8(found.content)
  }
  const index = text('index.json')
  if (index === undefined) throw new CtrError('unrecognized image format')
  for (const { digest, annotations } of (JSON.parse(index) as { manifests: IndexEntry[] }).manifests) {
    const manifestText = text(blobPath(digest))
    if (manifestText === undefined) throw new CtrError(`content digest ${digest}: not found`)
    const manifest = JSON.parse(manifestText) as ImageManifest
    const config = text(blobPath(manifest.config.digest))
    if (config === undefined) throw new CtrError(`content digest ${manifest.config.digest}: not found`)
    const layers = manifest.layers.map((layer) => layerOf(entries.get(blobPath(layer.digest)), layer.digest))
    const name = annotations?.[nameKey] ?? annotations?.[refKey] ?? `import-${digest.slice(7, 19)}`
    await context.call('Import', { name, digest, manifest: manifestText, config, layers })
    await print(context, `${name}\tsaved\n${manifest.mediaType} ${digest}\n`)
  }
  return print(context, `Importing\telapsed: 0.1 s\ttotal:   0.0 B\t(0.0 B/s)\n`)
}

function archiveOf(context: Context, path: string): Map<string, TarEntry> {
  try {
    return new Map([...readEntries(context.process.files.readFile(path))].map((entry) => [entry.name.replace(/^\.\//, ''), entry]))
  } catch (error) {
    if (error instanceof TarProblem) throw new CtrError('unrecognized image format')
    if (isErrno(error)) throw new CtrError(`open ${path}: ${error.message.toLowerCase()}`)
    throw error
  }
}

function layerOf(blob: TarEntry | undefined, digest: string): ImageLayer {
  if (!blob) throw new CtrError(`content digest ${digest}: not found`)
  const files: Record<string, ImageFile> = {}
  for (const entry of readEntries(blob.content)) {
    const path = `/${entry.name.replace(/^\.?\/+/, '').replace(/\/$/, '')}`
    const [, above = '', removed] = /^(.*\/)\.wh\.([^/]+)$/.exec(path) ?? []
    if (removed !== undefined) files[`${above}${removed}`] = { kind: 'whiteout' }
    else if (entry.type === 'directory') files[path] = { kind: 'directory', mode: entry.mode, uid: entry.uid, gid: entry.gid }
    else if (entry.type === 'symlink') files[path] = { kind: 'symlink', target: entry.target }
    else if (entry.type === 'file') files[path] = { kind: 'file', content: entry.content.slice(), mode: entry.mode, uid: entry.uid, gid: entry.gid }
  }
  return { files }
}
