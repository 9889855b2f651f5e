/** Watches: state first where asked for, then events as they come, bookmarks, an end by timeout. */
import { whenGone } from '#engine/base/http'
import { failure } from '#engine/api/status'
import { groupVersion, type KubeObject } from '#engine/api/object'
import type { ServedResource } from '#engine/apiserver/catalog'
import type { Call } from '#engine/apiserver/chain/call'
import type { CacheEvent, Cacher } from '#engine/apiserver/storage/cacher'
import type { Channel } from '#engine/apiserver/storage/channel'
import { cacherOf, parsedVersion, presented, queryInteger, storedForm, storeOf, type RestCore } from './core'
import { fromCache } from './list'
import { checkWatchOptions } from './list-options'
import { selectionOf, type Selection } from './selectors'

export interface WatchMessage {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: unknown
  /** Where the same event goes to many: what to keep its encoded form by. */
  readonly source?: CacheEvent
}

/** A watch that has begun: what it tells at once, and what comes. */
export interface Watching {
  readonly state: readonly WatchMessage[]
  readonly events: AsyncIterable<WatchMessage>
}

const minTimeoutMs = 1_800_000

/** At once where the cache is new enough. */
export function watch(core: RestCore, call: Call, served: ServedResource): Watching | Promise<Watching> {
  const selection = selectionOf(call, served)
  const { query } = call.info
  const initial = query.get('sendInitialEvents')
  checkWatchOptions(query)
  const version = query.get('resourceVersion') ?? ''
  const from = parsedVersion(version)
  const cacher = cacherOf(served)
  const state = initial === 'true' || (initial === null && (version === '' || version === '0'))
  const plan = { state, from, bookmarks: query.get('allowWatchBookmarks') === 'true' || query.get('allowWatchBookmarks') === '1', endOfState: initial === 'true' }
  const since = stateSince(served, cacher, { initial: initial === 'true', version, from })
  return since ? since.then(() => begin(core, call, served, selection, plan)) : begin(core, call, served, selection, plan)
}

/** A watch may begin in the future; a state is never older than what was asked for. Where events follow it, the cache's is as new as any while it hears from etcd. */
function stateSince(served: ServedResource, cacher: Cacher, { initial, version, from }: { initial: boolean; version: string; from: number }): Promise<void> | undefined {
  const least = initial ? from : 0
  if (version !== '') return cacher.isFresh(least) ? undefined : cacher.fresh(least)
  if (initial && cacher.isFresh() && cacher.hears) return undefined
  return upToDate(served, cacher, initial)
}

async function upToDate(served: ServedResource, cacher: Cacher, initial: boolean): Promise<void> {
  if (initial) await cacher.fresh()
  if (!initial || !cacher.hears) await cacher.fresh(await storeOf(served).currentRevision())
}

interface Plan {
  readonly state: boolean
  readonly from: number
  readonly bookmarks: boolean
  readonly endOfState: boolean
}

function begin(core: RestCore, call: Call, served: ServedResource, selection: Selection, plan: Plan): Watching | Promise<Watching> {
  const cacher = cacherOf(served)
  // State and subscription are taken in one instant, so that nothing is missed between them.
  const objects = plan.state ? fromCache(served, selection) : []
  const revision = cacher.currentRevision
  const channel = cacher.subscribe(selection.scope, plan.state || plan.from === 0 ? 'now' : plan.from)
  if (channel === 'gone') return { state: [{ type: 'ERROR', object: failure(410, 'Expired', `too old resource version: ${plan.from} (${cacher.oldestRevision})`).status }], events: nothing() }
  limit(core, call, cacher, channel, plan)
  const events = new Events(channel, (event) => messageOf(served, selection, event))
  const told = (shown: readonly KubeObject[]): Watching => {
    const state: WatchMessage[] = shown.map((object) => ({ type: 'ADDED', object }))
    if (plan.endOfState && plan.bookmarks) state.push(bookmark(served, revision, true))
    return { state, events }
  }
  return served.view || served.definition.decorate ? Promise.all(objects.map((object) => presented(served, object))).then(told) : told(objects)
}

/** A watch ends after its time, or when its client goes away; until then it may be told how far it is. */
function limit(core: RestCore, call: Call, cacher: Cacher, channel: Channel<CacheEvent>, plan: Plan): void {
  const end = core.clock.now() + timeoutMs(core, call)
  const leave = (): void => channel.close()
  const timer = core.clock.after(end - core.clock.now(), leave)
  const bookmarks = plan.bookmarks ? new Bookmarks(core.clock, channel, cacher, end) : undefined
  let forgetClient = (): void => undefined
  const forget = channel.onClose
  channel.onClose = () => {
    forget?.()
    timer.cancel()
    bookmarks?.stop()
    forgetClient()
  }
  forgetClient = whenGone(call.http, leave)
}

