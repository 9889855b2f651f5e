/** `seatrial app`: the trainer in the browser, on loopback. */
import { spawn } from 'node:child_process'
import { platform } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { socketPath, writableHome } from '#app/host/home'
import { RpcConnection } from '#app/host/rpc'
import { SessionServer } from '#app/host/session-server'
import { Trainer } from '#app/host/trainer'
import { trainerSessions } from '#app/host/trainer-sessions'
import { WebHome } from '#app/host/web'
import { parseArguments } from './arguments'

export async function appCommand(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(args, ['port'], ['no-open'], 0)
  const home = writableHome()
  const connections = new Set<RpcConnection>()
  const trainer = new Trainer(home, (event) => {
    for (const connection of connections) connection.tell(event)
  })
  const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'renderer')
  const web = new WebHome(folder, (port) => {
    const connection = new RpcConnection(trainer, port)
    connections.add(connection)
    port.onClose(() => connections.delete(connection))
  })
  const sessions = new SessionServer(socketPath(home), trainerSessions(trainer))
  await sessions.listen()
  const address = await web.listen(parsed.number('port', 0, 0, 65535))
  process.stdout.write(`Seatrial is open at ${address}\n(the address works once; Ctrl+C ends the program and keeps your attempt)\n`)
  if (!parsed.has('no-open')) openBrowser(address)
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
  sessions.close()
  web.close()
  trainer.shutDown()
  return 0
}

function openBrowser(address: string): void {
  const [command = '', ...args] = platform() === 'darwin' ? ['open', address] : platform() === 'win32' ? ['cmd', '/c', 'start', '', address] : ['xdg-open', address]
  spawn(command, args, { stdio: 'ignore', detached: true }).on('error', () => process.stdout.write('No browser could be opened: open the address yourself.\n')).unref()
}
