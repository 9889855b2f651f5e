/** The etcd of the cluster, as kubeadm speaks with it: through the endpoints that its pods announce, by the healthcheck certificate. */
import { EtcdError, type Member } from '#engine/etcd/api'
import { EtcdClient } from '#engine/etcd/client'
import { pods } from '#engine/client/resources'
import type { Client } from '#engine/client/client'
import { ZapLog } from '#engine/programs/common/zap'
import { KubeadmError, type Session } from './session'

const announced = 'kubeadm.kubernetes.io/etcd.advertise-client-urls'
const promoteTries = 80

export class StackedEtcd {
  private constructor(
    private readonly session: Session,
    private readonly endpoints: readonly string[],
    private readonly certificatesDir: string,
  ) {}

  static async of(session: Session, client: Client, certificatesDir: string): Promise<StackedEtcd> {
    const found = await client.of(pods).list('kube-system', { labelSelector: 'component=etcd,tier=control-plane' })
    const endpoints = found.items.flatMap((pod) => pod.metadata.annotations?.[announced] ?? [])
    if (endpoints.length === 0) throw new KubeadmError('could not retrieve the list of etcd endpoints')
    return new StackedEtcd(session, endpoints, certificatesDir)
  }

  members(): Promise<readonly Member[]> {
    return this.any((client) => client.members())
  }

  /** Adds a member without a vote; one that is there already stays. */
  async addLearner(peerUrl: string): Promise<readonly Member[]> {
    const members = await this.members()
    if (members.some((member) => member.peerUrls.includes(peerUrl))) return members
    return (await this.any((client) => client.memberAdd([peerUrl], true))).members
  }

  /** Gives it its vote as soon as it has caught up; each try that comes too early is told. */
  async promote(peerUrl: string): Promise<void> {
    const log = new ZapLog(this.session.process, 'etcd-client')
    for (let tries = 0; tries < promoteTries; tries++) {
      const member = (await this.members()).find((each) => each.peerUrls.includes(peerUrl))
      if (!member) throw new KubeadmError(`failed to find the etcd member with peer URL ${peerUrl}`)
      if (!member.isLearner) return
      try {
        await this.any((client) => client.memberPromote(member.id))
        return
      } catch (error) {
        if (!(error instanceof EtcdError)) throw error
        log.write('warn', 'v3@v3.6.6/retry_interceptor.go:65', 'retrying of unary invoker failed', { target: `etcd-endpoints://0xc000320000/${(this.endpoints[0] ?? '').replace(/^https?:\/\//, '')}`, method: '/etcdserverpb.Cluster/MemberPromote', attempt: 0, error: `rpc error: code = ${error.code} desc = ${error.message}` })
      }
      await this.session.process.clock.sleep(500)
    }
    throw new KubeadmError('failed to promote the etcd member: context deadline exceeded')
  }

  async remove(peerUrl: string): Promise<void> {
    const members = await this.members()
    const member = members.find((each) => each.peerUrls.includes(peerUrl))
    if (member && members.length > 1) await this.any((client) => client.memberRemove(member.id))
  }

  /** By the first endpoint that answers. */
  private async any<T>(run: (client: EtcdClient) => Promise<T>): Promise<T> {
    let last: Error = new KubeadmError('no etcd endpoint answers')
    for (const endpoint of this.endpoints) {
      try {
        return await run(this.client(endpoint))
      } catch (error) {
        if (!(error instanceof Error) || error.name === 'ProcessKilled') throw error
        if (error instanceof EtcdError && error.code !== 'Unavailable') throw error
        last = error
      }
    }
    throw last
  }

  private client(endpoint: string): EtcdClient {
    const { process } = this.session
    const read = (name: string): string => process.files.readText(`${this.certificatesDir}/etcd/${name}`)
    const match = /^https:\/\/\[?([^\]]+?)\]?:(\d+)$/.exec(endpoint)
    const target = { host: match?.[1] ?? endpoint, port: Number(match?.[2] ?? 2379) }
    return new EtcdClient((request) => process.net.request(target, request, { timeoutMs: 2000, tls: { roots: read('ca.crt'), certificate: read('healthcheck-client.crt'), key: read('healthcheck-client.key') } }), `kubeadm-${process.pid}`)
  }
}
