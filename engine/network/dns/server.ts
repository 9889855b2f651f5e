/** A running configuration of the DNS server: its listeners, its chains of plugins by zone, its auxiliary HTTP ports. */
import { sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, encodeUtf8, toHex } from '#engine/base/bytes'
import { remembered } from '#engine/base/remembered'
import { type HttpResponse, textBody } from '#engine/base/http'
import { Errno, isErrno, ProcessKilled } from '#engine/linux/abi/errno'
import type { Connection, DatagramSocket, Listener, SocketAddress } from '#engine/linux/abi/net'
import { decodeMessage, DnsFormatError, type DnsMessage, encodeMessage } from '#engine/linux/net/dns/message'
import { type Directive, parseCorefile, type ServerBlock, zoneAddress } from '#engine/network/dns/corefile'
import { type DnsAnswer, type DnsQuery, empty, inZone, type Next, type Plugin, type PluginHost, seconds, type SetupContext, SetupError } from '#engine/network/dns/plugin'
import { pluginTable } from '#engine/network/dns/plugins'

interface Zone {
  readonly zone: string
  readonly port: number
  readonly plugins: readonly Plugin[]
  readonly chain: Next
  readonly directives: readonly Directive[]
  readonly address: string
}

export class DnsServer {
  private readonly zones: Zone[] = []
  private readonly closers: (() => void)[] = []
  private readonly counts = new Map<string, number>()
  private stopped = false
  readonly hash: string

  /** Throws CorefileError and SetupError. */
  constructor(private readonly host: PluginHost, text: string) {
    this.hash = configurationHash(text)
    for (const block of parseCorefile(text, host.file, host.process.env)) this.addBlock(block)
    if (this.zones.length === 0) this.zones.push({ zone: '.', port: 53, plugins: [], chain: () => Promise.resolve(undefined), directives: [], address: '0.0.0.0' })
    this.checkDuplicates()
  }

  private checkDuplicates(): void {
    const seen = new Set<string>()
    for (const { zone, port } of this.zones) {
      if (seen.has(`${zone}:${port}`)) throw new SetupError(`cannot serve dns://${zone}:${port} - it is already defined`)
      seen.add(`${zone}:${port}`)
    }
  }

  private addBlock(block: ServerBlock): void {
    const addresses = block.keys.map(zoneAddress)
    for (const directive of block.directives) {
      const known = pluginTable.find(([name]) => name === directive.name)
      if (!known) throw new SetupError(`${this.host.file}:${directive.line} - Error during parsing: Unknown directive '${directive.name}'`)
      if (!known[1]) throw new SetupError(`plugin/${directive.name}: not supported in this simulation`)
    }
    for (const { zone, port } of addresses) {
      const context: SetupContext = { ...this.host, zones: [zone], port }
      const plugins = pluginTable.flatMap(([name, setup]) => block.directives.filter((directive) => directive.name === name).map((directive) => setup?.(directive, context))).filter((plugin) => plugin !== undefined)
      const address = block.directives.find((directive) => directive.name === 'bind')?.args[0] ?? '0.0.0.0'
      this.zones.push({ zone, port, plugins, chain: chainOf(plugins), directives: block.directives, address })
    }
  }

  /** `.:53` for each zone, as printed at the start. */
  banner(): string[] {
    return this.zones.map(({ zone, port }) => `${zone}:${port}`)
  }

  directive(name: string): Directive | undefined {
    return this.zones.flatMap((zone) => zone.directives).find((each) => each.name === name)
  }

  /** How long it answers on after it was told to end. */
  get lameduckMs(): number {
    const line = this.directive('health')?.block?.find((each) => each.words[0] === 'lameduck')
    const length = line ? seconds(line.words[1] ?? '') : 0
    return Number.isNaN(length) ? 0 : length * 1000
  }

  async start(): Promise<void> {
    this.auxiliaries()
    for (const zone of this.zones) for (const plugin of zone.plugins) await plugin.start?.()
    const places = new Map(this.zones.map((zone) => [`${zone.address}:${zone.port}`, zone]))
    for (const { address, port } of places.values()) this.listen({ address, port })
    this.detectLoops()
  }

