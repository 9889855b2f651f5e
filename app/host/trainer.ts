/** The trainer behind the screens: the catalogue, and the one attempt that is worked on. */
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { findLab, loadAllLabs } from './catalog'
import { Attempt } from './attempt'
import { AttemptJournal } from './journal'
import type { AttemptView, CatalogView, GradeView, HostEvent, LabSummary, SolutionView } from '#app/shared/contract'
import type { Lab } from '#labs/runner/index'

export class Trainer {
  private attempt: Attempt | undefined
  /** What opens, grades and ends attempts goes one after another, however many windows ask. */
  private last: Promise<unknown> = Promise.resolve()

  /** `tell` hears what all windows are to know. */
  constructor(
    private readonly home: string,
    private readonly tell: (event: HostEvent) => void,
  ) {}

  get current(): Attempt | undefined {
    return this.attempt
  }

  /** Read anew each time: an author's labs change between two looks. */
  listLabs(): CatalogView {
    const journals = AttemptJournal.all(this.home)
    const histories = journals.map((journal) => ({ lab: journal.started()?.lab, events: journal.events() }))
    const { labs, problems } = loadAllLabs(this.home)
    const summary = (lab: Lab): LabSummary => {
      const own = histories.filter((history) => history.lab === lab.id)
      const grades = own.flatMap(({ events }) => events.flatMap((event) => (event.kind === 'graded' ? [event.grade] : [])))
      const best = [...grades].sort((a, b) => b.points - b.hintPoints - (a.points - a.hintPoints))[0]
      const { id, title, exam, domain, level, targetSeconds, tags = [] } = lab
      return { id, title, exam, domain, level, targetSeconds, tags, attempts: own.length, ...(best ? { best: { points: Math.max(0, best.points - best.hintPoints), of: best.of } } : {}) }
    }
    return { labs: labs.map(summary), problems: [...problems, ...journals.flatMap((journal) => lostAttempt(journal, labs))] }
  }

  /** Goes on with the attempt that was open when the program last ended, if there is one. */
  resume(): Promise<AttemptView | undefined> {
    return this.exclusive(async () => {
      if (this.attempt) return this.attempt.view()
      const [journal, ...older] = AttemptJournal.all(this.home).reverse().filter((candidate) => candidate.isOpen())
      const started = journal?.started()
      const lab = started ? loadAllLabs(this.home).labs.find((candidate) => candidate.id === started.lab) : undefined
      if (!journal || !lab || !started) return undefined
      this.progress(`Going on with "${lab.title}"`)
      this.attempt = await Attempt.resume(lab, started.seed, journal, this.progress)
      for (const one of older) one.end()
      return this.changed(this.attempt)
    })
  }

  /** Opens a lab, named by its id or its file. What was open until then ends when the new scene is laid, not before. */
  start(name: string, seed = randomBytes(6).toString('hex')): Promise<AttemptView> {
    return this.exclusive(async () => {
      const lab = findLab(this.home, name)
      const journal = AttemptJournal.create(this.home, `${Date.now()}-${lab.id}`)
      this.progress(`Setting the scene of "${lab.title}"`)
      const attempt = await Attempt.begin(lab, seed, journal, this.progress).catch((error: unknown) => {
        rmSync(journal.folder, { recursive: true, force: true })
        throw error
      })
      this.attempt?.close(true)
      this.attempt = attempt
      return this.changed(attempt)
    })
  }

  leave(): Promise<void> {
    return this.exclusive(() => {
      this.attempt?.close(true)
      this.attempt = undefined
      this.tell({ event: 'attempt', attempt: null })
    })
  }

  /** The program ends; the attempt stays open for the next start. */
  shutDown(): void {
    this.attempt?.close(false)
    this.attempt = undefined
  }

  reset(): Promise<AttemptView> {
    return this.work((attempt) => attempt.reset())
  }

  undoReset(): Promise<AttemptView> {
    return this.work((attempt) => attempt.undoReset())
  }

  async check(): Promise<GradeView> {
    const grades: GradeView[] = []
    await this.work(async (attempt) => void grades.push(await attempt.check()))
    return grades[0] as GradeView
  }

  hint(): Promise<AttemptView> {
    return this.work((attempt) => attempt.hint())
  }

  async solution(): Promise<SolutionView> {
    const solutions: SolutionView[] = []
    await this.work((attempt) => void solutions.push(attempt.solution()))
    return solutions[0] as SolutionView
  }

  /** What programs of the user's own computer need to reach the attempt's cluster. */
  async ownEnvironment(): Promise<Readonly<Record<string, string>>> {
    if (!this.attempt) throw new Error('no lab is open')
    return { KUBECONFIG: await this.attempt.serveApi(this.home), SEATRIAL_HOME: this.home }
  }

  /** Does something with the attempt that is open, and tells all windows what it has become. */
  private work(act: (attempt: Attempt) => void | Promise<void>): Promise<AttemptView> {
    return this.exclusive(async () => {
      if (!this.attempt) throw new Error('no lab is open')
      await act(this.attempt)
      return this.changed(this.attempt)
    })
  }

  private changed(attempt: Attempt): AttemptView {
    attempt.onNotice = () => this.tell({ event: 'attempt', attempt: attempt.view() })
    const view = attempt.view()
    this.tell({ event: 'attempt', attempt: view })
    return view
  }

  private readonly progress = (text: string): void => this.tell({ event: 'progress', text })

  private exclusive<T>(act: () => T | Promise<T>): Promise<T> {
    const done = this.last.then(act)
    this.last = done.catch(() => undefined)
    return done
  }
}

/** Why an attempt that never came to its end cannot go on; its files are left as they are. */
function lostAttempt(journal: AttemptJournal, labs: readonly Lab[]): string[] {
  const started = journal.started()
  if (!started) return journal.hasStates() ? [`${journal.folder}: this attempt cannot be read any more, so it cannot go on`] : []
  const gone = journal.isOpen() && !labs.some((lab) => lab.id === started.lab)
  return gone ? [`${journal.folder}: this attempt cannot go on, because there is no lab "${started.lab}" any more`] : []
}
