/** Watches: state first where asked for, then events as they come, bookmarks, an end by timeout. */
import { failure } from '#engine/api/status'
import { groupVersion, type KubeObject } from '#engine/api/object'
import type { ServedResource } from '#engine/apiserver/catalog'
import type { Call } from '#engine/apiserver/chain/call'
import type { CacheEvent, Cacher } from '#engine/apiserver/storage/cacher'
import type { Channel } from '#engine/apiserver/storage/channel'
import { cacherOf, parsedVersion, presented, storedForm, storeOf, type RestCore } from './core'
import { fromCache } from './list'
import { checkWatchOptions } from './list-options'
import { selectionOf, type Selection } from './selectors'

export interface WatchMessage {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: unknown
  /** Where the same event goes to many: what to keep its encoded form by. */
  readonly source?: CacheEvent
}

const minTimeoutMs = 1_800_000

export async function watch(core: RestCore, call: Call, served: ServedResource): Promise<AsyncIterable<WatchMessage>> {
  const selection = selectionOf(call, served)
  const { query } = call.info
  const initial = query.get('sendInitialEvents')
  checkWatchOptions(query)
  const version = query.get('resourceVersion') ?? ''
  const from = parsedVersion(version)
  const cacher = cacherOf(served)
  // A watch may begin in the future; a state is never older than what was asked for.
  await cacher.fresh(version === '' ? await storeOf(served).currentRevision() : initial === 'true' ? from : 0)
  const state = initial === 'true' || (initial === null && (version === '' || version === '0'))
  return stream(core, call, served, selection, cacher, { state, from, bookmarks: query.get('allowWatchBookmarks') === 'true' || query.get('allowWatchBookmarks') === '1', endOfState: initial === 'true' })
}

interface Plan {
  readonly state: boolean
  readonly from: number
  readonly bookmarks: boolean
  readonly endOfState: boolean
}

async function* stream(core: RestCore, call: Call, served: ServedResource, selection: Selection, cacher: Cacher, plan: Plan): AsyncGenerator<WatchMessage> {
  // State and subscription are taken in one instant, so that nothing is missed between them.
  const objects = plan.state ? fromCache(served, selection) : []
  const revision = cacher.currentRevision
  const channel = cacher.subscribe(selection.scope, plan.state || plan.from === 0 ? 'now' : plan.from)
  if (channel === 'gone') {
    yield { type: 'ERROR', object: failure(410, 'Expired', `too old resource version: ${plan.from} (${cacher.oldestRevision})`).status }
    return
  }
  const end = core.clock.now() + timeoutMs(core, call)
  const timer = core.clock.after(end - core.clock.now(), () => channel.close())
  const bookmarks = plan.bookmarks ? new Bookmarks(core.clock, channel, cacher, end) : undefined
  const leave = (): void => channel.close()
  call.http.signal?.addEventListener('abort', leave, { once: true })
  try {
    for (const object of objects) yield { type: 'ADDED', object: await presented(served, object) }
    if (plan.endOfState && plan.bookmarks) yield bookmark(served, revision, true)
    for await (const event of channel) {
      const made = messageOf(served, selection, event)
      const message = made instanceof Promise ? await made : made
      if (message) yield message
    }
  } finally {
    timer.cancel()
    bookmarks?.stop()
    call.http.signal?.removeEventListener('abort', leave)
    channel.close()
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
  const given = Number(call.info.query.get('timeoutSeconds') ?? 0)
  return given > 0 ? given * 1000 : minTimeoutMs + core.random.integer(minTimeoutMs)
}

function bookmark(served: ServedResource, revision: number, endOfState: boolean): WatchMessage {
  const { definition } = served
  const metadata = { resourceVersion: String(revision), ...(endOfState ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}) }
  return { type: 'BOOKMARK', object: storedForm(served, { kind: definition.kind, apiVersion: groupVersion(definition.group, definition.version), metadata }) }
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
