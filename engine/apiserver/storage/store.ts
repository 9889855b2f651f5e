/** The objects of one resource in etcd: single keys by compare-and-swap, and ranges at a revision. */
import { failure } from '#engine/api/status'
import { EtcdError, type Etcd, type KeyValue, type RangeResponse } from '#engine/etcd/api'
import type { KubeObject } from '#engine/api/object'
import { type Codec, withVersion } from './codec'

export interface Stored {
  readonly object: KubeObject
  readonly revision: number
  /** Its bytes at rest are to be written anew, even if nothing else changes. */
  readonly stale: boolean
}

export class ObjectStore {
  /** Highest revision this server has written below the prefix: what reads from the cache wait for. */
  written = 0

  constructor(
    private readonly etcd: Etcd,
    /** `/registry/pods/`, with the slash. */
    readonly prefix: string,
    private readonly namespaced: boolean,
    readonly codec: Codec,
  ) {}

  key(namespace: string, name: string): string {
    return this.namespaced ? `${this.prefix}${namespace}/${name}` : `${this.prefix}${name}`
  }

  async get(key: string): Promise<Stored | undefined> {
    const response = await translated(this.etcd.range({ key }))
    return this.first(response.kvs)
  }

  /** undefined when the key was taken. */
  async create(key: string, object: KubeObject, leaseId?: number): Promise<KubeObject | undefined> {
    const value = this.codec.encode(object, key)
    const response = await translated(this.etcd.txn({
      compare: [{ key, target: 'mod', result: '=', operand: 0 }], success: [{ put: { key, value, ...(leaseId === undefined ? {} : { lease: leaseId }) } }], failure: [],
    }))
    return response.succeeded ? this.wrote(object, response.header.revision) : undefined
  }

  /** The stored object, or what stands there instead of the expected revision (undefined: nothing). */
  async replace(key: string, object: KubeObject, expectedRevision: number, leaseId?: number): Promise<{ readonly done: KubeObject } | { readonly current: Stored | undefined }> {
    const value = this.codec.encode(object, key)
    const response = await translated(this.etcd.txn({
      compare: [{ key, target: 'mod', result: '=', operand: expectedRevision }], success: [{ put: { key, value, ...(leaseId === undefined ? {} : { lease: leaseId }) } }], failure: [{ range: { key } }],
    }))
    if (response.succeeded) return { done: this.wrote(object, response.header.revision) }
    return { current: this.first(rangeOf(response.responses[0])?.kvs ?? []) }
  }

  async remove(key: string, expectedRevision: number): Promise<{ readonly revision: number } | { readonly current: Stored | undefined }> {
    const response = await translated(this.etcd.txn({
      compare: [{ key, target: 'mod', result: '=', operand: expectedRevision }], success: [{ deleteRange: { key } }], failure: [{ range: { key } }],
    }))
    if (!response.succeeded) return { current: this.first(rangeOf(response.responses[0])?.kvs ?? []) }
    this.written = Math.max(this.written, response.header.revision)
    return { revision: response.header.revision }
  }

  /** A chunk in key order. `after` is the last key of the chunk before. */
  async range(namespace: string, options: { readonly limit?: number; readonly revision?: number; readonly after?: string }): Promise<RangeResponse> {
    const start = this.namespaced && namespace !== '' ? `${this.prefix}${namespace}/` : this.prefix
    return translated(this.etcd.range({
      key: options.after === undefined ? start : `${options.after}\0`, rangeEnd: prefixEnd(start),
      ...(options.limit ? { limit: options.limit } : {}), ...(options.revision ? { revision: options.revision } : {}),
    }))
  }

  /** etcd's revision now; fails when etcd does. */
  async currentRevision(): Promise<number> {
    const response = await translated(this.etcd.range({ key: this.prefix, limit: 1, keysOnly: true }))
    return response.header.revision
  }

  private wrote(object: KubeObject, revision: number): KubeObject {
    this.written = Math.max(this.written, revision)
    return withVersion(object, revision)
  }

  private first(kvs: readonly KeyValue[]): Stored | undefined {
    const kv = kvs[0]
    if (!kv) return undefined
    const object = this.codec.decode(kv)
    return { object, revision: kv.modRevision, stale: this.codec.isStale(object) }
  }
}

function rangeOf(response: { range?: RangeResponse } | object | undefined): RangeResponse | undefined {
  return response && 'range' in response ? (response.range as RangeResponse) : undefined
}

export function prefixEnd(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
}

/** etcd's failures as the server's clients see them. */
function translated<T>(call: Promise<T>): Promise<T> {
  return call.catch((error: unknown) => {
    if (!(error instanceof EtcdError)) throw error
    if (error.code === 'OutOfRange') throw failure(410, 'Expired', 'The resourceVersion for the provided list is too old.')
    if (error.code === 'DeadlineExceeded') throw failure(504, 'Timeout', 'Timeout: request did not complete within requested timeout - context deadline exceeded', { causes: [] })
    throw failure(500, '', error.code === 'Unavailable' || error.code === 'Unknown' ? error.message : `rpc error: code = ${error.code} desc = ${error.message}`)
  })
}
