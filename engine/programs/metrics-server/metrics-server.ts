/** The daemon's main: scrape, store, serve. */
import { emptyBody } from '#engine/base/http'
import type { Klog } from '#engine/base/klog'
import type { Process } from '#engine/linux/abi/process'
import type { Node } from '#engine/api/kinds'
import { keyOf } from '#engine/api/object'
import type { Client } from '#engine/client/client'
import { dialFailure } from '#engine/client/errors'
import { Informers } from '#engine/client/informers'
import { configMaps, nodes, pods } from '#engine/client/resources'
import { unlessNotFound } from '#engine/client/retry'
import type { Flags } from '#engine/programs/common/cobra/flags'
import { CommandFailed, defineComponent } from '#engine/programs/common/component/component'
import { componentClient, componentConfig } from '#engine/programs/common/component/credentials'
import { serveSecurely } from '#engine/programs/common/component/serving'
import { answerMetrics } from './api'
import { flagTable } from './flags.table'
import { MetricStore, parseScrape } from './store'

const minResolutionMs = 10_000
const resumedPauseMs = 500
const retryMs = 500

export const metricsServer = defineComponent({
  name: 'metrics-server',
  summary: 'Serves what nodes and pods use of cpu and memory as metrics.k8s.io/v1beta1.',
  flagTable,
  unsupported: 'tables and protobuf answers, profiling',
  run,
})

async function run(process: Process, flags: Flags, log: Klog): Promise<number> {
  const resolutionMs = flags.number('metric-resolution')
  if (resolutionMs < minResolutionMs) throw new CommandFailed(`metric-resolution should be a time duration at least 10s, but value ${resolutionMs / 1000}s provided`)
  const config = componentConfig(process, flags.string('kubeconfig'))
  const client = componentClient(process, config, 'metrics-server/v0.8.0 (linux/amd64)')
  const { clock, random, dying } = process
  const informers = new Informers(client, { clock, random }, { listsFirst: true })
  const nodeInformer = informers.of(nodes)
  const podInformer = informers.of(pods)
  const store = new MetricStore()
  let proxyRoots: string | undefined
  serveSecurely(process, flags, log, {
    name: 'metrics-server',
    checks: [{ name: 'metric-storage-ready', only: 'readyz', check: () => (store.ready ? undefined : 'no metrics to serve') }],
    delegate: client,
    metrics: () => '',
    proxyRoots: () => proxyRoots,
    handle: (request, path) => Promise.resolve(answerMetrics({ store, nodes: nodeInformer.store, pods: podInformer.store, now: () => clock.now() }, request, path)),
  })
  process.background(async () => {
    proxyRoots = await frontProxyRoots(process, client, log)
  })
  informers.start(dying)
  await informers.whenSynced()
  const scraper = new Scraper(process, flags, log, store)
  // On a machine that resumes from a snapshot this process has long had figures: it has them anew at once, not after a full period.
  let pauseMs = clock.now() - startedAtMs(process) > resolutionMs ? resumedPauseMs : resolutionMs
  for (;;) {
    await scraper.all(nodeInformer.store.list())
    await clock.sleep(pauseMs, dying)
    pauseMs = resolutionMs
  }
}

function startedAtMs(process: Process): number {
  return process.processes().find(({ pid }) => pid === process.pid)?.startedAtMs ?? 0
}

/** Whose word about a user counts; asked for until the API server answers. */
async function frontProxyRoots(process: Process, client: Client, log: Klog): Promise<string | undefined> {
  for (;;) {
    try {
      const settings = await unlessNotFound(client.of(configMaps).get('kube-system', 'extension-apiserver-authentication'))
      return settings?.data?.['requestheader-client-ca-file']
    } catch (error) {
      if ((error as Error).name === 'ProcessKilled') throw error
      log.error('configmap_cafile_content.go:242', (error as Error).message, 'Failed to read the authentication settings')
    }
    await process.clock.sleep(retryMs, process.dying)
  }
}

class Scraper {
  constructor(
    private readonly process: Process,
    private readonly flags: Flags,
    private readonly log: Klog,
    private readonly store: MetricStore,
  ) {}

  async all(list: readonly Node[]): Promise<void> {
    this.store.keepOnly(new Set(list.map(keyOf)))
    await Promise.all(list.map((node) => this.one(node)))
  }

  private async one(node: Node): Promise<void> {
    const name = keyOf(node)
    const host = this.address(node)
    if (host === undefined) {
      this.log.error('scraper.go:147', `node ${name} had no addresses that matched types [${this.flags.list('kubelet-preferred-address-types').join(' ')}]`, 'Failed to scrape node', { node: name })
      return
    }
    const port = this.port(node)
    const url = `https://${host}:${port}/metrics/resource`
    try {
      const response = await this.process.net.request({ host, port }, { method: 'GET', path: '/metrics/resource', headers: { authorization: `Bearer ${this.token()}` }, body: emptyBody }, { timeoutMs: this.flags.number('kubelet-request-timeout'), tls: this.tls() })
      if (response.status !== 200) throw new Error(`request failed, status: "${response.status} ${reason(response.status)}"`)
      this.store.add(name, parseScrape(await response.body.text(), this.process.clock.now()))
    } catch (error) {
      if ((error as Error).name === 'ProcessKilled') throw error
      const words = (error as Error).message.startsWith('request failed') ? (error as Error).message : `Get ${JSON.stringify(url)}: ${dialFailure(error, host, port)}`
      this.log.error('scraper.go:149', words, 'Failed to scrape node', { node: name })
    }
  }

  private address(node: Node): string | undefined {
    const addresses = node.status?.addresses ?? []
    for (const type of this.flags.list('kubelet-preferred-address-types')) {
      const found = addresses.find((entry) => entry.type === type)
      if (found) return found.address
    }
    return undefined
  }

  private port(node: Node): number {
    return this.flags.bool('kubelet-use-node-status-port') ? ((node.status?.daemonEndpoints as { kubeletEndpoint?: { Port?: number } } | undefined)?.kubeletEndpoint?.Port ?? this.flags.number('kubelet-port')) : this.flags.number('kubelet-port')
  }

  private tls(): { insecureSkipVerify?: boolean; roots?: string } {
    if (this.flags.bool('kubelet-insecure-tls')) return { insecureSkipVerify: true }
    const authority = this.flags.string('kubelet-certificate-authority') || '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt'
    return { roots: this.process.files.readText(authority) }
  }

  private token(): string {
    const path = '/var/run/secrets/kubernetes.io/serviceaccount/token'
    return this.process.files.exists(path) ? this.process.files.readText(path).trim() : ''
  }
}

function reason(status: number): string {
  return ({ 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 500: 'Internal Server Error' } as Record<number, string>)[status] ?? ''
}
