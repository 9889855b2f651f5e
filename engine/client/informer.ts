/**
 * A cache of one resource that follows the server: one watch that begins with all there is, or, where the server has none such, a list and a
 * watch from there; reconnect with backoff, begin anew when the history is gone. Handlers run synchronously, in the order of the events, after the cache has changed.
 */
import type { Clock } from '#engine/base/clock'
import type { Random } from '#engine/base/random'
import { keyOf, type KubeObject } from '#engine/api/object'
import { isReason, StatusError } from '#engine/api/status'
import { Backoff } from '#engine/client/backoff'
import type { Client, ListOptions } from '#engine/client/client'
import type { ResourceRef } from '#engine/client/resources'
import { type IndexFunction, Store } from '#engine/client/store'
import type { WatchEvent } from '#engine/client/watch'

export interface Handlers<T> {
  readonly added?: (object: T) => void
  readonly updated?: (next: T, previous: T) => void
  /** The last state known; after a relist it may be older than the one deleted. */
  readonly deleted?: (object: T) => void
}

export interface InformerOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** As clients before 1.35: lists, then watches. */
  readonly listsFirst?: boolean
  /** Told of every failed list or watch, before the pause; not of a watch for the first state that finds no server or a busy one. */
  readonly onError?: (error: unknown, phase: 'list' | 'watch') => void
}

export interface InformerServices {
  readonly clock: Clock
  readonly random: Random
}

export class Informer<T extends KubeObject> {
  readonly store = new Store<T>()
  private readonly handlers: Handlers<T>[] = []
  private readonly backoff: Backoff
  private version = ''
  private synced = false
  private started = false
  private readonly waiting: (() => void)[] = []

  constructor(
    private readonly client: Client,
    readonly resource: ResourceRef<T>,
    private readonly services: InformerServices,
    private readonly options: InformerOptions = {},
  ) {
    this.backoff = new Backoff({ initialMs: 800, maxMs: 30_000, jitter: 1 }, services.random.fork(`reflector/${resource.group}/${resource.resource}`))
  }

  addIndexers(indexers: Readonly<Record<string, IndexFunction<T>>>): this {
    this.store.addIndexers(indexers)
    return this
  }

  /** A handler added late is told of what is already there. */
  addHandlers(handlers: Handlers<T>): this {
    this.handlers.push(handlers)
    for (const object of this.store.list()) handlers.added?.(object)
    return this
  }

  get hasSynced(): boolean {
    return this.synced
  }

  /** Resolves once the first list is in the cache and its handlers have run. */
  whenSynced(): Promise<void> {
    return this.synced ? Promise.resolve() : new Promise((resolve) => this.waiting.push(resolve))
  }

  /** Runs until the signal is aborted. A second start does nothing. */
  start(signal: AbortSignal): void {
    if (this.started) return
    this.started = true
    void this.follow(signal)
  }

