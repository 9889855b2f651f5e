/** `lab verify` on all processors: processes of the command line that take one proof after another, each within a limit. */
import { fork, type ChildProcess } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { copiesTried, type Verdict } from '#labs/runner/index'
import { findLab } from './catalog'
import { hasImage, profileImage } from './images'
import { prove, tasksOf, tell, type Proof, type Task } from './verify'

/** Clusters that live for a second leave much behind: room for it costs less than sorting it often. */
const youngMb = 64

/** A proof takes seconds; one that takes this long on a busy computer will never end. */
const limitMs = 180_000

type Word = { readonly stage: string } | { readonly proof: Proof } | { readonly trouble: string }

export interface Thoroughness {
  readonly seeds: number
  /** Each step of a solution is left out on every seed, not on one of them. */
  readonly everyStep: boolean
}

/** Labs are named by id or file; without names all are meant. `entry` is the script of the command line. */
export async function verifyLabsOnAllProcessors(home: string, names: readonly string[], { seeds, everyStep }: Thoroughness, say: (line: string) => void, entry: string): Promise<Verdict[]> {
  const shares = Math.min(availableParallelism(), names.length > 0 ? names.length * seeds : Infinity)
  // Started first: they read the program while the labs are read here.
  const workers = Array.from({ length: shares }, () => startWorker(entry))
  try {
    const waiting = longestFirst(tasksOf(home, names, seeds, everyStep))
    // Images that are missing are made once, before two processes would make them.
    for (const profile of new Set(waiting.map((task) => findLab(home, task.lab).cluster.profile))) if (!hasImage(profile)) await profileImage(profile, say)
    const verdicts = await Promise.all(workers.map((worker) => shareOf(waiting, say, entry, worker)))
    return verdicts.flat()
  } finally {
    for (const worker of workers) worker.kill('SIGKILL')
  }
}

function startWorker(entry: string): ChildProcess {
  return fork(entry, ['lab', 'verify-worker'], { execArgv: [`--min-semi-space-size=${youngMb}`, `--max-semi-space-size=${youngMb}`] })
}

/** So that no long proof is begun when all others are done. */
export function longestFirst(tasks: readonly Task[]): Task[] {
  const work = new Map(tasks.map((task) => [task.lab, copiesTried(findLab(task.home, task.lab))]))
  return [...tasks].sort((a, b) => (work.get(b.lab) ?? 0) - (work.get(a.lab) ?? 0))
}

/** One process after another takes tasks until none is left: a new one wherever a proof had to be given up. */
async function shareOf(waiting: Task[], say: (line: string) => void, entry: string, first: ChildProcess): Promise<Verdict[]> {
  const proofs: Proof[] = []
  let child = first
  for (let task = waiting.shift(); task; task = waiting.shift()) {
    if (isGone(child)) child = startWorker(entry)
    const proof = await proofBy(child, task, limitMs)
    tell(proof, say)
    proofs.push(proof)
  }
  child.kill('SIGKILL')
  return proofs
}

/** Ended by itself, by somebody else, or about to be by us. */
export function isGone(child: ChildProcess): boolean {
  return child.killed || child.exitCode !== null || child.signalCode !== null
}

/** What the process finds; where it falls silent or ends, it is killed and that is the complaint, with what was tried last. */
export function proofBy(child: ChildProcess, task: Task, withinMs: number): Promise<Proof> {
  return new Promise((resolve) => {
    let stage = 'starting'
    const finish = (proof: Proof): void => {
      clearTimeout(timer)
      child.off('message', hear)
      child.off('exit', ended)
      resolve(proof)
    }
    const giveUp = (why: string): void => {
      child.kill('SIGKILL')
      finish({ lab: task.lab, seed: task.seed, seconds: (performance.now() - begun) / 1000, complaints: [`${why}, while at: ${stage}`] })
    }
    const hear = (word: Word): void => {
      if ('stage' in word) stage = word.stage
      else if ('proof' in word) finish(word.proof)
      else giveUp(word.trouble)
    }
    const ended = (code: number | null, signal: string | null): void => giveUp(`the process that tried it ended with ${signal ?? `code ${code}`}`)
    const begun = performance.now()
    const timer = setTimeout(() => giveUp(`no verdict after ${withinMs / 1000} s`), withinMs)
    child.on('message', hear)
    child.on('exit', ended)
    child.send(task)
  })
}

/**
 * A proof lasts seconds and its time is spread over thousands of functions: optimizing them costs a third of a core and gives back less.
 * Plain machine code for all, and small optimized functions for the hottest, take an eighth less.
 */
const workerFlags = ['--always-sparkplug', '--interrupt-budget=800000', '--max-inlined-bytecode-size-cumulative=200', '--max-inlined-bytecode-size=100']

/** The other side; ends with its process. */
export function verifyWorker(): Promise<never> {
  for (const flag of workerFlags) setFlagsFromString(flag)
  const speak = (word: Word): void => void process.send?.(word)
  process.on('message', (task: Task) => {
    prove(task, (stage) => speak({ stage })).then(
      (proof) => speak({ proof }),
      (error: unknown) => speak({ trouble: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    )
  })
  process.on('disconnect', () => process.exit())
  return new Promise(() => undefined)
}
