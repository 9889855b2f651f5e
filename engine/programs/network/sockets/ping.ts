/** `ping` (iputils and busybox) and `traceroute`: echo requests walk the same tables as everything else. */
import { LookupError } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { parseV4, plainAddress, printV4 } from '#engine/linux/net/address'
import type { Delivery } from '#engine/linux/net/packet'
import { answerReturns, newPacket, send } from '#engine/linux/net/path'
import { namespaceOf } from '../namespace'

interface Options {
  readonly count: number
  readonly intervalMs: number
  readonly waitMs: number
  readonly deadlineMs: number | undefined
  readonly size: number
  readonly quiet: boolean
  readonly host: string
}

function parse(args: readonly string[]): Options | string {
  const values: Record<string, string> = {}
  const flags = new Set<string>()
  const hosts: string[] = []
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? ''
    if (!arg.startsWith('-')) hosts.push(arg)
    else if (/^-[46nqvfAbdDLORUB]+$/.test(arg)) for (const letter of arg.slice(1)) flags.add(letter)
    else if (/^-[ciWwstIMpQSTl]/.test(arg)) values[arg.charAt(1)] = arg.length > 2 ? arg.slice(2) : (args[++index] ?? '')
    else return `ping: invalid option -- '${arg.charAt(1)}'`
  }
  const host = hosts.at(-1)
  if (host === undefined) return 'ping: usage error: Destination address required'
  const badCount = values.c !== undefined && !/^[1-9]\d*$/.test(values.c)
  if (badCount) return `ping: invalid argument: '${values.c ?? ''}'`
  return { host, count: Number(values.c ?? Number.POSITIVE_INFINITY), intervalMs: Number(values.i ?? 1) * 1000, waitMs: Number(values.W ?? 10) * 1000, deadlineMs: values.w === undefined ? undefined : Number(values.w) * 1000, size: Number(values.s ?? 56), quiet: flags.has('q') }
}

function echo(process: Process, destination: number, ttl: number, size: number): Delivery | 'lost' {
  const namespace = namespaceOf(process)
  const delivery = send(namespace, newPacket('icmp', { source: 0, sourcePort: 0 }, { destination, destinationPort: 0 }, { ttl, bytes: size + 28 }))
  if (delivery.kind !== 'delivered') return delivery
  if (delivery.namespace.sysctls.get('ipv4.icmp_echo_ignore_all') === '1') return 'lost'
  return answerReturns(delivery, namespace) ? delivery : 'lost'
}

async function resolve(process: Process, host: string, words: (reason: string) => string): Promise<string | undefined> {
  try {
    return plainAddress((await process.net.lookup(host))[0] ?? host)
  } catch (error) {
    if (!(error instanceof LookupError)) throw error
    await process.stderr.write(words(error.reason === 'not-found' ? 'Name or service not known' : 'Temporary failure in name resolution'))
    return undefined
  }
}

export const ping: Program = {
  name: 'ping',
  unsupported: 'IPv6, record route, timestamps',
  async run(process) {
    if (process.argv[1] === '-V') {
      await process.stdout.write('ping from iputils 20221126\n')
      return 0
    }
    const options = parse(process.argv.slice(1))
    if (typeof options === 'string') {
      await process.stderr.write(`${options}\n`)
      return options.includes('usage') || options.includes('invalid option') ? 2 : 1
    }
    const address = await resolve(process, options.host, (reason) => `ping: ${options.host}: ${reason}\n`)
    if (address === undefined) return 2
    return new Pinger(process, options, address, parseV4(address) ?? 0).run()
  },
}

class Pinger {
  private sent = 0
  private received = 0
  private errors = 0
  private readonly times: number[] = []
  private readonly startedAt: number
  private stop: (() => void) | undefined

  constructor(private readonly process: Process, private readonly options: Options, private readonly address: string, private readonly number: number) {
    this.startedAt = process.clock.now()
  }

