import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { loadLab, type Lab } from '#labs/runner/index'
import { Attempt } from './attempt'
import { AttemptJournal } from './journal'

const lab: Lab = { ...loadLab(readFileSync('labs/catalog/cka/troubleshooting/cka-silent-kubelet/lab.yaml', 'utf8'), 'lab.yaml'), cluster: { profile: 'one' }, host: 'base', setup: [{ run: 'echo scene > /root/scene' }] }

async function* nothing(): AsyncGenerator<Uint8Array> {
  yield* []
  await Promise.resolve()
}

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

  it('goes on from the state before the last, and says so, when that is cut short', async () => {
    const journal = AttemptJournal.create(home, '1-lab')
    const attempt = await Attempt.begin(lab, 'seed', journal, () => undefined)
    await attempt.cluster.exec('base', ['bash', '-c', 'echo work > /root/scene'], { stdin: nothing(), stdout: () => undefined, stderr: () => undefined })
    attempt.close(false)
    journal.saveState('latest', new Uint8Array(1000))
    truncateSync(join(journal.folder, 'latest.state'), 500)
    const { notice, scene } = await again(journal)
    expect(notice).toContain('goes on from the one before')
    expect(scene).toBe('work\n')
  })

  it('goes on from the scene, and says so, when the last state is cut short', async () => {
    const journal = await worked()
    truncateSync(join(journal.folder, 'latest.state'), 1000)
    const { notice, hints, scene } = await again(journal)
    expect(notice).toContain('goes on from the untouched scene')
    expect([hints, scene]).toEqual([1, 'scene\n'])
  })

  it('loses nothing when the untouched scene alone is broken: that is laid anew', async () => {
    const journal = await worked()
    writeFileSync(join(journal.folder, 'scene.state'), 'not a state')
    expect(await again(journal)).toEqual({ notice: undefined, hints: 1, scene: 'scene\n' })
  })

  it('does not go on from a state with one wrong bit', async () => {
    const journal = await worked()
    const file = join(journal.folder, 'latest.state')
    const bytes = readFileSync(file)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
    writeFileSync(file, bytes)
    expect((await again(journal)).notice).toContain('goes on from the untouched scene')
  })

  it('is still found when its journal is gone, and says what is forgotten', async () => {
    const journal = await worked()
    writeFileSync(join(journal.folder, 'journal.jsonl'), 'null\n[]\n{"kind":"toString"}\n\u0000')
    expect([journal.isOpen(), journal.started()?.seed]).toEqual([true, 'seed'])
    const { notice, hints, scene } = await again(journal)
    expect(notice).toContain('are forgotten')
    expect([hints, scene]).toEqual([0, 'scene\n'])
    expect(journal.isOpen()).toBe(false)
  })

  it('lays the scene anew, and says so, when both are broken', async () => {
    const journal = await worked()
    for (const name of ['scene.state', 'latest.state']) writeFileSync(join(journal.folder, name), 'not a state')
    const { notice, hints, scene } = await again(journal)
    expect(notice).toContain('laid anew')
    expect([hints, scene]).toEqual([1, 'scene\n'])
  })
})

describe('the time worked', () => {
  it('does not count that the computer slept', async () => {
    const home = mkdtempSync(join(tmpdir(), 'seatrial-attempt-'))
    const attempt = await Attempt.begin(lab, 'seed', AttemptJournal.create(home, '1-lab'), () => undefined)
    const awake = performance.now.bind(performance)
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => awake() + 3_600_000)
    expect(attempt.view().elapsedSeconds).toBeLessThanOrEqual(20)
    attempt.touch()
    attempt.close(true)
    clock.mockRestore()
    rmSync(home, { recursive: true, force: true })
  })
})

describe('an attempt on a disk that is full', () => {
  it('goes on, says that it cannot be saved, and takes that back when there is room again', async () => {
    const home = mkdtempSync(join(tmpdir(), 'seatrial-attempt-'))
    const journal = AttemptJournal.create(home, '1-lab')
    const attempt = await Attempt.begin(lab, 'seed', journal, () => undefined)
    const notices: (string | undefined)[] = []
    attempt.onNotice = () => notices.push(attempt.view().notice)
    const save = journal.saveState.bind(journal)
    journal.saveState = () => {
      throw new Error('ENOSPC: no space left on device')
    }
    attempt.reset()
    expect(attempt.view().notice).toContain('cannot be saved just now (ENOSPC: no space left on device)')
    journal.saveState = save
    attempt.undoReset()
    expect(notices.map((notice) => notice?.slice(0, 17))).toEqual(['Your work goes on', undefined])
    attempt.close(true)
    rmSync(home, { recursive: true, force: true })
  })
})
