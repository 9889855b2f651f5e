/** The kubelet's start: configuration, certificates, connections, then the parts. What fails is told as "command failed". */
import { Klog } from '#engine/base/klog'
import { Client } from '#engine/client/client'
import { clientConfigFromFile } from '#engine/client/config'
import { dialTransport } from '#engine/client/dial'
import { CoreEventRecorder, type EventRecorder } from '#engine/client/events'
import { lineWriter } from '#engine/cri/lines'
import { criClient } from '#engine/cri/transport'
import { RpcError, errorText } from '#engine/cri/rpc'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { bootstrapClient, keepEmbeddedCertificate } from './certificates/bootstrap'
import { CertificateRotation } from './certificates/rotation'
import { servingFiles } from './certificates/serving'
import { currentPem } from './certificates/store'
import { type KubeletConfig, KubeletExit, type KubeletFlags, KubeletStartError } from './config/config'
import { loadKubeletConfig } from './config/load'
import type { KubeletContext } from './context'
import { kubeletVersion } from './context'
import { Kubelet } from './kubelet'
import { checkAmounts } from './config/amounts'
import { defaultAddress, hostAddresses } from './node/machine'
import type { Transport } from '#engine/client/transport'
import { tellLostEvent } from './status/event-words'
import type { PodSchema } from './pods/schema'
import { startServers } from './server/server'
import type { KubeletTables } from './tables'
import { announceContainerManager } from './startwords'

/** So long a kubelet that came back says nothing of what it finds. */
const settledMs = 5000

export async function runKubelet(process: Process, flags: KubeletFlags, tables: KubeletTables): Promise<number> {
  // A kubelet that comes back with a machine's snapshot has said all this before.
  const write = lineWriter(process)
  let quiet = process.resumed
  const klog = new Klog(process.clock, process.pid, (line) => (quiet ? undefined : write(line)))
  try {
    const config = loadKubeletConfig(process.files, flags, klog, tables)
    const stopped = untilSignalled(process)
    const kubelet = await build(process, flags, config, klog, tables.pods)
    await kubelet.start(() => startServers(kubelet))
    process.clock.after(settledMs, () => {
      quiet = false
    })
    await stopped
    return 0
  } catch (error) {
    if (!(error instanceof KubeletStartError) && !(error instanceof KubeletExit)) throw error
    if (error instanceof KubeletStartError) klog.error('run.go:72', error.message, 'command failed')
    await process.clock.sleep(0)
    return 1
  }
}

function untilSignalled(process: Process): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.handle(signal, resolve)
  })
}

async function build(process: Process, flags: KubeletFlags, config: KubeletConfig, klog: Klog, podSchema: PodSchema): Promise<Kubelet> {
  klog.info('server.go:525', 'Kubelet version', { kubeletVersion: kubeletVersion(process) })
  klog.info('server.go:527', 'Golang settings', { GOGC: '', GOMAXPROCS: '', GOTRACEBACK: '' })
  klog.info('watchdog_linux.go:95', 'Systemd watchdog is not enabled')
  klog.info('watchdog_linux.go:138', 'Systemd watchdog is not enabled or the interval is invalid, so health checking will not be started.')
  const nodeName = nodeNameOf(process, flags)
  const { client, ready } = connect(process, flags, config, klog, nodeName)
  checkAuthority(process, config, klog)
  const serving = servingFiles(process, config, flags, nodeName)
  if (!['AlwaysAllow', 'Webhook'].includes(config.authorizationMode)) throw new KubeletStartError(`failed to run Kubelet: unknown authorization mode ${config.authorizationMode}`)
  const cri = criClient(process.net, config.containerRuntimeEndpoint)
  await waitForRuntime(process, cri)
  const cgroupDriver = await cgroupDriverOf(cri, config, klog)
  checkSwap(process, config)
  const effective: KubeletConfig = { ...config, cgroupDriver, document: { ...config.document, cgroupDriver, tlsCertFile: serving.certificate, tlsPrivateKeyFile: serving.key } }
  const events: EventRecorder = client ? new CoreEventRecorder(client, process.clock, { component: 'kubelet', host: nodeName }, tellLostEvent(klog)) : { event: () => undefined }
  const context: KubeletContext = { process, clock: process.clock, config: effective, flags, klog, nodeName, client, events, cri, podSchema, nodeIps: nodeIps(process, flags) }
  announceContainerManager(klog, nodeName, () => checkAmounts(config))
  const kubelet = new Kubelet(context, serving)
  if (config.rotateCertificates && client && flags.kubeconfig !== '') process.background(async () => {
    await ready
    new CertificateRotation(context, client, 'client').start(keepEmbeddedCertificate(process, flags))
  })
  if (client && serving.certificate === currentPem(flags, 'server')) new CertificateRotation(context, client, 'server').start(!process.files.exists(serving.certificate))
  return kubelet
}

function nodeNameOf(process: Process, flags: KubeletFlags): string {
  const name = (flags.hostnameOverride === '' ? process.uname().nodename : flags.hostnameOverride).trim().toLowerCase()
  if (name === '') throw new KubeletStartError('failed to run Kubelet: empty hostname is invalid')
  return name
}

interface ApiConnection {
  readonly client: Client | undefined
  /** Once it has a certificate to speak with. */
  readonly ready: Promise<void>
}

