/**
 * The data base file: a header line, then one record a pair. Not bbolt's format: programs read it only through etcd,
 * etcdctl and etcdutl, which are ours too. A truncated or foreign file is refused by its checksum.
 */
import { concatBytes, decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { EtcdError, type KeyValue, type Member } from '#engine/etcd/api'

export interface SnapshotContent {
  readonly clusterId: string
  readonly memberId: string
  readonly revision: number
  readonly raftIndex: number
  readonly leases: readonly { readonly id: number; readonly ttlSeconds: number; readonly remainingMs: number }[]
  readonly kvs: readonly KeyValue[]
  /** Of a cluster of several; a member alone needs to remember nobody. */
  readonly cluster?: ClusterRecord
}

export interface ClusterRecord {
  readonly members: readonly Member[]
  readonly term: number
  readonly at: { readonly index: number; readonly term: number }
}

const magic = 'seatrial-etcd-3.6\n'

interface Head extends Omit<SnapshotContent, 'kvs'> {
  /** key, create, mod, version, lease, value length; the values follow the head in this order. */
  readonly pairs: readonly (readonly [string, number, number, number, number, number])[]
  readonly checksum: number
}

export function encodeSnapshot(content: SnapshotContent): Uint8Array {
  const { kvs, ...rest } = content
  const values = concatBytes(kvs.map((kv) => kv.value.bytes))
  const pairs = kvs.map((kv) => [kv.key, kv.createRevision, kv.modRevision, kv.version, kv.lease, kv.value.bytes.length] as const)
  const head: Head = { ...rest, pairs, checksum: checksum(values) }
  const bytes = concatBytes([encodeUtf8(magic), encodeUtf8(`${JSON.stringify(head)}\n`), values])
  // Pairs never change: who reads these very bytes, as each fork does, begins with those that were written.
  remember(bytes, content)
  return bytes
}

/** What stands in a piece of memory: forks of one machine start from the very same bytes, which nobody changes. */
const known = new WeakMap<ArrayBufferLike, Map<string, SnapshotContent>>()

export function decodeSnapshot(bytes: Uint8Array): SnapshotContent {
  return known.get(bytes.buffer)?.get(placeOf(bytes)) ?? remember(bytes, decodeBytes(bytes))
}

function remember(bytes: Uint8Array, content: SnapshotContent): SnapshotContent {
  const places = known.get(bytes.buffer) ?? new Map<string, SnapshotContent>()
  known.set(bytes.buffer, places.set(placeOf(bytes), content))
  return content
}

function placeOf(bytes: Uint8Array): string {
  return `${bytes.byteOffset} ${bytes.length}`
}

function decodeBytes(bytes: Uint8Array): SnapshotContent {
  const corrupt = (): EtcdError => new EtcdError('Unknown', 'snapshot file integrity check failed. expected [valid hash], got [invalid]')
  if (decodeUtf8(bytes.subarray(0, magic.length)) !== magic) throw corrupt()
  const end = bytes.indexOf(10, magic.length)
  if (end < 0) throw corrupt()
  let head: Head
  try {
    head = JSON.parse(decodeUtf8(bytes.subarray(magic.length, end))) as Head
  } catch {
    throw corrupt()
  }
  const values = bytes.subarray(end + 1)
  if (checksum(values) !== head.checksum) throw corrupt()
  let offset = 0
  const kvs = head.pairs.map(([key, createRevision, modRevision, version, lease, length]): KeyValue => {
    const value = { bytes: values.subarray(offset, offset + length) }
    offset += length
    return { key, createRevision, modRevision, version, lease, value }
  })
  return { clusterId: head.clusterId, memberId: head.memberId, revision: head.revision, raftIndex: head.raftIndex, leases: head.leases, kvs, ...(head.cluster ? { cluster: head.cluster } : {}) }
}

/** FNV-1a over the values: enough to tell a damaged file. */
function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash ^ bytes.length) >>> 0
}
