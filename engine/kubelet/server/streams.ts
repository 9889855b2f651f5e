/** exec, attach, port-forward and run: asked of the runtime, whose streaming server the client's connection is passed on to. */
import { type HttpRequest, type HttpResponse, emptyBody } from '#engine/base/http'
import type { Pod } from '#engine/api/kinds'
import { RpcError } from '#engine/cri/rpc'
import { decodeUtf8 } from '#engine/base/bytes'
import type { Kubelet } from '../kubelet'
import { uidOf } from '../pods/names'
import { findContainer, isRunning } from '../runtime/podstatus'
import { plain } from './answers'

type Query = URLSearchParams

export async function exec(kubelet: Kubelet, request: HttpRequest, parts: readonly string[], query: Query): Promise<HttpResponse> {
  const target = await containerOf(kubelet, parts)
  if (typeof target !== 'string') return target
  const tty = flagOf(query, 'tty')
  const cmd = query.getAll('command')
  return passOn(kubelet, request, () => kubelet.context.cri.runtime.Exec({ containerId: target, cmd, tty, stdin: flagOf(query, 'input', 'stdin'), stdout: flagOf(query, 'output', 'stdout'), stderr: !tty && flagOf(query, 'error', 'stderr') }))
}

export async function attach(kubelet: Kubelet, request: HttpRequest, parts: readonly string[], query: Query): Promise<HttpResponse> {
  const target = await containerOf(kubelet, parts)
  if (typeof target !== 'string') return target
  const tty = flagOf(query, 'tty')
  return passOn(kubelet, request, () => kubelet.context.cri.runtime.Attach({ containerId: target, tty, stdin: flagOf(query, 'input', 'stdin'), stdout: flagOf(query, 'output', 'stdout'), stderr: !tty && flagOf(query, 'error', 'stderr') }))
}

export async function portForward(kubelet: Kubelet, request: HttpRequest, parts: readonly string[], query: Query): Promise<HttpResponse> {
  const pod = podOf(kubelet, parts)
  if (!pod) return plain(404, 'pod does not exist')
  let runtime
  try {
    runtime = await kubelet.runtime.read(uidOf(pod))
  } catch (error) {
    if (!(error instanceof RpcError)) throw error
    return plain(500, error.message)
  }
  const sandbox = runtime.sandboxes.find((item) => item.state === 'SANDBOX_READY')
  if (!sandbox) return plain(500, `failed to find sandboxID for pod "${pod.metadata.name ?? ''}"`)
  const texts = query.getAll('port').flatMap((text) => text.split(','))
  const wrong = texts.map(portComplaint).find((complaint) => complaint !== undefined)
  if (wrong !== undefined) return plain(400, wrong)
  const port = texts.map(Number)
  return passOn(kubelet, request, () => kubelet.context.cri.runtime.PortForward({ podSandboxId: sandbox.id, port }))
}

function portComplaint(text: string): string | undefined {
  const number = /^\d+$/.test(text) ? Number(text) : undefined
  if (number === undefined) return `unable to parse ${JSON.stringify(text)} as a port: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`
  if (number > 65535) return `unable to parse ${JSON.stringify(text)} as a port: strconv.ParseUint: parsing ${JSON.stringify(text)}: value out of range`
  return number < 1 ? `port ${JSON.stringify(text)} must be > 0` : undefined
}

/** `POST /run/NAMESPACE/POD/CONTAINER?cmd=...`: the output as the answer. */
export async function runCommand(kubelet: Kubelet, _request: HttpRequest, parts: readonly string[], query: Query): Promise<HttpResponse> {
  const target = await containerOf(kubelet, parts)
  if (typeof target !== 'string') return target
  try {
    const { stdout, stderr } = await kubelet.context.cri.runtime.ExecSync({ containerId: target, cmd: (query.get('cmd') ?? '').split(' '), timeout: 0 })
    return plain(200, decodeUtf8(stdout) + decodeUtf8(stderr))
  } catch (error) {
    if (!(error instanceof RpcError)) throw error
    return plain(500, error.message)
  }
}

function flagOf(query: Query, ...names: string[]): boolean {
  return names.some((name) => query.get(name) === '1' || query.get(name) === 'true')
}

function podOf(kubelet: Kubelet, parts: readonly string[]): Pod | undefined {
  return kubelet.store.find(parts[1] ?? '', parts[2] ?? '')
}

/** The id of a running container; parts may hold the pod's uid before its name. */
async function containerOf(kubelet: Kubelet, parts: readonly string[]): Promise<string | HttpResponse> {
  const pod = podOf(kubelet, parts)
  if (!pod) return plain(404, 'pod does not exist')
  const name = parts[parts.length - 1] ?? ''
  try {
    const status = findContainer(await kubelet.runtime.read(uidOf(pod)), name)
    if (!status) return plain(404, `container not found ("${name}")`)
    if (!isRunning(status)) return plain(500, `container not found ("${name}")`)
    return status.id
  } catch (error) {
    if (!(error instanceof RpcError)) throw error
    return plain(500, error.message)
  }
}

async function passOn(kubelet: Kubelet, request: HttpRequest, ask: () => Promise<{ url: string }>): Promise<HttpResponse> {
  let url: URL
  try {
    url = new URL((await ask()).url)
  } catch (error) {
    if (!(error instanceof RpcError)) throw error
    return plain(500, error.message)
  }
  const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-protocol': request.headers['sec-websocket-protocol'] ?? '' }
  return kubelet.context.process.net.request({ host: url.hostname, port: Number(url.port) }, { method: 'POST', path: url.pathname, headers, body: emptyBody })
}
