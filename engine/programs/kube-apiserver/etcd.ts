/** The way to etcd: its servers in turn, over TLS. */
import type { HttpResponse } from '#engine/base/http'
import type { Klog } from '#engine/base/klog'
import { EtcdError } from '#engine/etcd/api'
import type { EtcdClient } from '#engine/etcd/client'
import { type TlsClient, TlsError } from '#engine/linux/abi/net'
import { keyPairProblem } from '#engine/linux/net/tls/handshake'
import type { Process } from '#engine/linux/abi/process'
import type { Flags } from '#engine/programs/common/cobra/flags'
import { dialWords, readText, StartError } from './files'
import { FirstReads } from './first-reads'

export interface EtcdConnection {
  readonly client: EtcdClient
  /** Resolves once a server answers; false after `timeoutMs`. */
  reachable(timeoutMs: number): Promise<boolean>
}

export function connectEtcd(process: Process, flags: Flags, klog: Klog): EtcdConnection {
  const servers = flags.list('etcd-servers').map(parseServer)
  const tls = tlsOf(process, flags)
  let current = 0
  const client = new FirstReads(async (request) => {
    let failed: unknown
    for (let attempt = 0; attempt < servers.length; attempt++) {
      const server = servers[current] as Server
      try {
        return spoken(server, await process.net.request(server, request, { timeoutMs: 20_000, ...(server.secure ? { tls } : {}) }))
      } catch (error) {
        if (error instanceof Error && error.name === 'ProcessKilled') throw error
        failed = error
        current = (current + 1) % servers.length
        klog.line('W', 'logging.go:55', transportText(server, error))
      }
    }
    throw new EtcdError('Unavailable', `rpc error: code = Unavailable desc = connection error: desc = "${connectionText(servers[current] as Server, failed)}"`)
  }, `apiserver-${process.pid}`, process.clock, `${flags.string('etcd-prefix')}/`)
  return { client, reachable: (timeoutMs) => reachable(process, client, timeoutMs) }
}

interface Server {
  readonly host: string
  readonly port: number
  readonly secure: boolean
}

function parseServer(url: string): Server {
  const match = /^(?:(https?):\/\/)?\[?([^\]]+?)\]?(?::(\d+))?\/?$/.exec(url)
  return { host: match?.[2] ?? url, port: Number(match?.[3] ?? 2379), secure: match?.[1] === 'https' }
}

function tlsOf(process: Process, flags: Flags): TlsClient {
  const file = (name: string): string | undefined => (flags.string(name) === '' ? undefined : readText(process, flags.string(name)))
  const roots = file('etcd-cafile')
  const certificate = file('etcd-certfile')
  const key = file('etcd-keyfile')
  const problem = certificate !== undefined && key !== undefined ? keyPairProblem(certificate, key) : undefined
  if (problem !== undefined) throw new StartError(problem)
  return { ...(roots === undefined ? {} : { roots }), ...(certificate === undefined ? {} : { certificate }), ...(key === undefined ? {} : { key }) }
}

function transportText(server: Server, error: unknown): string {
  const { host, port } = server
  const address = `${host}:${port}`
  return `[core] [Channel #1 SubChannel #3]grpc: addrConn.createTransport failed to connect to {Addr: "${address}", ServerName: "${address.replace(/^.*:\/\//, '')}", BalancerAttributes: {"<%!p(pickfirstleaf.managedByPickfirstKeyType={})>": "<%!p(bool=true)>" }}. Err: connection error: desc = "${connectionText(server, error)}"`
}

/** A server that speaks TLS where nobody asked for it answers no preface. */
class NoPreface extends Error {}

function spoken(server: Server, response: HttpResponse): HttpResponse {
  if (!server.secure && response.status === 400) throw new NoPreface('error reading server preface: EOF')
  return response
}

/** grpc-go's words for a connection that cannot be had. */
function connectionText({ host, port }: Server, error: unknown): string {
  if (error instanceof NoPreface) return error.message
  if (host.includes('://')) return `transport: Error while dialing: dial tcp: address ${host}:${port}: too many colons in address`
  if (error instanceof TlsError && error.reason === 'not-tls') return 'transport: authentication handshake failed: tls: first record does not look like a TLS handshake'
  const words = dialWords({ host, port }, error)
  return `transport: ${words.startsWith('dial') ? 'Error while dialing' : 'authentication handshake failed'}: ${words}`
}

async function reachable(process: Process, client: EtcdClient, timeoutMs: number): Promise<boolean> {
  const until = process.clock.now() + timeoutMs
  for (let delayMs = 1000; ; delayMs = Math.min(delayMs * 1.6, 10_000)) {
    try {
      await client.range({ key: '/registry/health', limit: 1 })
      return true
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error
      if (process.clock.now() + delayMs > until) {
        await process.clock.sleep(Math.max(0, until - process.clock.now()))
        return false
      }
      await process.clock.sleep(delayMs)
    }
  }
}

