/** Tells when somebody has cordoned the node or let it go again; a kubelet sees that at its next look at its node. */
import type { Node } from '#engine/api/kinds'
import type { KubeletContext } from '../context'

export class SchedulableWatch {
  private told = false
  private seen = false
  private waiting = false

  constructor(
    private readonly context: KubeletContext,
    private readonly current: () => Node | undefined,
    private readonly event: (reason: string, message: string) => void,
  ) {}

  observe(node: Node | undefined): void {
    const first = !this.seen
    this.seen = true
    if (first && this.context.process.resumed) this.told = isCordoned(node)
    if (this.waiting || isCordoned(node) === this.told) return
    this.waiting = true
    const { clock, config } = this.context
    const period = config.nodeStatusUpdateFrequencyMs
    clock.after(first ? 0 : period - (clock.now() % period), () => this.tell())
  }

  /** What the node is by then: a cordon taken back before nobody hears of. */
  private tell(): void {
    this.waiting = false
    const now = isCordoned(this.current())
    if (now === this.told) return
    this.told = now
    const reason = now ? 'NodeNotSchedulable' : 'NodeSchedulable'
    this.event(reason, `Node ${this.context.nodeName} status is now: ${reason}`)
  }
}

function isCordoned(node: Node | undefined): boolean {
  return node?.spec?.unschedulable === true
}
