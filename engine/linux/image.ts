/**
 * Machine snapshots as bytes: one header of JSON, then the distinct file contents of all machines one after another. Equal
 * contents are stored once; reading takes slices and copies nothing.
 */
import { concatBytes, decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import type { FileType } from '#engine/linux/abi/files'
import { Inode } from '#engine/linux/fs/cow/inode'
import { InodeTable } from '#engine/linux/fs/cow/table'
import type { TreeOptions, TreeSnapshot } from '#engine/linux/fs/cow/tree'
import type { RunningState } from '#engine/linux/kernel/snapshot'
import type { MachineSnapshot } from '#engine/linux/machine'
import { Content } from '#engine/linux/vfs/content'

/** Bytes that are no image, or one of another version of the program. */
export class ImageError extends Error {
  override readonly name = 'ImageError'
}

const magic = 'seatrial-image-1\n'
const types: readonly FileType[] = ['file', 'directory', 'symlink', 'fifo', 'socket', 'character', 'block']

/** ino, type, mode, uid, gid, nlink, atime, mtime, ctime, accounted bytes, then what the type has. */
type InodeRow = readonly [number, number, number, number, number, number, number, number, number, number, InodeExtra?]

interface InodeExtra {
  readonly entries?: readonly (readonly [string, number])[]
  readonly target?: string
  readonly rdev?: { readonly major: number; readonly minor: number }
  readonly opaque?: boolean
  /** Size, and parts as offset and number of the blob. */
  readonly content?: readonly [number, readonly (readonly [number, number])[]]
}

interface TreeImage {
  readonly options: TreeOptions
  readonly nextInode: number
  readonly usedBytes: number
  readonly usedInodes: number
  readonly inodes: readonly InodeRow[]
}

interface MachineImage {
  readonly name: string
  readonly disk: TreeImage
  readonly running: (Omit<RunningState, 'trees'> & { readonly trees: readonly TreeImage[] }) | null
}

interface Header {
  readonly meta: unknown
  readonly machines: readonly MachineImage[]
  /** Lengths of the blobs, in order. */
  readonly blobs: readonly number[]
}

export function encodeMachines(machines: readonly MachineSnapshot[], meta: unknown): Uint8Array {
  const blobs = new BlobStore()
  const images = machines.map((machine): MachineImage => ({
    name: machine.name,
    disk: treeImage(machine.disk, blobs),
    running: machine.running ? { ...machine.running, trees: machine.running.trees.map((tree) => treeImage(tree, blobs)) } : null,
  }))
  const header: Header = { meta, machines: images, blobs: blobs.list.map((blob) => blob.length) }
  const text = encodeUtf8(`${JSON.stringify(header)}\n`)
  return concatBytes([encodeUtf8(magic), text, ...blobs.list])
}

export function decodeMachines(bytes: Uint8Array): { readonly machines: MachineSnapshot[]; readonly meta: unknown } {
  if (decodeUtf8(bytes.subarray(0, magic.length)) !== magic) throw new ImageError('this is no machine image, or one of another version')
  const end = bytes.indexOf(10, magic.length)
  const header = parseHeader(bytes.subarray(magic.length, end < 0 ? bytes.length : end))
  const blobs: Uint8Array[] = []
  let offset = end + 1
  for (const length of header.blobs) {
    if (offset + length > bytes.length) throw new ImageError('the machine image is cut short')
    blobs.push(bytes.subarray(offset, offset + length))
    offset += length
  }
  const machines = header.machines.map((machine): MachineSnapshot => ({
    name: machine.name,
    disk: treeOf(machine.disk, blobs),
    running: machine.running ? { ...machine.running, trees: machine.running.trees.map((tree) => treeOf(tree, blobs)) } : undefined,
  }))
  return { machines, meta: header.meta }
}

function parseHeader(bytes: Uint8Array): Header {
  try {
    return JSON.parse(decodeUtf8(bytes)) as Header
  } catch {
    throw new ImageError('the machine image is damaged')
  }
}

function treeImage(tree: TreeSnapshot, blobs: BlobStore): TreeImage {
  const inodes: InodeRow[] = []
  for (const inode of tree.table) inodes.push(inodeRow(inode, blobs))
  return { options: tree.options, nextInode: tree.nextInode, usedBytes: tree.usedBytes, usedInodes: tree.usedInodes, inodes }
}

function inodeRow(inode: Inode, blobs: BlobStore): InodeRow {
  const { content } = inode
  const extra: InodeExtra = {
    ...(inode.entries ? { entries: [...inode.entries] } : {}),
    ...(inode.target === undefined ? {} : { target: inode.target }),
    ...(inode.rdev ? { rdev: inode.rdev } : {}),
    ...(inode.opaque ? { opaque: true } : {}),
    ...(content ? { content: [content.size, [...content.parts()].map((part) => [part.offset, blobs.add(part.bytes)] as const)] } : {}),
  }
  const times = [inode.atimeMs, inode.mtimeMs, inode.ctimeMs].map(Math.round) as [number, number, number]
  return [inode.ino, types.indexOf(inode.type), inode.mode, inode.uid, inode.gid, inode.nlink, ...times, inode.accountedBytes, extra]
}

function treeOf(image: TreeImage, blobs: readonly Uint8Array[]): TreeSnapshot {
  const epoch = {}
  const table = InodeTable.empty(epoch)
  for (const row of image.inodes) table.set(row[0], inodeOf(row, epoch, blobs))
  return { options: image.options, table, nextInode: image.nextInode, usedBytes: image.usedBytes, usedInodes: image.usedInodes }
}

function inodeOf(row: InodeRow, epoch: object, blobs: readonly Uint8Array[]): Inode {
  const [ino, type, mode, uid, gid, nlink, atimeMs, mtimeMs, ctimeMs, accountedBytes, extra = {}] = row
  const inode = new Inode(ino, types[type] as FileType, epoch)
  Object.assign(inode, { mode, uid, gid, nlink, atimeMs, mtimeMs, ctimeMs, accountedBytes })
  if (extra.entries) inode.entries = new Map(extra.entries)
  inode.target = extra.target
  inode.rdev = extra.rdev
  inode.opaque = extra.opaque
  if (extra.content) inode.content = contentOf(extra.content, epoch, blobs)
  return inode
}

function contentOf([size, parts]: NonNullable<InodeExtra['content']>, epoch: object, blobs: readonly Uint8Array[]): Content {
  const [only] = parts
  if (parts.length === 1 && only?.[0] === 0) return Content.of(blobs[only[1]] as Uint8Array, epoch, size)
  const whole = sideBySide(parts, blobs)
  if (whole) return Content.of(whole, epoch, size)
  const content = Content.empty(epoch)
  for (const [offset, blob] of parts) content.write(offset, blobs[blob] as Uint8Array)
  content.truncate(size)
  return content
}

/** Parts that follow each other in the file and in the image alike, as one piece. */
function sideBySide(parts: readonly (readonly [number, number])[], blobs: readonly Uint8Array[]): Uint8Array | undefined {
  const start = blobs[parts[0]?.[1] ?? -1]
  if (!start) return undefined
  let length = 0
  for (const [offset, index] of parts) {
    const blob = blobs[index] as Uint8Array
    if (offset !== length || blob.buffer !== start.buffer || blob.byteOffset !== start.byteOffset + length) return undefined
    length += blob.length
  }
  return new Uint8Array(start.buffer, start.byteOffset, length)
}

/** Distinct contents, found again by length and hash, told apart by comparison. */
class BlobStore {
  readonly list: Uint8Array[] = []
  private readonly byHash = new Map<string, number[]>()

  add(bytes: Uint8Array): number {
    const key = `${bytes.length}:${hash(bytes)}`
    const candidates = this.byHash.get(key) ?? []
    const known = candidates.find((index) => equal(this.list[index] as Uint8Array, bytes))
    if (known !== undefined) return known
    this.byHash.set(key, [...candidates, this.list.length])
    return this.list.push(bytes) - 1
  }
}

/** FNV-1a; of long contents every 64th byte, which is enough to keep buckets small. */
function hash(bytes: Uint8Array): number {
  const step = bytes.length > 65_536 ? 64 : 1
  let value = 0x811c9dc5
  for (let index = 0; index < bytes.length; index += step) value = Math.imul(value ^ (bytes[index] ?? 0), 0x01000193)
  return value >>> 0
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}
