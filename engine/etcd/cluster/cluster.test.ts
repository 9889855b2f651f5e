import { describe, expect, it } from 'vitest'
import { encodeUtf8 } from '#engine/base/bytes'
import { VirtualClock } from '#engine/base/clock'
import { SeededRandom } from '#engine/base/random'
import { EtcdError, type Member } from '#engine/etcd/api'
import type { ClusterRecord } from '#engine/etcd/snapshot'
import { clusterIdOf, memberIdOf } from './identity'
import { EtcdMember } from './member'
import type { Outcome, PeerLink } from './messages'

/** Members that reach each other by their peer URL, unless they are down. */
class Room {
  readonly clock = new VirtualClock(0)
  readonly up = new Map<string, { readonly member: EtcdMember; readonly gone: AbortController }>()
  private readonly disks = new Map<string, Uint8Array>()

  begin(name: string, identity: { clusterId: string; memberId: string }, cluster?: ClusterRecord): EtcdMember {
    const url = `http://${name}:2380`
    const gone = new AbortController()
    const snapshot = this.disks.get(name)
    const member: EtcdMember = new EtcdMember({
      clock: this.clock, random: new SeededRandom(name), name, peerUrls: [url], clientUrls: [`http://${name}:2379`], link: this.link(gone.signal), identity, forceNew: false, hurried: false,
      ...(snapshot ? { snapshot } : {}), ...(cluster && !snapshot ? { cluster } : {}), persist: () => this.disks.set(name, member.snapshotBytes()),
      background: (run) => void run(), removed: () => this.end(name), say: () => undefined,
    })
    this.up.set(url, { member, gone })
    member.start()
    return member
  }

  end(name: string): void {
    const url = `http://${name}:2380`
    this.up.get(url)?.member.stop()
    this.up.get(url)?.gone.abort()
    this.up.delete(url)
  }

