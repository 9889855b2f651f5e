/** The daemon's main: flags to files to a store, served until it is signalled. */
import { etcdHandler } from '#engine/etcd/server'
import { plain } from '#engine/etcd/server'
import { EtcdStore } from '#engine/etcd/store'
import { isErrno } from '#engine/linux/abi/errno'
import type { TlsServer } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { EtcdUsageError, parseEtcdOptions, type EtcdSettings } from './options'
import { ZapLog } from '#engine/programs/common/zap'

const version = '3.6.6'

export const etcd: Program = {
  name: 'etcd',
  unsupported: 'clusters of several members, peer traffic, authentication by users and roles, gRPC gateway',
  async run(process) {
    if (process.argv.includes('--version')) {
      await process.stdout.write(`etcd Version: ${version}\nGit SHA: d2809cf\nGo Version: go1.24.10\nGo OS/Arch: linux/amd64\n`)
      return 0
    }
    const log = new ZapLog(process)
    try {
      const settings = parseEtcdOptions(process.argv.slice(1), process.env)
      log.info('etcdmain/etcd.go:64', 'Running: ', { args: process.argv })
      return await serve(process, settings, log)
    } catch (error) {
      if (error instanceof EtcdUsageError) {
        await process.stderr.write(`${error.message}\n${usage}`)
        return 2
      }
      if (!(error instanceof Error) || !('code' in error)) throw error
      log.write('fatal', 'etcdmain/etcd.go:183', 'discovery failed', { error: describe(error) })
      return 1
    }
  },
}

/** What follows a command line that cannot be read. */
const usage = `Usage:

  etcd [flags]
    Start an etcd server.

  etcd --version
    Show the version of etcd.

  etcd -h | --help
    Show the help information about etcd.
`

function describe(error: Error): string {
  if (isErrno(error)) return error.subject ? `open ${error.subject}: ${error.message.toLowerCase()}` : error.message.toLowerCase()
  return error.message
}

async function serve(process: Process, settings: EtcdSettings, log: ZapLog): Promise<number> {
  const database = `${settings.dataDir}/member/snap/db`
  const { files } = process
  const existing = files.exists(database)
  log.info('embed/etcd.go:138', 'configuring peer listeners', { 'listen-peer-urls': settings.peerUrls })
  const missing = existing ? undefined : missingFromCluster(settings)
  if (missing !== undefined) return failed(log, missing)
  const tls = tlsOf(process, settings)
  for (const file of settings.peerFiles) files.readFile(file)
  files.mkdirAll(`${settings.dataDir}/member/snap`, 0o700)
  files.mkdirAll(`${settings.dataDir}/member/wal`, 0o700)
  const store: EtcdStore = new EtcdStore({
    clock: process.clock,
    random: process.random,
    name: settings.name,
    version,
    peerUrls: settings.advertisePeerUrls,
    clientUrls: settings.advertiseClientUrls,
    ...(existing && existing.size > 0 ? { snapshot: files.readFile(database) } : {}),
    ...(settings.quotaBytes === undefined ? {} : { quotaBytes: settings.quotaBytes }),
    persist: () => files.writeLazy(database, content, 0o600),
  })
  const content = { bytes: () => store.snapshotBytes() }
  files.writeLazy(database, content, 0o600)
  if (!existing) files.writeFile(`${settings.dataDir}/member/wal/0000000000000000-0000000000000000.wal`, '', 0o600)
  const status = await store.status()
  log.info('embed/etcd.go:307', 'starting an etcd server', { 'etcd-version': version, name: settings.name, 'data-dir': settings.dataDir, 'initial-cluster': settings.initialCluster })
  const refused = listen(process, settings, store, tls)
  if (refused !== undefined) return failed(log, refused)
  log.info('raft/raft.go:970', `${status.leader} became leader at term 2`)
  log.info('etcdserver/server.go:1804', 'published local member to cluster through raft', { 'local-member-id': status.leader, 'local-member-attributes': `{Name:${settings.name} ClientURLs:[${settings.advertiseClientUrls.join(' ')}]}`, 'cluster-id': status.header.clusterId })
  log.info('embed/serve.go:44', 'ready to serve client requests')
  for (const url of settings.clientUrls) log.info('embed/serve.go:283', `serving client traffic ${tls ? 'securely' : 'insecurely'}`, { traffic: 'grpc+http', address: url.replace(/^https?:\/\//, '') })
  const signal = await terminated(process)
  log.info('osutil/interrupt_unix.go:65', 'received signal; shutting down', { signal })
  store.stop()
  log.info('embed/etcd.go:421', 'closed etcd server', { name: settings.name, 'data-dir': settings.dataDir })
  return 0
}

function failed(log: ZapLog, error: string): number {
  log.write('fatal', 'etcdmain/etcd.go:183', 'discovery failed', { error })
  return 1
}

/** Only a member without data asks what the cluster is to be. */
function missingFromCluster({ name, initialCluster }: EtcdSettings): string | undefined {
  return initialCluster.split(',').some((member) => member.startsWith(`${name}=`)) ? undefined : `couldn't find local name "${name}" in the initial cluster configuration`
}

/** Opens every port; else why one cannot be. */
function listen(process: Process, settings: EtcdSettings, store: EtcdStore, tls: TlsServer | undefined): string | undefined {
  const handler = etcdHandler(store)
  const secure = (url: string): { tls: TlsServer } | Record<string, never> => (url.startsWith('https') && tls ? { tls } : {})
  const ports: readonly (readonly [string, () => unknown])[] = [
    ...settings.peerUrls.map((url) => [url, () => process.net.listen(address(url))] as const),
    ...settings.clientUrls.map((url) => [url, () => process.net.serveHttp(address(url), handler, secure(url))] as const),
    ...settings.metricsUrls.map((url) => [url, () => process.net.serveHttp(address(url), (request) => Promise.resolve(plain(request)), secure(url))] as const),
  ]
  for (const [url, open] of ports) {
    try {
      open()
    } catch (error) {
      if (!isErrno(error)) throw error
      return `listen tcp ${url.replace(/^https?:\/\//, '')}: bind: ${error.message.toLowerCase()}`
    }
  }
  return undefined
}

function tlsOf(process: Process, settings: EtcdSettings): TlsServer | undefined {
  if (settings.certFile === '' || settings.keyFile === '') return undefined
  const { files } = process
  const read = (): { certificate: string; key: string } => ({ certificate: files.readText(settings.certFile), key: files.readText(settings.keyFile) })
  read()
  if (settings.trustedCaFile === '') return { identity: read }
  files.readText(settings.trustedCaFile)
  return { identity: read, clientCertificates: settings.clientCertAuth ? 'require' : 'request', clientRoots: () => files.readText(settings.trustedCaFile) }
}

function address(url: string): { address: string; port: number } {
  const match = /^https?:\/\/\[?([^\]]+?)\]?:(\d+)$/.exec(url)
  const host = match?.[1] ?? 'localhost'
  return { address: host === 'localhost' ? '127.0.0.1' : host, port: Number(match?.[2]) }
}

function terminated(process: Process): Promise<string> {
  return new Promise((resolve) => {
    process.handle('SIGTERM', () => resolve('terminated'))
    process.handle('SIGINT', () => resolve('interrupt'))
  })
}
