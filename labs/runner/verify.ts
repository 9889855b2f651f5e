/**
 * Proves a lab fair: the untouched scene scores nothing and loses no gate, the solution and every alternative score all,
 * each near miss loses exactly what it names, and every step of the solution matters.
 */
import type { Cluster, ClusterSnapshot, Settle } from '#engine/cluster/index'
import { earnsAll, grade, gradeHere, type Grade } from './grade'
import { setScene } from './scene'
import type { Lab, Step } from './schema'
import { chooseValues, render } from './variables'
import { CommandTimeout, World } from './world'

export interface Verdict {
  readonly lab: string
  readonly seed: string
  /** Empty where the lab is fair. */
  readonly complaints: readonly string[]
}

export interface Verifier {
  /** A fresh cluster of the lab's profile. */
  readonly fresh: (lab: Lab, seed: string) => Cluster | Promise<Cluster>
  readonly settle: Settle
  /** Hears what is tried next, in a few words. */
  readonly onStage?: (stage: string) => void
  /** Which steps of the solution are left out, one at a time: all of them unless told. */
  readonly leavesOut?: (index: number) => boolean
}

export async function verifyLab(template: Lab, seed: string, verifier: Verifier): Promise<Verdict> {
  const lab = render(template, chooseValues(template, seed))
  const scene = await verifier.fresh(lab, seed)
  const complaints: string[] = []
  const stage = (name: string): void => verifier.onStage?.(name)
  try {
    stage('setting the scene')
    await setScene(new World(scene, verifier.settle), lab)
    const laid = scene.snapshot()
    const attempt = async <T>(steps: readonly Step[], judge: (cluster: Cluster, lab: Lab, settle: Settle) => Promise<T>, { from = laid, pace = {} }: Start = {}): Promise<T> => {
      const fork = scene.fork(from)
      const world = new World(fork, verifier.settle)
      if (steps.length > 0) await world.pass(resumeMs)
      await perform(world, lab, steps, pace)
      return judge(fork, lab, verifier.settle)
    }
    stage('grading the untouched scene')
    complaints.push(...untouched(await attempt([], gradeHere)))
    // As a candidate: on the scene itself, which is then graded on a fork. What else is tried nobody needs afterwards.
    const before: ClusterSnapshot[] = []
    const begun: number[] = []
    const onStep = (): void => {
      before.push(scene.snapshot())
      begun.push(scene.clock.now())
    }
    stage('the solution')
    await perform(new World(scene, verifier.settle), lab, lab.solution, { onStep })
    begun.push(scene.clock.now())
    const pace = { limitOf: patience(lab.solution, begun) }
    complaints.push(...whole('the solution', await grade(scene, lab, verifier.settle)))
    for (const alternative of lab.alternatives) {
      const name = `the alternative "${alternative.says}"`
      stage(name)
      complaints.push(...whole(name, await attempt(alternative.steps, gradeHere)))
    }
    for (const miss of lab.nearMisses) {
      stage(`the near miss "${miss.says}"`)
      complaints.push(...missed(miss.says, miss.fails, await attempt(miss.steps, gradeHere)))
    }
    for (const [index, step] of lab.solution.entries()) {
      if (step.needed === false || verifier.leavesOut?.(index) === false) continue
      stage(`leaving out step ${index + 1} of the solution`)
      // What stands before the step is there already: only what follows is done.
      const all = await attempt(lab.solution.slice(index + 1), earnsAll, { from: before[index] ?? laid, pace })
      if (all) complaints.push(`leaving out step ${index + 1} of the solution loses nothing: ${firstLine(step.run)}`)
    }
  } catch (error) {
    complaints.push((error as Error).message)
  }
  return { lab: lab.id, seed, complaints }
}

/** How many copies of the scene a proof tries things on, about: what it costs. */
export function copiesTried(lab: Lab): number {
  return 3 + lab.alternatives.length + lab.nearMisses.length + lab.solution.filter((step) => step.needed !== false).length
}

/** A fork's machines take a moment to go on where they were. */
const resumeMs = 500

/** Where an attempt begins, and how long its steps may take. */
interface Start {
  readonly from?: ClusterSnapshot
  readonly pace?: Pace
}

export interface Pace {
  /** Hears of each step before it is done. */
  readonly onStep?: () => void
  /** In virtual milliseconds; five minutes unless told. */
  readonly limitOf?: (step: Step) => number
}

const longestMs = 300_000

/** What does not come in a minute, nor in three times what it took when all was done, will not come: nobody would wait longer. */
function patience(steps: readonly Step[], begun: readonly number[]): (step: Step) => number {
  const took = new Map(steps.map((step, index) => [step, (begun[index + 1] ?? 0) - (begun[index] ?? 0)]))
  return (step) => Math.min(longestMs, Math.max(60_000, 3 * (took.get(step) ?? longestMs)))
}

/** Does what a candidate would; a command that fails, or waits for what never comes, is no complaint: its effect is judged. */
export async function perform(world: World, lab: Lab, steps: readonly Step[], { onStep, limitOf }: Pace = {}): Promise<void> {
  for (const step of steps) {
    onStep?.()
    try {
      await world.run(step.on ?? lab.host, step.run, limitOf?.(step) ?? longestMs)
    } catch (error) {
      if (!(error instanceof CommandTimeout)) throw error
    }
  }
}

function untouched(result: Grade): string[] {
  const earned = result.results.filter((one) => one.kind === 'check' && one.outcome === 'earned').map((one) => `the untouched scene already earns "${one.id}"`)
  const lost = result.results.filter((one) => one.kind === 'gate' && one.outcome === 'lost').map((one) => `the untouched scene loses the gate "${one.id}": ${one.actual}`)
  return [...earned, ...lost, ...errors(result)]
}

function whole(name: string, result: Grade): string[] {
  return [...result.results.filter((one) => one.outcome === 'lost').map((one) => `${name} loses "${one.id}": expected ${one.expected}, found ${one.actual}`), ...errors(result)]
}

function missed(name: string, fails: readonly string[], result: Grade): string[] {
  const lost = result.results.filter((one) => one.outcome === 'lost').map((one) => one.id)
  const surplus = lost.filter((id) => !fails.includes(id)).map((id) => `the near miss "${name}" also loses "${id}"`)
  const kept = fails.filter((id) => !lost.includes(id)).map((id) => `the near miss "${name}" does not lose "${id}"`)
  return [...surplus, ...kept, ...errors(result)]
}

function errors(result: Grade): string[] {
  return result.results.filter((one) => one.outcome === 'error').map((one) => `the check "${one.id}" fails itself: ${one.actual}`)
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? ''
}
