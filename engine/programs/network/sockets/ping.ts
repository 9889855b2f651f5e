/** `ping` of iputils. */
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { parseV4, printV4 } from '#engine/linux/net/address'
import type { Delivery } from '#engine/linux/net/packet'
import { echo, isWithoutRoute, parsePing, type PingOptions, resolve } from './echo'

export const ping: Program = {
  name: 'ping',
  unsupported: 'IPv6, record route, timestamps',
  async run(process) {
    if (process.argv[1] === '-V') {
      await process.stdout.write('ping from iputils 20221126\n')
      return 0
    }
    const options = parsePing(process.argv.slice(1))
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

  constructor(private readonly process: Process, private readonly options: PingOptions, private readonly address: string, private readonly number: number) {
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
