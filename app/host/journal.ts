/**
 * Attempts on disk. Each has a folder with a journal, one JSON line an event, appended as it happens, a note of what it is,
 * and the cluster's state: the scene as it was laid, the latest, and the one before that. A torn last line (power cut) is left
 * out; a damaged state falls back to the one before, or to the scene.
 */
import { createHash } from 'node:crypto'
import { appendFileSync, closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { GradeView } from '#app/shared/contract'

export interface Started {
  readonly kind: 'started'
  readonly lab: string
  readonly seed: string
  readonly atMs: number
}

export type AttemptEvent =
  | Started
  | { readonly kind: 'worked'; readonly seconds: number }
  | { readonly kind: 'hint' }
  | { readonly kind: 'solution' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'graded'; readonly grade: GradeView; readonly atMs: number }
  | { readonly kind: 'left' }

export type StateName = 'scene' | 'latest' | 'previous'

const stateNames: readonly StateName[] = ['scene', 'latest', 'previous']

export class AttemptJournal {
  private readonly file: string
  private endsWhole: boolean

  private constructor(readonly folder: string) {
    this.file = join(folder, 'journal.jsonl')
    this.endsWhole = /(^|\n)$/.test(text(this.file))
  }

  static create(home: string, id: string): AttemptJournal {
    const folder = join(home, 'attempts', id)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return new AttemptJournal(folder)
  }

  /** All attempts of a home, oldest first. */
  static all(home: string): AttemptJournal[] {
    const folder = join(home, 'attempts')
    if (!existsSync(folder)) return []
    const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    return folders.map((entry) => entry.name).sort().map((id) => new AttemptJournal(join(folder, id)))
  }

  get id(): string {
    return basename(this.folder)
  }

  append(event: AttemptEvent): void {
    // What an attempt is stands in a file of its own too: without it a damaged journal would lose the candidate's work.
    if (event.kind === 'started') replaceFile(join(this.folder, 'attempt.json'), new TextEncoder().encode(`${JSON.stringify(event)}\n`))
    // A line that a power cut tore must not spoil the next.
    const start = this.endsWhole ? '' : '\n'
    this.endsWhole = false
    appendFileSync(this.file, `${start}${JSON.stringify(event)}\n`)
    this.endsWhole = true
  }

  events(): AttemptEvent[] {
    return text(this.file).split('\n').flatMap((line) => parseLine(line))
  }

  /** Which lab it is, with which seed; undefined where no file tells. */
  started(): Started | undefined {
    const told = [...this.events(), ...parseLine(text(join(this.folder, 'attempt.json')))]
    return told.find((event) => event.kind === 'started')
  }

  /** Whether it can go on. One whose journal was lost is known by its states: those of a finished attempt are gone. */
  isOpen(): boolean {
    const events = this.events()
    if (events.some((event) => event.kind === 'left')) return false
    return events.some((event) => event.kind === 'started') || (this.started() !== undefined && this.hasStates())
  }

  hasStates(): boolean {
    return stateNames.some((name) => this.hasState(name))
  }

  /** The attempt is over: its journal stays, the cluster's states (megabytes each) are not needed any more. */
  end(): void {
    this.append({ kind: 'left' })
    for (const name of stateNames) for (const end of ['', '.part']) rmSync(`${this.stateFile(name)}${end}`, { force: true })
  }

  /** Whether the journal itself tells how the attempt began; where only the note beside it does, what came since is forgotten. */
  isWhole(): boolean {
    return this.events().some((event) => event.kind === 'started')
  }

  saveState(name: StateName, bytes: Uint8Array): void {
    const file = this.stateFile(name)
    replaceFile(file, Buffer.concat([digest(bytes), bytes]), name === 'latest' && existsSync(file) ? this.stateFile('previous') : undefined)
  }

  /** Undefined where there is none, or where it is not what was saved. */
  state(name: StateName): Uint8Array | undefined {
    const file = this.stateFile(name)
    if (!existsSync(file)) return undefined
    const saved = readFileSync(file)
    const bytes = new Uint8Array(saved.subarray(digestBytes))
    return digest(bytes).equals(saved.subarray(0, digestBytes)) ? bytes : undefined
  }

  hasState(name: StateName): boolean {
    return existsSync(this.stateFile(name))
  }

  private stateFile(name: StateName): string {
    return join(this.folder, `${name}.state`)
  }
}

/** The old file or the new one is there, whatever happens; on the disk itself before it takes the old one's place. The old one is kept as `before`. */
function replaceFile(file: string, bytes: Uint8Array, before?: string): void {
  const part = `${file}.part`
  const descriptor = openSync(part, 'w', 0o600)
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  if (before !== undefined) alsoAs(file, before)
  renameSync(part, file)
}

/** A second name, so that the first is never missing; a file system without such names keeps one state less. */
function alsoAs(file: string, name: string): void {
  rmSync(name, { force: true })
  try {
    linkSync(file, name)
  } catch {
    // Nothing is lost: the file itself stands.
  }
}

/** Stands before each state: one wrong bit in it would be a broken machine. */
function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

const digestBytes = 32

/** Nothing where there is no such file, or none that can be read. */
function text(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** What an event must hold to be one: whatever else a damaged file says is left out. */
const holds: { readonly [K in AttemptEvent['kind']]: (event: Readonly<Record<string, unknown>>) => boolean } = {
  started: ({ lab, seed }) => typeof lab === 'string' && typeof seed === 'string',
  worked: ({ seconds }) => typeof seconds === 'number',
  hint: () => true,
  solution: () => true,
  reset: () => true,
  graded: ({ grade }) => Array.isArray((grade as { checks?: unknown } | null | undefined)?.checks),
  left: () => true,
}

function parseLine(line: string): AttemptEvent[] {
  if (line.trim() === '') return []
  try {
    const event = JSON.parse(line) as Readonly<Record<string, unknown>> | null
    const { kind } = event ?? {}
    return event && typeof kind === 'string' && Object.hasOwn(holds, kind) && holds[kind as AttemptEvent['kind']](event) ? [event as unknown as AttemptEvent] : []
  } catch {
    return []
  }
}
