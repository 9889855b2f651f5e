/** Listeners on this machine, each connection carried into the pod. */
import type { MessageChannel } from '#engine/base/http'
import { isErrno } from '#engine/linux/abi/errno'
import type { Connection, Listener } from '#engine/linux/abi/net'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import type { ListenAddress, PortPair } from './ports'
import { Tunnel } from './tunnel'

export class Forwarder {
  private readonly tunnel: Tunnel
  private readonly listeners: Listener[] = []

  constructor(private readonly session: Session, channel: MessageChannel) {
    this.tunnel = new Tunnel(channel)
  }

  /** Ends by an interrupt; throws when the pod is lost. */
  async run(addresses: readonly ListenAddress[], pairs: readonly PortPair[]): Promise<void> {
    const { process } = this.session
    const interrupted = new Promise<'interrupted'>((resolve) => process.handle('SIGINT', () => resolve('interrupted')))
    try {
      await this.listenOnAll(addresses, pairs)
      const why = await Promise.race([interrupted, this.tunnel.run().then(() => 'lost' as const)])
      if (why === 'lost') throw new CliError('lost connection to pod')
    } finally {
      for (const listener of this.listeners) listener.close()
      this.tunnel.close()
    }
  }

  private async listenOnAll(addresses: readonly ListenAddress[], pairs: readonly PortPair[]): Promise<void> {
    let listening = false
    for (const pair of pairs) {
      const problem = await this.listen(addresses, pair)
      if (problem === undefined) listening = true
      else await this.session.err(`Unable to listen on port ${pair.local}: ${problem}\n`)
    }
    if (!listening) throw new CliError(`unable to listen on any of the requested ports: [${pairs.map((pair) => `{${pair.local} ${pair.remote}}`).join(' ')}]`)
  }

  private async listen(addresses: readonly ListenAddress[], pair: PortPair): Promise<string | undefined> {
    const problems: string[] = []
    const succeeded = new Set<string>()
    const failed = new Set<string>()
    for (const at of addresses) {
      const problem = await this.listenAt(at, pair)
      if (problem === undefined) succeeded.add(at.mode)
      else {
        problems.push(problem)
        failed.add(at.mode)
      }
    }
    const lost = failed.has('all') || (failed.has('any') && !succeeded.has('any'))
    return lost ? `Listeners failed to create with the following errors: [${problems.join(' ')}]` : undefined
  }

  private async listenAt({ address, family }: ListenAddress, pair: PortPair): Promise<string | undefined> {
    const host = family === 'tcp6' ? `[${address}]` : address
    let listener: Listener
    try {
      listener = this.session.process.net.listen({ address, port: pair.local })
    } catch (error) {
      if (!isErrno(error)) throw error
      return `unable to create listener: Error listen ${family} ${host}:${pair.local}: bind: ${bindProblem(error.code, error.message)}`
    }
    this.listeners.push(listener)
    pair.local = listener.local.port
    await this.session.out(`Forwarding from ${host}:${pair.local} -> ${pair.remote}\n`)
    this.session.process.background(() => this.accept(listener, pair))
    return undefined
  }

  private async accept(listener: Listener, pair: PortPair): Promise<void> {
    for (;;) {
      let connection: Connection
      try {
        connection = await listener.accept()
      } catch (error) {
        if (isErrno(error)) return
        throw error
      }
      await this.session.out(`Handling connection for ${pair.local}\n`)
      this.session.process.background(() => this.carry(connection, pair))
    }
  }

  private async carry(connection: Connection, pair: PortPair): Promise<void> {
    const far = await this.tunnel.connect(pair.remote, (bytes) => quietly(connection.write(bytes)))
    this.session.process.background(() => quietly(pump(connection, far)))
    const complaint = await far.ended
    connection.close()
    if (complaint === '') return
    await this.session.err(`${this.session.stamp('E')} portforward.go:424] "Unhandled Error" err=${JSON.stringify(`an error occurred forwarding ${pair.local} -> ${pair.remote}: ${complaint}`)}\n`)
    this.tunnel.close()
  }
}

async function pump(connection: Connection, far: { send(bytes: Uint8Array): Promise<void>; finish(): Promise<void> }): Promise<void> {
  for (let chunk = await connection.read(32_768); chunk; chunk = await connection.read(32_768)) await far.send(chunk)
  await far.finish()
}

/** A side that has gone loses what was on its way to it. */
async function quietly(work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
  }
}

function bindProblem(code: string, message: string): string {
  const words: Readonly<Record<string, string>> = { EADDRINUSE: 'address already in use', EACCES: 'permission denied', EADDRNOTAVAIL: 'cannot assign requested address' }
  return words[code] ?? message.toLowerCase()
}