/** A kubelet that has to ask for its certificate first begins all the same: what it has to say to the API server waits. */
function connect(process: Process, flags: KubeletFlags, config: KubeletConfig, klog: Klog, nodeName: string): ApiConnection {
  if (flags.kubeconfig === '') {
    klog.info('server.go:632', 'Standalone mode, no API client')
    return { client: undefined, ready: Promise.resolve() }
  }
  if (flags.bootstrapKubeconfig !== '' && config.rotateCertificates) klog.info('server.go:951', 'Client rotation is on, will bootstrap in background')
  const bootstrap = flags.bootstrapKubeconfig === '' ? undefined : bootstrapClient({ process, flags, klog, nodeName })
  const userAgent = `kubelet/${kubeletVersion(process)} (linux/amd64) kubernetes/0c8f9e1`
  if (!bootstrap) return { client: new Client(transport(process, flags, klog), { userAgent }), ready: Promise.resolve() }
  let done: () => void = () => undefined
  const ready = new Promise<void>((resolve) => (done = resolve))
  process.background(() => bootstrap().then(done))
  const opened = ready.then(() => transport(process, flags, klog))
  let way: Transport | undefined
  opened.then((made) => (way = made)).catch(() => undefined)
  return { client: new Client({ request: (request) => way?.request(request) ?? opened.then((made) => made.request(request)) }, { userAgent }), ready }
}

function transport(process: Process, flags: KubeletFlags, klog: Klog): Transport {
  const read = (path: string): string => process.files.readText(path)
  try {
    if (process.files.exists(`${flags.certDirectory}/kubelet-client-current.pem`)) klog.info('certificate_store.go:147', 'Loading cert/key pair from a file', { filePath: `${flags.certDirectory}/kubelet-client-current.pem` })
    const settings = clientConfigFromFile(read, flags.kubeconfig)
    return dialTransport(settings, process.net, readLately(process), { wordFailures: true })
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    throw new KubeletStartError(`failed to run Kubelet: ${connectText(error, flags)}`)
  }
}

const lookAgainMs = 100

/** Reads a file ten times a second at most: certificates are asked for at every request, and a rotated one counts at once. */
function readLately({ files, clock }: Process): (path: string) => string {
  const known = new Map<string, { readonly text: string; readonly atMs: number }>()
  return (path) => {
    const before = known.get(path)
    if (before && clock.now() - before.atMs < lookAgainMs) return before.text
    known.delete(path)
    const text = files.readText(path)
    known.set(path, { text, atMs: clock.now() })
    return text
  }
}

function connectText(error: unknown, flags: KubeletFlags): string {
  if (isErrno(error)) return `invalid kubeconfig: stat ${flags.kubeconfig}: ${error.message.toLowerCase()}`
  const text = errorText(error)
  return text.startsWith('unable to load root certificates') ? text : `invalid kubeconfig: invalid configuration: ${text}`
}

function checkAuthority(process: Process, config: KubeletConfig, klog: Klog): void {
  const path = config.clientCAFile
  if (path === '') return
  try {
    const text = process.files.readText(path)
    if (!text.includes('-----BEGIN CERTIFICATE-----')) throw new KubeletStartError(`failed to construct kubelet dependencies: unable to load client CA file ${path}: data does not contain any valid RSA or ECDSA certificates`)
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new KubeletStartError(`failed to construct kubelet dependencies: unable to load client CA file ${path}: open ${path}: ${error.message.toLowerCase()}`)
  }
  klog.info('dynamic_cafile_content.go:161', 'Starting controller', { name: `client-ca-bundle::${path}` })
}

/** After a snapshot all daemons come back at once: the runtime is waited for, where a fresh kubelet would fail. */
async function waitForRuntime(process: Process, cri: ReturnType<typeof criClient>): Promise<void> {
  for (let tries = 0; process.resumed && tries < 200; tries++) {
    try {
      await cri.runtime.Version({ version: '0.1.0' })
      return
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      await process.clock.sleep(50)
    }
  }
}

async function cgroupDriverOf(cri: ReturnType<typeof criClient>, config: KubeletConfig, klog: Klog): Promise<string> {
  try {
    await cri.runtime.Version({ version: '0.1.0' })
    const { linux } = await cri.runtime.RuntimeConfig({})
    const cgroupDriver = linux.cgroupDriver.toLowerCase()
    klog.info('server.go:1418', 'Using cgroup driver setting received from the CRI runtime', { cgroupDriver })
    return cgroupDriver
  } catch (error) {
    if (!(error instanceof RpcError)) throw error
    throw new KubeletStartError(`failed to run Kubelet: validate service connection: validate CRI v1 runtime API for endpoint "${config.containerRuntimeEndpoint}": ${error.message}`)
  }
}

function checkSwap(process: Process, config: KubeletConfig): void {
  if (!config.failSwapOn || !process.files.exists('/proc/swaps')) return
  const lines = process.files.readText('/proc/swaps').trim().split('\n').slice(1)
  if (lines.length > 0) throw new KubeletStartError(`failed to run Kubelet: running with swap on is not supported, please disable swap or set --fail-swap-on flag to false`)
}

function nodeIps(process: Process, flags: KubeletFlags): string[] {
  const given = flags.nodeIp.split(',').map((ip) => ip.trim()).filter((ip) => ip !== '' && ip !== '0.0.0.0' && ip !== '::')
  const wrong = given.find((ip) => !isAddress(ip))
  if (wrong !== undefined) throw new KubeletStartError(`failed to run Kubelet: bad --node-ip "${flags.nodeIp}": could not parse "${wrong}"`)
  const own = hostAddresses(process)
  const found = given.filter((ip) => own.includes(ip))
  if (found.length > 0) return found
  const address = defaultAddress(process)
  return address === undefined ? ['127.0.0.1'] : [address]
}

function isAddress(text: string): boolean {
  return text.includes(':') || (/^\d+(\.\d+){3}$/.test(text) && text.split('.').every((part) => Number(part) <= 255))
}
