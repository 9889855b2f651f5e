/** One person's run at one lab: its cluster, its clock of work, its journal. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeClusterSnapshot, encodeClusterSnapshot, type Cluster, type ClusterSnapshot } from '#engine/cluster/index'
import { chooseValues, grade, render, setScene, World, type Lab } from '#labs/runner/index'
import type { AttemptView, GradeView, SolutionView } from '#app/shared/contract'
import { ClusterHost } from './cluster-host'
import { ClockDriver } from './driver'
import { profileImage } from './images'
import type { AttemptEvent, AttemptJournal } from './journal'

/** How often the time worked is written down. */
const noteEveryMs = 15_000
/** How soon after a key the cluster's state is on disk; what happens meanwhile shares one save. */
const saveAfterMs = 250
/** Saving takes no more than this share of the time, however slow the disk. */
const savingShare = 1 / 20
/** What was set going goes on when nothing is typed any more: so long after each save the next follows. */
const laterSavesMs = [1000, 4000, 15_000, 60_000]
/** Sooner after the last note of the time, a save need not write another. */
const noteAfterSeconds = 1
/** Longer between two notes of the time, the computer slept. */
const longestGapMs = 60_000

export class Attempt {
  private hintsShown = 0
  private solutionShown = false
  private lastGrade: GradeView | undefined
  private workedSeconds = 0
  private notice: string | undefined
  /** Why the last save failed, where it did: told once, taken back when a save goes well. */
  private trouble: string | undefined
  private since = performance.now()
  private readonly noting: NodeJS.Timeout
  private saving: { readonly timer: NodeJS.Timeout; readonly atMs: number } | undefined
  /** How many saves have followed the last key. */
  private saves = 0
  private lastSaveMs = 0
  private scenes = 1
  /** Where the cluster's API is served to the outside, once that was asked for. */
  private api: { readonly home: string; readonly port: number } | undefined
  /** What a reset threw away. */
  private beforeReset: ClusterSnapshot | undefined
  /** Called where there is something new to know that nobody asked for. */
  onNotice: (() => void) | undefined

  private constructor(
    private readonly lab: Lab,
    private host: ClusterHost,
    private scene: ClusterSnapshot,
    private readonly journal: AttemptJournal,
  ) {
    for (const event of journal.events()) this.replay(event)
    this.noting = setInterval(() => this.tick(), noteEveryMs)
    this.noting.unref()
    host.start()
  }

  static async begin(template: Lab, seed: string, journal: AttemptJournal, progress: (text: string) => void): Promise<Attempt> {
    const lab = render(template, chooseValues(template, seed))
    const { host, scene } = await laySceneOf(lab, seed, progress)
    journal.append({ kind: 'started', lab: lab.id, seed, atMs: Date.now() })
    journal.saveState('scene', encodeClusterSnapshot(scene))
    return new Attempt(lab, host, scene, journal)
  }

  /** Goes on with what the disk still tells; what is missing is made anew where it can be, and said where something is lost. */
  static async resume(template: Lab, seed: string, journal: AttemptJournal, progress: (text: string) => void): Promise<Attempt> {
    const lab = render(template, chooseValues(template, seed))
    const latest = decode(journal.state('latest'))
    const previous = latest ? undefined : decode(journal.state('previous'))
    const kept = decode(journal.state('scene'))
    const scene = kept ?? (await laySceneOf(lab, seed, progress)).scene
    if (!kept) journal.saveState('scene', encodeClusterSnapshot(scene))
    const notice = noticeOf(journal, { latest: latest !== undefined, previous: previous !== undefined, scene: kept !== undefined })
    if (!journal.isWhole()) journal.append({ kind: 'started', lab: lab.id, seed, atMs: Date.now() })
    const host = ClusterHost.resume({ profile: lab.cluster.profile, seed: `${lab.id}/${seed}`, startMs: Date.now() }, latest ?? previous ?? scene)
    const attempt = new Attempt(lab, host, scene, journal)
    attempt.notice = notice
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
    this.saves = 0
    this.saveWithin(Math.max(saveAfterMs, this.lastSaveMs / savingShare))
  }

  private saveWithin(ms: number): void {
    const atMs = performance.now() + ms
    if (this.saving && this.saving.atMs <= atMs) return
    clearTimeout(this.saving?.timer)
    this.saving = { timer: setTimeout(() => this.save(), ms).unref(), atMs }
  }

  view(): AttemptView {
    const { lab } = this
    const next = lab.hints[this.hintsShown]
    const notice = this.trouble ?? this.notice
    return {
      id: this.journal.id,
      labId: lab.id,
      title: lab.title,
      exam: lab.exam,
      domain: lab.domain,
      task: lab.task,
      host: lab.host,
      ...(lab.namespace ? { namespace: lab.namespace } : {}),
      targetSeconds: lab.targetSeconds,
      elapsedSeconds: this.elapsed(),
      hints: { shown: lab.hints.slice(0, this.hintsShown).map((hint) => hint.text), left: lab.hints.length - this.hintsShown, nextCosts: next?.costs ?? 0 },
      ...(this.lastGrade ? { lastGrade: this.lastGrade } : {}),
      solutionShown: this.solutionShown,
      scene: this.scenes,
      canUndoReset: this.beforeReset !== undefined,
      ...(notice ? { notice } : {}),
    }
  }

  async check(): Promise<GradeView> {
    this.driver.enter()
    const result = await grade(this.cluster, this.lab, settle)
    const view: GradeView = { checks: result.results, points: result.points, of: result.of, hintPoints: this.hintPoints(), gateLost: result.gateLost, seconds: this.elapsed() }
    this.lastGrade = view
    this.note({ kind: 'graded', grade: view, atMs: Date.now() })
    this.save()
    return view
  }

