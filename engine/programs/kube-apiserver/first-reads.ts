/**
 * The way to etcd of a server that begins: each of its caches wants all keys of one resource as they were at that moment, so
 * all are read at once and each gets its part. What stood at a revision never changes; later reads go their own way.
 */
import type { Clock } from '#engine/base/clock'
import type { KeyValue, RangeRequest, RangeResponse } from '#engine/etcd/api'
import { EtcdClient, type Send } from '#engine/etcd/client'

/** By then every client has come back; what was read need not be kept for those who come for the first time. */
const keptMs = 30_000

export class FirstReads extends EtcdClient {
  private first: { readonly revision: number; readonly all: Promise<RangeResponse> } | undefined
  private over = false

  constructor(send: Send, clientId: string, private readonly clock: Clock, private readonly prefix: string) {
    super(send, clientId)
  }

  override range(request: RangeRequest): Promise<RangeResponse> {
    if (this.over || request.revision === undefined || !this.isWhole(request)) return super.range(request)
    this.first ??= this.read(request.revision)
    return this.first.revision === request.revision ? this.first.all.then((all) => part(all, request)) : super.range(request)
  }

  /** All of what stands below a path of ours. */
  private isWhole({ key, rangeEnd, limit, keysOnly, countOnly, sort }: RangeRequest): boolean {
    return rangeEnd !== undefined && key.startsWith(this.prefix) && rangeEnd.startsWith(this.prefix) && !limit && !keysOnly && !countOnly && !sort
  }

  private read(revision: number): { readonly revision: number; readonly all: Promise<RangeResponse> } {
    const all = super.range({ key: this.prefix, rangeEnd: `${this.prefix}\uffff`, revision })
    const forget = (): void => {
      this.first = undefined
    }
    all.catch(forget)
    this.clock.after(keptMs, () => {
      this.over = true
      forget()
    })
    return { revision, all }
  }
}

function part({ header, kvs }: RangeResponse, { key, rangeEnd = '' }: RangeRequest): RangeResponse {
  const own = kvs.slice(lowerBound(kvs, key), lowerBound(kvs, rangeEnd))
  return { header, kvs: own, more: false, count: own.length }
}

function lowerBound(kvs: readonly KeyValue[], key: string): number {
  let low = 0
  let high = kvs.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((kvs[middle] as KeyValue).key < key) low = middle + 1
    else high = middle
  }
  return low
}
