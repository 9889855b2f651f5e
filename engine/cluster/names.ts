/** A small name server: A records for the machines and the world's few hosts, NXDOMAIN for all else. */
import { decodeMessage, encodeMessage, type DnsMessage, type DnsRecord } from '#engine/linux/net/dns/message'
import type { Process } from '#engine/linux/abi/process'
import type { SocketAddress } from '#engine/linux/abi/net'

export function serveNames(process: Process, at: SocketAddress, names: ReadonlyMap<string, string>): void {
  const socket = process.net.udp(at)
  process.background(async () => {
    for (;;) {
      const { from, data } = await socket.receive()
      socket.send(from, encodeMessage(answer(decodeMessage(data), names)))
    }
  })
}

function answer(query: DnsMessage, names: ReadonlyMap<string, string>): DnsMessage {
  const question = query.questions[0]
  const name = (question?.name ?? '').toLowerCase().replace(/\.$/, '')
  const address = names.get(name)
  const answers: DnsRecord[] = question && address !== undefined && question.type === 'A' ? [{ name: question.name, type: 'A', ttl: 60, data: address }] : []
  return { ...query, response: true, recursionAvailable: true, code: address === undefined ? 'NXDOMAIN' : 'NOERROR', answers }
}
