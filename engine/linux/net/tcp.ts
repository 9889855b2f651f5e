/** Connecting: the SYN's way, its retries, and what the caller gets at the end. */
import { Errno, type ErrnoCode, ProcessKilled } from '#engine/linux/abi/errno'
import type { SocketAddress } from '#engine/linux/abi/net'
import { printV4 } from '#engine/linux/net/address'
import type { ExpectedListeners } from '#engine/linux/net/expected'
import type { NetNamespace } from '#engine/linux/net/namespace'
import type { SocketOwner } from '#engine/linux/net/owner'
import type { BoundListener } from '#engine/linux/net/socket-table'
import type { Delivery, Packet, RejectWith, Tuple } from '#engine/linux/net/packet'
import { answerReturns, newPacket, send } from '#engine/linux/net/path'

/** A way found: to whom, and how both sides call each other. */
export interface Route {
  readonly listener: BoundListener
  readonly namespace: NetNamespace
  readonly client: { readonly local: SocketAddress; readonly remote: SocketAddress }
  readonly server: { readonly local: SocketAddress; readonly remote: SocketAddress }
}

export interface ReachOptions {
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly source?: SocketAddress | undefined
}

/** Linux sends the SYN again after 1, 2, 4 ... seconds, six times, and gives up 127 seconds after the first. */
const retries = [1000, 2000, 4000, 8000, 16000, 32000, 64000]
const longestTryMs = 127_000
/** Three questions for a neighbour that does not answer. */
const neighbourTimeoutMs = 3060

/** Throws Errno: ECONNREFUSED, ETIMEDOUT, ENETUNREACH, EHOSTUNREACH; the signal's reason. */
export async function reach(namespace: NetNamespace, owner: SocketOwner, destination: number, port: number, options: ReachOptions = {}): Promise<Route> {
  const subject = `${printV4(destination)}:${port}`
  const sourcePort = options.source?.port || namespace.sockets.clientPort()
  const deadline = namespace.fabric.clock.now() + Math.min(options.timeoutMs ?? longestTryMs, longestTryMs)
  for (let attempt = 0; ; attempt++) {
    options.signal?.throwIfAborted()
    const packet = newPacket('tcp', { source: 0, sourcePort }, { destination, destinationPort: port }, { uid: owner.uid })
    const outcome = judge(namespace, send(namespace, packet), { destination, port, sourcePort })
    if ('listener' in outcome) return outcome
    if ('expected' in outcome) {
      await outcome.expected.wait(outcome.name, owner, options.signal)
      continue
    }
    if (outcome.at === 'once') throw new Errno(outcome.code, subject)
    const wait = outcome.code === 'EHOSTUNREACH' ? neighbourTimeoutMs : (retries[attempt] ?? Infinity)
    const left = deadline - namespace.fabric.clock.now()
    await pause(namespace, owner, Math.max(0, Math.min(wait, left)), options.signal)
    if (wait >= left) throw new Errno('ETIMEDOUT', subject)
    if (outcome.code === 'EHOSTUNREACH') throw new Errno('EHOSTUNREACH', subject)
  }
}

async function pause(namespace: NetNamespace, owner: SocketOwner, ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (owner.dead) throw new ProcessKilled()
  const waiting = new AbortController()
  const onAbort = (): void => waiting.abort(signal?.reason)
  const forget = owner.onDeath(() => waiting.abort(new ProcessKilled()))
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    await namespace.fabric.clock.sleep(ms, waiting.signal)
  } finally {
    forget()
    signal?.removeEventListener('abort', onAbort)
  }
}

/** Nobody listens, but somebody did when the snapshot was made. */
interface Expected {
  readonly expected: ExpectedListeners
  readonly name: string
}

type Failure = { readonly code: ErrnoCode; readonly at: 'once' | 'timeout' }

function judge(origin: NetNamespace, delivery: Delivery, dialled: { destination: number; port: number; sourcePort: number }): Route | Failure | Expected {
  switch (delivery.kind) {
    case 'delivered':
      return connectAt(origin, delivery, dialled)
    case 'rejected':
      return { code: rejectCode(delivery.with), at: 'once' }
    case 'unreachable':
      return delivery.code === 'net' ? { code: 'ENETUNREACH', at: 'once' } : { code: 'EHOSTUNREACH', at: delivery.local ? 'timeout' : 'once' }
    case 'expired':
      return { code: 'EHOSTUNREACH', at: 'once' }
    default:
      return { code: 'ETIMEDOUT', at: 'timeout' }
  }
}

export function rejectCode(how: RejectWith): ErrnoCode {
  if (how === 'icmp-net-unreachable' || how === 'icmp-net-prohibited') return 'ENETUNREACH'
  return how === 'icmp-port-unreachable' || how === 'tcp-reset' || how === 'icmp-proto-unreachable' ? 'ECONNREFUSED' : 'EHOSTUNREACH'
}

function connectAt(origin: NetNamespace, delivery: Delivery & { kind: 'delivered' }, dialled: { destination: number; port: number; sourcePort: number }): Route | Failure | Expected {
  const { packet, namespace } = delivery
  if (!answerReturns(delivery, origin)) return { code: 'ETIMEDOUT', at: 'timeout' }
  const listener = namespace.sockets.findTcp(packet.destination, packet.destinationPort)
  const { expected } = namespace.sockets
  const name = String(packet.destinationPort)
  if (!listener) return expected.has(name) ? { expected, name } : { code: 'ECONNREFUSED', at: 'once' }
  track(packet, dialled)
  return {
    listener, namespace,
    client: { local: { address: printV4(localSource(packet)), port: dialled.sourcePort }, remote: { address: printV4(dialled.destination), port: dialled.port } },
    server: { local: { address: printV4(packet.destination), port: packet.destinationPort }, remote: { address: printV4(packet.source), port: packet.sourcePort } },
  }
}

/** The source as the sender's own namespace saw it. */
export function localSource(packet: Packet): number {
  return packet.translations[0]?.before.source ?? packet.source
}

/** Notes the connection in every namespace it passed, as conntrack does. */
export function track(packet: Packet, dialled: { destination: number; port: number; sourcePort: number }): void {
  let now: Tuple = { source: localSource(packet), sourcePort: dialled.sourcePort, destination: dialled.destination, destinationPort: dialled.port }
  const { translations } = packet
  for (const { namespace } of packet.hops) {
    const original = now
    for (const each of translations) if (each.namespace === namespace) now = each.after
    const reply: Tuple = { source: now.destination, sourcePort: now.destinationPort, destination: now.source, destinationPort: now.sourcePort }
    const expiresAt = namespace.fabric.clock.now() + (packet.protocol === 'udp' ? 30_000 : 120_000)
    namespace.netfilter.conntrack.add({ protocol: packet.protocol, original, reply, state: packet.protocol === 'tcp' ? 'TIME_WAIT' : '', expiresAt, mark: 0 })
  }
}
