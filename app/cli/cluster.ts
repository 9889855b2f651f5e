/** `seatrial cluster up`: a cluster in the foreground, its API on loopback, its machines for `exec` and `shell`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isProfileName } from '#engine/cluster/index'
import { ClusterHost, type ClusterHostOptions } from '#app/host/cluster-host'
import { socketPath, writableHome } from '#app/host/home'
import { loadImage } from '#app/host/images'
import { refuseSecond, SessionServer } from '#app/host/session-server'
import { parseArguments, UsageError } from './arguments'
import { usageOf } from './usage'

export async function clusterCommand(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(args, ['profile', 'port', 'kubeconfig', 'seed', 'speed'], ['fresh'], 1)
  if (parsed.operands[0] !== 'up') throw new UsageError(usageOf('cluster'))
  const profile = parsed.value('profile') ?? 'three'
  if (!isProfileName(profile)) throw new UsageError(`no profile is named "${profile}": there are one, two, three`)
  const home = writableHome()
  const port = parsed.number('port', 0, 0, 65535)
  const options = { profile, seed: parsed.value('seed') ?? 'seatrial', startMs: Date.now(), speed: parsed.number('speed', 1, 0.01, 1000), onProgramError: reportDefect }
  await refuseSecond(socketPath(home))
  const started = performance.now()
  const image = parsed.has('fresh') ? undefined : loadImage(profile)
  const host = image ? ClusterHost.resume(options, image) : await buildUntilNow(options)
  host.start()
  const api = await host.serveApi(home, port)
  const kubeconfig = parsed.value('kubeconfig') ?? join(home, 'kubeconfig')
  writeFileSync(kubeconfig, api.kubeconfig, { mode: 0o600 })
  const sessions = new SessionServer(socketPath(home), {
    cluster: host.cluster,
    enter: () => host.driver.enter(),
    call: (method) => Promise.reject(new Error(`unknown call: ${method}`)),
  })
  await sessions.listen()
  process.stdout.write(`cluster "${profile}" is up after ${((performance.now() - started) / 1000).toFixed(1)} s: machines ${host.cluster.hosts.join(', ')}\n`)
  process.stdout.write(`the Kubernetes API is at https://127.0.0.1:${api.port}; kubeconfig: ${kubeconfig}\n`)
  await interrupted()
  sessions.close()
  host.stop()
  return 0
}

/** The virtual minute that kubeadm takes lies before now, so that the cluster's clock and the desk's agree. */
const buildingMs = 60_000

async function buildUntilNow(options: ClusterHostOptions): Promise<ClusterHost> {
  const host = await ClusterHost.build({ ...options, startMs: options.startMs - buildingMs }, (line) => process.stderr.write(`${line}\n`))
  const aheadMs = Date.now() - host.cluster.clock.now()
  if (aheadMs > 0) await host.driver.fastForward(aheadMs)
  return host
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}

/** Defects of the simulation are told where a developer sees them; the machine sees a crashed program. */
function reportDefect(command: string, error: unknown): void {
  process.stderr.write(`defect in ${command}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
}
