/** tmux's commands, as far as they go. */
import { option, flag, list, parseFlags, UsageError } from '#engine/linux/abi/flags'
import type { Answer, Request, Session, TmuxServer, Window } from './sessions'

type Command = (server: TmuxServer, request: Request) => Promise<Answer>

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function stamp(ms: number): string {
  const date = new Date(ms)
  return `${days[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${date.toISOString().slice(11, 19)} ${date.getUTCFullYear()}`
}

function find(server: TmuxServer, target: string | undefined): Session | undefined {
  const name = target?.split(':')[0]?.replace(/^=/, '')
  if (name === undefined || name === '') return [...server.sessions.values()].at(-1)
  return server.sessions.get(name) ?? [...server.sessions.values()].find((session) => session.name.startsWith(name))
}

const targetFlags = { target: option('-t') }

function withSession(kind: 'session' | 'pane' | 'window', run: (server: TmuxServer, session: Session, request: Request, operands: readonly string[], values: Readonly<Record<string, unknown>>) => Promise<Answer>, flags: Parameters<typeof parseFlags>[0] = targetFlags): Command {
  return async (server, request) => {
    try {
      const { values, operands } = parseFlags({ ...targetFlags, ...flags }, request.args, true)
      const target = (values as { target?: string }).target
      const session = find(server, target)
      return session ? await run(server, session, request, operands, values) : { error: `can't find ${kind}: ${target ?? ''}` }
    } catch (error) {
      if (error instanceof UsageError) return { error: error.message }
      throw error
    }
  }
}

const newSession: Command = async (server, request) => {
  const { values, operands } = parseFlags({ detached: flag('-d'), name: option('-s'), window: option('-n'), target: option('-t'), attach: flag('-A'), width: option('-x'), height: option('-y'), directory: option('-c'), environment: list('-e') }, request.args, true)
  const name = values.name ?? server.freeName()
  const existing = server.sessions.get(name)
  if (existing) return values.attach ? { attach: existing } : { error: `duplicate session: ${name}` }
  if (!values.detached && !request.hasTerminal) {
    if (server.sessions.size === 0) server.end()
    return { error: 'open terminal failed: not a terminal' }
  }
  const session: Session = { name, createdMs: server.process.clock.now(), windows: [], active: 0, clients: new Set() }
  const window: Window = { name: values.window ?? 'bash', panes: [], active: 0 }
  session.windows.push(window)
  server.sessions.set(name, session)
  server.addPane(session, window, { ...request, cwd: values.directory ?? request.cwd }, operands)
  return values.detached ? {} : { attach: session }
}

const listSessions: Command = async (server) => ({
  out: [...server.sessions.values()].map((session) => `${session.name}: ${session.windows.length} windows (created ${stamp(session.createdMs)})${session.clients.size > 0 ? ' (attached)' : ''}\n`).join(''),
})

const sendKeys = withSession('pane', async (server, session, _request, operands) => {
  for (const key of operands) await server.shownPane(session)?.master.write(new TextEncoder().encode(keyText(key)))
  return {}
}, { literal: flag('-l'), reset: flag('-R') })

function keyText(key: string): string {
  const named: Readonly<Record<string, string>> = { Enter: '\r', 'C-m': '\r', Space: ' ', Tab: '\t', Escape: '\x1b', BSpace: '\x7f', Up: '\x1b[A', Down: '\x1b[B', Right: '\x1b[C', Left: '\x1b[D' }
  const control = /^C-([a-z])$/.exec(key)
  return named[key] ?? (control ? String.fromCharCode((control[1] as string).charCodeAt(0) - 96) : key)
}

const split = withSession('pane', async (server, session, request, operands) => {
  const window = session.windows[session.active]
  if (window) server.addPane(session, window, request, operands)
  await server.redraw(session)
  return {}
}, { detached: flag('-d'), horizontal: flag('-h'), vertical: flag('-v'), size: option('-l'), percent: option('-p'), directory: option('-c') })

const newWindow = withSession('window', async (server, session, request, operands, values) => {
  const window: Window = { name: String(values['name'] ?? 'bash'), panes: [], active: 0 }
  session.windows.push(window)
  if (values['detached'] !== true) session.active = session.windows.length - 1
  server.addPane(session, window, request, operands)
  return {}
}, { detached: flag('-d'), name: option('-n'), directory: option('-c') })

const listPanes = withSession('window', async (_server, session, request) => {
  const window = session.windows[session.active]
  return { out: (window?.panes ?? []).map((pane, index) => `${index}: [${request.size.columns}x${request.size.rows}] [history 0/2000, 0 bytes] %${pane.id}${index === window?.active ? ' (active)' : ''}\n`).join('') }
}, { all: flag('-a'), session: flag('-s'), format: option('-F') })

const listWindows = withSession('session', async (_server, session, request) => ({
  out: session.windows.map((window, index) => `${index}: ${window.name}${index === session.active ? '*' : ''} (${window.panes.length} panes) [${request.size.columns}x${request.size.rows}]\n`).join(''),
}), { all: flag('-a'), format: option('-F') })

const capture = withSession('pane', async (server, session) => {
  // Without the escape sequences that drew it.
  const text = (server.shownPane(session)?.shown ?? '').replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '').replace(/\r/g, '')
  return { out: `${text.split('\n').slice(-24).join('\n').trimEnd()}\n` }
}, { print: flag('-p'), start: option('-S'), end: option('-E'), escapes: flag('-e'), join: flag('-J') })

const killSession = withSession('session', async (server, session) => {
  await server.killSession(session)
  return {}
}, { all: flag('-a') })

const rename = withSession('session', async (server, session, _request, [name]) => {
  if (name === undefined) return { error: 'too few arguments (need at least 1)' }
  server.sessions.delete(session.name)
  session.name = name
  server.sessions.set(name, session)
  return {}
})

const killServer: Command = async (server) => {
  for (const session of [...server.sessions.values()]) await server.killSession(session)
  server.end()
  return {}
}

const attach = withSession('session', async (_server, session, request) => (request.hasTerminal ? { attach: session } : { error: 'open terminal failed: not a terminal' }), { detachOthers: flag('-d'), readOnly: flag('-r') })
const has = withSession('session', async () => ({}))
const detach = withSession('session', async (_server, session) => {
  for (const client of session.clients) await client.send('exit', { code: 0 })
  session.clients.clear()
  return {}
})

export const commands: Readonly<Record<string, Command>> = {
  'new-session': newSession, new: newSession, 'list-sessions': listSessions, ls: listSessions, 'has-session': has, has, 'kill-session': killSession, 'kill-server': killServer, 'send-keys': sendKeys, send: sendKeys,
  'split-window': split, splitw: split, 'new-window': newWindow, neww: newWindow, 'list-panes': listPanes, lsp: listPanes, 'list-windows': listWindows, lsw: listWindows, 'capture-pane': capture, capturep: capture,
  'rename-session': rename, rename, 'attach-session': attach, attach, a: attach, at: attach, 'detach-client': detach, detach, 'start-server': async () => ({}), start: async () => ({}),
}
