import { appendFileSync, mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AttemptJournal } from './journal'

describe('an attempt on disk', () => {
  let home: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'seatrial-journal-'))
  })
  afterEach(() => rmSync(home, { recursive: true, force: true }))

  it('loses only the line that a power cut tore', () => {
    const journal = AttemptJournal.create(home, '1-lab')
    journal.append({ kind: 'started', lab: 'lab', seed: 's', atMs: 1 })
    journal.append({ kind: 'hint' })
    const file = join(journal.folder, 'journal.jsonl')
    appendFileSync(file, '{"kind":"work')
    expect(journal.events().map((event) => event.kind)).toEqual(['started', 'hint'])
    truncateSync(file, 0)
    expect(journal.events()).toEqual([])
  })

  it('goes on with a line of its own after a torn one', () => {
    const journal = AttemptJournal.create(home, '1-lab')
    journal.append({ kind: 'hint' })
    appendFileSync(join(journal.folder, 'journal.jsonl'), '{"kind":"work')
    AttemptJournal.all(home)[0]?.append({ kind: 'worked', seconds: 5 })
    expect(AttemptJournal.all(home)[0]?.events().map((event) => event.kind)).toEqual(['hint', 'worked'])
  })

  it('keeps the last whole state where a save was interrupted', () => {
    const journal = AttemptJournal.create(home, '1-lab')
    journal.saveState('latest', new Uint8Array([1, 2, 3]))
    appendFileSync(join(journal.folder, 'latest.state.part'), 'half')
    expect(journal.state('latest')).toEqual(new Uint8Array([1, 2, 3]))
  })

  it('keeps the journal but not the states of an attempt that is over', () => {
    const journal = AttemptJournal.create(home, '1-lab')
    journal.saveState('scene', new Uint8Array([1]))
    journal.end()
    expect(readdirSync(journal.folder)).toEqual(['journal.jsonl'])
  })

  it('is found again, oldest first, and one that is no folder of ours does no harm', () => {
    AttemptJournal.create(home, '2-b')
    AttemptJournal.create(home, '1-a')
    appendFileSync(join(home, 'attempts', '.DS_Store'), 'x')
    expect(AttemptJournal.all(home).map((journal) => journal.id)).toEqual(['1-a', '2-b'])
  })
})
