/** The host inside Electron's utility process: one window's port, given by the main process. */
import { socketPath, writableHome } from '#app/host/home'
import { RpcConnection, type Port } from '#app/host/rpc'
import { SessionServer } from '#app/host/session-server'
import { Trainer } from '#app/host/trainer'
import { trainerSessions } from '#app/host/trainer-sessions'

interface ElectronPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): void
  on(event: 'close', listener: () => void): void
  start(): void
}

/** Electron's addition to `process` in a utility process. */
interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown; ports: ElectronPort[] }) => void): void
}

export async function desktopHostCommand(): Promise<number> {
  const { parentPort } = process as unknown as { parentPort?: ParentPort }
  if (!parentPort) throw new Error('`seatrial host` is started by the desktop app; use `seatrial app` for the browser')
  const home = writableHome()
  const connections: RpcConnection[] = []
  const trainer = new Trainer(home, (event) => {
    for (const connection of connections) connection.tell(event)
  })
  const sessions = new SessionServer(socketPath(home), trainerSessions(trainer))
  await sessions.listen()
  return new Promise((resolve) => {
    parentPort.on('message', ({ data, ports }) => {
      const [port] = ports
      if (data === 'connect' && port) connections.push(new RpcConnection(trainer, portOf(port)))
      if (data !== 'quit') return
      sessions.close()
      trainer.shutDown()
      resolve(0)
    })
  })
}

function portOf(port: ElectronPort): Port {
  port.start()
  return {
    send: (message) => port.postMessage(message),
    onMessage: (receive) => port.on('message', ({ data }) => receive(data)),
    onClose: (closed) => port.on('close', closed),
  }
}
