/** Between objects and the values of etcd. Values carry their object along; bytes are made only for who asks. */
import { decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { internalError } from '#engine/api/errors'
import type { KubeObject } from '#engine/api/object'
import { StatusError } from '#engine/api/status'
import type { KeyValue, Value } from '#engine/etcd/api'

/** Turns bytes at rest into others and back (EncryptionConfiguration); the key is bound into the result. */
export interface Transformer {
  /** Bytes are what is stored: no object may be carried beside them. */
  readonly hides: boolean
  /** Another number than before: what has been read is to be looked at again. */
  readonly generation?: number
  encrypt(bytes: Uint8Array, key: string): Uint8Array
  /** `stale` asks for a rewrite with the first provider. */
  decrypt(bytes: Uint8Array, key: string): { bytes: Uint8Array; stale: boolean }
}

export interface ObjectFormat {
  encode(object: KubeObject): Uint8Array
  decode(bytes: Uint8Array): KubeObject
}

export const jsonFormat: ObjectFormat = {
  encode: (object) => encodeUtf8(`${JSON.stringify(object)}\n`),
  decode: (bytes) => JSON.parse(decodeUtf8(bytes)) as KubeObject,
}

class LazyValue implements Value {
  private encoded: Uint8Array | undefined
  private measured: number | undefined

  constructor(
    readonly object: KubeObject,
    private readonly format: ObjectFormat,
  ) {}

  get bytes(): Uint8Array {
    return (this.encoded ??= this.format.encode(this.object))
  }

  /** Encoding is what most writes would cost most for: until somebody reads the bytes, their number is guessed. */
  get size(): number {
    return (this.measured ??= this.encoded?.length ?? jsonSize(this.object))
  }
}

/** Shared by all servers: those of a cluster and its forks begin with the same pairs. */
const plainSeen = new WeakMap<object, KubeObject>()

export class Codec {
  private seen: WeakMap<object, KubeObject>
  private generation: number | undefined
  private readonly outdated = new WeakSet<KubeObject>()

  constructor(
    private readonly format: ObjectFormat,
    private readonly transformer: Transformer | undefined,
  ) {
    this.seen = transformer ? new WeakMap() : plainSeen
    this.generation = transformer?.generation
  }

  encode(object: KubeObject, key: string): Value {
    const stored = withoutVersion(object)
    if (!this.transformer?.hides) return new LazyValue(stored, this.format)
    return { bytes: this.transformer.encrypt(this.format.encode(stored), key) }
  }

  /** The object with the revision it was stored at. The same one for the same key-value. */
  decode(kv: KeyValue): KubeObject {
    if (this.transformer && this.transformer.generation !== this.generation) {
      this.seen = new WeakMap()
      this.generation = this.transformer.generation
    }
    const known = this.seen.get(kv)
    if (known) return known
    const carried = kv.value.object as KubeObject | undefined
    const { stored, stale } = carried ? { stored: carried, stale: this.transformer?.hides === true } : this.read(kv)
    const object = withVersion(stored, kv.modRevision)
    this.seen.set(kv, object)
    if (stale) this.outdated.add(object)
    return object
  }

  /** Whether its bytes at rest would be others if it were written now: by another provider, key, or none. */
  isStale(object: KubeObject): boolean {
    return this.outdated.has(object)
  }

  /** As `decode`; a failure names the key. */
  decodeListed(kv: KeyValue): KubeObject {
    try {
      return this.decode(kv)
    } catch (error) {
      if (error instanceof StatusError && error.reason === 'InternalError') throw internalError(`unable to transform key ${JSON.stringify(kv.key)}: ${error.message.replace(/^Internal error occurred: /, '')}`)
      throw error
    }
  }

  private read(kv: KeyValue): { stored: KubeObject; stale: boolean } {
    if (this.transformer) {
      const { bytes, stale } = this.transformer.decrypt(kv.value.bytes, kv.key)
      return { stored: this.format.decode(bytes), stale }
    }
    if (isEncrypted(kv.value.bytes)) throw internalError('identity transformer tried to read encrypted data')
    return { stored: this.format.decode(kv.value.bytes), stale: false }
  }
}

/** Forms of who owns which fields are half of most objects, and shared by many: each is measured once. */
const formSizes = new WeakMap<object, number>()

function formSize(form: object): number {
  const known = formSizes.get(form)
  if (known !== undefined) return known
  const size = jsonSize(form)
  formSizes.set(form, size)
  return size
}

/** About the length as JSON, which is longer than the protobuf form. */
function jsonSize(value: unknown): number {
  if (typeof value === 'string') return value.length + 3
  if (typeof value !== 'object' || value === null) return 6
  let size = 2
  if (Array.isArray(value)) for (const item of value) size += jsonSize(item)
  else for (const key in value) {
    const item = (value as Record<string, unknown>)[key]
    size += key.length + 3 + (key === 'fieldsV1' && item !== null && typeof item === 'object' ? formSize(item) : jsonSize(item))
  }
  return size
}

/** `k8s:enc:` at the start. */
function isEncrypted(bytes: Uint8Array): boolean {
  return bytes[3] === 58 && decodeUtf8(bytes.subarray(0, 8)) === 'k8s:enc:'
}

export function withVersion(object: KubeObject, revision: number): KubeObject {
  const metadata: Record<string, unknown> = {}
  const resourceVersion = String(revision)
  // resourceVersion stands after uid, as Go writes it.
  const { name, generateName, namespace, selfLink, uid, resourceVersion: _, ...rest } = object.metadata
  if (name !== undefined) metadata['name'] = name
  if (generateName !== undefined) metadata['generateName'] = generateName
  if (namespace !== undefined) metadata['namespace'] = namespace
  if (selfLink !== undefined) metadata['selfLink'] = selfLink
  if (uid !== undefined) metadata['uid'] = uid
  metadata['resourceVersion'] = resourceVersion
  Object.assign(metadata, rest)
  return { ...object, metadata }
}

function withoutVersion(object: KubeObject): KubeObject {
  if (object.metadata.resourceVersion === undefined) return object
  const { resourceVersion: _, ...metadata } = object.metadata
  return { ...object, metadata }
}
