/** Proves labs fair on fresh clusters, several seeds each. */
import { Cluster, profiles } from '#engine/cluster/index'
import { verifyLab, type Lab, type Verdict } from '#labs/runner/index'
import { loadCatalog } from './catalog'
import { ClockDriver } from './driver'
import { profileImage } from './images'
import { HostKeys } from './keys'

export async function verifyLabs(ids: readonly string[], seeds: number, say: (line: string) => void): Promise<Verdict[]> {
  const catalog = loadCatalog()
  const unknown = ids.find((id) => !catalog.some((lab) => lab.id === id))
  if (unknown) throw new Error(`there is no lab "${unknown}"`)
  const wanted = catalog.filter((lab) => ids.length === 0 || ids.includes(lab.id))
  const verdicts: Verdict[] = []
  for (const lab of wanted) for (let seed = 1; seed <= seeds; seed++) verdicts.push(await verifyOne(lab, `seed-${seed}`, say))
  return verdicts
}

async function verifyOne(lab: Lab, seed: string, say: (line: string) => void): Promise<Verdict> {
  const started = performance.now()
  const image = await profileImage(lab.cluster.profile, () => undefined)
  const verdict = await verifyLab(lab, seed, {
    fresh: (rendered, chosen) => new Cluster({ profile: profiles[rendered.cluster.profile], seed: `${rendered.id}/${chosen}`, startMs: image.atMs, keys: new HostKeys() }, { snapshot: image }),
    settle: (clock, done, limitMs) => new ClockDriver(clock).settle(done, limitMs),
  })
  const seconds = ((performance.now() - started) / 1000).toFixed(2)
  say(`${verdict.complaints.length === 0 ? 'fair  ' : 'UNFAIR'} ${lab.id} ${seed} ${seconds} s`)
  for (const complaint of verdict.complaints) say(`       ${complaint}`)
  return verdict
}