  async run(): Promise<number> {
    const { options, process } = this
    await process.stdout.write(`PING ${options.host} (${this.address}) ${options.size}(${options.size + 28}) bytes of data.\n`)
    const interrupted = new Promise<'stop'>((resolve) => { this.stop = () => resolve('stop') })
    process.handle('SIGINT', () => this.stop?.())
    while (this.sent < options.count) {
      const outcome = echo(process, this.number, 64, options.size)
      if (isWithoutRoute(outcome)) {
        await process.stderr.write('ping: connect: Network is unreachable\n')
        return 2
      }
      this.sent++
      const answered = await this.report(outcome)
      const last = this.sent >= options.count
      const wait = last ? (answered ? 0 : options.waitMs) : options.intervalMs
      if (this.overdue(wait) || (wait > 0 && (await Promise.race([process.clock.sleep(wait), interrupted])) === 'stop')) break
    }
    await this.summary()
    return this.received > 0 ? 0 : 1
  }

  private overdue(wait: number): boolean {
    const { deadlineMs } = this.options
    return deadlineMs !== undefined && this.process.clock.now() + wait - this.startedAt > deadlineMs
  }

  private async report(outcome: Delivery | 'lost'): Promise<boolean> {
    const { process, options, sent } = this
    const say = async (text: string): Promise<void> => { if (!options.quiet) await process.stdout.write(text) }
    if (outcome !== 'lost' && outcome.kind === 'delivered') {
      const time = 0.02 + outcome.packet.hops.length * 0.01 + process.random.next() * 0.05
      this.received++
      this.times.push(time)
      await say(`${options.size + 8} bytes from ${options.host === this.address ? this.address : `${options.host} (${this.address})`}: icmp_seq=${sent} ttl=${outcome.packet.ttl} time=${time.toFixed(3)} ms\n`)
      return true
    }
    if (outcome === 'lost' || outcome.kind === 'dropped') return false
    this.errors++
    await say(`From ${printV4(outcome.from)} icmp_seq=${sent} ${reasonOf(outcome)}\n`)
    return true
  }

  private async summary(): Promise<void> {
    const lost = this.sent === 0 ? 0 : Math.floor(((this.sent - this.received) * 100) / this.sent)
    const elapsed = Math.round(this.process.clock.now() - this.startedAt)
    const errors = this.errors > 0 ? `, +${this.errors} errors` : ''
    let text = `\n--- ${this.options.host} ping statistics ---\n${this.sent} packets transmitted, ${this.received} received${errors}, ${lost}% packet loss, time ${elapsed}ms\n`
    if (this.times.length > 0) {
      const average = this.times.reduce((a, b) => a + b, 0) / this.times.length
      const deviation = Math.sqrt(this.times.reduce((sum, each) => sum + (each - average) ** 2, 0) / this.times.length)
      text += `rtt min/avg/max/mdev = ${Math.min(...this.times).toFixed(3)}/${average.toFixed(3)}/${Math.max(...this.times).toFixed(3)}/${deviation.toFixed(3)} ms\n`
    } else text += '\n'
    await this.process.stdout.write(text)
  }
}

/** What an answer other than an echo says. */
function reasonOf(outcome: Exclude<Delivery, { kind: 'delivered' | 'dropped' }>): string {
  if (outcome.kind === 'expired') return 'Time to live exceeded'
  if (outcome.kind === 'unreachable') return outcome.code === 'net' ? 'Destination Net Unreachable' : 'Destination Host Unreachable'
  if (outcome.with === 'icmp-host-unreachable') return 'Destination Host Unreachable'
  return outcome.with.includes('prohibited') ? 'Packet filtered' : 'Destination Port Unreachable'
}

async function mayPing(process: Process): Promise<boolean> {
  const may = process.credentials.capabilities.has('NET_RAW')
  if (!may) await process.stderr.write('ping: permission denied (are you root?)\n')
  return may
}

