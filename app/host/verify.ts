/** Proves labs fair on fresh clusters, several seeds each; as many at once as there are processors. */
import { availableParallelism } from 'node:os'
import { parentPort, Worker } from 'node:worker_threads'
import { Cluster, profiles } from '#engine/cluster/index'
import { verifyLab, type Verdict } from '#labs/runner/index'
import { findLab, loadAllLabs } from './catalog'
import { ClockDriver } from './driver'
import { profileImage } from './images'
import { HostKeys } from './keys'

/** Clusters that live for a second leave much behind: room for it costs less than sorting it often. */
const youngMb = 96

interface Task {
  readonly home: string
  /** A lab's id, or the path of its file. */
  readonly lab: string
  readonly seed: string
}

interface Proof extends Verdict {
  readonly seconds: number
}

/** One after another, in this thread. Labs are named by id or file; without names all are meant. */
export async function verifyLabs(home: string, names: readonly string[], seeds: number, say: (line: string) => void): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  for (const task of tasksOf(home, names, seeds)) {
    const proof = await prove(task)
    tell(proof, say)
    verdicts.push(proof)
  }
  return verdicts
}

/** The same, shared out over threads that run the command line `entry`. */
export async function verifyLabsInThreads(home: string, names: readonly string[], seeds: number, say: (line: string) => void, entry: string): Promise<Verdict[]> {
  const waiting = tasksOf(home, names, seeds)
  // Images that are missing are made once, before two threads would make them.
  for (const profile of new Set(waiting.map((task) => findLab(home, task.lab).cluster.profile))) await profileImage(profile, say)
  const threads = Math.min(availableParallelism(), waiting.length)
  const verdicts = await Promise.all(Array.from({ length: threads }, () => shareOf(waiting, say, entry)))
  return verdicts.flat()
}

/** One thread takes tasks until none is left. */
function shareOf(waiting: Task[], say: (line: string) => void, entry: string): Promise<Verdict[]> {
  return new Promise((resolve, reject) => {
    const verdicts: Verdict[] = []
    const worker = new Worker(entry, { argv: ['lab', 'verify-worker'], resourceLimits: { maxYoungGenerationSizeMb: youngMb } })
    const next = (): void => {
      const task = waiting.shift()
      if (task) return worker.postMessage(task)
      void worker.terminate().then(() => resolve(verdicts))
    }
    worker.on('message', (proof: Proof) => {
      tell(proof, say)
      verdicts.push(proof)
      next()
    })
    worker.once('error', reject)
    next()
  })
}

/** The other side of `shareOf`; ends with its thread. */
export function verifyWorker(): Promise<never> {
  parentPort?.on('message', (task: Task) => void prove(task).then((proof) => parentPort?.postMessage(proof)))
  return new Promise(() => undefined)
}

function tasksOf(home: string, names: readonly string[], seeds: number): Task[] {
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

async function prove({ home, lab: name, seed }: Task): Promise<Proof> {
  const started = performance.now()
  const lab = findLab(home, name)
  const image = await profileImage(lab.cluster.profile, () => undefined)
  const verdict = await verifyLab(lab, seed, {
    fresh: (rendered, chosen) => new Cluster({ profile: profiles[rendered.cluster.profile], seed: `${rendered.id}/${chosen}`, startMs: image.atMs, keys: new HostKeys() }, { snapshot: image }),
    settle: (clock, done, limitMs) => new ClockDriver(clock).settle(done, limitMs),
  })
  return { ...verdict, seconds: (performance.now() - started) / 1000 }
}

function tell(proof: Proof, say: (line: string) => void): void {
  say(`${proof.complaints.length === 0 ? 'fair  ' : 'UNFAIR'} ${proof.lab} ${proof.seed} ${proof.seconds.toFixed(2)} s`)
  for (const complaint of proof.complaints) say(`       ${complaint}`)
}
