/**
 * The watch cache of one resource: one watch on etcd however many clients, the objects in key order, a short history for
 * watches that resume, and indexes so that nobody looks at all pods for those of a node.
 */
import { failure } from '#engine/api/status'
import type { Clock } from '#engine/base/clock'
import type { KubeObject } from '#engine/api/object'
import type { Etcd, Watch, WatchEvent as EtcdEvent } from '#engine/etcd/api'
import { type ObjectStore, prefixEnd } from './store'
import { Channel } from './channel'
import { withVersion } from './codec'

export interface CacheEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly revision: number
  readonly object: KubeObject
  readonly previous: KubeObject | undefined
}

export interface WatchScope {
  readonly namespace: string
  /** Only this object. */
  readonly name?: string
  /** Only objects of an index value. */
  readonly index?: { readonly name: string; readonly value: string }
}

type Indexer = Readonly<Record<string, (object: KubeObject) => string>>

const historyLimit = 2000
const channelLimit = 20_000

export class Cacher {
  private readonly items = new Map<string, KubeObject>()
  private readonly byNamespace = new Map<string, Map<string, KubeObject>>()
  private readonly byIndex = new Map<string, Map<string, Map<string, KubeObject>>>()
  private history: CacheEvent[] = []
  /** Events up to this revision are not in the history. */
  private historyStart = 0
  private revision = 0
  private ready: Promise<void> | undefined
  private isReady = false
  private hearing = false
  private watch: Watch | undefined
  private readonly watchers = new Set<CacheWatcher>()
  private readonly triggered = new Map<string, Set<CacheWatcher>>()
  private readonly all = new Set<CacheWatcher>()
  private waiting: { revision: number; resolve: () => void; reject: (error: Error) => void }[] = []
  private readonly stop = new AbortController()
  private sortedKeys: string[] | undefined

  constructor(
    private readonly etcd: Etcd,
    private readonly store: ObjectStore,
    private readonly clock: Clock,
    private readonly indexers: Indexer,
    private readonly namespaced: boolean,
    /** The revision at which the server began: watches may go on from there though nobody asked for the resource until now. */
    private readonly origin: () => number = () => 0,
    /** The server goes on where a snapshot was taken: a version from before is no older than what its clients read since. */
    private readonly recalls = false,
  ) {}

  get currentRevision(): number {
    return this.revision
  }

  get size(): number {
    return this.items.size
  }

  /** Ends the watch on etcd and all clients' watches. */
  close(): void {
    this.stop.abort(new Error('the cache is closed'))
    this.endWatches()
  }

  endWatches(): void {
    for (const watcher of [...this.all]) watcher.channel.close()
  }

  /** Whether `fresh` would not have to wait. */
  isFresh(revision = 0): boolean {
    return this.isReady && this.revision >= revision && this.revision >= this.store.written
  }

  /** Whether what is written to etcd comes here by itself: the watch on it stands. */
  get hears(): boolean {
    return this.isReady && this.hearing
  }

  /** Resolves once the cache holds everything up to the revision (and everything this server wrote). */
  async fresh(revision = 0): Promise<void> {
    await this.start()
    const wanted = Math.max(revision, this.store.written)
    if (this.revision >= wanted) return
    await this.reach(wanted, 3000)
  }

