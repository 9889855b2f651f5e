/** Echo requests, which walk the same tables as everything else, and the command line of those who send them. */
import { LookupError } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import { plainAddress } from '#engine/linux/net/address'
import type { Delivery } from '#engine/linux/net/packet'
import { answerReturns, newPacket, send } from '#engine/linux/net/path'
import { namespaceOf } from '../namespace'

export interface PingOptions {
  readonly count: number
  readonly intervalMs: number
  readonly waitMs: number
  readonly deadlineMs: number | undefined
  readonly size: number
  readonly quiet: boolean
  readonly host: string
}

const letters = /^-[46nqvfAbdDLORUB]+$/
const withValue = /^-[ciWwstIMpQSTl]/

/** The complaint where the command line is none. */
export function parsePing(args: readonly string[]): PingOptions | string {
  const values: Record<string, string> = {}
  const flags = new Set<string>()
  const hosts: string[] = []
  const rest = [...args]
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (!arg.startsWith('-')) hosts.push(arg)
    else if (letters.test(arg)) for (const letter of arg.slice(1)) flags.add(letter)
    else if (withValue.test(arg)) values[arg.charAt(1)] = arg.length > 2 ? arg.slice(2) : (rest.shift() ?? '')
    else return `ping: invalid option -- '${arg.charAt(1)}'`
  }
  const host = hosts.at(-1)
  if (host === undefined) return 'ping: usage error: Destination address required'
  if (values.c !== undefined && !/^[1-9]\d*$/.test(values.c)) return `ping: invalid argument: '${values.c}'`
  return optionsOf(host, values, flags.has('q'))
}

function optionsOf(host: string, values: Readonly<Record<string, string>>, quiet: boolean): PingOptions {
  const seconds = (name: string, fallback: number): number => Number(values[name] ?? fallback) * 1000
  return { host, count: Number(values.c ?? Number.POSITIVE_INFINITY), intervalMs: seconds('i', 1), waitMs: seconds('W', 10), deadlineMs: values.w === undefined ? undefined : seconds('w', 0), size: Number(values.s ?? 56), quiet }
}

export function echo(process: Process, destination: number, ttl: number, size: number): Delivery | 'lost' {
  const namespace = namespaceOf(process)
  const delivery = send(namespace, newPacket('icmp', { source: 0, sourcePort: 0 }, { destination, destinationPort: 0 }, { ttl, bytes: size + 28 }))
  if (delivery.kind !== 'delivered') return delivery
  if (delivery.namespace.sysctls.get('ipv4.icmp_echo_ignore_all') === '1') return 'lost'
  return answerReturns(delivery, namespace) ? delivery : 'lost'
}

export async function resolve(process: Process, host: string, words: (reason: string) => string): Promise<string | undefined> {
  try {
    return plainAddress((await process.net.lookup(host))[0] ?? host)
  } catch (error) {
    if (!(error instanceof LookupError)) throw error
    await process.stderr.write(words(error.reason === 'not-found' ? 'Name or service not known' : 'Temporary failure in name resolution'))
    return undefined
  }
}

/** Nothing leads there, as the own machine says. */
export function isWithoutRoute(outcome: Delivery | 'lost'): boolean {
  return outcome !== 'lost' && outcome.kind === 'unreachable' && outcome.local === true && outcome.code === 'net'
}
