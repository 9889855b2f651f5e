/** Proves labs fair on fresh clusters, several seeds each; as many at once as there are processors. */
import { availableParallelism } from 'node:os'
import { parentPort, Worker } from 'node:worker_threads'
import { Cluster, profiles } from '#engine/cluster/index'
import { verifyLab, type Lab, type Verdict } from '#labs/runner/index'
import { loadCatalog } from './catalog'
import { ClockDriver } from './driver'
import { profileImage } from './images'
import { HostKeys } from './keys'

interface Task {
  readonly lab: string
  readonly seed: string
}

interface Proof extends Verdict {
  readonly seconds: number
}

/** One after another, in this thread. */
export async function verifyLabs(ids: readonly string[], seeds: number, say: (line: string) => void): Promise<Verdict[]> {
  const catalog = loadCatalog()
  const verdicts: Verdict[] = []
  for (const task of tasksOf(catalog, ids, seeds)) {
    const proof = await prove(catalog, task)
    tell(proof, say)
    verdicts.push(proof)
  }
  return verdicts
}

/** Shared out over threads that run the command line `entry` with `verifyWorker`. */
export async function verifyLabsInThreads(ids: readonly string[], seeds: number, say: (line: string) => void, entry: string): Promise<Verdict[]> {
  const catalog = loadCatalog()
  const waiting = tasksOf(catalog, ids, seeds)
  const profilesWanted = new Set(waiting.map((task) => labOf(catalog, task).cluster.profile))
  // Made once, before two threads would make them.
  for (const profile of profilesWanted) await profileImage(profile, say)
  const threads = Math.min(availableParallelism(), waiting.length)
  const verdicts = await Promise.all(Array.from({ length: threads }, () => shareOf(waiting, say, entry)))
  return verdicts.flat()
}

/** One thread takes tasks until none is left. */
function shareOf(waiting: Task[], say: (line: string) => void, entry: string): Promise<Verdict[]> {
  return new Promise((resolve, reject) => {
    const verdicts: Verdict[] = []
    const worker = new Worker(entry, { argv: ['lab', 'verify-worker'] })
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

/** The other side of `shareOf`; ends with the thread. */
export function verifyWorker(): Promise<never> {
  const catalog = loadCatalog()
  parentPort?.on('message', (task: Task) => void prove(catalog, task).then((proof) => parentPort?.postMessage(proof)))
  return new Promise(() => undefined)
}

function tasksOf(catalog: readonly Lab[], ids: readonly string[], seeds: number): Task[] {
  const unknown = ids.find((id) => !catalog.some((lab) => lab.id === id))
  if (unknown) throw new Error(`there is no lab "${unknown}"`)
  const wanted = catalog.filter((lab) => ids.length === 0 || ids.includes(lab.id))
  return wanted.flatMap((lab) => Array.from({ length: seeds }, (_, index) => ({ lab: lab.id, seed: `seed-${index + 1}` })))
}

function labOf(catalog: readonly Lab[], task: Task): Lab {
  const lab = catalog.find(({ id }) => id === task.lab)
  if (!lab) throw new Error(`there is no lab "${task.lab}"`)
  return lab
}

async function prove(catalog: readonly Lab[], task: Task): Promise<Proof> {
  const started = performance.now()
  const lab = labOf(catalog, task)
  const image = await profileImage(lab.cluster.profile, () => undefined)
  const verdict = await verifyLab(lab, task.seed, {
    fresh: (rendered, chosen) => new Cluster({ profile: profiles[rendered.cluster.profile], seed: `${rendered.id}/${chosen}`, startMs: image.atMs, keys: new HostKeys() }, { snapshot: image }),
    settle: (clock, done, limitMs) => new ClockDriver(clock).settle(done, limitMs),
  })
  return { ...verdict, seconds: (performance.now() - started) / 1000 }
}

function tell(proof: Proof, say: (line: string) => void): void {
  say(`${proof.complaints.length === 0 ? 'fair  ' : 'UNFAIR'} ${proof.lab} ${proof.seed} ${proof.seconds.toFixed(2)} s`)
  for (const complaint of proof.complaints) say(`       ${complaint}`)
}
