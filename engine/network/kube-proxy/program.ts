/** `kube-proxy`: flags and configuration from disk, services and endpoint slices from the API, tables into the kernel. */
import { goAddress } from '#engine/linux/net/address'
import { encodeUtf8 } from '#engine/base/bytes'
import { bytesBody, type HttpHandler, type HttpResponse, textBody } from '#engine/base/http'
import { Klog, withoutStart } from '#engine/base/klog'
import type { EndpointSlice, Node, Service } from '#engine/api/kinds'
import { Client } from '#engine/client/client'
import { clientConfigFromFile, inClusterConfig } from '#engine/client/config'
import { dialTransport } from '#engine/client/dial'
import { Informers } from '#engine/client/informers'
import { endpointSlices, nodes, services } from '#engine/client/resources'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { NetNamespace } from '#engine/linux/net/namespace'
import { ConfigError, defaultConfig, type KubeProxyConfig, parseConfig, unknownFields } from '#engine/network/kube-proxy/config'
import { servicePorts } from '#engine/network/kube-proxy/model'
import { Proxier } from '#engine/network/kube-proxy/proxier'
import { goFileError, parseGoFlags } from '#engine/network/go-flags'

export const kubeProxy: Program = {
  name: 'kube-proxy',
  unsupported: 'ipvs and nftables modes, topology hints; feature gates have no effect',
  async run(process) {
    const log = new Klog(process.clock, 1, withoutStart(process, (line) => void process.stderr.write(line).catch(() => undefined)))
    try {
      const flags = parseGoFlags(process.argv.slice(1), knownFlags)
      if (flags.has('version')) {
        await process.stdout.write(`Kubernetes ${process.executable.attributes.version ?? 'v1.35.4'}\n`)
        return 0
      }
      return await serve(process, log, configure(process, flags, log))
    } catch (error) {
      if (!(error instanceof ConfigError) && !(error as Error).message?.startsWith('unknown flag')) throw error
      log.error('run.go:72', (error as Error).message, 'command failed')
      return 1
    }
  },
}

const knownFlags = new Set(['config', 'hostname-override', 'kubeconfig', 'cluster-cidr', 'proxy-mode', 'v', 'version', 'masquerade-all', 'bind-address', 'healthz-bind-address', 'metrics-bind-address', 'nodeport-addresses', 'feature-gates', 'master', 'oom-score-adj', 'conntrack-max-per-core', 'conntrack-min', 'iptables-masquerade-bit', 'iptables-min-sync-period', 'iptables-sync-period', 'iptables-localhost-nodeports', 'detect-local-mode', 'profiling', 'logging-format', 'vmodule', 'init-only', 'cleanup', 'config-sync-period', 'kube-api-qps', 'kube-api-burst', 'kube-api-content-type', 'log-flush-frequency', 'show-hidden-metrics-for-version', 'write-config-to', 'bind-address-hard-fail', 'pod-bridge-interface', 'pod-interface-name-prefix', 'boot-id-file', 'machine-id-file', 'conntrack-tcp-be-liberal', 'conntrack-tcp-timeout-close-wait', 'conntrack-tcp-timeout-established', 'conntrack-udp-timeout', 'conntrack-udp-timeout-stream'])

function configure(process: Process, flags: ReadonlyMap<string, string>, log: Klog): KubeProxyConfig {
  const path = flags.get('config')
  const base = path === undefined ? { ...defaultConfig, kubeconfig: flags.get('kubeconfig') ?? '', clusterCidrs: (flags.get('cluster-cidr') ?? '').split(',').filter((cidr) => cidr !== '') } : parseConfig(readConfig(process, path), path)
  const complaint = path === undefined ? undefined : unknownFields(readConfig(process, path))
  if (complaint !== undefined) log.info('options.go:425', 'Using lenient decoding as strict decoding failed', { err: complaint })
  const hostname = flags.get('hostname-override') ?? base.hostname
  const config = { ...base, hostname: (hostname === '' ? process.uname().nodename : hostname).trim().toLowerCase() }
  if (config.mode !== 'iptables') throw new ConfigError(`failed validate: KubeProxyConfiguration.Mode.ProxyMode: the ${config.mode} mode is not supported in this simulation: use iptables`)
  return config
}

