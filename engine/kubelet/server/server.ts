/** The kubelet's servers: 10250 with authentication and authorization, 10248 for health, 10255 where it is switched on. */
import { goAddress } from '#engine/linux/net/address'
import type { HttpHandler } from '#engine/base/http'
import { isErrno } from '#engine/linux/abi/errno'
import { KubeletExit } from '../config/config'
import type { Kubelet } from '../kubelet'
import { plain } from './answers'
import { authenticator } from './auth'
import { routes } from './routes'

export async function startServers(kubelet: Kubelet): Promise<void> {
  await Promise.resolve()
  const { context } = kubelet
  const { config, process, klog } = context
  const handler = routes(kubelet)
  const listen = (at: { address: string; port: number }, answer: HttpHandler, options: Parameters<typeof process.net.serveHttp>[2] = {}): void => {
    try {
      process.net.serveHttp({ ...at, address: goAddress(at.address) }, answer, options)
    } catch (error) {
      if (!isErrno(error)) throw error
      klog.error('server.go:208', listenError(at, error), 'Failed to listen and serve')
      throw new KubeletExit()
    }
  }
  if (config.enableServer) {
    klog.info('server.go:182', 'Starting to listen', { address: config.address, port: config.port })
    // Without a certificate (it is asked for, and not approved yet) every handshake fails.
    const read = (path: string): string => (process.files.exists(path) ? process.files.readText(path) : '')
    const identity = (): { certificate: string; key: string } => ({ certificate: read(kubelet.servingCertificate), key: read(kubelet.servingKey) })
    listen({ address: config.address, port: config.port }, authenticator(kubelet, handler), {
      tls: { identity, clientCertificates: 'request' },
      onHandshakeError: ({ address, port }, message) => klog.line('I', 'log.go:245', `http: TLS handshake error from ${address}:${port}: ${message === 'tls: no certificates configured' ? 'no serving certificate available for the kubelet' : message}`),
    })
    klog.info('server.go:317', 'Adding debug handlers to kubelet server')
    klog.info('ratelimit.go:56', 'Setting rate limiting for endpoint', { service: 'podresources', qps: 100, burstTokens: 10 })
    klog.info('server.go:254', 'Starting to serve the podresources API', { endpoint: `unix:${context.flags.rootDirectory}/pod-resources/kubelet.sock` })
    klog.info('dynamic_serving_content.go:135', 'Starting controller', { name: `kubelet-server-cert-files::${kubelet.servingCertificate}::${kubelet.servingKey}` })
  }
  if (config.healthzPort > 0) serveHealth(kubelet)
  if (config.readOnlyPort > 0) listen({ address: config.address, port: config.readOnlyPort }, readOnly(handler))
}

/** A port that is taken is tried again and again: the kubelet goes on without. */
function serveHealth(kubelet: Kubelet): void {
  const { process, klog, clock, config } = kubelet.context
  const at = { address: config.healthzBindAddress, port: config.healthzPort }
  try {
    process.net.serveHttp(at, healthOnly)
  } catch (error) {
    if (!isErrno(error)) throw error
    klog.error('server.go:1001', listenError(at, error), 'Failed to start healthz server')
    clock.after(healthRetryMs, () => serveHealth(kubelet))
  }
}

function listenError({ address, port }: { address: string; port: number }, error: { message: string }): string {
  return `listen tcp ${address}:${port}: bind: ${error.message.toLowerCase()}`
}

const healthRetryMs = 5000

const healthOnly: HttpHandler = async (request) => {
  await Promise.resolve()
  const path = request.path.split('?')[0] ?? ''
  return path === '/healthz' || path.startsWith('/healthz/') ? plain(200, 'ok') : plain(404, '404 page not found\n')
}

const open = ['/healthz', '/pods', '/metrics', '/stats', '/spec']

function readOnly(handler: HttpHandler): HttpHandler {
  return (request) => (open.some((prefix) => request.path.startsWith(prefix)) ? handler(request) : Promise.resolve(plain(404, '404 page not found\n')))
}
