/** Answers the renderer's calls over whatever carries messages; one connection is one window. */
import { Utf8Stream } from '#engine/base/bytes'
import type { TerminalSession } from '#engine/cluster/index'
import { callNames, type CallMessage, type CallName, type Contract, type HostEvent, type ReplyMessage } from '#app/shared/contract'
import type { Trainer } from './trainer'

export interface Port {
  send(message: ReplyMessage | HostEvent): void
  /** Messages as they come; closed by the other side. */
  onMessage(receive: (message: unknown) => void): void
  onClose(closed: () => void): void
}

type Handlers = { readonly [K in CallName]: (params: Contract[K]['params']) => Contract[K]['result'] | Promise<Contract[K]['result']> }

/** The longest input one message may bring: a paste. */
const longestInput = 1024 * 1024

export class RpcConnection {
  private readonly terminals = new Map<number, TerminalSession>()
  private nextTerminal = 1
  private readonly handlers: Handlers

  constructor(
    private readonly trainer: Trainer,
    private readonly port: Port,
  ) {
    this.handlers = this.makeHandlers()
    port.onMessage((message) => void this.receive(message))
    port.onClose(() => this.closeTerminals())
  }

  progress(text: string): void {
    this.port.send({ event: 'progress', text })
  }

  private async receive(message: unknown): Promise<void> {
    const { id, call, params } = (message ?? {}) as Partial<CallMessage>
    if (typeof id !== 'number' || call === undefined || !callNames.includes(call)) return
    try {
      this.trainer.current?.driver.enter()
      const handler = this.handlers[call] as (params: unknown) => unknown
      this.port.send({ id, result: (await handler(params)) ?? null })
    } catch (error) {
      this.port.send({ id, error: error instanceof Error ? error.message : String(error) })
    }
  }

  private makeHandlers(): Handlers {
    const { trainer } = this
    return {
      listLabs: () => trainer.listLabs(),
      current: async () => (await trainer.resume()) ?? null,
      start: async ({ labId }) => {
        this.closeTerminals()
        return trainer.start(labId)
      },
      leave: () => {
        this.closeTerminals()
        trainer.leave()
        return null
      },
      reset: () => {
        this.closeTerminals()
        return trainer.reset()
      },
      check: () => trainer.check(),
      hint: () => trainer.hint(),
      solution: () => trainer.solution(),
      fastForward: async ({ seconds }) => {
        await trainer.current?.driver.fastForward(Math.min(Math.max(seconds, 0), 3600) * 1000)
        return null
      },
      openTerminal: ({ host, columns, rows }) => ({ terminal: this.open(host, columns, rows) }),
      writeTerminal: ({ terminal, data }) => {
        if (data.length > longestInput) throw new Error(`a paste may have at most ${longestInput} characters`)
        trainer.current?.touch()
        this.terminals.get(terminal)?.write(new TextEncoder().encode(data))
        return null
      },
      resizeTerminal: ({ terminal, columns, rows }) => {
        this.terminals.get(terminal)?.resize({ columns, rows })
        return null
      },
      closeTerminal: ({ terminal }) => {
        this.terminals.get(terminal)?.close()
        return null
      },
    }
  }

  private open(host: string, columns: number, rows: number): number {
    const cluster = this.trainer.current?.cluster
    if (!cluster) throw new Error('no lab is open')
    const terminal = this.nextTerminal++
    const text = new Utf8Stream()
    const session = cluster.openTerminal(host, { columns, rows }, (bytes) => this.port.send({ event: 'output', terminal, data: text.push(bytes) }))
    this.terminals.set(terminal, session)
    void session.ended.then((code) => {
      if (this.terminals.delete(terminal)) this.port.send({ event: 'closed', terminal, code })
    })
    return terminal
  }

  private closeTerminals(): void {
    for (const session of this.terminals.values()) session.close()
    this.terminals.clear()
  }
}