  private async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let phase: 'list' | 'watch' = 'list'
      try {
        const begun = this.version === '' ? await this.begin(signal) : undefined
        phase = 'watch'
        await this.watchOnce(signal, begun)
        this.backoff.reset()
      } catch (error) {
        if (signal.aborted) return
        if (historyGone(error)) this.version = ''
        else {
          if (!(error instanceof NotYet)) this.options.onError?.(error, phase)
          if (!(await this.pause(signal))) return
        }
      }
    }
  }

  /** The first state, and the watch that goes on from it if there is one. A server that refuses is asked for a list. */
  private async begin(signal: AbortSignal): Promise<AsyncIterable<WatchEvent<T>> | undefined> {
    if (this.options.listsFirst !== true) {
      try {
        return await this.beginWatch(signal)
      } catch (error) {
        if (signal.aborted || historyGone(error)) throw error
        if (worthWaiting(error)) throw new NotYet()
      }
    }
    await this.relist()
    return undefined
  }

  private async pause(signal: AbortSignal): Promise<boolean> {
    try {
      await this.services.clock.sleep(this.backoff.step(), signal)
      return true
    } catch {
      // Aborted, by the signal or because the process is dying: either way this informer ends.
      return false
    }
  }

  private async relist(): Promise<void> {
    const list = await this.client.of(this.resource).list(this.options.namespace ?? '', { ...this.selectors(), resourceVersion: '0' })
    this.replaceAll(list.items, list.metadata.resourceVersion ?? '0')
  }

  /** What is there comes as events, up to the bookmark that ends them; none of it is believed before. */
  private async beginWatch(signal: AbortSignal): Promise<AsyncIterable<WatchEvent<T>>> {
    const options = { allowWatchBookmarks: true, ...this.selectors(), resourceVersionMatch: 'NotOlderThan', sendInitialEvents: true, signal }
    const { first, events } = await this.client.of(this.resource).beginWatch(this.options.namespace ?? '', options)
    const state = new Map<string, T>()
    let ended = false
    for (const event of first) {
      if (ended) this.apply(event)
      else ended = this.gather(state, event)
    }
    const rest = events[Symbol.asyncIterator]()
    while (!ended) {
      const { done, value } = await rest.next()
      if (done) throw new NotYet()
      ended = this.gather(state, value)
    }
    return { [Symbol.asyncIterator]: () => rest }
  }

  /** True where the event says that this was all. */
  private gather(state: Map<string, T>, { type, object }: WatchEvent<T>): boolean {
    if (type === 'BOOKMARK') {
      if (object.metadata.annotations?.['k8s.io/initial-events-end'] !== 'true') return false
      this.replaceAll([...state.values()], object.metadata.resourceVersion ?? '0')
      return true
    }
    if (type === 'DELETED') state.delete(keyOf(object))
    else state.set(keyOf(object), object)
    return false
  }

  private replaceAll(objects: readonly T[], version: string): void {
    const gone = new Set(this.store.keys())
    for (const object of objects) {
      gone.delete(keyOf(object))
      this.put(object)
    }
    for (const key of gone) this.drop(key)
    this.version = version
    if (this.synced) return
    this.synced = true
    for (const resolve of this.waiting.splice(0)) resolve()
  }

  private async watchOnce(signal: AbortSignal, begun?: AsyncIterable<WatchEvent<T>>): Promise<void> {
    const events = begun ?? (await this.client.of(this.resource).watch(this.options.namespace ?? '', { ...this.selectors(), resourceVersion: this.version, allowWatchBookmarks: true, signal }))
    for await (const event of events) {
      if (signal.aborted) return
      this.apply(event)
      this.backoff.reset()
    }
  }

  private apply(event: WatchEvent<T>): void {
    const version = event.object.metadata.resourceVersion
    if (version) this.version = version
    if (event.type === 'DELETED') this.drop(keyOf(event.object), event.object)
    else if (event.type !== 'BOOKMARK') this.put(event.object)
  }

  private put(object: T): void {
    const previous = this.store.set(object)
    if (previous === undefined) for (const handler of this.handlers) handler.added?.(object)
    else if (previous.metadata.uid !== object.metadata.uid) this.replaced(object, previous)
    else if (previous.metadata.resourceVersion !== object.metadata.resourceVersion) for (const handler of this.handlers) handler.updated?.(object, previous)
  }

  private replaced(object: T, previous: T): void {
    for (const handler of this.handlers) {
      handler.deleted?.(previous)
      handler.added?.(object)
    }
  }

  private drop(key: string, last?: T): void {
    const previous = this.store.delete(key)
    const object = last ?? previous
    if (previous && object) for (const handler of this.handlers) handler.deleted?.(object)
  }

  private selectors(): ListOptions {
    const { labelSelector, fieldSelector } = this.options
    return { ...(labelSelector ? { labelSelector } : {}), ...(fieldSelector ? { fieldSelector } : {}) }
  }
}

/** The first state has not come; that is tried again without a word. */
class NotYet extends Error {}

/** Nobody listens there, or whoever does is busy: a list would fare no better. */
function worthWaiting(error: unknown): boolean {
  const refused = (at: unknown): boolean => (at as { code?: string } | undefined)?.code === 'ECONNREFUSED'
  return refused(error) || refused((error as { cause?: unknown }).cause) || isReason(error, 'TooManyRequests')
}

function historyGone(error: unknown): boolean {
  return isReason(error, 'Expired') || isReason(error, 'Gone') || (error instanceof StatusError && error.code === 410)
}
