/**
 * Multi-version storage: every write makes a revision, old revisions stay readable until they are compacted.
 * Follows etcd's server/storage/mvcc: create and mod revision, version, tombstones.
 */
import { EtcdError, type KeyValue, type RangeRequest, type Value, type WatchEvent } from '#engine/etcd/api'
import { SortedKeys } from './sorted-keys'

/** One version of a key; a tombstone has no value. */
interface Version {
  readonly kv: KeyValue
  readonly deleted: boolean
}

export class Mvcc {
  /** The revision of the last write; a new store is at 1. */
  revision = 1
  compactedRevision = 0
  private readonly keys = new SortedKeys()
  private readonly versions = new Map<string, Version[]>()
  /** All events after the compacted revision, in order. */
  private log: { readonly revision: number; readonly event: WatchEvent }[] = []

  current(key: string): KeyValue | undefined {
    const last = this.versions.get(key)?.at(-1)
    return last && !last.deleted ? last.kv : undefined
  }

  put(key: string, value: Value, lease: number): WatchEvent {
    const previous = this.current(key)
    const kv: KeyValue = {
      key,
      createRevision: previous?.createRevision ?? this.revision,
      modRevision: this.revision,
      version: (previous?.version ?? 0) + 1,
      value,
      lease,
    }
    return this.record(kv, false, previous)
  }

  delete(key: string): WatchEvent | undefined {
    const previous = this.current(key)
    if (!previous) return undefined
    const kv: KeyValue = { key, createRevision: 0, modRevision: this.revision, version: 0, value: { bytes: new Uint8Array(0) }, lease: 0 }
    return this.record(kv, true, previous)
  }

  /** Pairs of a range in key order, at a revision, with their whole number. */
  range(request: RangeRequest): { kvs: KeyValue[]; count: number } {
    const at = request.revision && request.revision > 0 ? request.revision : this.revision
    if (at > this.revision) throw new EtcdError('OutOfRange', 'etcdserver: mvcc: required revision is a future revision')
    if (at < this.compactedRevision) throw new EtcdError('OutOfRange', 'etcdserver: mvcc: required revision has been compacted')
    const found: KeyValue[] = []
    for (const key of this.keysOf(request.key, request.rangeEnd)) {
      const kv = this.at(key, at)
      if (kv) found.push(kv)
    }
    return { kvs: found, count: found.length }
  }

  keysOf(key: string, rangeEnd: string | undefined): readonly string[] {
    if (rangeEnd === undefined || rangeEnd === '') return this.versions.has(key) ? [key] : []
    return this.keys.range(key, rangeEnd === '\0' ? undefined : rangeEnd)
  }

  /** Events from `revision` on that concern the range. */
  eventsFrom(revision: number, matches: (key: string) => boolean): WatchEvent[] {
    let low = 0
    let high = this.log.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.log[middle]?.revision ?? 0) < revision) low = middle + 1
      else high = middle
    }
    return this.log.slice(low).flatMap(({ event }) => (matches(event.kv.key) ? [event] : []))
  }

  compact(revision: number): void {
    if (revision <= this.compactedRevision) throw new EtcdError('OutOfRange', 'etcdserver: mvcc: required revision has been compacted')
    if (revision > this.revision) throw new EtcdError('OutOfRange', 'etcdserver: mvcc: required revision is a future revision')
    this.compactedRevision = revision
    const touched = new Set<string>()
    this.log = this.log.filter((entry) => {
      if (entry.revision > revision) return true
      touched.add(entry.event.kv.key)
      return false
    })
    for (const key of touched) this.forget(key, revision)
  }

  /** Every live pair, in key order: what a snapshot holds. */
  live(): KeyValue[] {
    return this.keys.range('', undefined).flatMap((key) => this.current(key) ?? [])
  }

  /** Puts back a pair as it was; only into a new store. */
  load(kv: KeyValue): void {
    this.keys.add(kv.key)
    this.versions.set(kv.key, [{ kv, deleted: false }])
  }

  private at(key: string, revision: number): KeyValue | undefined {
    const versions = this.versions.get(key)
    if (!versions) return undefined
    for (let index = versions.length - 1; index >= 0; index--) {
      const version = versions[index] as Version
      if (version.kv.modRevision <= revision) return version.deleted ? undefined : version.kv
    }
    return undefined
  }

  private record(kv: KeyValue, deleted: boolean, previous: KeyValue | undefined): WatchEvent {
    const versions = this.versions.get(kv.key)
    if (versions) versions.push({ kv, deleted })
    else {
      this.versions.set(kv.key, [{ kv, deleted }])
      this.keys.add(kv.key)
    }
    const event: WatchEvent = { type: deleted ? 'delete' : 'put', kv, ...(previous ? { previous } : {}) }
    this.log.push({ revision: kv.modRevision, event })
    return event
  }

  private forget(key: string, revision: number): void {
    const versions = this.versions.get(key)
    if (!versions) return
    let keep = 0
    versions.forEach((version, index) => {
      if (version.kv.modRevision <= revision) keep = index
    })
    const left = versions.slice(versions[keep]?.deleted && (versions[keep] as Version).kv.modRevision <= revision ? keep + 1 : keep)
    if (left.length > 0) this.versions.set(key, left)
    else {
      this.versions.delete(key)
      this.keys.remove(key)
    }
  }
}
