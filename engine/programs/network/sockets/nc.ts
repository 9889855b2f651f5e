/** `nc` (openbsd), busybox's nc, and `telnet`. */
import { isErrno } from '#engine/linux/abi/errno'
import { type Connection, LookupError } from '#engine/linux/abi/net'
import type { OpenFile } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { parseV4, plainAddress } from '#engine/linux/net/address'

interface NcOptions {
  readonly flags: ReadonlySet<string>
  readonly values: ReadonlyMap<string, string>
  readonly operands: readonly string[]
}

function parse(args: readonly string[], withValue: string): NcOptions | string {
  const flags = new Set<string>()
  const values = new Map<string, string>()
  const operands: string[] = []
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? ''
    if (!arg.startsWith('-') || arg === '-') {
      operands.push(arg)
      continue
    }
    for (let at = 1; at < arg.length; at++) {
      const letter = arg.charAt(at)
      if (withValue.includes(letter)) {
        const value = arg.length > at + 1 ? arg.slice(at + 1) : args[++index]
        if (value === undefined) return `nc: option requires an argument -- '${letter}'`
        values.set(letter, value)
        break
      }
      if (!'46bCDdFhklNnrStUuvZz'.includes(letter)) return `nc: invalid option -- '${letter}'`
      flags.add(letter)
    }
  }
  return { flags, values, operands }
}

const usage = 'usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]\n\t  [-m minttl] [-O length] [-P proxy_username] [-p source_port]\n\t  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]\n\t  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]\n\t  [destination] [port]\n'

