/** A cluster of the desk alone, and commands on it. */
import { decodeUtf8 } from '#engine/base/bytes'
import { VirtualClock } from '#engine/base/clock'
import { Cluster } from '#engine/cluster/cluster'
import { freshDisk } from '#engine/cluster/disks'
import { profiles } from '#engine/cluster/profiles'

const [base] = profiles.one.machines
const startMs = Date.UTC(2026, 10, 22)

/** Ends once the host's job queue is drained. */
export type Turn = () => Promise<void>

/** `ready` is run before it is handed out. */
export async function desk(seed: string, ready: string, turn: Turn): Promise<Cluster> {
  if (!base) throw new Error('no desk')
  const profile = { ...profiles.one, machines: [base] }
  const disk = await freshDisk(profile, base, new VirtualClock(startMs), seed)
  const cluster = new Cluster({ profile, seed, startMs }, { disks: new Map([[base.name, disk]]) })
  await run(cluster, ready, turn)
  return cluster
}

/** What a command prints on both streams. */
export async function run(cluster: Cluster, command: string, turn: Turn): Promise<string> {
  let out = ''
  let ended = false
  const collect = (bytes: Uint8Array): void => void (out += decodeUtf8(bytes))
  const nothing = (async function* (): AsyncGenerator<Uint8Array> {})()
  const work = cluster.exec('base', ['bash', '-c', `cd /root; ${command}`], { stdin: nothing, stdout: collect, stderr: collect }).finally(() => (ended = true))
  while (!ended) {
    await turn()
    if (!ended) cluster.clock.runNext()
  }
  await work
  return out
}
