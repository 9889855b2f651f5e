/** Each real kubectl of this machine does each step against one cluster. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { findKubectls, Kubectl, waitFor } from './kubectl'
import { steps } from './steps'

const found = findKubectls()
const home = mkdtempSync(join(tmpdir(), 'seatrial-matrix-'))
const kubeconfig = join(home, 'kubeconfig')
let cluster: ChildProcess | undefined

if (found.length === 0) process.stderr.write('\n*** SMOKE MATRIX SKIPPED: no real kubectl is at hand; name some in KUBECTLS ***\n\n')

beforeAll(async () => {
  if (found.length === 0) return
  const child = spawn(process.execPath, [process.env['SEATRIAL_CLI'] ?? 'bin/seatrial.mjs', 'cluster', 'up', '--profile', 'three', '--kubeconfig', kubeconfig], { env: { ...process.env, SEATRIAL_HOME: home }, stdio: ['ignore', 'pipe', 'pipe'] })
  cluster = child
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => void (text += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => void (text += chunk.toString()))
  await waitFor(() => (text.includes('is up after') ? true : undefined), () => `the cluster did not come up:\n${text}`, 90_000)
}, 120_000)

afterAll(() => {
  cluster?.kill()
  rmSync(home, { recursive: true, force: true })
})

describe.skipIf(found.length === 0)('a real kubectl', () => {
  for (const { path, version } of found) {
    describe(`v${version}`, () => {
      const kubectl = new Kubectl(path, kubeconfig, `smoke-${version.replaceAll('.', '-')}`)
      beforeAll(async () => {
        kubectl.ok(['create', 'namespace', kubectl.namespace])
        await waitFor(() => (kubectl.run(['get', 'serviceaccount', 'default']).code === 0 ? true : undefined), () => 'the namespace has no service account')
      }, 60_000)
      afterAll(() => {
        kubectl.run(['delete', 'namespace', kubectl.namespace, '--wait=false'])
        kubectl.close()
      })
      for (const step of steps) it(step.name, async () => await step.run(kubectl), 90_000)
    })
  }
})