async function* nothing(): AsyncGenerator<WatchMessage> {
  yield* await Promise.resolve([])
}

/** What comes from the cache, as the watcher sees it. */
class Events implements AsyncIterableIterator<WatchMessage> {
  private readonly source: AsyncIterator<CacheEvent>

  constructor(channel: Channel<CacheEvent>, private readonly see: (event: CacheEvent) => WatchMessage | undefined | Promise<WatchMessage>) {
    this.source = channel[Symbol.asyncIterator]()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<WatchMessage>> {
    for (;;) {
      const { done, value } = await this.source.next()
      if (done) return { done: true, value: undefined }
      const made = this.see(value)
      const message = made instanceof Promise ? await made : made
      if (message) return { done: false, value: message }
    }
  }

  async return(): Promise<IteratorResult<WatchMessage>> {
    await this.source.return?.()
    return { done: true, value: undefined }
  }
}

const bookmarkEveryMs = 60_000
const beforeEndMs = 2000

/** Tells a quiet watch how far it is: each minute, and shortly before its end. */
class Bookmarks {
  private timer: { cancel(): void }

  constructor(
    private readonly clock: RestCore['clock'],
    private readonly channel: Channel<CacheEvent>,
    private readonly cacher: Cacher,
    private readonly end: number,
  ) {
    this.timer = this.next()
  }

  stop(): void {
    this.timer.cancel()
  }

  private next(): { cancel(): void } {
    const now = this.clock.now()
    const last = this.end - beforeEndMs
    const at = last > now && now + bookmarkEveryMs > last ? last : now + bookmarkEveryMs
    return this.clock.after(at - now, () => {
      this.channel.push({ type: 'BOOKMARK', revision: this.cacher.currentRevision, object: { apiVersion: '', kind: '', metadata: {} }, previous: undefined })
      this.timer = this.next()
    })
  }
}

function timeoutMs(core: RestCore, call: Call): number {
  const given = queryInteger(call, 'timeoutSeconds') ?? 0
  return given > 0 ? given * 1000 : minTimeoutMs + core.random.integer(minTimeoutMs)
}

/** Bookmarks are alike but for their version. */
const bookmarks = new WeakMap<ServedResource, KubeObject>()
const endings = new WeakMap<ServedResource, KubeObject>()

function bookmark(served: ServedResource, revision: number, endOfState: boolean): WatchMessage {
  const { definition } = served
  const made = endOfState ? endings : bookmarks
  let pattern = made.get(served)
  if (!pattern) {
    const metadata = { resourceVersion: '0', ...(endOfState ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}) }
    made.set(served, (pattern = storedForm(served, { kind: definition.kind, apiVersion: groupVersion(definition.group, definition.version), metadata })))
  }
  return { type: 'BOOKMARK', object: { ...pattern, metadata: { ...pattern.metadata, resourceVersion: String(revision) } } }
}

/** An event as a watcher with selectors sees it: what starts to match is added, what ceases to is deleted. */
function messageOf(served: ServedResource, { matches }: Selection, event: CacheEvent): WatchMessage | undefined | Promise<WatchMessage> {
  if (event.type === 'BOOKMARK') return bookmark(served, event.revision, false)
  const type = seenAs(matches, event)
  if (!type) return undefined
  const object = type === 'DELETED' && event.type !== 'DELETED' ? versioned(event.previous as KubeObject, event.object) : event.object
  if (served.view || served.definition.decorate) return presented(served, object).then((shown) => ({ type, object: shown }))
  return type === event.type ? { type, object, source: event } : { type, object }
}

function seenAs(matches: Selection['matches'], event: CacheEvent): 'ADDED' | 'MODIFIED' | 'DELETED' | undefined {
  const now = event.type !== 'DELETED' && (!matches || matches(event.object))
  const before = event.previous !== undefined && (!matches || matches(event.previous))
  if (now) return before ? 'MODIFIED' : 'ADDED'
  return before ? 'DELETED' : undefined
}

function versioned(previous: KubeObject, now: KubeObject): KubeObject {
  return { ...previous, metadata: { ...previous.metadata, ...(now.metadata.resourceVersion === undefined ? {} : { resourceVersion: now.metadata.resourceVersion }) } }
}
