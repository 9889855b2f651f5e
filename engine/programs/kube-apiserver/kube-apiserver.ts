/** The daemon's main. */
import { MasterLeases } from '#engine/apiserver/bootstrap/master-leases'
import { goAddress } from '#engine/linux/net/address'
import { Klog, withoutStart } from '#engine/base/klog'
import { selfSignedAuthority } from '#engine/base/pki/issue'
import { certificatePem } from '#engine/base/pki/certificate'
import { generateEc, privateKeyPem } from '#engine/base/pki/keys'
import { ApiServer } from '#engine/apiserver/server'
import { isErrno } from '#engine/linux/abi/errno'
import type { TlsServer } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import type { Command } from '#engine/programs/common/cobra/command'
import type { Flags } from '#engine/programs/common/cobra/flags'
import { runCommand } from '#engine/programs/common/cobra/run'
import { auditOf } from './audit'
import { versionOf } from '#engine/programs/common/component/component'
import { MachineDialer } from './dialer'
import { encryptionOf } from './encryption'
import { connectEtcd } from './etcd'
import { readPair, readText, StartError } from './files'
import { flags as flagTable } from './flags.table'
import { checkFlags, checkVersions, requestedVersions, runtimeConfig } from './flag-checks'
import { authenticationOf, settingsOf, tokenSignerOf } from './options'
import { authorizationModes } from './structured'

export const kubeApiserver: Program = {
  name: 'kube-apiserver',
  unsupported: 'authorization modes Webhook and ABAC, OIDC and webhook token authentication, audit webhooks, KMS encryption, egress selection, tracing; of feature gates only MutatingAdmissionPolicy and those of fields of pods, claims, stateful sets and autoscalers count; no effect have emulated versions, TLS versions and ciphers, HTTP/2, profiling, CORS and watch cache settings',
  run: (process) => runCommand(process, command, { silenceUsage: true, standardCommands: false }),
}

const command: Command = {
  use: 'kube-apiserver', short: '',
  long: 'The Kubernetes API server validates and configures data for the API objects: pods, services, controllers and others. It serves REST operations and is the front end to the cluster\'s shared state.',
  flags: flagTable,
  args: (args) => (args.length > 0 ? `"kube-apiserver" does not take any arguments, got ${JSON.stringify(args)}` : undefined),
  run: ({ process, flags }) => main(process, flags),
}

/** klog's exit code after a fatal line. */
/** What the server shows to kubelets and to other servers. */
const clientPairs = [['kubelet-client-certificate', 'kubelet-client-key'], ['proxy-client-cert-file', 'proxy-client-key-file']] as const
const fatalExit = 255

async function main(process: Process, flags: Flags): Promise<number> {
  if (flags.changed('version')) {
    await process.stdout.write(`Kubernetes ${versionOf(process)}\n`)
    return 0
  }
  const klog = new Klog(process.clock, process.pid, withoutStart(process, (line) => void process.stderr.write(line).catch(() => undefined)))
  try {
    return await serve(process, flags, klog)
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    klog.error('run.go:72', error.message, 'command failed')
    return 1
  }
}