function isWithoutRoute(outcome: Delivery | 'lost'): boolean {
  return outcome !== 'lost' && outcome.kind === 'unreachable' && outcome.local === true && outcome.code === 'net'
}

function busyboxSummary(host: string, sent: number, times: readonly number[]): string {
  const lost = Math.floor(((sent - times.length) * 100) / Math.max(1, sent))
  const average = times.reduce((a, b) => a + b, 0) / Math.max(1, times.length)
  const trips = times.length > 0 ? `round-trip min/avg/max = ${Math.min(...times).toFixed(3)}/${average.toFixed(3)}/${Math.max(...times).toFixed(3)} ms\n` : ''
  return `\n--- ${host} ping statistics ---\n${sent} packets transmitted, ${times.length} packets received, ${lost}% packet loss\n${trips}`
}

export const busyboxPing: Program = {
  name: 'busybox-ping',
  async run(process) {
    const options = parse(process.argv.slice(1))
    if (typeof options === 'string') {
      await process.stderr.write(`BusyBox v${process.executable.attributes.version ?? '1.36.1'} multi-call binary.\n\nUsage: ping [OPTIONS] HOST\n`)
      return 1
    }
    const address = await resolve(process, options.host, () => `ping: bad address '${options.host}'\n`)
    if (address === undefined) return 1
    await process.stdout.write(`PING ${options.host} (${address}): ${options.size} data bytes\n`)
    if (!(await mayPing(process))) return 1
    const times: number[] = []
    let sent = 0
    let stopped = false
    process.handle('SIGINT', () => { stopped = true })
    while (sent < options.count && !stopped) {
      const outcome = echo(process, parseV4(address) ?? 0, 64, options.size)
      if (outcome !== 'lost' && outcome.kind === 'unreachable' && outcome.local && outcome.code === 'net') {
        await process.stderr.write('ping: sendto: Network is unreachable\n')
        return 1
      }
      const answered = outcome !== 'lost' && outcome.kind === 'delivered'
      if (answered) {
        times.push(0.05 + process.random.next() * 0.06)
        await process.stdout.write(`${options.size + 8} bytes from ${address}: seq=${sent} ttl=${outcome.packet.ttl} time=${(times.at(-1) ?? 0).toFixed(3)} ms\n`)
      }
      sent++
      await process.clock.sleep(sent < options.count ? options.intervalMs : answered ? 0 : options.waitMs)
    }
    await process.stdout.write(busyboxSummary(options.host, sent, times))
    return times.length > 0 ? 0 : 1
  },
}

export const traceroute: Program = {
  name: 'traceroute',
  async run(process) {
    const host = process.argv.slice(1).find((arg) => !arg.startsWith('-'))
    if (host === undefined) {
      await process.stderr.write('Specify "host" missing argument.\n')
      return 2
    }
    const address = await resolve(process, host, (reason) => `${host}: ${reason}\nCannot handle "host" cmdline arg \`${host}' on position 1 (argc 1)\n`)
    if (address === undefined) return 2
    await process.stdout.write(`traceroute to ${host} (${address}), 30 hops max, 60 byte packets\n`)
    for (let ttl = 1; ttl <= 30; ttl++) {
      const outcome = echo(process, parseV4(address) ?? 0, ttl, 32)
      const from = outcome === 'lost' ? undefined : outcome.kind === 'expired' ? printV4(outcome.from) : outcome.kind === 'delivered' ? address : undefined
      const time = (): string => `${(0.02 + process.random.next() * 0.1).toFixed(3)} ms`
      await process.stdout.write(from === undefined ? `${String(ttl).padStart(2)}  * * *\n` : `${String(ttl).padStart(2)}  ${from} (${from})  ${time()}  ${time()}  ${time()}\n`)
      if (outcome !== 'lost' && outcome.kind === 'delivered') return 0
      if (from === undefined) await process.clock.sleep(5000)
    }
    return 0
  },
}
