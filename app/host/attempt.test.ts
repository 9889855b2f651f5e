import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadLab, type Lab } from '#labs/runner/index'
import { Attempt } from './attempt'
import { AttemptJournal } from './journal'

const lab: Lab = { ...loadLab(readFileSync('labs/catalog/cka/troubleshooting/cka-silent-kubelet/lab.yaml', 'utf8'), 'lab.yaml'), cluster: { profile: 'one' }, host: 'base', setup: [{ run: 'echo scene > /root/scene' }] }

describe('an attempt whose files were damaged', () => {
  let home: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'seatrial-attempt-'))
  })
  afterEach(() => rmSync(home, { recursive: true, force: true }))

  async function worked(): Promise<AttemptJournal> {
    const journal = AttemptJournal.create(home, '1-lab')
    const attempt = await Attempt.begin(lab, 'seed', journal, () => undefined)
    attempt.hint()
    attempt.close(false)
    return journal
  }
  async function again(journal: AttemptJournal): Promise<{ notice: string | undefined; hints: number; scene: string | undefined }> {
    const attempt = await Attempt.resume(lab, 'seed', journal, () => undefined)
    const { notice, hints } = attempt.view()
    const scene = attempt.cluster.readFile('base', '/root/scene')
    attempt.close(true)
    return { notice, hints: hints.shown.length, scene }
  }

  it('goes on where it was when they are whole', async () => {
    expect(await again(await worked())).toEqual({ notice: undefined, hints: 1, scene: 'scene\n' })
  })

  it('goes on from the scene, and says so, when the last state is cut short', async () => {
    const journal = await worked()
    truncateSync(join(journal.folder, 'latest.state'), 1000)
    const { notice, hints, scene } = await again(journal)
    expect(notice).toContain('goes on from the untouched scene')
    expect([hints, scene]).toEqual([1, 'scene\n'])
  })

  it('lays the scene anew, and says so, when that is broken too', async () => {
    const journal = await worked()
    writeFileSync(join(journal.folder, 'scene.state'), 'not a state')
    const { notice, hints, scene } = await again(journal)
    expect(notice).toContain('laid anew')
    expect([hints, scene]).toEqual([1, 'scene\n'])
  })
})
