/** Asks etcd every so often to forget what was older than the time before. Servers that share an etcd take turns by a key. */
import { encodeUtf8 } from '#engine/base/bytes'
import type { Clock } from '#engine/base/clock'
import type { Etcd, RangeResponse } from '#engine/etcd/api'

const key = 'compact_rev_key'

export class Compactor {
  private turn = 0
  private revision = 0

  constructor(
    private readonly etcd: Etcd,
    private readonly clock: Clock,
    private readonly intervalMs: number,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    while (this.intervalMs > 0 && !signal.aborted) {
      await this.clock.sleep(this.intervalMs, signal)
      await this.compact().catch(() => undefined)
    }
  }

  private async compact(): Promise<void> {
    const answer = await this.etcd.txn({
      compare: [{ key, target: 'version', result: '=', operand: this.turn }], success: [{ put: { key, value: { bytes: encodeUtf8(String(this.revision)) } } }], failure: [{ range: { key } }],
    })
    const before = this.revision
    this.revision = answer.header.revision
    if (!answer.succeeded) {
      this.turn = (answer.responses[0] as { range?: RangeResponse } | undefined)?.range?.kvs[0]?.version ?? 0
      return
    }
    this.turn++
    if (before > 0) await this.etcd.compact(before)
  }
}
