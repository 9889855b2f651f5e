/** A cluster that is up: the engine's cluster, the driver of its clock, and its gateway. */
import { setMaxListeners } from 'node:events'
import { buildCluster, Cluster, profiles, type ClusterOptions, type ClusterSnapshot, type ProfileName } from '#engine/cluster/index'
import { ClockDriver } from './driver'
import { ApiGateway } from './gateways/api'
import { loadIdentity } from './identity'
import { ClusterKeys } from './keys'
import { boundPatterns } from './patterns'

// One signal ends all requests of a program: many listeners on it are the rule here, no leak.
setMaxListeners(0)

boundPatterns()

export interface ClusterHostOptions {
  readonly profile: ProfileName
  readonly seed: string
  readonly startMs: number
  /** Virtual seconds per second. */
  readonly speed?: number
  readonly onProgramError?: (command: string, error: unknown) => void
}

export class ClusterHost {
  private gateway: ApiGateway | undefined

  private constructor(
    readonly cluster: Cluster,
    readonly driver: ClockDriver,
  ) {}

  /** Makes a cluster by running kubeadm. */
  static async build(options: ClusterHostOptions, progress?: (line: string) => void): Promise<ClusterHost> {
    const cluster = await buildCluster(clusterOptions(options), (clock, done, limitMs) => new ClockDriver(clock).settle(done, limitMs), progress)
    return new ClusterHost(cluster, new ClockDriver(cluster.clock, options.speed ?? 1))
  }

  /** Goes on from a snapshot. */
  static resume(options: ClusterHostOptions, snapshot: ClusterSnapshot): ClusterHost {
    const cluster = new Cluster({ ...clusterOptions(options), startMs: Math.max(options.startMs, snapshot.atMs) }, { snapshot })
    return new ClusterHost(cluster, new ClockDriver(cluster.clock, options.speed ?? 1))
  }

  start(): void {
    this.driver.start()
  }

  /** Serves the Kubernetes API on loopback; resolves with a kubeconfig for it. */
  async serveApi(home: string, port: number): Promise<{ readonly port: number; readonly kubeconfig: string }> {
    const identity = loadIdentity(home, Date.now())
    this.gateway = new ApiGateway({ cluster: this.cluster, certificate: identity.certificate, key: identity.key, port, enter: () => this.driver.enter() })
    const bound = await this.gateway.listen()
    return { port: bound, kubeconfig: outsideKubeconfig(this.cluster.readFile('controlplane', '/etc/kubernetes/admin.conf') ?? '', bound, identity.authority) }
  }

  stop(): void {
    this.driver.stop()
    this.gateway?.close()
    this.cluster.dispose()
  }
}

function clusterOptions(options: ClusterHostOptions): ClusterOptions {
  return {
    profile: profiles[options.profile],
    seed: options.seed,
    startMs: options.startMs,
    keys: new ClusterKeys(),
    ...(options.onProgramError ? { onProgramError: options.onProgramError } : {}),
  }
}

/** The admin's kubeconfig with the gateway's address and authority in place of the cluster's. */
export function outsideKubeconfig(admin: string, port: number, authority: string): string {
  return admin
    .replace(/certificate-authority-data: .*/, `certificate-authority-data: ${Buffer.from(authority).toString('base64')}`)
    .replace(/server: .*/, `server: https://127.0.0.1:${port}`)
}
