import { describe, expect, it } from 'vitest'
import { decodeSnapshot, encodeSnapshot, type SnapshotContent } from './snapshot'

const content: SnapshotContent = {
  clusterId: 'c', memberId: 'm', revision: 7, raftIndex: 9, leases: [],
  kvs: [{ key: '/registry/a', createRevision: 2, modRevision: 3, version: 2, lease: 0, value: { bytes: Uint8Array.of(1, 2, 3) } }],
}

describe("etcd's file", () => {
  it('read from the very bytes that were written begins with the very same pairs', () => {
    expect(decodeSnapshot(encodeSnapshot(content)).kvs[0]).toBe(content.kvs[0])
  })

  it('read from a copy holds equal ones', () => {
    const copy = decodeSnapshot(encodeSnapshot(content).slice())
    expect(copy).toEqual(content)
    expect(copy.kvs[0]).not.toBe(content.kvs[0])
  })

  it('that is damaged is refused', () => {
    const damaged = encodeSnapshot(content).slice()
    damaged[damaged.length - 1] = 9
    expect(() => decodeSnapshot(damaged)).toThrow('integrity check failed')
  })
})
