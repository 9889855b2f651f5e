/** tmux's server: clients at its socket, what they type, and the prefix key. */
import type { Process } from '#engine/linux/abi/process'
import { Wire } from '../ssh/wire'
import { commands } from './commands'
import { type Answer, type Request, type Session, TmuxServer, type Window } from './sessions'

export async function serve(process: Process, path: string): Promise<number> {
  if (process.files.exists(path)) process.files.unlink(path)
  const listener = process.net.listen({ unix: path })
  process.handle('SIGHUP', () => undefined)
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  const server = new TmuxServer(process, end)
  process.background(async () => {
    for (;;) {
      const connection = await listener.accept()
      process.background(() => answerClient(server, new Wire(process.descriptor(process.install(connection)))))
    }
  })
  await ended
  await process.clock.sleep(5)
  return 0
}

async function answerClient(server: TmuxServer, wire: Wire): Promise<void> {
  const open = await wire.expect('open')
  if (!open) return
  const { args, cwd } = JSON.parse(open.command ?? '{}') as { args: string[]; cwd: string }
  const request: Request = { args: args.slice(1), cwd, env: new Map(open.env), size: open.terminal ?? { columns: 80, rows: 24 }, hasTerminal: open.terminal !== undefined }
  const command = commands[args[0] ?? '']
  const answer: Answer = command ? await command(server, request) : { error: `unknown command: ${args[0] ?? ''}` }
  if (answer.out) await wire.data(new TextEncoder().encode(answer.out))
  if (answer.error !== undefined) await wire.data(new TextEncoder().encode(`${answer.error}\n`), 'errors')
  if (answer.attach && request.hasTerminal) await attach(server, wire, answer.attach, request)
  else await wire.send('exit', { code: answer.error === undefined ? 0 : 1 })
}

/** Keys go to the pane; ^b is the prefix of commands. */
async function attach(server: TmuxServer, wire: Wire, session: Session, request: Request): Promise<void> {
  session.clients.add(wire)
  await wire.send('resize', { columns: request.size.columns, rows: request.size.rows })
  await server.redraw(session)
  let prefixed = false
  for (let frame = await wire.receive(); frame; frame = await wire.receive()) {
    if (frame.type !== 'data') continue
    for (const byte of frame.bytes) {
      const key = String.fromCharCode(byte)
      if (!prefixed && byte === 2) prefixed = true
      else if (!prefixed) await server.shownPane(session)?.master.write(Uint8Array.of(byte))
      else {
        prefixed = false
        if (key === 'd') return detach(session, wire)
        await prefixKey(server, session, key, request)
      }
    }
  }
  session.clients.delete(wire)
}

async function detach(session: Session, wire: Wire): Promise<void> {
  session.clients.delete(wire)
  await wire.data(new TextEncoder().encode(`\r\n[detached (from session ${session.name})]\r\n`))
  await wire.send('exit', { code: 0 })
}

async function prefixKey(server: TmuxServer, session: Session, key: string, request: Request): Promise<void> {
  const count = session.windows.length
  if (key === 'c') {
    const window: Window = { name: 'bash', panes: [], active: 0 }
    session.windows.push(window)
    session.active = count
    server.addPane(session, window, request, [])
  } else if (key === 'n' || key === 'p') session.active = (session.active + (key === 'n' ? 1 : count - 1)) % count
  else if (/^\d$/.test(key) && Number(key) < count) session.active = Number(key)
  else if (key === 'x' || key === '&') return void server.shownPane(session)?.master.release()
  await server.redraw(session)
}
