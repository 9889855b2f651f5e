/** The trainer behind the screens: the catalogue, and the one attempt that is worked on. */
import { randomBytes } from 'node:crypto'
import { findLab, loadAllLabs } from './catalog'
import { Attempt } from './attempt'
import { AttemptJournal } from './journal'
import type { AttemptView, CatalogView, GradeView, LabSummary, SolutionView } from '#app/shared/contract'
import type { Lab } from '#labs/runner/index'

export class Trainer {
  private attempt: Attempt | undefined

  constructor(
    private readonly home: string,
    private readonly progress: (text: string) => void,
  ) {}

  get current(): Attempt | undefined {
    return this.attempt
  }

  /** Read anew each time: an author's labs change between two looks. */
  listLabs(): CatalogView {
    const histories = AttemptJournal.all(this.home).map((journal) => journal.events())
    const { labs, problems } = loadAllLabs(this.home)
    const summary = (lab: Lab): LabSummary => {
      const own = histories.filter((events) => events[0]?.kind === 'started' && events[0].lab === lab.id)
      const grades = own.flatMap((events) => events.flatMap((event) => (event.kind === 'graded' ? [event.grade] : [])))
      const best = [...grades].sort((a, b) => b.points - b.hintPoints - (a.points - a.hintPoints))[0]
      const { id, title, exam, domain, level, targetSeconds, tags = [] } = lab
      return { id, title, exam, domain, level, targetSeconds, tags, attempts: own.length, ...(best ? { best: { points: Math.max(0, best.points - best.hintPoints), of: best.of } } : {}) }
    }
    return { labs: labs.map(summary), problems }
  }

  /** Goes on with the attempt that was open when the program last ended, if there is one. */
  async resume(): Promise<AttemptView | undefined> {
    if (this.attempt) return this.attempt.view()
    const journal = AttemptJournal.all(this.home).reverse().find((candidate) => isOpen(candidate))
    const started = journal?.events()[0]
    const lab = started?.kind === 'started' ? loadAllLabs(this.home).labs.find((candidate) => candidate.id === started.lab) : undefined
    if (!journal || !lab || started?.kind !== 'started') return undefined
    this.progress(`Going on with "${lab.title}"`)
    this.attempt = await Attempt.resume(lab, started.seed, journal, this.progress)
    return this.attempt.view()
  }

  /** Opens a lab, named by its id or its file. */
  async start(name: string, seed = randomBytes(6).toString('hex')): Promise<AttemptView> {
    const lab = findLab(this.home, name)
    this.leave()
    const journal = AttemptJournal.create(this.home, `${Date.now()}-${lab.id}`)
    this.progress(`Setting the scene of "${lab.title}"`)
    this.attempt = await Attempt.begin(lab, seed, journal, this.progress)
    return this.attempt.view()
  }

  leave(): void {
    this.attempt?.close(true)
    this.attempt = undefined
  }

  /** The program ends; the attempt stays open for the next start. */
  shutDown(): void {
    this.attempt?.close(false)
    this.attempt = undefined
  }

  reset(): Promise<AttemptView> {
    return this.working().reset()
  }

  check(): Promise<GradeView> {
    return this.working().check()
  }

  hint(): AttemptView {
    return this.working().hint()
  }

  solution(): SolutionView {
    return this.working().solution()
  }

  private working(): Attempt {
    if (!this.attempt) throw new Error('no lab is open')
    return this.attempt
  }
}

function isOpen(journal: AttemptJournal): boolean {
  const events = journal.events()
  return events[0]?.kind === 'started' && !events.some((event) => event.kind === 'left')
}
