/** Scores a cluster's end state, on a fork: grading never disturbs the candidate and may be asked any number of times. */
import type { Cluster, Settle } from '#engine/cluster/index'
import { checkCanI, checkReach } from './checks/access'
import { checkCommand, checkFile, checkUnit } from './checks/machine'
import type { Finding } from './checks/matcher'
import { checkObject } from './checks/object'
import type { Check, Gate, Lab } from './schema'
import { CommandTimeout, World } from './world'

export interface CheckResult {
  readonly id: string
  readonly kind: 'check' | 'gate'
  readonly says: string
  readonly outcome: 'earned' | 'lost' | 'error'
  readonly points: number
  readonly of: number
  readonly expected: string
  readonly actual: string
  /** Why the points are lost, in a sentence; absent when earned. */
  readonly why?: string
  readonly read?: string
}

export interface Grade {
  readonly results: readonly CheckResult[]
  readonly points: number
  readonly of: number
  /** A gate is lost: what should have stayed has changed. */
  readonly gateLost: boolean
}

/** How long things that the candidate just set going may take before they are looked at. */
const settleMs = 3000

export async function grade(cluster: Cluster, lab: Lab, settle: Settle): Promise<Grade> {
  return gradeHere(cluster.fork(), lab, settle)
}

/** Scores a cluster that nobody needs any more. */
export async function gradeHere(cluster: Cluster, lab: Lab, settle: Settle): Promise<Grade> {
  const results: CheckResult[] = []
  for await (const result of judgements(cluster, lab, settle)) results.push(result)
  const gateLost = results.some(isLostGate)
  return { results, points: gateLost ? 0 : sum(results.map((result) => result.points)), of: sum(results.map((result) => result.of)), gateLost }
}

/** Whether a cluster that nobody needs any more earns everything: the first loss answers, so what need not be waited for is asked first. */
export async function earnsAll(cluster: Cluster, lab: Lab, settle: Settle): Promise<boolean> {
  const checks = [...lab.checks].sort((a, b) => (a.eventually ?? 0) - (b.eventually ?? 0))
  for await (const result of judgements(cluster, { ...lab, checks }, settle)) if (result.points < result.of || isLostGate(result)) return false
  return true
}

/** One after another, as they are asked for. */
async function* judgements(cluster: Cluster, lab: Lab, settle: Settle): AsyncGenerator<CheckResult> {
  const world = new World(cluster, settle)
  const begun = cluster.clock.now()
  await world.pass(settleMs)
  for (const check of lab.checks) yield await judge({ world, lab, begun }, check, 'check', check.points)
  for (const gate of lab.gates ?? []) yield await judge({ world, lab, begun }, gate, 'gate', 0)
}

interface Grading {
  readonly world: World
  readonly lab: Lab
  /** When the grading began: what may come late may come that much later than this. */
  readonly begun: number
}

function isLostGate(result: CheckResult): boolean {
  return result.kind === 'gate' && result.outcome === 'lost'
}

async function judge(grading: Grading, check: Check | Gate, kind: 'check' | 'gate', of: number): Promise<CheckResult> {
  const common = { id: check.id, kind, says: check.says, of, ...(check.read ? { read: check.read } : {}) }
  try {
    const finding = await look(grading, check)
    if (finding.holds) return { ...common, outcome: 'earned', points: of, expected: finding.expected, actual: finding.actual }
    return { ...common, outcome: 'lost', points: 0, expected: finding.expected, actual: finding.actual, why: check.why }
  } catch (error) {
    // A cluster that does not answer is the candidate's end state; anything else is a fault of the lab.
    const message = (error as Error).message
    const silent = error instanceof CommandTimeout || /refused|timed out|no route|Unable to connect|context deadline/i.test(message)
    if (!silent) return { ...common, outcome: 'error', points: 0, expected: '', actual: message, why: 'The check itself failed: this is a fault of the lab, not of your work.' }
    return { ...common, outcome: 'lost', points: 0, expected: 'an answer from the cluster', actual: message, why: check.why }
  }
}

/** Every check is given a moment, even where those before it have waited for long. */
const leastMs = 5000

async function look({ world, lab, begun }: Grading, check: Check | Gate): Promise<Finding> {
  const { clock } = world.cluster
  const first = clock.now()
  const limit = (check.eventually ?? 0) * 1000
  const until = Math.max(begun + settleMs + limit, first + Math.min(limit, leastMs))
  for (;;) {
    const finding = await once(world, lab, check)
    const now = clock.now()
    if (finding.holds || now >= until) return finding
    // What comes is seen after at most twice the time it took; what never comes is asked for half a dozen times.
    await world.pass(Math.min(1000 + now - first, until - now))
  }
}

function once(world: World, lab: Lab, check: Check | Gate): Promise<Finding> {
  if (check.object) return checkObject(world, lab, check.object)
  if (check.command) return checkCommand(world, lab, check.command)
  if (check.file) return checkFile(world, lab, check.file)
  if (check.unit) return checkUnit(world, lab, check.unit)
  if (check.canI) return checkCanI(world, lab, check.canI)
  if (check.reach) return checkReach(world, lab, check.reach)
  throw new Error(`the check "${check.id}" says nothing to check`)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
