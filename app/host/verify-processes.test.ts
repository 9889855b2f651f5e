import { fork } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { leftOut, tasksOf } from './verify'
import { isGone, longestFirst, proofBy } from './verify-processes'

describe('a process that proves a lab', () => {
  const folder = mkdtempSync(join(tmpdir(), 'seatrial-proof-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const prover = (name: string, script: string): ReturnType<typeof fork> => {
    const file = join(folder, `${name}.mjs`)
    writeFileSync(file, script)
    return fork(file, { stdio: 'ignore' })
  }

  it('is ended when it never comes to a verdict, and what it tried last is named', async () => {
    const stuck = prover('stuck', `process.on('message', () => { process.send({ stage: 'the solution' }, () => { for (;;); }) })`)
    const proof = await proofBy(stuck, { home: folder, lab: 'endless', seed: 'seed-1' }, 1500)
    expect(proof.complaints).toEqual(['no verdict after 1.5 s, while at: the solution'])
    expect(stuck.killed).toBe(true)
  })

  it('that ends by itself leaves a complaint, not silence', async () => {
    const brief = prover('brief', `process.on('message', () => process.exit(7))`)
    const proof = await proofBy(brief, { home: folder, lab: 'brief', seed: 'seed-1' }, 20_000)
    expect(proof.complaints).toEqual(['the process that tried it ended with code 7, while at: starting'])
  })

  it('that somebody else ends is not asked again', async () => {
    const taken = prover('taken', `process.on('message', () => process.kill(process.pid, 'SIGKILL'))`)
    const proof = await proofBy(taken, { home: folder, lab: 'taken', seed: 'seed-1' }, 20_000)
    expect(proof.complaints).toEqual(['the process that tried it ended with SIGKILL, while at: starting'])
    expect(isGone(taken)).toBe(true)
  })
})

describe('the order of proofs', () => {
  it('begins with labs that take most copies, and keeps the seeds of one together', () => {
    const task = (lab: string, seed: string): { home: string; lab: string; seed: string } => ({ home: '/nonexistent', lab, seed })
    const order = longestFirst([task('cka-silent-kubelet', '1'), task('ckad-harbor-rollout', '1'), task('cka-silent-kubelet', '2'), task('ckad-harbor-rollout', '2')])
    expect(order.map(({ lab, seed }) => `${lab} ${seed}`)).toEqual(['ckad-harbor-rollout 1', 'ckad-harbor-rollout 2', 'cka-silent-kubelet 1', 'cka-silent-kubelet 2'])
  })
})

describe('the steps of a solution that are left out', () => {
  const stepsOf = (seeds: number, everyStep: boolean): string[] => tasksOf('/nonexistent', ['cka-silent-kubelet'], seeds, everyStep).map((task) => [0, 1, 2, 3].filter(leftOut(task)).join(' '))

  it('are shared by the seeds, so that each is left out on one of them', () => {
    expect(stepsOf(3, false)).toEqual(['0 3', '1', '2'])
    expect(stepsOf(1, false)).toEqual(['0 1 2 3'])
  })

  it('are all of them on every seed, where that is asked for', () => {
    expect(stepsOf(2, true)).toEqual(['0 1 2 3', '0 1 2 3'])
  })
})
