/** The daemon's main: flags to files to a store, served until it is signalled. */
import { etcdHandler, plain } from '#engine/etcd/server'
import { EtcdMember, type MemberOptions } from '#engine/etcd/cluster/member'
import { isErrno } from '#engine/linux/abi/errno'
import type { TlsServer } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { beginningOf, bootstrap, BootstrapError } from './bootstrap'
import { EtcdUsageError, parseEtcdOptions, type EtcdSettings } from './options'
import { peerHandler, peerLink } from './peers'
import { listenAddress } from './urls'
import { ZapLog } from '#engine/programs/common/zap'

const version = '3.6.6'

export const etcd: Program = {
  name: 'etcd',
  unsupported: 'authentication by users and roles, discovery, gRPC gateway',
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
  log.info('embed/etcd.go:138', 'configuring peer listeners', { 'listen-peer-urls': settings.peerUrls })
  if (!process.files.exists(databaseOf(settings)) && !initialNames(settings).includes(settings.name)) return failed(log, `couldn't find local name "${settings.name}" in the initial cluster configuration`)
  const tls = { client: tlsOf(process, clientFiles(settings)), peer: tlsOf(process, peerFiles(settings)) }
  const ended = terminated(process)
  let member: EtcdMember
  try {
    member = await open(process, settings, log, () => ended.end('removed'))
  } catch (error) {
    if (error instanceof BootstrapError) return failed(log, error.message)
    throw error
  }
  log.info('embed/etcd.go:307', 'starting an etcd server', { 'etcd-version': version, name: settings.name, 'data-dir': settings.dataDir, 'initial-cluster': settings.initialCluster })
  const refused = listen(process, settings, member, tls)
  if (refused !== undefined) return failed(log, refused)
  member.start()
  announce(settings, member, log)
  const why = await ended.when
  if (why === 'removed') log.write('error', 'etcdserver/server.go:800', 'the member has been permanently removed from the cluster', { 'local-member-id': member.id })
  else log.info('osutil/interrupt_unix.go:65', 'received signal; shutting down', { signal: why })
  member.stop()
  log.info('embed/etcd.go:421', 'closed etcd server', { name: settings.name, 'data-dir': settings.dataDir })
  return why === 'removed' ? 1 : 0
}