function readConfig(process: Process, path: string): string {
  try {
    return process.files.readText(path)
  } catch (error) {
    if (isErrno(error)) throw new ConfigError(`failed complete: ${goFileError('open', path, error)}`)
    throw error
  }
}

function connect(process: Process, config: KubeProxyConfig): Client {
  const read = (path: string): string => process.files.readText(path)
  if (config.kubeconfig !== '' && !process.files.exists(config.kubeconfig)) throw new ConfigError(`stat ${config.kubeconfig}: no such file or directory`)
  try {
    const settings = config.kubeconfig === '' ? inClusterConfig(process.env, read) : clientConfigFromFile(read, config.kubeconfig)
    return new Client(dialTransport(settings, process.net, read, { wordFailures: true }), { userAgent: `kube-proxy/${process.executable.attributes.version ?? 'v1.35.4'} (linux/amd64) kubernetes` })
  } catch (error) {
    if (isErrno(error)) throw new ConfigError((error.subject ?? '') + error.message.toLowerCase())
    throw new ConfigError((error as Error).message)
  }
}

async function serve(process: Process, log: Klog, config: KubeProxyConfig): Promise<number> {
  const namespace = process.networkNamespace()
  if (!(namespace instanceof NetNamespace)) throw new Error('no network stack')
  const client = connect(process, config)
  const ended = new Ending(process)
  log.info('server_linux.go:53', 'Using iptables proxy')
  await Promise.race([nodeAddress(process, log, client, config), ended.code])
  if (ended.has) return ended.code
  log.info('server_linux.go:136', 'Using iptables Proxier')
  log.info('server.go:529', 'Version info', { version: process.executable.attributes.version ?? 'v1.35.4' })
  const proxier = new Proxier(namespace, process.clock, {
    clusterCidr: config.clusterCidrs.find((cidr) => !cidr.includes(':')), masqueradeAll: config.masqueradeAll, masqueradeBit: config.masqueradeBit, localhostNodePorts: config.localhostNodePorts, minSyncPeriodMs: config.minSyncPeriodMs,
  })
  const informers = new Informers(client, { clock: process.clock, random: process.random }, { onErrorOf: (resource, error) => log.error('reflector.go:205', `failed to list ${resource.kind}: ${(error as Error).message}`, 'Failed to watch', { reflector: 'k8s.io/client-go/informers/factory.go:161', type: `*v1.${resource.kind}` }) })
  follow(informers, proxier, config.hostname)
  listen(process, config, proxier)
  for (const name of ['service', 'endpoint slice', 'serviceCIDR']) log.info('config.go:106', `Starting ${name} config controller`)
  informers.start(process.dying)
  log.info('shared_informer.go:349', 'Waiting for caches to sync', { controller: 'service config' })
  await informers.whenSynced()
  log.info('shared_informer.go:356', 'Caches are synced', { controller: 'service config' })
  log.info('shared_informer.go:356', 'Caches are synced', { controller: 'endpoint slice config' })
  proxier.start()
  return ended.code.finally(() => proxier.stop())
}

/** kube-proxy asks for its node, with patience; rules do not need the answer. */
async function nodeAddress(process: Process, log: Klog, client: Client, config: KubeProxyConfig): Promise<void> {
  for (let attempt = 0; attempt < 6; attempt++) {
    try {
      const node: Node = await client.of(nodes).get('', config.hostname)
      const address = node.status?.addresses?.find((each) => each.type === 'InternalIP')?.address
      log.info('server.go:219', 'Successfully retrieved NodeIPs', { NodeIPs: [address] })
      return
    } catch (error) {
      if ((error as Error).name === 'ProcessKilled') throw error
      log.error('server.go:213', (error as Error).message, 'Failed to retrieve node IPs')
      await process.clock.sleep(1000 * 2 ** attempt)
    }
  }
}