async function serve(process: Process, flags: Flags, klog: Klog): Promise<number> {
  checkVersions(flags, (line) => klog.line('W', 'feature_gate.go:352', line))
  klog.line('I', 'options.go:263', `external host was not specified, using ${flags.string('advertise-address') || '127.0.0.1'}`)
  checkFlags(flags)
  klog.line('I', 'server.go:150', `Version: ${versionOf(process)}`)
  klog.info('server.go:152', 'Golang settings', { GOGC: '', GOMAXPROCS: '', GOTRACEBACK: '' })
  const tls = tlsOf(process, flags)
  const authentication = authenticationOf(process, flags)
  const tokenSigner = tokenSignerOf(process, flags)
  const transformer = encryptionOf(process, flags, klog)
  const audit = auditOf(process, flags)
  const settings = settingsOf(process, flags)
  for (const [certificate, key] of clientPairs) if (flags.string(certificate) !== '' && flags.string(key) !== '') readPair(process, flags.string(certificate), flags.string(key))
  const etcd = etcdOf(process, flags, klog)
  if ('exit' in etcd) return etcd.exit
  if (!(await etcd.reachable(20_000))) {
    klog.line('F', 'instance.go:233', 'Error creating leases: error creating storage factory: context deadline exceeded')
    return fatalExit
  }
  const { advertiseAddress } = settings
  const masters = advertiseAddress === undefined ? undefined : new MasterLeases(etcd.client, flags.string('etcd-prefix'), process.clock, advertiseAddress)
  const server: ApiServer = new ApiServer({
    ...(masters ? { masters } : {}), clock: process.clock, random: process.random, etcd: etcd.client, etcdPrefix: flags.string('etcd-prefix'), authentication, authorizationModes: authorizationModes(process, flags), servesVersion: runtimeConfig(flags), asksForVersion: requestedVersions(flags),
    enableAdmissionPlugins: flags.list('enable-admission-plugins'), disableAdmissionPlugins: flags.list('disable-admission-plugins'), settings,
    dialer: new MachineDialer(process, flags, () => server.services.reader), tokenSigner, hostname: process.uname().nodename, resumed: process.resumed, compactionIntervalMs: flags.number('etcd-compaction-interval'), watchUntil: process.dying,
    ...(transformer ? { transformer } : {}), ...(audit ? { audit } : {}), log: (line) => klog.line((line.charAt(0) as 'E') || 'I', 'authentication.go:75', line.slice(2)),
  })
  listen(process, flags, server, tls, klog)
  void server.start().catch(() => undefined)
  return untilTerminated(process, server, klog, masters)
}

function etcdOf(process: Process, flags: Flags, klog: Klog): ReturnType<typeof connectEtcd> | { exit: number } {
  try {
    return connectEtcd(process, flags, klog)
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    klog.line('F', 'instance.go:233', `Error creating leases: error creating storage factory: ${error.message}`)
    return { exit: fatalExit }
  }
}

function listen(process: Process, flags: Flags, server: ApiServer, tls: TlsServer, klog: Klog): void {
  const address = flags.string('bind-address')
  const port = flags.number('secure-port')
  try {
    process.net.serveHttp({ address: goAddress(address), port }, server.handle, { tls })
  } catch (error) {
    if (isErrno(error)) throw new StartError(`failed to create listener: failed to listen on ${address}:${port}: listen tcp ${address}:${port}: bind: ${error.message.toLowerCase()}`)
    throw error
  }
  klog.line('I', 'secure_serving.go:211', `Serving securely on ${address === '0.0.0.0' ? '[::]' : address}:${port}`)
}

function tlsOf(process: Process, flags: Flags): TlsServer {
  const certificate = flags.string('tls-cert-file')
  const key = flags.string('tls-private-key-file')
  if (certificate === '' || key === '') return selfSigned(process)
  const identity = (): { certificate: string; key: string } => ({ certificate: readText(process, certificate), key: readText(process, key) })
  readPair(process, certificate, key)
  return { identity, clientCertificates: 'request' }
}

function selfSigned(process: Process): TlsServer {
  const key = generateEc('P-256', process.random)
  const now = process.clock.now()
  const certificate = certificatePem(selfSignedAuthority(`${process.uname().nodename}-ca`, key, { notBefore: now - 3_600_000, notAfter: now + 31_536_000_000, random: process.random }))
  return { identity: () => ({ certificate, key: privateKeyPem(key) }), clientCertificates: 'request' }
}

function untilTerminated(process: Process, server: ApiServer, klog: Klog, masters: MasterLeases | undefined): Promise<number> {
  return new Promise((resolve) => {
    const end = (): void => {
      klog.info('controller.go:128', 'Shutting down kubernetes service endpoint reconciler')
      server.stop()
      // An etcd that does not answer keeps nobody.
      void Promise.race([masters?.leave().catch(() => undefined), process.clock.sleep(1000)]).then(() => resolve(0), () => resolve(0))
    }
    process.handle('SIGTERM', end)
    process.handle('SIGINT', end)
    process.dying.addEventListener('abort', () => server.stop(), { once: true })
  })
}