function announce(settings: EtcdSettings, member: EtcdMember, log: ZapLog): void {
  if (member.raft.isAlone) log.info('raft/raft.go:970', `${member.id} became leader at term ${member.raft.term}`)
  log.info('etcdserver/server.go:1804', 'published local member to cluster through raft', { 'local-member-id': member.id, 'local-member-attributes': `{Name:${settings.name} ClientURLs:[${settings.advertiseClientUrls.join(' ')}]}`, 'cluster-id': member.clusterId })
  log.info('embed/serve.go:44', 'ready to serve client requests')
  const traffic = settings.certFile !== '' && settings.keyFile !== '' ? 'securely' : 'insecurely'
  for (const url of settings.clientUrls) log.info('embed/serve.go:283', `serving client traffic ${traffic}`, { traffic: 'grpc+http', address: url.replace(/^https?:\/\//, '') })
}

function databaseOf(settings: EtcdSettings): string {
  return `${settings.dataDir}/member/snap/db`
}

/** The member as its data directory tells, or as one of the cluster of its flags. */
async function open(process: Process, settings: EtcdSettings, log: ZapLog, removed: () => void): Promise<EtcdMember> {
  const { files } = process
  const database = databaseOf(settings)
  const existing = files.exists(database)
  const snapshot = existing && existing.size > 0 ? files.readFile(database) : undefined
  const link = peerLink(process, settings)
  const beginning = snapshot ? beginningOf(snapshot, settings.forceNew) : await bootstrap(settings, link)
  files.mkdirAll(`${settings.dataDir}/member/snap`, 0o700)
  files.mkdirAll(`${settings.dataDir}/member/wal`, 0o700)
  const member: EtcdMember = build(process, settings, log, { ...beginning, link, ...(snapshot ? { snapshot } : {}), persist: () => files.writeLazy(database, content, 0o600), removed })
  const content = { bytes: () => member.snapshotBytes() }
  files.writeLazy(database, content, 0o600)
  if (!existing) files.writeFile(`${settings.dataDir}/member/wal/0000000000000000-0000000000000000.wal`, '', 0o600)
  return member
}

function build(process: Process, settings: EtcdSettings, log: ZapLog, rest: Pick<MemberOptions, 'link' | 'identity' | 'cluster' | 'snapshot' | 'persist' | 'removed'>): EtcdMember {
  return new EtcdMember({
    ...rest, clock: process.clock, random: process.random, name: settings.name, version, peerUrls: settings.advertisePeerUrls, clientUrls: settings.advertiseClientUrls, forceNew: settings.forceNew, hurried: process.resumed,
    ...(settings.quotaBytes === undefined ? {} : { quotaBytes: settings.quotaBytes }),
    background: (run) => process.background(run), say: (message, fields) => log.info('raft/raft.go:793', message, fields),
  })
}

function failed(log: ZapLog, error: string): number {
  log.write('fatal', 'etcdmain/etcd.go:183', 'discovery failed', { error })
  return 1
}

function initialNames({ initialCluster }: EtcdSettings): string[] {
  return initialCluster.split(',').map((part) => part.split('=')[0] ?? '')
}

/** Opens every port; else why one cannot be. */
function listen(process: Process, settings: EtcdSettings, member: EtcdMember, tls: { readonly client: TlsServer | undefined; readonly peer: TlsServer | undefined }): string | undefined {
  const health = (): string | undefined => (member.raft.leaderId === undefined ? 'RAFT NO LEADER' : undefined)
  const handler = etcdHandler(member, health)
  const secure = (url: string, server: TlsServer | undefined): { tls: TlsServer } | Record<string, never> => (url.startsWith('https') && server ? { tls: server } : {})
  const ports: readonly (readonly [string, () => unknown])[] = [
    ...settings.peerUrls.map((url) => [url, () => process.net.serveHttp(listenAddress(url), peerHandler(member), secure(url, tls.peer))] as const),
    ...settings.clientUrls.map((url) => [url, () => process.net.serveHttp(listenAddress(url), handler, secure(url, tls.client))] as const),
    ...settings.metricsUrls.map((url) => [url, () => process.net.serveHttp(listenAddress(url), (request) => Promise.resolve(plain(request, health)), secure(url, tls.client))] as const),
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

interface TlsFiles {
  readonly certificate: string
  readonly key: string
  readonly authority: string
  readonly required: boolean
}

function clientFiles(settings: EtcdSettings): TlsFiles {
  return { certificate: settings.certFile, key: settings.keyFile, authority: settings.trustedCaFile, required: settings.clientCertAuth }
}

function peerFiles(settings: EtcdSettings): TlsFiles {
  return { certificate: settings.peerCertFile, key: settings.peerKeyFile, authority: settings.peerCaFile, required: settings.peerClientCertAuth }
}

function tlsOf(process: Process, given: TlsFiles): TlsServer | undefined {
  if (given.certificate === '' || given.key === '') return undefined
  const { files } = process
  const read = (): { certificate: string; key: string } => ({ certificate: files.readText(given.certificate), key: files.readText(given.key) })
  read()
  if (given.authority === '') return { identity: read }
  files.readText(given.authority)
  return { identity: read, clientCertificates: given.required ? 'require' : 'request', clientRoots: () => files.readText(given.authority) }
}

/** Until a signal comes, or the cluster has done with this member. */
function terminated(process: Process): { readonly when: Promise<string>; end(why: string): void } {
  let end: (why: string) => void = () => undefined
  const when = new Promise<string>((resolve) => {
    end = resolve
    process.handle('SIGTERM', () => resolve('terminated'))
    process.handle('SIGINT', () => resolve('interrupt'))
  })
  return { when, end: (why) => end(why) }
}
