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
  /** Where seeds share the steps of the solution to be left out: the how manieth of how many this one is. Otherwise it takes all. */
  readonly part?: { readonly index: number; readonly of: number }
}

export interface Proof extends Verdict {
  readonly seconds: number
}

/** Every lab on every seed. A step that matters does so on any seed, nearly always: unless `everyStep`, each is left out on one of them. */
export function tasksOf(home: string, names: readonly string[], seeds: number, everyStep: boolean): Task[] {
  return labNames(home, names).flatMap((lab) => Array.from({ length: seeds }, (_, index) => ({ home, lab, seed: `seed-${index + 1}`, ...(everyStep ? {} : { part: { index, of: seeds } }) })))
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

/** Which steps of the solution, by their index, a task leaves out. */
export function leftOut({ part }: Pick<Task, 'part'>): (index: number) => boolean {
  return (index) => !part || index % part.of === part.index
}

export async function prove(task: Task, onStage?: (stage: string) => void): Promise<Proof> {
  const { home, lab: name, seed } = task
  const started = performance.now()
  const lab = findLab(home, name)
  const image = await profileImage(lab.cluster.profile, () => undefined)
  const verdict = await verifyLab(lab, seed, {
    fresh: (rendered, chosen) => new Cluster({ profile: profiles[rendered.cluster.profile], seed: `${rendered.id}/${chosen}`, startMs: image.atMs, keys: new ClusterKeys() }, { snapshot: image }),
    settle: (clock, done, limitMs) => new ClockDriver(clock).settle(done, limitMs),
    ...(onStage ? { onStage } : {}),
    leavesOut: leftOut(task),
  })
  return { ...verdict, seconds: (performance.now() - started) / 1000 }
}

export function tell(proof: Proof, say: (line: string) => void): void {
  say(`${proof.complaints.length === 0 ? 'fair  ' : 'UNFAIR'} ${proof.lab} ${proof.seed} ${proof.seconds.toFixed(2)} s`)
  for (const complaint of proof.complaints) say(`       ${complaint}`)
}