  /** Resolves once the cache has seen the revision; a Status 504 when that takes too long. */
  private reach(revision: number, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry = { revision, resolve: () => finish(resolve), reject: (error: Error) => finish(() => reject(error)) }
      const timer = this.clock.after(timeoutMs, () => entry.reject(tooLarge(revision, this.revision)))
      const finish = (settle: () => void): void => {
        timer.cancel()
        const at = this.waiting.indexOf(entry)
        if (at >= 0) this.waiting.splice(at, 1)
        settle()
      }
      this.waiting.push(entry)
      this.watch?.requestProgress()
    })
  }

  get(key: string): KubeObject | undefined {
    return this.items.get(key)
  }

  /** Objects in key order. */
  list(namespace: string): KubeObject[] {
    if (namespace === '') return this.keys().map((key) => this.items.get(key) as KubeObject)
    const part = this.byNamespace.get(namespace)
    return part ? [...part.keys()].sort().map((key) => part.get(key) as KubeObject) : []
  }

  indexed(index: string, value: string): KubeObject[] {
    const part = this.byIndex.get(index)?.get(value)
    return part ? [...part.keys()].sort().map((key) => part.get(key) as KubeObject) : []
  }

  hasIndex(index: string): boolean {
    return index in this.indexers
  }

  /** `start`: a revision to go on from, or 'now' after the state that the caller takes from `list` in the same instant. */
  subscribe(scope: WatchScope, start: number | 'now'): Channel<CacheEvent> | 'gone' {
    const watcher: CacheWatcher = { scope, channel: new Channel<CacheEvent>(channelLimit) }
    if (start !== 'now') {
      if (start < this.historyStart && !this.recall(watcher, start)) return 'gone'
      for (const event of this.history) if (event.revision > start && this.concerns(watcher, event)) watcher.channel.push(event)
    }
    this.enlist(watcher)
    watcher.channel.onClose = () => this.dismiss(watcher)
    return watcher.channel
  }

  /**
   * Goes on from before the snapshot that this server began with. Every client is younger than that: what it watches from is the version of an
   * object as it read it, so only objects that were written later can be news; nothing it knows of was deleted in between.
   */
  private recall(watcher: CacheWatcher, start: number): boolean {
    if (!this.recalls || start <= 0 || this.historyStart > this.origin()) return false
    for (const object of this.list(watcher.scope.namespace)) {
      const revision = Number(object.metadata.resourceVersion)
      if (revision <= start || revision > this.historyStart) continue
      const event: CacheEvent = { type: 'MODIFIED', revision, object, previous: object }
      if (this.concerns(watcher, event)) watcher.channel.push(event)
    }
    return true
  }

  get oldestRevision(): number {
    return this.historyStart
  }

  private start(): Promise<void> {
    if (this.isReady) return Promise.resolve()
    return (this.ready ??= this.run())
  }

  private async run(): Promise<void> {
    let first: { from: number; now: number }
    try {
      first = await this.loadFirst()
    } catch (error) {
      this.ready = undefined
      throw error
    }
    void this.follow()
    if (first.now > first.from) await this.reach(first.now, 10_000)
    this.isReady = true
  }

  /** The state when the server began, which the watch then brings up to date; where that is compacted, the state now. */
  private async loadFirst(): Promise<{ from: number; now: number }> {
    const origin = this.origin()
    try {
      if (origin > 0) return { from: origin, now: await this.load(origin) }
    } catch (error) {
      if ((error as { reason?: string }).reason !== 'Expired') throw error
    }
    const now = await this.load()
    return { from: now, now }
  }

  /** Reads everything, as it was at a revision or as it is; returns the revision now. */
  private async load(at?: number): Promise<number> {
    const response = await this.store.range('', at === undefined ? {} : { revision: at })
    const seen = new Set<string>()
    for (const kv of response.kvs) {
      seen.add(kv.key)
      this.set(kv.key, this.store.codec.decodeListed(kv))
    }
    for (const key of [...this.items.keys()]) if (!seen.has(key)) this.delete(key)
    this.history = []
    this.historyStart = at ?? response.header.revision
    this.advance(this.historyStart)
    return response.header.revision
  }

  /** Follows etcd's watch for good: goes on where it was when etcd comes back, reads anew only when events are gone. */
  private async follow(): Promise<void> {
    while (!this.stop.signal.aborted) {
      try {
        if (await this.followOnce()) await this.reload()
        else await this.clock.sleep(1000, this.stop.signal)
      } catch {
        await this.clock.sleep(1000, this.stop.signal).catch(() => undefined)
      }
    }
  }

  /** True when what comes next is compacted. */
  private async followOnce(): Promise<boolean> {
    this.watch = this.etcd.watch({ key: this.store.prefix, rangeEnd: prefixEnd(this.store.prefix), startRevision: this.revision + 1, previous: true }, this.stop.signal)
    if (this.waiting.length > 0) this.watch.requestProgress()
    this.hearing = true
    try {
      for await (const response of this.watch) {
        if (response.compactRevision) return true
        for (const event of response.events) this.apply(event)
        this.advance(response.header.revision)
      }
      return false
    } finally {
      this.hearing = false
    }
  }

  private async reload(): Promise<void> {
    await this.load()
    this.endWatches()
  }

  private apply(event: EtcdEvent): void {
    const { key, modRevision } = event.kv
    const previous = this.items.get(key)
    let made: CacheEvent
    if (event.type === 'delete') {
      if (!previous) return
      made = { type: 'DELETED', revision: modRevision, object: withVersion(previous, modRevision), previous }
      this.delete(key)
    } else {
      const object = this.store.codec.decode(event.kv)
      made = { type: previous ? 'MODIFIED' : 'ADDED', revision: modRevision, object, previous }
      this.set(key, object)
    }
    this.remember(made)
    this.dispatch(made)
  }

  private remember(event: CacheEvent): void {
    this.history.push(event)
    if (this.history.length <= historyLimit * 2) return
    this.historyStart = this.history[this.history.length - historyLimit - 1]?.revision ?? this.historyStart
    this.history = this.history.slice(-historyLimit)
  }

  private dispatch(event: CacheEvent): void {
    for (const watcher of this.watchers) if (this.concerns(watcher, event)) watcher.channel.push(event)
    if (this.triggered.size === 0) return
    const told = new Set<CacheWatcher>()
    for (const trigger of this.triggersOf(event)) {
      for (const watcher of this.triggered.get(trigger) ?? []) {
        if (told.has(watcher) || !this.concerns(watcher, event)) continue
        told.add(watcher)
        watcher.channel.push(event)
      }
    }
  }

  private triggersOf(event: CacheEvent): string[] {
    const out = [`name/${event.object.metadata.name ?? ''}`]
    for (const [index, value] of Object.entries(this.indexers)) {
      out.push(`${index}=${value(event.object)}`)
      if (event.previous) out.push(`${index}=${value(event.previous)}`)
    }
    return out
  }

  private concerns({ scope }: CacheWatcher, event: CacheEvent): boolean {
    const { metadata } = event.object
    if (this.namespaced && scope.namespace !== '' && metadata.namespace !== scope.namespace) return false
    if (scope.name !== undefined && metadata.name !== scope.name) return false
    const value = scope.index && this.indexers[scope.index.name]
    if (!value || !scope.index) return true
    return value(event.object) === scope.index.value || (event.previous !== undefined && value(event.previous) === scope.index.value)
  }

  private enlist(watcher: CacheWatcher): void {
    this.all.add(watcher)
    const trigger = triggerOf(watcher.scope)
    if (trigger === undefined) {
      this.watchers.add(watcher)
      return
    }
    const set = this.triggered.get(trigger) ?? new Set()
    set.add(watcher)
    this.triggered.set(trigger, set)
  }

  private dismiss(watcher: CacheWatcher): void {
    this.all.delete(watcher)
    this.watchers.delete(watcher)
    const trigger = triggerOf(watcher.scope)
    const set = trigger === undefined ? undefined : this.triggered.get(trigger)
    if (!set || trigger === undefined) return
    set.delete(watcher)
    if (set.size === 0) this.triggered.delete(trigger)
  }

  private advance(revision: number): void {
    if (revision > this.revision) this.revision = revision
    if (this.waiting.length === 0) return
    for (const entry of [...this.waiting]) if (entry.revision <= this.revision) entry.resolve()
  }

  private set(key: string, object: KubeObject): void {
    const previous = this.items.get(key)
    if (!previous) this.sortedKeys = undefined
    this.items.set(key, object)
    const namespace = object.metadata.namespace
    if (this.namespaced && namespace) place(this.byNamespace, namespace, key, object)
    for (const [index, value] of Object.entries(this.indexers)) {
      const parts = this.byIndex.get(index) ?? new Map<string, Map<string, KubeObject>>()
      this.byIndex.set(index, parts)
      if (previous && value(previous) !== value(object)) displace(parts, value(previous), key)
      place(parts, value(object), key, object)
    }
  }

  private delete(key: string): void {
    const previous = this.items.get(key)
    if (!previous) return
    this.items.delete(key)
    this.sortedKeys = undefined
    if (previous.metadata.namespace) displace(this.byNamespace, previous.metadata.namespace, key)
    for (const [index, value] of Object.entries(this.indexers)) {
      const parts = this.byIndex.get(index)
      if (parts) displace(parts, value(previous), key)
    }
  }

  private keys(): string[] {
    return (this.sortedKeys ??= [...this.items.keys()].sort())
  }
}

interface CacheWatcher {
  readonly scope: WatchScope
  readonly channel: Channel<CacheEvent>
}

function triggerOf(scope: WatchScope): string | undefined {
  if (scope.name !== undefined) return `name/${scope.name}`
  return scope.index ? `${scope.index.name}=${scope.index.value}` : undefined
}

function place(parts: Map<string, Map<string, KubeObject>>, part: string, key: string, object: KubeObject): void {
  let map = parts.get(part)
  if (!map) parts.set(part, (map = new Map()))
  map.set(key, object)
}

function displace(parts: Map<string, Map<string, KubeObject>>, part: string, key: string): void {
  const map = parts.get(part)
  if (!map) return
  map.delete(key)
  if (map.size === 0) parts.delete(part)
}

function tooLarge(wanted: number, current: number): Error {
  return failure(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${current}`, { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }], retryAfterSeconds: 1 })
}
