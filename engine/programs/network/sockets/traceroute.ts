/** `traceroute`. */
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { parseV4, printV4 } from '#engine/linux/net/address'
import { echo, resolve } from './echo'

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
    for (let ttl = 1; ttl <= 30; ttl++) if (await hop(process, address, ttl)) break
    return 0
  },
}

/** One line; true at the end of the way. */
async function hop(process: Process, address: string, ttl: number): Promise<boolean> {
  const outcome = echo(process, parseV4(address) ?? 0, ttl, 32)
  const arrived = outcome !== 'lost' && outcome.kind === 'delivered'
  const from = arrived ? address : outcome !== 'lost' && outcome.kind === 'expired' ? printV4(outcome.from) : undefined
  const time = (): string => `${(0.02 + process.random.next() * 0.1).toFixed(3)} ms`
  await process.stdout.write(`${String(ttl).padStart(2)}  ${from === undefined ? '* * *' : `${from} (${from})  ${time()}  ${time()}  ${time()}`}\n`)
  if (from === undefined) await process.clock.sleep(5000)
  return arrived
}
