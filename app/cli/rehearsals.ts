/** What a command does in its first seconds, done once at build time: the code that ran is then kept in its compiled form. */
import { tmpdir } from 'node:os'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ClusterHost } from '#app/host/cluster-host'
import { loadAllLabs } from '#app/host/catalog'
import { seatrialHome } from '#app/host/home'
import { loadImage } from '#app/host/images'
import { prove } from '#app/host/verify'
import type { CodeName } from './program'

export const rehearsals: Readonly<Record<CodeName, () => Promise<void>>> = { cluster: startCluster, lab: proveLabs }

/** As `cluster up`, until all is quiet, and the first command that somebody may give. */
async function startCluster(): Promise<void> {
  const image = loadImage('three')
  if (!image) throw new Error('there is no image of the profile three: `npm run build -- images` makes it')
  const home = mkdtempSync(join(tmpdir(), 'seatrial-'))
  const host = ClusterHost.resume({ profile: 'three', seed: 'seatrial', startMs: Date.now() }, image)
  host.start()
  await host.serveApi(home, 0)
  const none = { stdin: nothing(), stdout: () => undefined, stderr: () => undefined }
  await host.cluster.exec('controlplane', ['bash', '-c', 'kubectl get nodes'], none)
  await new Promise((resolve) => setTimeout(resolve, 3000))
  host.stop()
  rmSync(home, { recursive: true, force: true })
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  yield* await Promise.resolve([])
}

/** As `lab verify`: every third lab of the catalog once. */
async function proveLabs(): Promise<void> {
  for (const [index, lab] of loadAllLabs(seatrialHome()).labs.entries()) if (index % 3 === 0) await prove({ home: seatrialHome(), lab: lab.id, seed: 'rehearsal' })
}