  /** Puts the scene back as it was laid. */
  reset(): void {
    this.beforeReset = this.cluster.snapshot()
    this.goOnFrom(this.scene)
    this.lastGrade = undefined
    this.notice = undefined
    this.note({ kind: 'reset' })
    this.save()
  }

  /** Puts back what the last reset threw away: the machines with all files, but no terminal. */
  undoReset(): void {
    if (!this.beforeReset) throw new Error('there is no reset to take back')
    this.goOnFrom(this.beforeReset)
    this.beforeReset = undefined
    this.save()
  }

  hint(): void {
    if (this.hintsShown >= this.lab.hints.length) return
    this.hintsShown++
    this.note({ kind: 'hint' })
  }

  solution(): SolutionView {
    this.solutionShown = true
    this.note({ kind: 'solution' })
    return { steps: this.lab.solution.map((step) => ({ on: step.on ?? this.lab.host, run: step.run })) }
  }

  close(left: boolean): void {
    clearInterval(this.noting)
    if (left) this.onDisk(() => this.journal.end())
    else this.save()
    clearTimeout(this.saving?.timer)
    this.host.stop()
  }

  /** Serves the cluster's API on loopback, from now on also after a reset; resolves with the path of a kubeconfig for it. */
  async serveApi(home: string): Promise<string> {
    const file = join(home, 'kubeconfig')
    if (this.api) return file
    const { port, kubeconfig } = await this.host.serveApi(home, 0)
    this.api = { home, port }
    writeFileSync(file, kubeconfig, { mode: 0o600 })
    return file
  }

  private goOnFrom(snapshot: ClusterSnapshot): void {
    this.host.stop()
    this.scenes++
    this.host = ClusterHost.resume({ profile: this.lab.cluster.profile, seed: `${this.lab.id}/scene-${this.scenes}`, startMs: Math.max(Date.now(), snapshot.atMs) }, snapshot)
    this.host.start()
    if (this.api) this.host.serveApi(this.api.home, this.api.port).catch(() => (this.api = undefined))
  }

  private tick(): void {
    const asleep = performance.now() - this.since > longestGapMs
    this.onDisk(() => this.noteTime())
    if (asleep) this.onNotice?.()
  }

  private noteTime(): void {
    this.workedSeconds += this.secondsSinceNoted()
    this.since = performance.now()
    this.journal.append({ kind: 'worked', seconds: this.elapsed() })
  }

  private note(event: AttemptEvent): void {
    this.onDisk(() => this.journal.append(event))
  }

  private save(): void {
    clearTimeout(this.saving?.timer)
    this.saving = undefined
    const begun = performance.now()
    this.onDisk(() => {
      if (this.secondsSinceNoted() >= noteAfterSeconds) this.noteTime()
      this.journal.saveState('latest', encodeClusterSnapshot(this.cluster.snapshot()))
    })
    this.lastSaveMs = performance.now() - begun
    const next = laterSavesMs[this.saves++]
    if (next !== undefined) this.saveWithin(next)
  }

  /** A full or broken disk ends no attempt: the candidate is told, and goes on without the net. */
  private onDisk(write: () => void): void {
    const before = this.trouble
    try {
      write()
      this.trouble = undefined
    } catch (error) {
      this.trouble = `Your work goes on, but it cannot be saved just now (${(error as Error).message}): if the program ends, what you did since the last save is lost.`
    }
    if (this.trouble !== before) this.onNotice?.()
  }

  private replay(event: AttemptEvent): void {
    if (event.kind === 'hint') this.hintsShown++
    else if (event.kind === 'solution') this.solutionShown = true
    else if (event.kind === 'graded') this.lastGrade = event.grade
    else if (event.kind === 'worked') this.workedSeconds = event.seconds
  }

  private elapsed(): number {
    return Math.round(this.workedSeconds + this.secondsSinceNoted())
  }

  /** A longer gap than there can be between two notes is a closed lid: nobody worked. */
  private secondsSinceNoted(): number {
    const gapMs = performance.now() - this.since
    return (gapMs > longestGapMs ? noteEveryMs : gapMs) / 1000
  }

  private hintPoints(): number {
    return this.lab.hints.slice(0, this.hintsShown).reduce((sum, hint) => sum + (hint.costs ?? 0), 0)
  }
}

/** A fresh cluster with the lab's scene on it. */
async function laySceneOf(lab: Lab, seed: string, progress: (text: string) => void): Promise<{ readonly host: ClusterHost; readonly scene: ClusterSnapshot }> {
  const image = await profileImage(lab.cluster.profile, progress)
  const host = ClusterHost.resume({ profile: lab.cluster.profile, seed: `${lab.id}/${seed}`, startMs: Date.now() }, image)
  await setScene(new World(host.cluster, settle), lab)
  return { host, scene: host.cluster.snapshot() }
}

/** What an attempt that goes on has lost, in sentences; undefined where that is nothing. */
function noticeOf(journal: AttemptJournal, whole: { readonly latest: boolean; readonly previous: boolean; readonly scene: boolean }): string | undefined {
  const lost = [
    ...(whole.previous ? ['The last saved state of this attempt could not be read: it goes on from the one before, and what you did last may be missing.'] : []),
    ...(!whole.latest && !whole.previous && !whole.scene ? ['The saved state of this attempt could not be read, so the scene was laid anew.'] : []),
    ...(!whole.latest && !whole.previous && whole.scene && journal.hasState('latest') ? ['The last saved state of this attempt could not be read: it goes on from the untouched scene.'] : []),
  ]
  if (!journal.isWhole()) return [...lost, 'The journal of this attempt was damaged: hints taken, results and time up to now are forgotten.'].join(' ')
  return lost.length > 0 ? `${lost.join(' ')} Hints, results and time are kept.` : undefined
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