export const nc: Program = {
  name: 'nc',
  unsupported: 'proxies and TLS',
  async run(process) {
    const options = parse(process.argv.slice(1), 'IiMmOPpqsTVWwXx')
    if (typeof options === 'string') {
      await process.stderr.write(`${options}\n${usage}`)
      return 1
    }
    if (options.flags.has('l')) return new Nc(process, options).listen()
    if (options.operands.length < (options.flags.has('U') ? 1 : 2)) {
      await process.stderr.write(usage)
      return 1
    }
    return new Nc(process, options).connect()
  },
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
    for (const address of addresses) {
      try {
        const timeoutMs = this.timeout()
        const connection = await this.process.net.connect({ host: address, port }, timeoutMs === undefined ? {} : { timeoutMs })
        if (this.verbose) await this.process.stderr.write(`Connection to ${host}${host === address ? '' : ` (${address})`} ${port} port [tcp/${serviceNames[port] ?? '*'}] succeeded!\n`)
        if (this.options.flags.has('z')) {
          connection.close()
          return 0
        }
        return await this.converse(connection)
      } catch (error) {
        if (!isErrno(error)) throw error
        const why = error.code === 'ETIMEDOUT' && this.timeout() !== undefined ? 'Operation now in progress' : error.message
        if (this.verbose) await this.process.stderr.write(error.code === 'ETIMEDOUT' ? `nc: connect to ${host}${host === address ? '' : ` (${address})`} port ${port} (tcp) timed out: ${why}\n` : `nc: connect to ${host}${host === address ? '' : ` (${address})`} port ${port} (tcp) failed: ${why}\n`)
      }
    }
    return 1
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
      const at = flags.has('U') ? { unix: operands[0] ?? '' } : { address: parseV4(address) === undefined ? ((await this.process.net.lookup(address))[0] ?? address) : address, port }
      const listener = this.process.net.listen(at, { backlog: 1 })
      if (this.verbose) await this.process.stderr.write(`Listening on ${address} ${port}\n`)
      do {
        const connection = await listener.accept()
        if (!flags.has('k')) listener.close()
        if (this.verbose) await this.process.stderr.write(`Connection received on ${connection.remote.address === '127.0.0.1' ? 'localhost' : connection.remote.address} ${connection.remote.port}\n`)
        await this.converse(connection)
      } while (flags.has('k'))
      return 0
    } catch (error) {
      if (!isErrno(error)) throw error
      await this.process.stderr.write(`nc: ${error.message}\n`)
      return 1
    }
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
  private async converse(connection: Connection): Promise<number> {
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

export async function relay(process: Process, connection: Connection & OpenFile, options: { readonly shutdown: boolean; readonly input: boolean; readonly idleMs?: number | undefined }): Promise<void> {
  const outward = async (): Promise<void> => {
    try {
      for await (const part of process.stdin) await connection.write(part)
      if (options.shutdown) connection.shutdownWrite()
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }
  if (options.input) process.background(outward)
  try {
    for (;;) {
      const part = options.idleMs === undefined ? await connection.read() : await Promise.race([connection.read(), process.clock.sleep(options.idleMs).then(() => null)])
      if (part === null) break
      await process.stdout.write(part)
    }
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  connection.close()
}

export const busyboxNc: Program = {
  name: 'busybox-nc',
  unsupported: '-e',
  async run(process) {
    const options = parse(process.argv.slice(1), 'pwieso')
    const usageText = `BusyBox v${process.executable.attributes.version ?? '1.36.1'} multi-call binary.\n\nUsage: nc [OPTIONS] HOST PORT  - connect\nnc [OPTIONS] -l -p PORT [HOST] [PORT]  - listen\n`
    if (typeof options === 'string') {
      await process.stderr.write(`${options}\n${usageText}`)
      return 1
    }
    if (options.flags.has('l')) {
      const port = Number(options.values.get('p') ?? options.operands.at(-1))
      const listener = process.net.listen({ address: '0.0.0.0', port })
      do await relay(process, await listener.accept(), { shutdown: false, input: true })
      while (options.flags.has('k'))
      return 0
    }
    const [host, port] = options.operands
    if (host === undefined || port === undefined) {
      await process.stderr.write(usageText)
      return 1
    }
    try {
      const timeoutMs = options.values.has('w') ? Number(options.values.get('w')) * 1000 : undefined
      const connection = await process.net.connect({ host, port: Number(port) }, timeoutMs === undefined ? {} : { timeoutMs })
      if (options.flags.has('v')) await process.stderr.write(`${host} (${connection.remote.address}:${port}) open\n`)
      if (options.flags.has('z')) connection.close()
      else await relay(process, connection, { shutdown: true, input: true })
      return 0
    } catch (error) {
      if (error instanceof LookupError) await process.stderr.write(`nc: bad address '${host}'\n`)
      else if (isErrno(error, 'ETIMEDOUT') && options.values.has('w')) await process.stderr.write('nc: timed out\n')
      else if (isErrno(error)) await process.stderr.write(`nc: can't connect to remote host (${host}): ${error.message}\n`)
      else throw error
      return 1
    }
  },
}

export const telnet: Program = {
  name: 'telnet',
  unsupported: 'telnet options: it only carries bytes',
  async run(process) {
    const [host, port = '23'] = process.argv.slice(1).filter((arg) => !arg.startsWith('-'))
    if (host === undefined) {
      await process.stderr.write('telnet: interactive mode is not supported in this simulation\n')
      return 1
    }
    try {
      const addresses = await process.net.lookup(host)
      await process.stdout.write(`Trying ${addresses[0] ?? host}...\n`)
      const connection = await process.net.connect({ host, port: Number(port) })
      await process.stdout.write(`Connected to ${host}.\nEscape character is '^]'.\n`)
      await relay(process, connection, { shutdown: false, input: true })
      await process.stderr.write('Connection closed by foreign host.\n')
      return 1
    } catch (error) {
      if (error instanceof LookupError) await process.stderr.write(`telnet: could not resolve ${host}/${port}: Name or service not known\n`)
      else if (isErrno(error)) await process.stderr.write(`telnet: Unable to connect to remote host: ${error.message}\n`)
      else throw error
      return 1
    }
  },
}

export const busyboxTelnet: Program = { ...telnet, name: 'busybox-telnet' }
