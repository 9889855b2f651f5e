import { describe, expect, it } from 'vitest'
import { encodeUtf8 } from '#engine/base/bytes'
import { VirtualClock } from '#engine/base/clock'
import { SeededRandom } from '#engine/base/random'
import type { WatchResponse } from '#engine/etcd/api'
import { EtcdClient } from '#engine/etcd/client'
import { etcdHandler } from '#engine/etcd/server'
import { EtcdStore } from '#engine/etcd/store'

const value = (text: string): { bytes: Uint8Array } => ({ bytes: encodeUtf8(text) })
const newStore = (clock = new VirtualClock(0), snapshot?: Uint8Array): EtcdStore => new EtcdStore({ clock, random: new SeededRandom('etcd'), ...(snapshot ? { snapshot } : {}) })

describe('an etcd store', () => {
  it('counts revisions and versions as etcd does', async () => {
    const store = newStore()
    await store.put({ key: 'a', value: value('1') })
    await store.put({ key: 'a', value: value('2') })
    const { kvs, header } = await store.range({ key: 'a' })
    expect(header.revision).toBe(3)
    expect(kvs[0]).toMatchObject({ createRevision: 2, modRevision: 3, version: 2 })
  })

  it('reads an old revision until it is compacted', async () => {
    const store = newStore()
    await store.put({ key: 'a', value: value('1') })
    await store.deleteRange({ key: 'a' })
    expect((await store.range({ key: 'a', revision: 2 })).kvs).toHaveLength(1)
    expect((await store.range({ key: 'a' })).kvs).toHaveLength(0)
    await store.compact(3)
    await expect(store.range({ key: 'a', revision: 2 })).rejects.toThrow('etcdserver: mvcc: required revision has been compacted')
    expect((await store.range({ key: '', rangeEnd: '\0' })).kvs).toHaveLength(0)
  })

  it('refuses a transaction whose comparison fails and writes nothing', async () => {
    const store = newStore()
    const create = { compare: [{ key: 'a', target: 'mod', result: '=', operand: 0 }], success: [{ put: { key: 'a', value: value('1') } }], failure: [{ range: { key: 'a' } }] } as const
    expect((await store.txn(create)).succeeded).toBe(true)
    const second = await store.txn(create)
    expect(second.succeeded).toBe(false)
    expect(second.header.revision).toBe(2)
  })

  it('replays missed events to a watch, then sends the new ones, also over a connection', async () => {
    const store = newStore()
    const client = new EtcdClient(etcdHandler(store as never))
    await client.put({ key: '/r/a', value: value('1') })
    const seen: string[] = []
    const abort = new AbortController()
    const reading = (async () => {
      for await (const response of client.watch({ key: '/r/', rangeEnd: '/r0', startRevision: 2, previous: true }, abort.signal)) seen.push(...describeEvents(response))
    })()
    await client.put({ key: '/r/a', value: value('2') })
    await client.put({ key: '/other', value: value('x') })
    await client.deleteRange({ key: '/r/a' })
    for (let i = 0; i < 20; i++) await Promise.resolve()
    abort.abort()
    await reading
    expect(seen).toEqual(['put /r/a@2', 'put /r/a@3', 'delete /r/a@5'])
  })

  it('deletes the keys of a lease that runs out', async () => {
    const clock = new VirtualClock(0)
    const store = newStore(clock)
    const { id } = await store.leaseGrant(10)
    await store.put({ key: 'a', value: value('1'), lease: id })
    clock.runNext()
    expect(clock.now()).toBe(10_000)
    expect((await store.range({ key: 'a' })).kvs).toHaveLength(0)
  })

  it('goes on from a snapshot, and refuses a damaged one', async () => {
    const store = newStore()
    await store.put({ key: 'a', value: value('1') })
    const bytes = await store.snapshot()
    const restored = newStore(new VirtualClock(0), bytes)
    expect((await restored.range({ key: 'a' })).kvs[0]?.modRevision).toBe(2)
    expect(() => newStore(new VirtualClock(0), bytes.subarray(0, bytes.length - 1))).toThrow('integrity check failed')
  })
})

function describeEvents(response: WatchResponse): string[] {
  return response.events.map((event) => `${event.type} ${event.kv.key}@${event.kv.modRevision}`)
}