  private listen(at: SocketAddress): void {
    const { net } = this.host.process
    const where = at.address === '0.0.0.0' ? `:${at.port}` : `${at.address}:${at.port}`
    let listener: Listener
    let socket: DatagramSocket
    try {
      listener = net.listen(at)
    } catch (error) {
      throw isErrno(error) ? new SetupError(`Listen: listen tcp ${where}: bind: ${error.message.toLowerCase()}`) : error
    }
    this.closers.push(() => listener.close())
    try {
      socket = net.udp(at)
    } catch (error) {
      throw isErrno(error) ? new SetupError(`Listen: listen udp ${where}: bind: ${error.message.toLowerCase()}`) : error
    }
    this.closers.push(() => socket.close())
    this.background(this.serveUdp(socket, at.port))
    this.background(this.serveTcp(listener, at.port))
  }

  /** Ends with the process or with this configuration; anything else is a fault. */
  private background(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (error instanceof ProcessKilled || this.stopped || error instanceof Errno) return
      this.host.log(`[ERROR] Recovered from panic in server: ${String(error)}`)
    })
  }

  private async serveUdp(socket: DatagramSocket, port: number): Promise<void> {
    for (;;) {
      const { from, data } = await socket.receive().catch((error: unknown) => {
        if (isErrno(error, 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH')) return { from: undefined, data: new Uint8Array(0) }
        throw error
      })
      if (!from) continue
      this.background(this.answer(data, from, port, 'udp').then((bytes) => {
        if (bytes && !this.stopped) socket.send(from, bytes)
      }))
    }
  }

  private async serveTcp(listener: Listener, port: number): Promise<void> {
    for (;;) {
      const connection = await listener.accept()
      this.background(this.converse(connection, port).finally(() => connection.close()))
    }
  }

  private async converse(connection: Connection, port: number): Promise<void> {
    let buffer: Uint8Array = new Uint8Array(0)
    for (;;) {
      while (buffer.length < 2 || buffer.length < 2 + (buffer[0] ?? 0) * 256 + (buffer[1] ?? 0)) {
        const part = await connection.read()
        if (part === null) return
        buffer = concatBytes([buffer, part])
      }
      const length = (buffer[0] ?? 0) * 256 + (buffer[1] ?? 0)
      const bytes = await this.answer(buffer.subarray(2, 2 + length), connection.remote, port, 'tcp')
      buffer = buffer.subarray(2 + length)
      if (bytes) await connection.write(concatBytes([Uint8Array.of(bytes.length >> 8, bytes.length & 255), bytes]))
    }
  }

  private async answer(data: Uint8Array, from: SocketAddress, port: number, transport: 'udp' | 'tcp'): Promise<Uint8Array | undefined> {
    let message: DnsMessage
    try {
      message = decodeMessage(data)
    } catch (error) {
      if (error instanceof DnsFormatError) return undefined
      throw error
    }
    const question = message.questions[0]
    if (message.response || !question) return undefined
    const started = this.host.clock.now()
    const query: DnsQuery = { question, name: `${question.name.toLowerCase()}.`.replace(/^\.\.?$/, '.'), from, id: message.id, transport }
    const zone = this.zones.filter((each) => each.port === port && inZone(query.name, each.zone)).sort((a, b) => b.zone.length - a.zone.length)[0]
    const answer = zone ? ((await zone.chain(query)) ?? { ...empty('SERVFAIL', [], false), error: 'plugin/forward: no next plugin found' }) : empty('REFUSED', [], false)
    const bytes = encodeMessage({ ...message, response: true, authoritative: answer.authoritative, recursionAvailable: answer.recursionAvailable ?? false, truncated: false, code: answer.code, answers: answer.answers, authority: answer.authority, additional: answer.additional, ...(message.edns ? { edns: { size: message.edns.size } } : {}) })
    this.note(zone, query, answer, message, { length: bytes.length, ms: this.host.clock.now() - started })
    return bytes
  }

  private note(zone: Zone | undefined, query: DnsQuery, answer: DnsAnswer, message: DnsMessage, outcome: { length: number; ms: number }): void {
    const { question, from } = query
    this.counts.set(`${zone?.zone ?? ''} ${question.type} ${answer.code}`, (this.counts.get(`${zone?.zone ?? ''} ${question.type} ${answer.code}`) ?? 0) + 1)
    if (zone?.directives.some((each) => each.name === 'errors') && answer.error !== undefined) this.host.log(`[ERROR] plugin/errors: 2 ${query.name} ${question.type}: ${answer.error}`)
    if (!zone?.directives.some((each) => each.name === 'log')) return
    const flags = ['qr', ...(answer.authoritative ? ['aa'] : []), ...(message.recursionDesired ? ['rd'] : []), ...(answer.recursionAvailable ? ['ra'] : [])].join(',')
    const size = 12 + question.name.length + 6
    this.host.log(`[INFO] ${from.address}:${from.port} - ${query.id} "${question.type} IN ${question.name}. ${query.transport} ${size} false ${message.edns?.size ?? 512}" ${answer.code} ${flags} ${outcome.length} ${(outcome.ms / 1000 + 0.00012).toFixed(9)}s`)
  }

  /** A probe that comes back to this server means that it forwards to itself. */
  private detectLoops(): void {
    for (const zone of this.zones.filter((each) => each.directives.some((directive) => directive.name === 'loop'))) {
      const { random, process } = this.host
      const name = `${random.integer(2 ** 31)}${random.integer(2 ** 31)}.${random.integer(2 ** 31)}${random.integer(2 ** 31)}.`
      const upstreams = zone.directives.filter((each) => each.name === 'forward').flatMap((each) => each.args.slice(1))
      const own = upstreams.some((to) => this.pointsHere(to, zone.port))
      if (!own) continue
      this.host.log(`[FATAL] plugin/loop: Loop (127.0.0.1:${32768 + random.integer(28000)} -> :${zone.port}) detected for zone "${zone.zone}", see https://coredns.io/plugins/loop#troubleshooting. Query: "HINFO ${name}"`)
      process.exit(1)
    }
  }

  private pointsHere(to: string, port: number): boolean {
    const { files } = this.host.process
    const servers = to.startsWith('/') && files.exists(to) ? [...files.readText(to).matchAll(/^nameserver\s+(\S+)/gm)].map((match) => `${match[1] ?? ''}:53`) : [to.includes(':') ? to : `${to}:53`]
    return servers.some((server) => /^(127\.[0-9.]+|0\.0\.0\.0|localhost):/.test(server) && server.endsWith(`:${port}`))
  }

  private auxiliaries(): void {
    const serve = (directive: Directive | undefined, fallback: string, handler: (path: string) => HttpResponse): void => {
      if (!directive) return
      const given = directive.args[0] ?? fallback
      const at = given.lastIndexOf(':')
      const listener = this.host.process.net.serveHttp({ address: given.slice(0, at) || '0.0.0.0', port: Number(given.slice(at + 1)) }, (request) => Promise.resolve(handler(request.path)))
      this.closers.push(() => listener.close())
    }
    const plain = (status: number, text: string): HttpResponse => ({ status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: textBody(text) })
    serve(this.directive('health'), ':8080', () => plain(200, 'OK'))
    serve(this.directive('ready'), ':8181', () => {
      const waiting = [...new Set(this.zones.flatMap((zone) => zone.plugins).filter((plugin) => plugin.ready && !plugin.ready()).map((plugin) => plugin.name))]
      if (waiting.length > 0) this.host.log(`[INFO] plugin/ready: Plugins not ready: "${waiting.join(',')}"`)
      return waiting.length > 0 ? plain(503, waiting.join(',')) : plain(200, 'OK')
    })
    serve(this.directive('prometheus'), 'localhost:9153', () => plain(200, this.metrics()))
  }

  private metrics(): string {
    const lines = [...this.counts].map(([key, count]) => {
      const [zone = '', type = '', code = ''] = key.split(' ')
      return `coredns_dns_responses_total{plugin="",rcode="${code}",server="dns://:53",view="",zone="${zone}",type="${type}"} ${count}`
    })
    return `# HELP coredns_dns_responses_total Counter of response status codes.\n# TYPE coredns_dns_responses_total counter\n${lines.map((line) => `${line}\n`).join('')}`
  }

  stop(): void {
    this.stopped = true
    for (const close of this.closers) close()
    for (const plugin of this.zones.flatMap((zone) => zone.plugins)) plugin.stop?.()
  }
}

/** What the reload plugin prints. */
export const configurationHash = remembered(50, (text) => toHex(sha512(encodeUtf8(text))))

function chainOf(plugins: readonly Plugin[]): Next {
  let next: Next = () => Promise.resolve(undefined)
  for (const plugin of [...plugins].reverse()) {
    const { handle } = plugin
    if (!handle) continue
    const following = next
    next = (query) => handle(query, following)
  }
  return next
}
