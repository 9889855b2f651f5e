/** Which API servers of this cluster live: each holds a key in etcd for fifteen seconds at a time. */
import { encodeUtf8 } from '#engine/base/bytes'
import type { Clock } from '#engine/base/clock'
import type { Etcd } from '#engine/etcd/api'

const ttlSeconds = 15
const renewMs = 10_000

export class MasterLeases {
  private lease: number | undefined

  constructor(
    private readonly etcd: Etcd,
    private readonly prefix: string,
    private readonly clock: Clock,
    private readonly address: string,
  ) {}

  /** The addresses of all, this one's among them, each time they have changed; until the signal. */
  async *follow(signal: AbortSignal): AsyncGenerator<readonly string[]> {
    let before = ''
    while (!signal.aborted) {
      const addresses = await this.renew().catch(() => undefined)
      if (addresses && addresses.join() !== before) {
        before = addresses.join()
        yield addresses
      }
      await this.clock.sleep(renewMs)
    }
  }

  /** This server goes: the others need not wait until its time is up. */
  async leave(): Promise<void> {
    await this.etcd.deleteRange({ key: this.key() })
  }

  private async renew(): Promise<readonly string[]> {
    if (this.lease === undefined || !(await this.keepAlive(this.lease))) {
      this.lease = (await this.etcd.leaseGrant(ttlSeconds)).id
      const endpoints = { kind: 'Endpoints', apiVersion: 'v1', metadata: {}, subsets: [{ addresses: [{ ip: this.address }] }] }
      await this.etcd.put({ key: this.key(), value: { bytes: encodeUtf8(`${JSON.stringify(endpoints)}\n`) }, lease: this.lease })
    }
    const directory = `${this.prefix}/masterleases/`
    const { kvs } = await this.etcd.range({ key: directory, rangeEnd: `${directory.slice(0, -1)}0`, keysOnly: true })
    return kvs.map(({ key }) => key.slice(directory.length)).sort()
  }

  private async keepAlive(lease: number): Promise<boolean> {
    return this.etcd.leaseKeepAlive(lease).then(() => true, () => false)
  }

  private key(): string {
    return `${this.prefix}/masterleases/${this.address}`
  }
}
