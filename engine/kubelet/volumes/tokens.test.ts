import { describe, expect, it } from 'vitest'
import { encodeUtf8, toBase64Url } from '#engine/base/bytes'
import { VirtualClock } from '#engine/base/clock'
import type { Pod } from '#engine/api/kinds'
import type { KubeletContext } from '../context'
import { TokenManager } from './tokens'

const part = (value: object): string => toBase64Url(encodeUtf8(JSON.stringify(value)))
const tokenOf = (uid: string, iat: number): string => `${part({ alg: 'RS256' })}.${part({ iat, exp: iat + 31_536_000, 'kubernetes.io': { pod: { uid }, serviceaccount: { name: 'default' } } })}.c2ln`
const pod = { metadata: { name: 'web', namespace: 'shop', uid: 'u1' }, spec: {} } as Pod

function manager(resumed: boolean, atMs = 1000_000) {
  const clock = new VirtualClock(atMs)
  let asked = 0
  const due: string[] = []
  const client = { of: () => ({ post: () => Promise.resolve({ status: { token: `new-${++asked}`, expirationTimestamp: new Date(atMs + 31_536_000_000).toISOString() } }) }) }
  const context = { clock, client, process: { resumed } } as unknown as KubeletContext
  return { clock, due, asked: () => asked, tokens: new TokenManager(context, (uid) => due.push(uid)) }
}

describe("tokens of pods' volumes", () => {
  it('are asked for once', async () => {
    const { tokens, asked } = manager(false)
    for (let times = 0; times < 2; times++) expect(await tokens.token(pod, '', 3600, () => tokenOf('u1', 990))).toBe('new-1')
    expect(asked()).toBe(1)
  })

  it('stay what they are where the node comes back from a snapshot, and are renewed when they would have been', async () => {
    const { tokens, asked, clock, due } = manager(true)
    const standing = tokenOf('u1', 900)
    expect(await tokens.token(pod, '', 3600, () => standing)).toBe(standing)
    expect(asked()).toBe(0)
    expect(clock.nextTimerAt()).toBe(900_000 + 2880_000 + 1000)
    clock.runNext()
    expect(due).toEqual(['u1'])
    expect(await tokens.token(pod, '', 3600, () => standing)).toBe('new-1')
  })

  it('are not taken from a file that holds something else', async () => {
    for (const standing of ['rubbish', tokenOf('u2', 990), undefined]) expect(await manager(true).tokens.token(pod, '', 3600, () => standing)).toBe('new-1')
  })
})
