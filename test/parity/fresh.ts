/** A cluster fresh from its disk image, and an administrator's hand on its API. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { emptyBody } from '#engine/base/http'
import { Cluster } from '#engine/cluster/cluster'
import { decodeClusterSnapshot, profiles, type OutsidePeer, type ProfileName } from '#engine/cluster/index'
import { ClockDriver } from '#app/host/driver'
import { ClusterKeys } from '#app/host/keys'

export class FreshCluster {
  private readonly driver: ClockDriver

  private constructor(
    readonly cluster: Cluster,
    private readonly peer: OutsidePeer,
  ) {
    this.driver = new ClockDriver(cluster.clock)
  }

  /** Boots the profile's image and waits until all of it is ready. */
  static async boot(profile: ProfileName): Promise<FreshCluster> {
    const image = decodeClusterSnapshot(new Uint8Array(readFileSync(join(process.env['SEATRIAL_IMAGES'] ?? 'dist/images', `${profile}.image`))))
    const cluster = new Cluster({ profile: profiles[profile], seed: `fresh ${profile}`, startMs: image.atMs, keys: new ClusterKeys() }, { snapshot: image })
    const fresh = new FreshCluster(cluster, administrator(cluster))
    await fresh.until(async () => (await fresh.get('/readyz')).status === 200, 60_000)
    await fresh.until(() => fresh.quiet(), 180_000)
    return fresh
  }

  async get(path: string, accept = 'application/json'): Promise<{ readonly status: number; readonly text: string }> {
    const answer = this.cluster.apiRequest({ method: 'GET', path, headers: { accept, host: 'localhost' }, body: emptyBody }, this.peer).catch(() => undefined)
    let settled = false
    void answer.then(() => (settled = true))
    await this.until(() => settled, 30_000)
    const response = await answer
    return response ? { status: response.status, text: await response.body.text() } : { status: 0, text: '' }
  }

  async json(path: string, accept?: string): Promise<unknown> {
    const { status, text } = await this.get(path, accept)
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`)
    return JSON.parse(text)
  }

  /** Runs a command on a machine; what it prints. */
  async run(command: string, host = 'controlplane'): Promise<string> {
    const chunks: Uint8Array[] = []
    let code: number | undefined
    const keep = (chunk: Uint8Array): void => void chunks.push(chunk)
    void this.cluster.exec(host, ['bash', '-c', `exec 2>&1; ${command}`], { stdin: nothing(), stdout: keep, stderr: keep }).then((exit) => (code = exit))
    await this.until(() => code !== undefined, 60_000)
    return Buffer.concat(chunks).toString('utf8')
  }

  /** Waits until the path is served: an aggregated API comes a moment after the rest. */
  async served(path: string): Promise<void> {
    await this.until(async () => (await this.get(path)).status === 200, 120_000)
  }

  dispose(): void {
    this.cluster.dispose()
  }

  private async until(done: () => boolean | Promise<boolean>, limitMs: number): Promise<void> {
    if (!(await this.driver.settle(done, limitMs))) throw new Error(`the cluster did not come to rest within ${limitMs / 1000} s`)
  }

  private async quiet(): Promise<boolean> {
    const pods = (await this.json('/api/v1/pods')) as { items: { status?: { conditions?: { type: string; status: string }[] } }[] }
    return pods.items.length > 0 && pods.items.every((pod) => pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'))
  }
}

/** The client certificate of /etc/kubernetes/admin.conf. */
function administrator(cluster: Cluster): OutsidePeer {
  const kubeconfig = cluster.readFile('controlplane', '/etc/kubernetes/admin.conf') ?? ''
  const pem = Buffer.from(/client-certificate-data: (\S+)/.exec(kubeconfig)?.[1] ?? '', 'base64').toString('latin1')
  const blocks = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/g)]
  return { certificates: blocks.map((block) => new Uint8Array(Buffer.from(block[1] ?? '', 'base64'))) }
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // No input.
}
