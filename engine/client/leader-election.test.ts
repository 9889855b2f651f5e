import { describe, expect, it } from 'vitest'
import { VirtualClock } from '#engine/base/clock'
import { emptyBody, type HttpRequest, valueBody } from '#engine/base/http'
import type { Lease } from '#engine/api/kinds'
import { Client, encodeJson } from './client'
import { LeaderElection } from './leader-election'

const lease = { metadata: { namespace: 'kube-system', name: 'manager' }, spec: { holderIdentity: 'here', renewTime: '1970-01-01T00:00:00.000000Z' } } as Lease

function election(held?: Lease) {
  const clock = new VirtualClock(0)
  const asked: string[] = []
  const client = new Client({ request: (request: HttpRequest) => {
    asked.push(request.method)
    return Promise.resolve({ status: request.method === 'DELETE' ? 500 : 200, headers: {}, body: request.method === 'GET' ? valueBody(lease, encodeJson) : request.body.value === undefined ? emptyBody : request.body })
  } })
  let elected = 0
  const options = { namespace: 'kube-system', name: 'manager', identity: 'here', leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2000, clock, signal: new AbortController().signal, onElected: () => void elected++, ...(held ? { held } : {}) }
  return { clock, asked, elected: () => elected, election: new LeaderElection(client, options) }
}

describe('leader election', () => {
  it('reads the lease and writes it to acquire it', async () => {
    const { election: one, asked, elected } = election()
    await one.acquire()
    expect(asked).toEqual(['GET', 'PUT'])
    expect(elected()).toBe(1)
  })

  it('goes on with a lease that it holds already, and renews it when that is due', async () => {
    const { election: one, asked, elected, clock } = election(lease)
    await one.acquire()
    expect(asked).toEqual([])
    expect(elected()).toBe(1)
    void one.hold()
    await new Promise(setImmediate)
    expect(clock.nextTimerAt()).toBe(2000)
    clock.runNext()
    await new Promise(setImmediate)
    expect(asked).toEqual(['PUT'])
  })
})