const serviceLabel = 'kubernetes.io/service-name'

function follow(informers: Informers, proxier: Proxier, hostname: string): void {
  const serviceInformer = informers.of(services)
  const sliceInformer = informers.of(endpointSlices).addIndexers({ service: (slice) => [`${slice.metadata.namespace ?? ''}/${slice.metadata.labels?.[serviceLabel] ?? ''}`] })
  const refresh = (namespace: string, name: string): void => {
    const key = `${namespace}/${name}`
    const service = serviceInformer.store.get(namespace, name)
    proxier.set(key, service ? servicePorts(service, sliceInformer.store.byIndex('service', key), hostname) : [])
  }
  const ofService = (service: Service): void => refresh(service.metadata.namespace ?? '', service.metadata.name ?? '')
  const ofSlice = (slice: EndpointSlice): void => {
    const name = slice.metadata.labels?.[serviceLabel]
    if (name !== undefined) refresh(slice.metadata.namespace ?? '', name)
  }
  serviceInformer.addHandlers({ added: ofService, updated: ofService, deleted: ofService })
  sliceInformer.addHandlers({ added: ofSlice, updated: (next, previous) => { ofSlice(previous); ofSlice(next) }, deleted: ofSlice })
}

function addressOf(text: string): { address: string; port: number } {
  const at = text.lastIndexOf(':')
  return { address: goAddress(text.slice(0, at)), port: Number(text.slice(at + 1)) }
}

function listen(process: Process, config: KubeProxyConfig, proxier: Proxier): void {
  const health: HttpHandler = () => Promise.resolve(healthz(process, proxier))
  const metrics: HttpHandler = (request) => Promise.resolve(metricsAnswer(request.path.split('?')[0] ?? '', config, proxier))
  for (const [address, handler] of [[config.healthzAddress, health], [config.metricsAddress, metrics]] as const) {
    try {
      process.net.serveHttp(addressOf(address), handler)
    } catch (error) {
      // As the real one: a taken port is complained about, and proxying goes on.
      if (!isErrno(error)) throw error
      void process.stderr.write(`failed to listen on ${address}: ${error.message}\n`)
    }
  }
}

function healthz(process: Process, proxier: Proxier): HttpResponse {
  const now = new Date(process.clock.now()).toISOString()
  const updated = proxier.syncedAt === undefined ? '0001-01-01T00:00:00Z' : now
  const healthy = proxier.syncedAt !== undefined
  const status = { IPv4: { lastUpdated: updated, currentTime: now, healthy } }
  const body = JSON.stringify({ lastUpdated: updated, currentTime: now, healthy, nodeEligible: true, status })
  return { status: healthy ? 200 : 503, headers: { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' }, body: bytesBody(encodeUtf8(body)) }
}

function metricsAnswer(path: string, config: KubeProxyConfig, proxier: Proxier): HttpResponse {
  const plain = (text: string, status = 200): HttpResponse => ({ status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: textBody(text) })
  if (path === '/proxyMode') return plain(config.mode)
  if (path === '/healthz') return plain('ok')
  if (path === '/metrics') return plain(`# HELP kubeproxy_sync_proxy_rules_last_timestamp_seconds [ALPHA] The last time proxy rules were successfully synced\n# TYPE kubeproxy_sync_proxy_rules_last_timestamp_seconds gauge\nkubeproxy_sync_proxy_rules_last_timestamp_seconds{ip_family="IPv4"} ${(proxier.syncedAt ?? 0) / 1000}\n`)
  return plain('404 page not found\n', 404)
}

/** A Go program that handles no signals and is the first of its container: asked to end, it exits with 2. */
class Ending {
  has = false
  readonly code: Promise<number>

  constructor(process: Process) {
    this.code = new Promise((resolve, reject) => {
      process.handle('SIGTERM', () => {
        this.has = true
        resolve(2)
      })
      process.dying.addEventListener('abort', () => reject(process.dying.reason as Error), { once: true })
    })
    this.code.catch(() => undefined)
  }
}
