import { describe, expect, it } from 'vitest'
import { VirtualClock } from '#engine/base/clock'
import { valueBody } from '#engine/base/http'
import type { KeyValue, RangeRequest } from '#engine/etcd/api'
import { FirstReads } from './first-reads'

const kv = (key: string, modRevision: number): KeyValue => ({ key, createRevision: 1, modRevision, version: 1, value: { bytes: new Uint8Array(0) }, lease: 0 })

/** An etcd whose keys changed at revision 8. */
function etcd(fails = 0) {
  const clock = new VirtualClock(0)
  const asked: RangeRequest[] = []
  const client = new FirstReads((request) => {
    const message = request.body.value as RangeRequest
    asked.push(message)
    if (asked.length <= fails) return Promise.resolve({ status: 502, headers: {}, body: valueBody(null, () => new Uint8Array(0)) })
    const at = message.revision === 7 ? 5 : 8
    const kvs = ['/registry/pods/a/x', '/registry/pods/b/y', '/registry/secrets/a/z'].filter((key) => key >= message.key && key < (message.rangeEnd ?? '')).map((key) => kv(key, at))
    return Promise.resolve({ status: 200, headers: { 'grpc-status': '0' }, body: valueBody({ header: { revision: 8 }, kvs, more: false, count: kvs.length }, () => new Uint8Array(0)) })
  }, 'test', clock, '/registry/')
  const keys = async (key: string, revision?: number): Promise<string[]> => (await client.range({ key, rangeEnd: `${key.slice(0, -1)}0`, ...(revision === undefined ? {} : { revision }) })).kvs.map((each) => `${each.key}@${each.modRevision}`)
  return { clock, asked, client, keys }
}

describe('the first reads of a server', () => {
  it('are one, and each resource gets its part of it', async () => {
    const { asked, keys } = etcd()
    expect(await keys('/registry/pods/', 7)).toEqual(['/registry/pods/a/x@5', '/registry/pods/b/y@5'])
    expect(await keys('/registry/secrets/', 7)).toEqual(['/registry/secrets/a/z@5'])
    expect(await keys('/registry/nodes/', 7)).toEqual([])
    expect(asked).toHaveLength(1)
  })

  it('are not taken for what stands now, or stood at another time', async () => {
    const { asked, keys } = etcd()
    await keys('/registry/pods/', 7)
    expect(await keys('/registry/pods/')).toEqual(['/registry/pods/a/x@8', '/registry/pods/b/y@8'])
    expect(await keys('/registry/secrets/', 8)).toEqual(['/registry/secrets/a/z@8'])
    expect(asked).toHaveLength(3)
  })

  it('are tried again where they failed, and are over after a while', async () => {
    const { asked, keys, clock } = etcd(1)
    await expect(keys('/registry/pods/', 7)).rejects.toThrow('server preface')
    expect(await keys('/registry/pods/', 7)).toHaveLength(2)
    clock.runNext()
    clock.runNext()
    await keys('/registry/pods/', 7)
    expect(asked).toHaveLength(3)
  })
})
