/**
 * Attempts on disk. Each has a folder with a journal, one JSON line an event, appended as it happens, and the cluster's
 * state: the scene as it was laid, and the latest. A torn last line (power cut) is left out; a damaged state falls back to the scene.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GradeView } from '#app/shared/contract'

export type AttemptEvent =
  | { readonly kind: 'started'; readonly lab: string; readonly seed: string; readonly atMs: number }
  | { readonly kind: 'worked'; readonly seconds: number }
  | { readonly kind: 'hint' }
  | { readonly kind: 'solution' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'graded'; readonly grade: GradeView; readonly atMs: number }
  | { readonly kind: 'left' }

export type StateName = 'scene' | 'latest'

export class AttemptJournal {
  private readonly file: string
  private endsWhole: boolean

  private constructor(readonly folder: string) {
    this.file = join(folder, 'journal.jsonl')
    this.endsWhole = /(^|\n)$/.test(this.text())
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
    return this.folder.split(/[\\/]/).pop() ?? ''
  }

  append(event: AttemptEvent): void {
    // A line that a power cut tore must not spoil the next.
    const start = this.endsWhole ? '' : '\n'
    appendFileSync(this.file, `${start}${JSON.stringify(event)}\n`)
    this.endsWhole = true
  }

  events(): AttemptEvent[] {
    return this.text().split('\n').flatMap((line) => parseLine(line))
  }

  /** The attempt is over: its journal stays, the cluster's states (megabytes each) are not needed any more. */
  end(): void {
    this.append({ kind: 'left' })
    for (const name of ['scene', 'latest'] as const) rmSync(this.stateFile(name), { force: true })
  }

  saveState(name: StateName, bytes: Uint8Array): void {
    const file = this.stateFile(name)
    writeFileSync(`${file}.part`, bytes)
    renameSync(`${file}.part`, file)
  }

  state(name: StateName): Uint8Array | undefined {
    const file = this.stateFile(name)
    return existsSync(file) ? new Uint8Array(readFileSync(file)) : undefined
  }

  private text(): string {
    return existsSync(this.file) ? readFileSync(this.file, 'utf8') : ''
  }

  private stateFile(name: StateName): string {
    return join(this.folder, `${name}.state`)
  }
}

function parseLine(line: string): AttemptEvent[] {
  if (line.trim() === '') return []
  try {
    return [JSON.parse(line) as AttemptEvent]
  } catch {
    return []
  }
}
