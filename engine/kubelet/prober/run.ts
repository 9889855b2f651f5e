/** One probe: a command, an HTTP request, a TCP connection or a gRPC health check, with the kubelet's words for its failure. */
import { decodeUtf8 } from '#engine/base/bytes'
import { emptyBody, valueBody } from '#engine/base/http'
import type { Container, Probe } from '#engine/api/kinds'
import { RpcError } from '#engine/cri/rpc'
import { dialFailure } from '#engine/client/errors'
import { isErrno } from '#engine/linux/abi/errno'
import { formatGoDuration } from '../config/duration'
import type { KubeletContext } from '../context'
import { portNumber } from './port'

export interface ProbeResult { readonly kind: 'success' | 'failure' | 'unknown'; readonly output: string }

export interface ProbeTarget { readonly probe: Probe; readonly container: Container; readonly containerId: string; readonly podIp: string }

const success: ProbeResult = { kind: 'success', output: '' }
const maxOutput = 10 * 1024

export async function runProbe(context: KubeletContext, target: ProbeTarget): Promise<ProbeResult> {
  const { probe } = target
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000
  if (probe.exec) return execProbe(context, target, probe.exec.command ?? [], timeoutMs)
  if (probe.httpGet) return httpProbe(context, target, probe.httpGet, timeoutMs)
  if (probe.tcpSocket) return tcpProbe(context, target, probe.tcpSocket, timeoutMs)
  if (probe.grpc) return grpcProbe(context, target, probe.grpc, timeoutMs)
  return { kind: 'unknown', output: `missing probe handler for ${target.container.name}` }
}

async function execProbe(context: KubeletContext, target: ProbeTarget, command: readonly string[], timeoutMs: number): Promise<ProbeResult> {
  try {
    const { exitCode, stdout, stderr } = await context.cri.runtime.ExecSync({ containerId: target.containerId, cmd: [...command], timeout: timeoutMs / 1000 })
    if (exitCode === 0) return success
    return { kind: 'failure', output: `${decodeUtf8(stdout)}${decodeUtf8(stderr)}`.slice(0, maxOutput) }
  } catch (error) {
    if (!(error instanceof RpcError)) throw error
    if (error.code === 'DeadlineExceeded') return { kind: 'failure', output: `command timed out: "${command.join(' ')}" timed out after ${formatGoDuration(timeoutMs)}` }
    return { kind: 'unknown', output: error.message }
  }
}

async function httpProbe(context: KubeletContext, target: ProbeTarget, get: NonNullable<Probe['httpGet']>, timeoutMs: number): Promise<ProbeResult> {
  const port = portNumber(target.container, get.port)
  if (typeof port === 'string') return { kind: 'unknown', output: port }
  const { url, host, path, secure } = probeUrl(get, target.podIp, port)
  const given = Object.fromEntries((get.httpHeaders ?? []).map(({ name, value }) => [name.toLowerCase(), value]))
  const deadline = new AbortController()
  const timer = context.clock.after(timeoutMs, () => deadline.abort(new ProbeTimeout('timeout')))
  try {
    const request = { method: 'GET', path, headers: { 'user-agent': 'kube-probe/1.35', accept: '*/*', connection: 'close', ...given }, body: emptyBody, signal: deadline.signal }
    const { status } = await context.process.net.request({ host, port }, request, { signal: deadline.signal, timeoutMs, ...(secure ? { tls: { insecureSkipVerify: true } } : {}) })
    return status >= 200 && status < 400 ? success : { kind: 'failure', output: `HTTP probe failed with statuscode: ${status}` }
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    return { kind: 'failure', output: `Get "${url}": ${httpFailure(error, host, port)}` }
  } finally {
    timer.cancel()
  }
}

function probeUrl(get: NonNullable<Probe['httpGet']>, podIp: string, port: number): { url: string; host: string; path: string; secure: boolean } {
  const { path: given = '/', scheme: wanted = 'HTTP' } = get
  const scheme = wanted.toLowerCase()
  const host = get.host || podIp
  const path = given.startsWith('/') ? given : `/${given}`
  return { url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${path}`, host, path, secure: scheme === 'https' }
}

class ProbeTimeout extends Error {
  override readonly name = 'ProbeTimeout'
}

function httpFailure(error: unknown, host: string, port: number): string {
  if (error instanceof ProbeTimeout) return 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
  if (isErrno(error, 'ETIMEDOUT')) return `dial tcp ${host}:${port}: i/o timeout (Client.Timeout exceeded while awaiting headers)`
  if ((error as { reason?: string }).reason === 'not-tls') return 'http: server gave HTTP response to HTTPS client'
  return dialFailure(error, host, port)
}

async function tcpProbe(context: KubeletContext, target: ProbeTarget, socket: NonNullable<Probe['tcpSocket']>, timeoutMs: number): Promise<ProbeResult> {
  const port = portNumber(target.container, socket.port)
  if (typeof port === 'string') return { kind: 'unknown', output: port }
  const host = socket.host || target.podIp
  try {
    const connection = await context.process.net.connect({ host, port }, { timeoutMs })
    connection.close()
    return success
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    return { kind: 'failure', output: dialFailure(error, host, port) }
  }
}

async function grpcProbe(context: KubeletContext, target: ProbeTarget, grpc: NonNullable<Probe['grpc']>, timeoutMs: number): Promise<ProbeResult> {
  const host = target.podIp
  const service = grpc.service ?? ''
  const within = `within ${formatGoDuration(timeoutMs)}: context deadline exceeded`
  try {
    const request = { method: 'POST', path: '/grpc.health.v1.Health/Check', headers: { 'content-type': 'application/grpc', 'user-agent': 'kube-probe/1.35', connection: 'close' }, body: valueBody({ service }, (value) => new TextEncoder().encode(JSON.stringify(value))) }
    const response = await context.process.net.request({ host, port: grpc.port }, request, { timeoutMs })
    if (response.headers['grpc-status'] === undefined && !response.headers['content-type']?.startsWith('application/grpc')) return { kind: 'failure', output: `timeout: failed to connect service "${host}:${grpc.port}" ${within}` }
    const status = (response.body.value as { status?: string } | undefined)?.status ?? 'UNKNOWN'
    return status === 'SERVING' ? success : { kind: 'failure', output: `service unhealthy (responded with ${JSON.stringify(status)})` }
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    return { kind: 'failure', output: `timeout: failed to connect service "${host}:${grpc.port}" ${within}` }
  }
}
