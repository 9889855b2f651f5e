/** busybox's ping. */
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { parseV4 } from '#engine/linux/net/address'
import { echo, isWithoutRoute, parsePing, type PingOptions, resolve } from './echo'

async function mayPing(process: Process): Promise<boolean> {
  const may = process.credentials.capabilities.has('NET_RAW')
  if (!may) await process.stderr.write('ping: permission denied (are you root?)\n')
  return may
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
    const options = parsePing(process.argv.slice(1))
    if (typeof options === 'string') return process.stderr.write(`BusyBox v${process.executable.attributes.version ?? '1.36.1'} multi-call binary.\n\nUsage: ping [OPTIONS] HOST\n`).then(() => 1)
    const address = await resolve(process, options.host, () => `ping: bad address '${options.host}'\n`)
    if (address === undefined) return 1
    await process.stdout.write(`PING ${options.host} (${address}): ${options.size} data bytes\n`)
    return (await mayPing(process)) ? requests(process, options, address) : 1
  },
}

async function requests(process: Process, options: PingOptions, address: string): Promise<number> {
  const times: number[] = []
  let sent = 0
  let stopped = false
  process.handle('SIGINT', () => { stopped = true })
  for (; sent < options.count && !stopped; ) {
    const outcome = echo(process, parseV4(address) ?? 0, 64, options.size)
    if (isWithoutRoute(outcome)) return process.stderr.write('ping: sendto: Network is unreachable\n').then(() => 1)
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
}
