/** One person's run at one lab: its cluster, its clock of work, its journal. */
import { decodeClusterSnapshot, encodeClusterSnapshot, type Cluster, type ClusterSnapshot } from '#engine/cluster/index'
import { chooseValues, grade, render, setScene, World, type Lab } from '#labs/runner/index'
import type { AttemptView, GradeView, SolutionView } from '#app/shared/contract'
import { ClusterHost } from './cluster-host'
import { ClockDriver } from './driver'
import { profileImage } from './images'
import type { AttemptJournal } from './journal'

/** How often the time worked is written down. */
const noteEveryMs = 15_000
/** How soon after a key the cluster's state is on disk; keys typed meanwhile share one save. */
const saveAfterMs = 1500

export class Attempt {
  private hintsShown = 0
  private solutionShown = false
  private lastGrade: GradeView | undefined
  private workedSeconds = 0
  private notice: string | undefined
  private since = performance.now()
  private readonly noting: NodeJS.Timeout
  private saving: NodeJS.Timeout | undefined
  /** Called after a reset, when all terminals are on a machine that is no more. */
  onClusterReplaced: (() => void) | undefined

  private constructor(
    private readonly lab: Lab,
    private host: ClusterHost,
    private scene: ClusterSnapshot,
    private readonly journal: AttemptJournal,
  ) {
    for (const event of journal.events()) this.replay(event)
    this.noting = setInterval(() => this.noteTime(), noteEveryMs)
    this.noting.unref()
    host.start()
  }

  static async begin(template: Lab, seed: string, journal: AttemptJournal, progress: (text: string) => void): Promise<Attempt> {
    const lab = render(template, chooseValues(template, seed))
    const image = await profileImage(lab.cluster.profile, progress)
    const host = ClusterHost.resume({ profile: lab.cluster.profile, seed: `${lab.id}/${seed}`, startMs: Date.now() }, image)
    await setScene(new World(host.cluster, settle), lab)
    const scene = host.cluster.snapshot()
    journal.append({ kind: 'started', lab: lab.id, seed, atMs: Date.now() })
    journal.saveState('scene', encodeClusterSnapshot(scene))
    return new Attempt(lab, host, scene, journal)
  }

  static async resume(template: Lab, seed: string, journal: AttemptJournal, progress: (text: string) => void): Promise<Attempt> {
    const lab = render(template, chooseValues(template, seed))
    const scene = decode(journal.state('scene'))
    if (!scene) {
      const anew = await Attempt.begin(template, seed, journal, progress)
      anew.notice = 'The saved state of this attempt could not be read, so the scene was laid anew. Hints, results and time are kept.'
      return anew
    }
    const latest = decode(journal.state('latest'))
    const host = ClusterHost.resume({ profile: lab.cluster.profile, seed: `${lab.id}/${seed}`, startMs: Date.now() }, latest ?? scene)
    const attempt = new Attempt(lab, host, scene, journal)
    if (!latest && journal.state('latest')) attempt.notice = 'The last saved state of this attempt could not be read: it goes on from the untouched scene. Hints, results and time are kept.'
    return attempt
  }

  get cluster(): Cluster {
    return this.host.cluster
  }

  get driver(): ClockDriver {
    return this.host.driver
  }

  /** Something was typed: its effect will be on disk soon, whatever happens to this program. */
  touch(): void {
    this.saving ??= setTimeout(() => this.save(), saveAfterMs)
  }

  view(): AttemptView {
    const { lab } = this
    const next = lab.hints[this.hintsShown]
    return {
      id: this.journal.id,
      labId: lab.id,
      title: lab.title,
      exam: lab.exam,
      domain: lab.domain,
      task: lab.task,
      host: lab.host,
      ...(lab.namespace ? { namespace: lab.namespace } : {}),
      machines: this.cluster.hosts,
      targetSeconds: lab.targetSeconds,
      elapsedSeconds: this.elapsed(),
      hints: { shown: lab.hints.slice(0, this.hintsShown).map((hint) => hint.text), left: lab.hints.length - this.hintsShown, nextCosts: next?.costs ?? 0 },
      ...(this.lastGrade ? { lastGrade: this.lastGrade } : {}),
      solutionShown: this.solutionShown,
      ...(this.notice ? { notice: this.notice } : {}),
    }
  }

  async check(): Promise<GradeView> {
    this.driver.enter()
    const result = await grade(this.cluster, this.lab, settle)
    const view: GradeView = { checks: result.results, points: result.points, of: result.of, hintPoints: this.hintPoints(), gateLost: result.gateLost }
    this.lastGrade = view
    this.journal.append({ kind: 'graded', grade: view, atMs: Date.now() })
    this.save()
    return view
  }

  reset(): Promise<AttemptView> {
    const { profile } = this.lab.cluster
    this.host.stop()
    this.host = ClusterHost.resume({ profile, seed: `${this.lab.id}/reset`, startMs: Math.max(Date.now(), this.scene.atMs) }, this.scene)
    this.host.start()
    this.lastGrade = undefined
    this.journal.append({ kind: 'reset' })
    this.save()
    this.onClusterReplaced?.()
    return Promise.resolve(this.view())
  }

  hint(): AttemptView {
    if (this.hintsShown < this.lab.hints.length) {
      this.hintsShown++
      this.journal.append({ kind: 'hint' })
    }
    return this.view()
  }

  solution(): SolutionView {
    this.solutionShown = true
    this.journal.append({ kind: 'solution' })
    return { steps: this.lab.solution.map((step) => ({ on: step.on ?? this.lab.host, run: step.run })) }
  }

  close(left: boolean): void {
    if (left) this.journal.end()
    else this.save()
    clearInterval(this.noting)
    clearTimeout(this.saving)
    this.host.stop()
  }

  private noteTime(): void {
    this.journal.append({ kind: 'worked', seconds: this.elapsed() })
  }

  private save(): void {
    clearTimeout(this.saving)
    this.saving = undefined
    this.noteTime()
    this.journal.saveState('latest', encodeClusterSnapshot(this.cluster.snapshot()))
  }

  private replay(event: ReturnType<AttemptJournal['events']>[number]): void {
    if (event.kind === 'hint') this.hintsShown++
    else if (event.kind === 'solution') this.solutionShown = true
    else if (event.kind === 'graded') this.lastGrade = event.grade
    else if (event.kind === 'worked') this.workedSeconds = event.seconds
  }

  private elapsed(): number {
    return Math.round(this.workedSeconds + (performance.now() - this.since) / 1000)
  }

  private hintPoints(): number {
    return this.lab.hints.slice(0, this.hintsShown).reduce((sum, hint) => sum + (hint.costs ?? 0), 0)
  }
}

function settle(...[clock, done, limitMs]: Parameters<Parameters<typeof grade>[2]>): Promise<boolean> {
  return new ClockDriver(clock).settle(done, limitMs)
}

function decode(bytes: Uint8Array | undefined): ClusterSnapshot | undefined {
  if (!bytes) return undefined
  try {
    return decodeClusterSnapshot(bytes)
  } catch {
    return undefined
  }
}
