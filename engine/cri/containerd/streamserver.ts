/**
 * containerd's streaming server: Exec, Attach and PortForward answer with a URL of it that is good once. The kubelet passes the
 * client's upgraded connection on to that URL.
 */
import { emptyBody, type HttpHandler, type HttpRequest, type HttpResponse, textBody } from '#engine/base/http'
import type { Listener } from '#engine/linux/abi/net'
import type { ExecRequest } from '../api'
import { errorText, RpcError } from '../rpc'
import { channel, channelPair, frame, internalErrorMessage } from '../streaming/channels'
import { servePortForward } from '../streaming/portforward'
import type { Containers } from './containers'
import type { RuntimeHost } from './host'
import type { SandboxRecord } from './records'

type Pending =
  | { readonly kind: 'exec' | 'attach'; readonly request: Omit<ExecRequest, 'cmd'> & { cmd?: string[] } }
  | { readonly kind: 'portforward'; readonly sandbox: SandboxRecord; readonly ports: readonly number[] }

const maxPending = 1000

export class StreamServer {
  private readonly pending = new Map<string, Pending>()
  private listener: Listener | undefined

  constructor(
    private readonly host: RuntimeHost,
    private readonly containers: Containers,
  ) {}

  listen(): void {
    this.listener = this.host.process.net.serveHttp({ address: '127.0.0.1', port: 0 }, this.handler())
  }

  exec(request: ExecRequest): string {
    return this.url({ kind: 'exec', request })
  }

  attach(request: Omit<ExecRequest, 'cmd'>): string {
    return this.url({ kind: 'attach', request })
  }

  portForward(sandbox: SandboxRecord, ports: readonly number[]): string {
    return this.url({ kind: 'portforward', sandbox, ports })
  }

  private url(pending: Pending): string {
    if (!this.listener) throw new RpcError('Unknown', 'streaming server is not running')
    if (this.pending.size >= maxPending) throw new RpcError('ResourceExhausted', 'maximum number of in-flight requests exceeded')
    const token = this.host.process.random.suffix(8)
    this.pending.set(token, pending)
    return `http://127.0.0.1:${this.listener.local.port}/${pending.kind}/${token}`
  }

  private handler(): HttpHandler {
    return async (request) => {
      const token = request.path.split('?')[0]?.split('/')[2] ?? ''
      const pending = this.pending.get(token)
      if (!pending) return { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: textBody('request url token not found or expired\n') }
      this.pending.delete(token)
      return pending.kind === 'portforward' ? this.forward(pending.sandbox) : this.run(request, pending.request, pending.kind)
    }
  }

  /** What fails after the upgrade is told on the error channel. */
  private async run(request: HttpRequest, message: Omit<ExecRequest, 'cmd'> & { cmd?: string[] }, kind: 'exec' | 'attach'): Promise<HttpResponse> {
    const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-protocol': request.headers['sec-websocket-protocol'] ?? '' }
    try {
      const answer = await this.containers.stream(message)
      if (answer.upgraded) return { status: 101, headers, body: emptyBody, upgraded: answer.upgraded }
      return { status: 101, headers, body: emptyBody, upgraded: refused(kind, await answer.body.text()) }
    } catch (error) {
      return { status: 101, headers, body: emptyBody, upgraded: refused(kind, error instanceof RpcError ? error.description : errorText(error)) }
    }
  }

  private forward(sandbox: SandboxRecord): Promise<HttpResponse> {
    const [mine, theirs] = channelPair()
    const { process } = this.host
    process.background(() => servePortForward(process, mine, sandbox))
    return Promise.resolve({ status: 101, headers: { connection: 'Upgrade', upgrade: 'websocket' }, body: emptyBody, upgraded: theirs })
  }
}

function refused(kind: 'exec' | 'attach', text: string): NonNullable<HttpResponse['upgraded']> {
  const [mine, theirs] = channelPair()
  const words = kind === 'exec' ? `error executing command in container: failed to exec in container: ${text}` : `error attaching to container: ${text}`
  void mine.send(frame(channel.error, internalErrorMessage(words))).then(() => mine.close())
  return theirs
}