  /** Lets time pass until the promise has settled. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let done = false
    void promise.then(() => (done = true), () => (done = true))
    for (let step = 0; step < 200 && !done; step++) await this.pass(100)
    return promise
  }

  async pass(ms: number): Promise<void> {
    const until = this.clock.now() + ms
    for (let turn = 0; turn < 30; turn++) await Promise.resolve()
    for (let at = this.clock.nextTimerAt(); at !== undefined && at <= until; at = this.clock.nextTimerAt()) {
      this.clock.runNext()
      for (let turn = 0; turn < 60; turn++) await Promise.resolve()
    }
    this.clock.advanceTo(until)
  }

  private link(own: AbortSignal): PeerLink {
    const find = (member: Pick<Member, 'peerUrls'>): { member: EtcdMember; gone: AbortController } => {
      const found = this.up.get(member.peerUrls[0] ?? '')
      if (!found || own.aborted) throw new EtcdError('Unavailable', 'connection refused')
      return found
    }
    const outcome = async (run: () => Promise<unknown>): Promise<Outcome> => run().then((value) => ({ value }), (error: EtcdError) => ({ code: error.code, message: error.message }))
    return {
      async call(peer, name, take) {
        const { member } = find(peer)
        if (name === 'propose') return (await outcome(() => member.raft.propose(take as never))) as never
        return (member.raft.handle as unknown as Record<string, (take: unknown) => unknown>)[name]?.(take) as never
      },
      async follow(leader, who, signal) {
        const { member, gone } = find(leader)
        const stream = member.raft.serve(who.id, who.at, AbortSignal.any([signal, gone.signal, own]))
        if (!stream) throw new EtcdError('Unavailable', 'not leader')
        return stream
      },
    }
  }
}

const value = (text: string): { bytes: Uint8Array } => ({ bytes: encodeUtf8(text) })

function alone(room: Room): EtcdMember {
  const memberId = memberIdOf(['http://a:2380'], 'etcd-cluster')
  return room.begin('a', { clusterId: clusterIdOf([memberId]), memberId })
}

async function joined(room: Room, first: EtcdMember, name: string, isLearner = false): Promise<EtcdMember> {
  const { member, members } = await room.settle(first.memberAdd([`http://${name}:2380`], isLearner))
  const second = room.begin(name, { clusterId: first.clusterId, memberId: member.id }, { members, term: 1, at: { index: 0, term: 0 } })
  await room.pass(1000)
  return second
}

describe('a cluster of etcd members', () => {
  it('reckons the ids of members and clusters as etcd does', () => {
    expect(memberIdOf(['http://localhost:2380'], 'etcd-cluster')).toBe('8e9e05c52164694d')
    expect(clusterIdOf(['8e9e05c52164694d'])).toBe('cdf818194e3a8c32')
  })

  it('is elected anew each time it begins', async () => {
    const room = new Room()
    const first = alone(room)
    await first.put({ key: '/a', value: value('1') })
    expect((await first.status()).header.raftTerm).toBe(2)
    room.end('a')
    const again = alone(room)
    expect((await again.status()).header.raftTerm).toBe(3)
    expect((await again.range({ key: '/a' })).count).toBe(1)
  })

  it('hands what it has to a member that joins, and every write to both', async () => {
    const room = new Room()
    const a = alone(room)
    await a.put({ key: '/before', value: value('1') })
    const b = await joined(room, a, 'b')
    await room.settle(b.put({ key: '/after', value: value('2') }))
    for (const member of [a, b]) expect((await room.settle(member.range({ key: '/', rangeEnd: '0' }))).kvs.map(({ key, modRevision }) => `${key}@${modRevision}`)).toEqual(['/after@3', '/before@2'])
    expect((await room.settle(a.members())).map(({ name, isLearner }) => `${name} ${String(isLearner)}`)).toEqual(['a false', 'b false'])
  })

  it('takes no writes without a majority, and goes on when it is there again', async () => {
    const room = new Room()
    const a = alone(room)
    const b = await joined(room, a, 'b')
    const id = b.id
    room.end('b')
    await room.pass(100)
    await expect(room.settle(a.put({ key: '/lost', value: value('1') }))).rejects.toThrow('etcdserver: request timed out')
    await expect(room.settle(a.range({ key: '/lost' }))).rejects.toThrow('etcdserver: request timed out')
    room.begin('b', { clusterId: a.clusterId, memberId: id })
    await room.pass(5000)
    await room.settle(a.put({ key: '/found', value: value('1') }))
    expect((await room.settle(a.range({ key: '/found' }))).count).toBe(1)
  })

  it('chooses another leader when the first is gone', async () => {
    const room = new Room()
    const a = alone(room)
    const b = await joined(room, a, 'b')
    const c = await joined(room, a, 'c')
    expect(a.raft.isLeader).toBe(true)
    room.end('a')
    await room.pass(5000)
    expect([b, c].filter((member) => member.raft.isLeader)).toHaveLength(1)
    await room.settle(b.put({ key: '/x', value: value('1') }))
    expect((await room.settle(c.range({ key: '/x' }))).count).toBe(1)
    expect((await room.settle(c.status())).header.raftTerm).toBeGreaterThan(2)
  })

  it('counts a learner only once it is promoted, and hands the lead over', async () => {
    const room = new Room()
    const a = alone(room)
    const b = await joined(room, a, 'b', true)
    room.end('b')
    await room.settle(a.put({ key: '/x', value: value('1') }))
    await expect(room.settle(a.memberPromote(b.id))).rejects.toThrow('can only promote a learner member which is in sync with leader')
    room.begin('b', { clusterId: a.clusterId, memberId: b.id })
    await room.pass(3000)
    await room.settle(a.memberPromote(b.id))
    await room.settle(a.moveLeader(b.id))
    await room.pass(3000)
    expect(a.raft.isLeader).toBe(false)
    await room.settle(a.put({ key: '/y', value: value('1') }))
    await room.settle(a.memberRemove(b.id).catch((error: Error) => error.message))
  })
})
