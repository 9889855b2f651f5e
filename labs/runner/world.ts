/** A cluster as checks and setups use it: commands with their output, objects of the API, and time that can be let pass. */
import { decodeUtf8, fromBase64 } from '#engine/base/bytes'
import { type Cluster, type Settle } from '#engine/cluster/index'
import { Client } from '#engine/client/client'

export interface CommandResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A command that did not end in its time. */
export class CommandTimeout extends Error {
  override readonly name = 'CommandTimeout'
}

const mostOutput = 1024 * 1024

export class World {
  readonly client: Client

  constructor(
    readonly cluster: Cluster,
    private readonly settle: Settle,
  ) {
    this.client = new Client({ request: (request) => this.ahead(cluster.apiRequest(request, { certificates: this.administrator() }), 30_000) }, { userAgent: 'seatrial-grader' })
  }

  /** Runs bash as root on a machine; virtual time passes as the command needs it, at most `limitMs`. */
  async run(host: string, command: string, limitMs = 120_000): Promise<CommandResult> {
    const out = { stdout: '', stderr: '' }
    const decoder = new TextDecoder()
    const collect = (name: 'stdout' | 'stderr') => (bytes: Uint8Array): void => {
      if (out[name].length < mostOutput) out[name] += decoder.decode(bytes)
    }
    const abort = new AbortController()
    const running = this.cluster.exec(host, ['bash', '-c', command], { stdin: nothing(), stdout: collect('stdout'), stderr: collect('stderr'), signal: abort.signal })
    try {
      const code = await this.ahead(running, limitMs)
      return { code, ...out }
    } catch (error) {
      abort.abort(new Error('timed out'))
      throw error
    }
  }

  /** Lets virtual time pass. */
  async pass(ms: number): Promise<void> {
    const until = this.cluster.clock.now() + ms
    await this.settle(this.cluster.clock, () => this.cluster.clock.now() >= until, ms)
  }

  /** Waits for something of the engine, letting time run ahead meanwhile. */
  private async ahead<T>(promise: Promise<T>, limitMs: number): Promise<T> {
    let done = false
    const settled = promise.finally(() => (done = true))
    settled.catch(() => undefined)
    const ended = await this.settle(this.cluster.clock, () => done, limitMs)
    if (!ended) throw new CommandTimeout(`no answer within ${limitMs / 1000} s`)
    return settled
  }

  /** The administrator's certificate, as the control plane's admin.conf has it: the grader has these rights and no others. */
  private administrator(): readonly Uint8Array[] {
    const text = this.cluster.readFile('controlplane', '/etc/kubernetes/super-admin.conf') ?? this.cluster.readFile('controlplane', '/etc/kubernetes/admin.conf') ?? ''
    const data = /client-certificate-data: (\S+)/.exec(text)?.[1]
    if (!data) return []
    const pem = decodeUtf8(fromBase64(data))
    const body = /-----BEGIN CERTIFICATE-----([\s\S]+?)-----END CERTIFICATE-----/.exec(pem)?.[1]
    return body ? [fromBase64(body.replace(/\s/g, ''))] : []
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  yield* []
  await Promise.resolve()
}
