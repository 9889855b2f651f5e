/** Ports on loopback, and what to say where one is taken. */
import type { Server } from 'node:net'

/** Resolves when a server listens on 127.0.0.1; port 0 lets the system choose. */
export function listenOnLoopback(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(error.code === 'EADDRINUSE' ? new Error(`port ${port} is in use by another program: choose another one, or leave --port out`) : error.code === 'EACCES' ? new Error(`port ${port} is not for everybody: choose one above 1023, or leave --port out`) : error)
    server.once('error', failed)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', failed)
      resolve()
    })
  })
}
