/** The server's ways out: kubelets, services, URLs, over the machine's sockets. */
import type { HttpRequest, HttpResponse } from '#engine/base/http'
import type { DialTls, Dialer, ObjectReader } from '#engine/apiserver/services'
import type { TlsClient } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import type { Flags } from '#engine/programs/common/cobra/flags'
import { dialWords } from './files'

export class MachineDialer implements Dialer {
  constructor(
    private readonly process: Process,
    private readonly flags: Flags,
    private readonly reader: () => ObjectReader,
  ) {}

  async service(target: { namespace: string; name: string; port: number }, request: HttpRequest, options: DialTls): Promise<HttpResponse> {
    const service = await this.reader().get('services', target.namespace, target.name)
    if (!service) throw new Error(`service ${JSON.stringify(target.name)} not found`)
    const host = (service['spec'] as { clusterIP?: string; externalName?: string; type?: string }).clusterIP ?? ''
    const serverName = `${target.name}.${target.namespace}.svc`
    return this.send({ host, port: target.port }, withHost(request, `${serverName}:${target.port}`), { ...this.tls(options), serverName }, options.timeoutMs)
  }

  async url(url: string, request: HttpRequest, options: DialTls): Promise<HttpResponse> {
    const parsed = new URL(url)
    const port = Number(parsed.port || (parsed.protocol === 'https:' ? 443 : 80))
    const host = parsed.hostname.replace(/^\[|\]$/g, '')
    return this.send({ host, port }, withHost({ ...request, path: request.path || `${parsed.pathname}${parsed.search}` }, parsed.host), parsed.protocol === 'https:' ? this.tls(options) : undefined, options.timeoutMs)
  }

  async kubelet(target: { nodeName: string; address: string; port: number }, request: HttpRequest): Promise<HttpResponse> {
    const certificate = this.file('kubelet-client-certificate')
    const key = this.file('kubelet-client-key')
    const roots = this.file('kubelet-certificate-authority')
    const tls: TlsClient = { ...(certificate === undefined ? {} : { certificate }), ...(key === undefined ? {} : { key }), ...(roots === undefined ? { insecureSkipVerify: true } : { roots }) }
    return this.send({ host: target.address, port: target.port }, withHost(request, `${target.address}:${target.port}`), tls, 30_000)
  }

  async endpoint(target: { address: string; port: number; scheme: 'http' | 'https' }, request: HttpRequest): Promise<HttpResponse> {
    return this.send({ host: target.address, port: target.port }, withHost(request, `${target.address}:${target.port}`), target.scheme === 'https' ? { insecureSkipVerify: true } : undefined, 30_000)
  }

  private async send(target: { host: string; port: number }, request: HttpRequest, tls: TlsClient | undefined, timeoutMs: number | undefined): Promise<HttpResponse> {
    try {
      return await this.process.net.request(target, request, { ...(timeoutMs === undefined ? {} : { timeoutMs }), ...(tls ? { tls } : {}), ...(request.signal ? { signal: request.signal } : {}) })
    } catch (error) {
      if (error instanceof Error && error.name === 'ProcessKilled') throw error
      throw new Error(dialWords(target, error))
    }
  }

  private tls(options: DialTls): TlsClient {
    const certificate = options.proxyClient ? this.file('proxy-client-cert-file') : options.certificate
    const key = options.proxyClient ? this.file('proxy-client-key-file') : options.key
    return {
      ...(options.roots === undefined ? {} : { roots: options.roots }), ...(options.insecureSkipVerify ? { insecureSkipVerify: true } : {}),
      ...(certificate === undefined ? {} : { certificate }), ...(key === undefined ? {} : { key }),
    }
  }

  private file(flag: string): string | undefined {
    const path = this.flags.string(flag)
    return path === '' ? undefined : this.process.files.readText(path)
  }
}

function withHost(request: HttpRequest, host: string): HttpRequest {
  return { ...request, headers: { ...request.headers, host } }
}
