/** Answers the renderer's calls over whatever carries messages; one connection is one window. */
import { Utf8Stream } from '#engine/base/bytes'
import type { Cluster, TerminalSession } from '#engine/cluster/index'
import { callNames, longestPaste, outputWindow, type CallMessage, type CallName, type Contract, type HostEvent, type ReplyMessage } from '#app/shared/contract'
import { openOwnTerminal } from './own-terminal'
import type { Trainer } from './trainer'

export interface Port {
  send(message: ReplyMessage | HostEvent): void
  /** Messages as they come; closed by the other side. */
  onMessage(receive: (message: unknown) => void): void
  onClose(closed: () => void): void
}

type Handlers = { readonly [K in CallName]: (params: Contract[K]['params']) => Contract[K]['result'] | Promise<Contract[K]['result']> }

/** A terminal that is open, and how far its output is ahead of what the window has drawn. */
interface OpenTerminal {
  readonly session: TerminalSession
  readonly window: OutputWindow
}

export class RpcConnection {
  private readonly terminals = new Map<number, OpenTerminal>()
  private nextTerminal = 1
  /** The scene that the terminals are on. */
  private scene = ''
  private readonly handlers: Handlers

  constructor(
    private readonly trainer: Trainer,
    private readonly port: Port,
  ) {
    this.handlers = this.makeHandlers()
    port.onMessage((message) => void this.receive(message))
    port.onClose(() => this.closeTerminals())
  }

  /** Passes on what the trainer tells; terminals on a cluster that is no more are closed. */
  tell(event: HostEvent): void {
    if (event.event === 'attempt') {
      const scene = event.attempt ? `${event.attempt.id}/${event.attempt.scene}` : ''
      if (scene !== this.scene) this.closeTerminals()
      this.scene = scene
    }
    this.port.send(event)
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
      start: ({ labId }) => trainer.start(labId),
      leave: async () => {
        await trainer.leave()
        return null
      },
      reset: () => trainer.reset(),
      undoReset: () => trainer.undoReset(),
      check: () => trainer.check(),
      hint: () => trainer.hint(),
      solution: () => trainer.solution(),
      fastForward: async ({ seconds }) => {
        await trainer.current?.driver.fastForward(Math.min(Math.max(seconds, 0), 3600) * 1000)
        return null
      },
      openTerminal: ({ host, columns, rows }) => ({ terminal: this.open((cluster, output) => cluster.openTerminal(host, { columns, rows }, output)) }),
      openOwnTerminal: async ({ columns, rows }) => {
        const environment = await trainer.ownEnvironment()
        return { terminal: this.open((_cluster, output) => openOwnTerminal({ columns, rows, environment }, output)) }
      },
      writeTerminal: ({ terminal, data }) => {
        if (data.length > longestPaste) throw new Error(`a paste may have at most ${longestPaste} characters`)
        trainer.current?.touch()
        this.terminals.get(terminal)?.session.write(new TextEncoder().encode(data))
        return null
      },
      acknowledge: ({ terminal, characters }) => {
        this.terminals.get(terminal)?.window.drawn(characters)
        return null
      },
      resizeTerminal: ({ terminal, columns, rows }) => {
        this.terminals.get(terminal)?.session.resize({ columns, rows })
        return null
      },
      closeTerminal: ({ terminal }) => {
        this.terminals.get(terminal)?.session.close()
        return null
      },
    }
  }

  private open(make: (cluster: Cluster, output: (bytes: Uint8Array) => Promise<void> | undefined) => TerminalSession): number {
    const cluster = this.trainer.current?.cluster
    if (!cluster) throw new Error('no lab is open')
    const terminal = this.nextTerminal++
    const text = new Utf8Stream()
    const window = new OutputWindow(() => this.trainer.current?.driver.enter())
    const session = make(cluster, (bytes) => {
      const data = text.push(bytes)
      this.trainer.current?.touch()
      this.port.send({ event: 'output', terminal, data })
      return window.sent(data.length)
    })
    this.terminals.set(terminal, { session, window })
    void session.ended.then((code) => {
      window.close()
      if (this.terminals.delete(terminal)) this.port.send({ event: 'closed', terminal, code })
    })
    return terminal
  }

  private closeTerminals(): void {
    for (const { session, window } of this.terminals.values()) {
      window.close()
      session.close()
    }
    this.terminals.clear()
  }
}

/** Makes a writer wait while the window has too much left to draw. */
class OutputWindow {
  private ahead = 0
  private goOn: (() => void) | undefined

  constructor(private readonly enter: () => void) {}

  sent(characters: number): Promise<void> | undefined {
    this.ahead += characters
    if (this.ahead < outputWindow) return undefined
    return new Promise((resolve) => (this.goOn = resolve))
  }

  drawn(characters: number): void {
    this.ahead = Math.max(0, this.ahead - characters)
    if (this.ahead < outputWindow / 2) this.release()
  }

  close(): void {
    this.ahead = Number.NEGATIVE_INFINITY
    this.release()
  }

  private release(): void {
    const { goOn } = this
    this.goOn = undefined
    if (!goOn) return
    this.enter()
    goOn()
  }
}
