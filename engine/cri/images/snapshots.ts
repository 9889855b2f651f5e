/**
 * The overlayfs snapshotter: committed snapshots hold image layers, active ones the writable layer of a container. A
 * container's root is an overlay of both; the kernel does the overlaying.
 */
import { encodeExecutable } from '#engine/linux/abi/executable'
import type { Files } from '#engine/linux/abi/files'
import { extractArchive } from '../archive/tree'
import type { ImageFile, ImageLayer } from './definition'

interface SnapshotRecord { readonly id: number; readonly kind: 'committed' | 'active'; readonly parent?: string; readonly createdMs: number; readonly sizeBytes?: number }
interface SnapshotIndex { next: number; snapshots: Record<string, SnapshotRecord> }

/** The options of an overlay mount. */
export interface OverlayMount { readonly lower: readonly string[]; readonly upper: string; readonly work: string }

export class Snapshotter {
  private readonly root: string
  private readonly index: SnapshotIndex

  constructor(
    private readonly files: Files,
    root: string,
    private readonly now: () => number,
  ) {
    this.root = `${root}/io.containerd.snapshotter.v1.overlayfs`
    this.index = this.load()
  }

  has(key: string): boolean {
    return this.index.snapshots[key] !== undefined
  }

  /** Lays a layer on disk below its key, over the parent's key. Nothing to do where it stands. */
  commitLayer(key: string, parent: string | undefined, layer: ImageLayer, sizeBytes: number): void {
    if (this.has(key)) return
    const id = this.index.next++
    const tree = `${this.root}/snapshots/${id}/fs`
    this.files.mkdirAll(tree)
    writeLayer(this.files, tree, layer)
    this.index.snapshots[key] = { id, kind: 'committed', createdMs: this.now(), sizeBytes, ...(parent === undefined ? {} : { parent }) }
    this.save()
  }

  /** A new writable layer over a committed snapshot (`''`: over nothing). */
  prepare(key: string, parent: string): OverlayMount {
    const known = this.index.snapshots[key]
    if (!known) {
      const id = this.index.next++
      this.files.mkdirAll(`${this.root}/snapshots/${id}/fs`)
      this.files.mkdirAll(`${this.root}/snapshots/${id}/work`)
      this.index.snapshots[key] = { id, kind: 'active', createdMs: this.now(), ...(parent === '' ? {} : { parent }) }
      this.save()
    }
    return this.mounts(key)
  }

  /** Makes the writable layer `active` a committed one of another name; where that stands already, it is dropped. */
  commit(active: string, key: string, sizeBytes: number): void {
    const record = this.index.snapshots[active]
    if (!record) throw new Error(`snapshot ${active} does not exist: not found`)
    if (this.has(key)) return this.remove(active)
    delete this.index.snapshots[active]
    this.index.snapshots[key] = { ...record, kind: 'committed', sizeBytes }
    this.save()
  }

  mounts(key: string): OverlayMount {
    const record = this.index.snapshots[key]
    if (!record) throw new Error(`snapshot ${key} does not exist: not found`)
    const own = `${this.root}/snapshots/${record.id}`
    return { lower: this.lower(record.parent), upper: `${own}/fs`, work: `${own}/work` }
  }

  /** Directories of a committed snapshot's layers, topmost first. */
  lower(key: string | undefined): string[] {
    const out: string[] = []
    for (let at = key; at !== undefined; ) {
      const record: SnapshotRecord | undefined = this.index.snapshots[at]
      if (!record) break
      out.push(`${this.root}/snapshots/${record.id}/fs`)
      at = record.parent
    }
    return out
  }

  upperDirectory(key: string): string | undefined {
    const record = this.index.snapshots[key]
    return record && `${this.root}/snapshots/${record.id}/fs`
  }

  remove(key: string): void {
    const record = this.index.snapshots[key]
    if (!record) return
    this.files.removeAll(`${this.root}/snapshots/${record.id}`)
    delete this.index.snapshots[key]
    this.save()
  }

  /** Removes committed snapshots that neither an image (`roots`) nor another snapshot stands on. */
  collect(roots: ReadonlySet<string>): void {
    const needed = new Set<string>(roots)
    for (const record of Object.values(this.index.snapshots)) if (record.kind === 'active' && record.parent !== undefined) needed.add(record.parent)
    for (const key of [...needed]) this.markParents(key, needed)
    for (const [key, record] of Object.entries(this.index.snapshots)) if (record.kind === 'committed' && !needed.has(key)) this.remove(key)
  }

  list(): { key: string; parent: string; kind: 'Committed' | 'Active' }[] {
    return Object.entries(this.index.snapshots).map(([key, record]) => ({ key, parent: record.parent ?? '', kind: record.kind === 'committed' ? 'Committed' : 'Active' }))
  }

  private markParents(key: string, needed: Set<string>): void {
    for (let at = this.index.snapshots[key]?.parent; at !== undefined && !needed.has(at); at = this.index.snapshots[at]?.parent) needed.add(at)
  }

  private load(): SnapshotIndex {
    const path = `${this.root}/metadata.db`
    return this.files.exists(path) ? (JSON.parse(this.files.readText(path)) as SnapshotIndex) : { next: 1, snapshots: {} }
  }

  private save(): void {
    this.files.mkdirAll(`${this.root}/snapshots`)
    writeIndex(this.files, `${this.root}/metadata.db`, this.index)
  }
}

/** Index files are encoded only when somebody reads them (a snapshot of the machine, or the daemon's next start). */
export function writeIndex(files: Files, path: string, value: unknown): void {
  files.writeLazy(path, { bytes: () => new TextEncoder().encode(JSON.stringify(value)) }, 0o600)
}

function writeLayer(files: Files, tree: string, layer: ImageLayer): void {
  if (layer.archive) return extractArchive(files, tree, layer.archive, true)
  for (const [path, file] of Object.entries(layer.files)) {
    const target = `${tree}${path}`
    const parent = target.slice(0, target.lastIndexOf('/'))
    if (!files.exists(parent)) files.mkdirAll(parent, 0o755)
    writeEntry(files, target, file)
  }
}

function writeEntry(files: Files, target: string, file: ImageFile): void {
  switch (file.kind) {
    case 'symlink': return files.symlink(file.target, target)
    case 'whiteout': return files.mknod(target, 'character', 0, 0, 0)
    case 'directory':
      files.mkdirAll(target, 0o755)
      if (file.mode !== undefined) files.chmod(target, file.mode)
      return own(files, target, file)
    case 'program':
      files.writeFile(target, encodeExecutable(file.program, file.attributes), file.mode ?? 0o755)
      return files.chmod(target, file.mode ?? 0o755)
    case 'file':
      files.writeFile(target, file.content, file.mode ?? 0o644)
      files.chmod(target, file.mode ?? 0o644)
      return own(files, target, file)
  }
}

function own(files: Files, target: string, file: { readonly uid?: number; readonly gid?: number }): void {
  if (file.uid !== undefined || file.gid !== undefined) files.chown(target, file.uid ?? 0, file.gid ?? 0)
}
