import { describe, expect, it } from 'vitest'
import { VirtualClock } from '#engine/base/clock'
import type { Cluster, Settle } from '#engine/cluster/index'
import { gradeHere } from './grade'
import type { Lab } from './schema'

/** Runs a clock ahead, as homes of the engine do. */
const settle: Settle = async (clock, done, limitMs) => {
  const until = clock.now() + limitMs
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve))
    if (await done()) return true
    const next = clock.nextTimerAt()
    if (next === undefined || next > until) {
      clock.advanceTo(until)
      return await done()
    }
    clock.runNext()
  }
}

/** A cluster on which each command ends as `codeOf` says, at once. */
function clusterOf(codeOf: (command: string, atMs: number) => number): { cluster: Cluster; ran: { command: string; atMs: number }[] } {
  const clock = new VirtualClock(0)
  const ran: { command: string; atMs: number }[] = []
  const exec = (_host: string, argv: readonly string[]): Promise<number> => {
    const command = argv.at(-1) ?? ''
    ran.push({ command, atMs: clock.now() })
    return Promise.resolve(codeOf(command, clock.now()))
  }
  return { cluster: { clock, exec } as unknown as Cluster, ran }
}

const labOf = (...limits: readonly number[]): Lab => ({
  id: 'lab', host: 'controlplane', gates: [],
  checks: limits.map((eventually, index) => ({ id: `check-${index}`, says: '', why: '', points: 1, eventually, command: { run: `check ${index}`, exit: 0 } })),
}) as unknown as Lab

describe('checks of what may come late', () => {
  it('are given their time from the moment grading began, not one after another', async () => {
    const { cluster, ran } = clusterOf(() => 1)
    const grade = await gradeHere(cluster, labOf(60, 90, 90), settle)
    expect(grade.points).toBe(0)
    expect(cluster.clock.now()).toBeLessThan(105_000)
    expect(ran.filter(({ command }) => command === 'check 0').at(-1)?.atMs).toBe(63_000)
    expect(ran.filter(({ command }) => command === 'check 2').length).toBeGreaterThan(1)
  })

  it('that come in time are earned, and what never comes is asked for a few times only', async () => {
    const { cluster, ran } = clusterOf((command, atMs) => (command === 'check 0' && atMs > 20_000 ? 0 : 1))
    const grade = await gradeHere(cluster, labOf(30, 120), settle)
    expect(grade.results.map(({ outcome }) => outcome)).toEqual(['earned', 'lost'])
    expect(ran.filter(({ command }) => command === 'check 1').length).toBeLessThan(10)
  })
})
