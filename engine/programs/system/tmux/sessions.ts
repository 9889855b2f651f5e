/** What tmux keeps: sessions of windows of panes, each pane a pseudo terminal with a shell. */
import type { OpenFile } from '#engine/linux/abi/files'
import type { ChildProcess, Process } from '#engine/linux/abi/process'
import { findUser } from '#engine/linux/users/accounts'
import type { Wire } from '../ssh/wire'

const keptBytes = 64 * 1024

export interface Pane {
  readonly id: number
  readonly master: OpenFile
  readonly child: ChildProcess
  shown: string
}

export interface Window {
  name: string
  readonly panes: Pane[]
  active: number
}

export interface Session {
  name: string
  readonly createdMs: number
  readonly windows: Window[]
  active: number
  readonly clients: Set<Wire>
}

export interface Request {
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: ReadonlyMap<string, string>
  readonly size: { readonly columns: number; readonly rows: number }
  readonly hasTerminal: boolean
}

export interface Answer {
  readonly out?: string
  readonly error?: string
  /** The client stays and looks at this session. */
  readonly attach?: Session
}

export class TmuxServer {
  readonly sessions = new Map<string, Session>()
  private nextPane = 0
  private nextName = 0

  constructor(
    readonly process: Process,
    readonly end: () => void,
  ) {}

  freeName(): string {
    while (this.sessions.has(String(this.nextName))) this.nextName++
    return String(this.nextName)
  }

  addPane(session: Session, window: Window, request: Request, command: readonly string[]): void {
    const { process } = this
    const { master, slave } = process.openPty(request.size)
    const shell = findUser(process.files, process.credentials.uid)?.shell ?? '/bin/sh'
    const env = new Map(request.env).set('TERM', 'screen').set('TMUX', `/tmp/tmux-${process.credentials.uid}/default,${process.pid},0`)
    const argv = command.length > 0 ? ['sh', '-c', command.join(' ')] : [`-${shell.split('/').pop() ?? 'sh'}`]
    const child = process.spawn(command.length > 0 ? '/bin/sh' : shell, argv, { env, cwd: request.cwd, onlyNamedDescriptors: true, descriptors: new Map([[0, slave], [1, slave], [2, slave]]), session: { terminal: slave } })
    const pane: Pane = { id: this.nextPane++, master, child, shown: '' }
    window.panes.push(pane)
    window.active = window.panes.length - 1
    process.background(async () => {
      for (let bytes = await master.read(65536); bytes; bytes = await master.read(65536)) {
        pane.shown = (pane.shown + new TextDecoder().decode(bytes)).slice(-keptBytes)
        if (this.shownPane(session) === pane) for (const client of session.clients) await client.data(bytes)
      }
      await child.wait()
      await this.removePane(session, window, pane)
    })
  }

  shownPane(session: Session): Pane | undefined {
    const window = session.windows[session.active]
    return window?.panes[window.active]
  }

  async redraw(session: Session): Promise<void> {
    const text = `\x1b[H\x1b[2J${this.shownPane(session)?.shown ?? ''}`
    for (const client of session.clients) await client.data(new TextEncoder().encode(text))
  }

  async killSession(session: Session): Promise<void> {
    this.sessions.delete(session.name)
    for (const window of session.windows) for (const pane of window.panes) pane.master.release()
    for (const client of session.clients) {
      await client.data(new TextEncoder().encode('\r\n[exited]\r\n'))
      await client.send('exit', { code: 0 })
    }
    if (this.sessions.size === 0) this.end()
  }

  private async removePane(session: Session, window: Window, pane: Pane): Promise<void> {
    const at = window.panes.indexOf(pane)
    if (at < 0 || !this.sessions.has(session.name)) return
    window.panes.splice(at, 1)
    window.active = Math.max(0, window.panes.length - 1)
    if (window.panes.length === 0) session.windows.splice(session.windows.indexOf(window), 1)
    session.active = Math.min(session.active, Math.max(0, session.windows.length - 1))
    if (session.windows.length === 0) await this.killSession(session)
    else await this.redraw(session)
  }
}
