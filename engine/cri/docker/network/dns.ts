/** The embedded name server: names of containers on common networks, and all else asked of the machine's own servers. */
import { ProcessKilled } from '#engine/linux/abi/errno'
import type { SocketAddress } from '#engine/linux/abi/net'
import { decodeMessage, DnsFormatError, type DnsMessage, type DnsRecord, encodeMessage } from '#engine/linux/net/dns/message'
import type { NetNamespace } from '#engine/linux/net/namespace'
import { SocketOwner } from '#engine/linux/net/owner'
import { UdpSocket } from '#engine/linux/net/udp'
import type { DockerHost } from '../host'

export const dnsAddress = '127.0.0.11'
const port = 53

/** Names to addresses as one container sees them. */
export type NameSource = (name: string) => readonly string[]
/** An address to its name. */
export type ReverseSource = (address: string) => string | undefined

/** Listens inside a container's network namespace; the answer ends it. */
export function serveNames(host: DockerHost, namespace: NetNamespace, servers: () => readonly string[], names: NameSource, reverse: ReverseSource): () => void {
  const owner = new SocketOwner(host.process)
  const { sockets, fabric } = namespace
  const socket = sockets.bindUdp(dnsAddress, port, (bound) => new UdpSocket(namespace, owner, { address: dnsAddress, port: bound }, fabric.nextSocket()))
  let open = true
  host.process.background(async () => {
    while (open) {
      try {
        const { from, data } = await socket.receive()
        host.process.background(() => answer(host, socket, from, data, servers(), names, reverse))
      } catch (error) {
        if (error instanceof ProcessKilled) throw error
        if (socket.closed) return
      }
    }
  })
  return () => {
    open = false
    socket.close()
  }
}

async function answer(host: DockerHost, socket: UdpSocket, from: SocketAddress, data: Uint8Array, servers: readonly string[], names: NameSource, reverse: ReverseSource): Promise<void> {
  const message = read(data)
  const question = message?.questions[0]
  if (!message || !question) return
  const records = own(question, names, reverse)
  if (records) return reply(socket, from, { ...message, response: true, recursionAvailable: true, code: 'NOERROR', answers: records })
  const forwarded = await forward(host, data, servers)
  if (forwarded) return sendBack(socket, from, forwarded)
  reply(socket, from, { ...message, response: true, recursionAvailable: true, code: 'SERVFAIL' })
}

function read(data: Uint8Array): DnsMessage | undefined {
  try {
    return decodeMessage(data)
  } catch (error) {
    if (error instanceof DnsFormatError) return undefined
    throw error
  }
}

/** Undefined: not one of ours. */
function own(question: DnsMessage['questions'][number], names: NameSource, reverse: ReverseSource): DnsRecord[] | undefined {
  const name = question.name.replace(/\.$/, '')
  if (question.type === 'PTR') {
    const address = name.toLowerCase().replace(/\.in-addr\.arpa$/, '').split('.').reverse().join('.')
    const found = reverse(address)
    return found === undefined ? undefined : [{ name: question.name, type: 'PTR', ttl: 600, data: `${found}.` }]
  }
  const addresses = names(name)
  if (addresses.length === 0) return undefined
  return question.type === 'A' ? addresses.map((data): DnsRecord => ({ name: question.name, type: 'A', ttl: 600, data })) : []
}

async function forward({ process }: DockerHost, data: Uint8Array, servers: readonly string[]): Promise<Uint8Array | undefined> {
  for (const server of servers) {
    const socket = process.net.udp()
    try {
      socket.send({ address: server, port: 53 }, data)
      return (await socket.receive(4000)).data
    } catch (error) {
      if (error instanceof ProcessKilled) throw error
    } finally {
      socket.close()
    }
  }
  return undefined
}

function reply(socket: UdpSocket, to: SocketAddress, message: DnsMessage): void {
  sendBack(socket, to, encodeMessage(message))
}

function sendBack(socket: UdpSocket, to: SocketAddress, data: Uint8Array): void {
  if (!socket.closed) socket.send(to, data)
}
