/** `nc`, openbsd's. */
import { isErrno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import { type Connection, LookupError } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { parseV4, plainAddress } from '#engine/linux/net/address'
import { type NcOptions, parseNc } from './nc-options'
import { relay } from './relay'

const usage = 'usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]\n\t  [-m minttl] [-O length] [-P proxy_username] [-p source_port]\n\t  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]\n\t  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]\n\t  [destination] [port]\n'

export const nc: Program = {
  name: 'nc',
  unsupported: 'proxies and TLS',
  async run(process) {
    const options = parseNc(process.argv.slice(1), 'IiMmOPpqsTVWwXx')
    if (typeof options === 'string') {
      await process.stderr.write(`${options}\n${usage}`)
      return 1
    }
    const wrong = usageProblem(options)
    if (wrong !== undefined) return process.stderr.write(wrong).then(() => options.flags.has('h') ? 0 : 1)
    return options.flags.has('l') ? new Nc(process, options).listen() : new Nc(process, options).connect()
  },
}

function listenProblem(scan: boolean, port: string | undefined): string | undefined {
  if (scan) return 'nc: cannot use -z and -l\n'
  if (port === undefined) return usage
  return /^\d+$/.test(port) ? undefined : 'nc: getaddrinfo: Servname not supported for ai_socktype\n'
}

/** What does not go together, or is missing. */
function usageProblem({ flags, values, operands }: NcOptions): string | undefined {
  const timeout = values.get('w')
  if (flags.has('h')) return `OpenBSD netcat (Debian patchlevel 1.219-1)\n${usage}`
  if (timeout !== undefined && !/^\d+$/.test(timeout)) return `nc: timeout invalid: ${timeout}\n`
  if (flags.has('l')) return flags.has('U') ? undefined : listenProblem(flags.has('z'), values.get('p') ?? operands.at(-1))
  if (operands.length > 1 || (flags.has('U') && operands.length > 0)) return undefined
  return operands.length === 1 ? 'nc: missing port number\n' : usage
}

const serviceNames: Readonly<Record<number, string>> = { 22: 'ssh', 25: 'smtp', 53: 'domain', 80: 'http', 443: 'https', 9: 'discard' }

class Nc {
  constructor(private readonly process: Process, private readonly options: NcOptions) {}

  private get verbose(): boolean {
    return this.options.flags.has('v')
  }

  private timeout(): number | undefined {
    const value = this.options.values.get('w')
    return value === undefined ? undefined : Number(value) * 1000
  }

  async connect(): Promise<number> {
    const { flags, operands } = this.options
    if (flags.has('U')) return this.converse(await this.process.net.connect({ unix: operands[0] ?? '' }))
    const host = operands[0] ?? ''
    let addresses: readonly string[]
    try {
      addresses = await this.process.net.lookup(host)
    } catch (error) {
      if (!(error instanceof LookupError)) throw error
      await this.process.stderr.write(`nc: getaddrinfo for host "${host}" port ${operands[1] ?? ''}: ${error.reason === 'not-found' ? 'Name or service not known' : 'Temporary failure in name resolution'}\n`)
      return 1
    }
    let failed = 0
    for (const port of portsOf(operands[1] ?? '')) {
      if (Number.isNaN(port) || port < 1 || port > 65535) {
        await this.process.stderr.write(`nc: port number ${port > 65535 ? 'too large' : 'invalid'}: ${operands[1] ?? ''}\n`)
        return 1
      }
      failed = flags.has('u') ? await this.udp(host, addresses[0] ?? host, port) : await this.tcp(host, addresses, port)
    }
    return failed
  }

  private async tcp(host: string, addresses: readonly string[], port: number): Promise<number> {
    const timeoutMs = this.timeout()
    for (const address of addresses) {
      const shown = `${host}${host === address ? '' : ` (${address})`}`
      try {
        const connection = await this.process.net.connect({ host: address, port }, timeoutMs === undefined ? {} : { timeoutMs })
        await this.tell(`Connection to ${shown} ${port} port [tcp/${serviceNames[port] ?? '*'}] succeeded!`)
        if (!this.options.flags.has('z')) return await this.converse(connection)
        connection.close()
        return 0
      } catch (error) {
        if (!isErrno(error)) throw error
        const timedOut = error.code === 'ETIMEDOUT'
        await this.tell(`nc: connect to ${shown} port ${port} (tcp) ${timedOut ? 'timed out' : 'failed'}: ${timedOut && timeoutMs !== undefined ? 'Operation now in progress' : error.message}`)
      }
    }
    return 1
  }

  /** Only with -v. */
  private async tell(text: string): Promise<void> {
    if (this.verbose) await this.process.stderr.write(`${text}\n`)
  }

  private async udp(host: string, address: string, port: number): Promise<number> {
    const socket = this.process.net.udp()
    if (this.options.flags.has('z')) {
      socket.send({ address, port }, new TextEncoder().encode('X'))
      const refused = await socket.receive(1000).then(() => false, (error: unknown) => isErrno(error, 'ECONNREFUSED'))
      socket.close()
      if (refused) return 1
      if (this.verbose) await this.process.stderr.write(`Connection to ${host} ${port} port [udp/${serviceNames[port] ?? '*'}] succeeded!\n`)
      return 0
    }
    const show = async (): Promise<void> => {
      for (;;) await this.process.stdout.write((await socket.receive()).data)
    }
    this.process.background(() => show().catch((error: unknown) => { if (!isErrno(error)) throw error }))
    for await (const part of this.process.stdin) socket.send({ address, port }, part)
    await this.process.clock.sleep(this.timeout() ?? 1000)
    socket.close()
    return 0
  }

  async listen(): Promise<number> {
    const { flags, operands, values } = this.options
    const port = Number(values.get('p') ?? operands.at(-1))
    const address = operands.length > 1 ? plainAddress(operands[0] ?? '0.0.0.0') : '0.0.0.0'
    if (flags.has('u')) return this.listenUdp(address, port)
    try {
      const listener = this.process.net.listen(flags.has('U') ? { unix: operands[0] ?? '' } : { address: await this.numeric(address), port }, { backlog: 1 })
      await this.tell(`Listening on ${address === '127.0.0.1' ? 'localhost' : address} ${port}`)
      do await this.serve(await listener.accept(), () => listener.close())
      while (flags.has('k'))
      return 0
    } catch (error) {
      if (!isErrno(error)) throw error
      await this.process.stderr.write(`nc: ${error.message}\n`)
      return 1
    }
  }

  private async numeric(address: string): Promise<string> {
    return parseV4(address) === undefined ? ((await this.process.net.lookup(address))[0] ?? address) : address
  }

  /** Without -k nobody else is let in. */
  private async serve(connection: Connection & OpenFile, close: () => void): Promise<void> {
    if (!this.options.flags.has('k')) close()
    const { address, port } = connection.remote
    await this.tell(`Connection received on ${address === '127.0.0.1' ? 'localhost' : address} ${port}`)
    await this.converse(connection)
  }

  private async listenUdp(address: string, port: number): Promise<number> {
    const socket = this.process.net.udp({ address, port })
    let peer = (await this.receiveFirst(socket)).from
    const show = async (): Promise<void> => {
      for (;;) {
        const { from, data } = await socket.receive()
        peer = from
        await this.process.stdout.write(data)
      }
    }
    this.process.background(() => show())
    for await (const part of this.process.stdin) socket.send(peer, part)
    await new Promise(() => undefined)
    return 0
  }

  private async receiveFirst(socket: ReturnType<Process['net']['udp']>): Promise<Awaited<ReturnType<ReturnType<Process['net']['udp']>['receive']>>> {
    const first = await socket.receive()
    await this.process.stdout.write(first.data)
    return first
  }

  /** Standard input out, what comes in to standard output, until both have ended. */
  private async converse(connection: Connection & OpenFile): Promise<number> {
    const quit = this.options.values.get('q')
    await relay(this.process, connection, { shutdown: this.options.flags.has('N') || quit !== undefined, input: !this.options.flags.has('d'), idleMs: this.timeout() })
    return 0
  }
}

function portsOf(text: string): number[] {
  const range = /^(\d+)-(\d+)$/.exec(text)
  if (!range) return [/^\d+$/.test(text) ? Number(text) : Number.NaN]
  const [from, to] = [Number(range[1]), Math.min(65535, Number(range[2]))]
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index)
}

/** Debian's other name for it. */
export const netcat: Program = { ...nc, name: 'netcat' }
