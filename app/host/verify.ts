/** Proves labs fair on fresh clusters, several seeds each. */
import { Cluster, profiles } from '#engine/cluster/index'
import { verifyLab, type Verdict } from '#labs/runner/index'
import { findLab, loadAllLabs } from './catalog'
import { ClockDriver } from './driver'
import { profileImage } from './images'
import { ClusterKeys } from './keys'

export interface Task {
  readonly home: string
  /** A lab's id, or the path of its file. */
  readonly lab: string
  readonly seed: string
}

export interface Proof extends Verdict {
  readonly seconds: number
}

export function tasksOf(home: string, names: readonly string[], seeds: number): Task[] {
  return labNames(home, names).flatMap((lab) => Array.from({ length: seeds }, (_, index) => ({ home, lab, seed: `seed-${index + 1}` })))
}

function labNames(home: string, names: readonly string[]): readonly string[] {
  if (names.length > 0) {
    for (const name of names) findLab(home, name)
    return names
  }
  const { labs, problems } = loadAllLabs(home)
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return labs.map(({ id }) => id)
}

export async function prove({ home, lab: name, seed }: Task, onStage?: (stage: string) => void): Promise<Proof> {
  const started = performance.now()
  const lab = findLab(home, name)
  const image = await profileImage(lab.cluster.profile, () => undefined)
  const verdict = await verifyLab(lab, seed, {
    fresh: (rendered, chosen) => new Cluster({ profile: profiles[rendered.cluster.profile], seed: `${rendered.id}/${chosen}`, startMs: image.atMs, keys: new ClusterKeys() }, { snapshot: image }),
    settle: (clock, done, limitMs) => new ClockDriver(clock).settle(done, limitMs),
    ...(onStage ? { onStage } : {}),
  })
  return { ...verdict, seconds: (performance.now() - started) / 1000 }
}

export function tell(proof: Proof, say: (line: string) => void): void {
  say(`${proof.complaints.length === 0 ? 'fair  ' : 'UNFAIR'} ${proof.lab} ${proof.seed} ${proof.seconds.toFixed(2)} s`)
  for (const complaint of proof.complaints) say(`       ${complaint}`)
}
