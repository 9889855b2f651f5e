/** Streams between clients and the shims' tasks. Who attaches before the start waits for it. */
import { decodeUtf8 } from '#engine/base/bytes'
import { emptyBody, type HttpResponse, type MessageChannel } from '#engine/base/http'
import { channel, channelPair } from '#engine/cri/streaming/channels'
import type { DockerHost } from '../host'
import { mobyNamespace } from '../host'
import { type ContainerRecord, serverError } from '../model'

export interface AttachWish { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean }

const upgradeHeaders = { connection: 'Upgrade', upgrade: 'tcp', 'content-type': 'application/vnd.docker.raw-stream' }
/** How long the end of a container waits for those who still read its output. */
const drainMs = 2000

export function upgraded(channelOfClient: MessageChannel): HttpResponse {
  return { status: 101, headers: upgradeHeaders, body: emptyBody, upgraded: channelOfClient }
}

export class Attachments {
  private readonly pending = new Map<string, { readonly mine: MessageChannel; readonly wish: AttachWish }[]>()
  private readonly busy = new Map<string, Set<Promise<void>>>()

  constructor(private readonly host: DockerHost) {}

  async attach(record: ContainerRecord, wish: AttachWish): Promise<HttpResponse> {
    const [mine, theirs] = channelPair()
    if (record.state.status === 'running') await this.connect(record, mine, wish)
    else this.pending.set(record.id, [...(this.pending.get(record.id) ?? []), { mine, wish }])
    return upgraded(theirs)
  }

  awaited(id: string): boolean {
    return (this.pending.get(id)?.length ?? 0) > 0
  }

  /** The task runs: those who waited get its streams. */
  async begin(record: ContainerRecord): Promise<void> {
    for (const { mine, wish } of this.take(record.id)) await this.connect(record, mine, wish)
  }

  /** The start has failed. */
  refuse(id: string): void {
    for (const { mine } of this.take(id)) mine.close()
  }

  /** Resolves when all output has reached the clients' channels. */
  async drained(id: string): Promise<void> {
    const waiting = [...(this.busy.get(id) ?? [])]
    if (waiting.length > 0) await Promise.race([Promise.all(waiting), this.host.process.clock.sleep(drainMs)])
    this.busy.delete(id)
  }

  private take(id: string): { readonly mine: MessageChannel; readonly wish: AttachWish }[] {
    const waiting = this.pending.get(id) ?? []
    this.pending.delete(id)
    return waiting
  }

  private async connect(record: ContainerRecord, mine: MessageChannel, wish: AttachWish): Promise<void> {
    const answer = await this.host.tasks.stream(mobyNamespace, { id: record.id, tty: record.config.Tty, stdin: wish.stdin && record.config.OpenStdin, stdout: wish.stdout, stderr: wish.stderr })
    if (!answer.upgraded) throw serverError(await answer.body.text())
    const done = relay(this.host, mine, answer.upgraded)
    const all = this.busy.get(record.id) ?? new Set()
    this.busy.set(record.id, all.add(done))
    this.host.process.background(async () => {
      await done
      all.delete(done)
    })
  }
}

/** Messages both ways; resolves when the shim's side has ended and all of it was passed on. `onStatus` sees the last word on the error channel. */
export function relay({ process }: DockerHost, client: MessageChannel, shim: MessageChannel, onStatus: (exitCode: number) => void = () => undefined): Promise<void> {
  process.background(async () => {
    for (let message = await client.receive(); message; message = await client.receive()) await pass(shim, message)
    shim.close()
  })
  return new Promise((resolve) => {
    process.background(async () => {
      for (let message = await shim.receive(); message; message = await shim.receive()) {
        if (message[0] === channel.error) onStatus(exitCodeIn(message.subarray(1)))
        await pass(client, message)
      }
      client.close()
      resolve()
    })
  })
}

async function pass(to: MessageChannel, message: Uint8Array): Promise<void> {
  if (to.closed) return
  try {
    await to.send(message)
  } catch {
    // The other side has gone: what is left for it is dropped.
  }
}

function exitCodeIn(data: Uint8Array): number {
  const status = JSON.parse(decodeUtf8(data)) as { status?: string; details?: { causes?: { reason?: string; message?: string }[] } }
  return status.status === 'Success' ? 0 : Number(status.details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message ?? 1)
}
