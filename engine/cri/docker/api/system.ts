/** /_ping, /version, /info, /events, /system/df, /auth. */
import { textBody } from '#engine/base/http'
import { memoryTotal } from '../containers/stats'
import { listedContainer } from '../containers/describe'
import { engineVersion, mobyNamespace, timeText } from '../host'
import { ApiError } from '../model'
import { filtersOf, json, type Route, stream } from '../routes'
import { treeSize } from '../volumes'
import type { Engine } from './engine'

const components = (kernel: string): object[] => [
  { Name: 'Engine', Version: engineVersion, Details: { ApiVersion: '1.41', Arch: 'amd64', BuildTime: '2024-04-11T21:12:02.000000000+00:00', Experimental: 'false', GitCommit: '5d6db84', GoVersion: 'go1.19.8', KernelVersion: kernel, MinAPIVersion: '1.12', Os: 'linux' } },
  { Name: 'containerd', Version: '1.6.20~ds1', Details: { GitCommit: '1.6.20~ds1-1+deb12u1' } },
  { Name: 'runc', Version: '1.1.5+ds1', Details: { GitCommit: '1.1.5+ds1-1+deb12u1' } },
  { Name: 'docker-init', Version: '0.19.0', Details: { GitCommit: '' } },
]

export function systemRoutes(engine: Engine): readonly Route[] {
  const { host } = engine
  const kernel = (): string => host.process.uname().release
  const ping = { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache, no-store, must-revalidate', pragma: 'no-cache' }, body: textBody('OK') }
  return [
    ['GET /_ping', () => ping],
    ['HEAD /_ping', () => ({ ...ping, body: textBody('') })],
    ['GET /version', () => json({ Platform: { Name: '' }, Components: components(kernel()), Version: engineVersion, ApiVersion: '1.41', MinAPIVersion: '1.12', GitCommit: '5d6db84', GoVersion: 'go1.19.8', Os: 'linux', Arch: 'amd64', KernelVersion: kernel(), BuildTime: '2024-04-11T21:12:02.000000000+00:00' })],
    ['GET /info', () => json(info(engine))],
    ['GET /events', ({ query, http }) => stream(host.events.lines(instant(query.get('since')), instant(query.get('until')), filtersOf(query), http.signal))],
    ['GET /system/df', () => json(diskUse(engine))],
    ['POST /auth', () => {
      throw new ApiError(500, 'Get "https://registry-1.docker.io/v2/": unauthorized: incorrect username or password')
    }],
    ['POST /build/prune', () => json({ CachesDeleted: null, SpaceReclaimed: 0 })],
    ['GET /swarm', () => {
      throw new ApiError(503, 'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.')
    }],
  ]
}

/** Seconds since the epoch, with a fraction. */
function instant(text: string | null): number | undefined {
  return text === null || text === '' ? undefined : Number(text) * 1000
}

function info({ host, images }: Engine): object {
  const records = host.records.all()
  const count = (...statuses: string[]): number => records.filter((record) => statuses.includes(record.state.status)).length
  const { process, config } = host
  const { release, nodename } = process.uname()
  return {
    ID: 'SEA7:RIAL:'.padEnd(59, 'Q3ZK:'), Containers: records.length, ContainersRunning: count('running', 'restarting'), ContainersPaused: count('paused'), ContainersStopped: count('created', 'exited', 'dead'), Images: images.count(),
    Driver: 'overlay2', DriverStatus: [['Backing Filesystem', 'extfs'], ['Supports d_type', 'true'], ['Native Overlay Diff', 'true'], ['userxattr', 'false']],
    Plugins: { Volume: ['local'], Network: ['bridge', 'host', 'null'], Authorization: null, Log: ['json-file'] }, MemoryLimit: true, SwapLimit: true, CpuCfsPeriod: true, CpuCfsQuota: true, CPUShares: true, CPUSet: true, PidsLimit: true,
    IPv4Forwarding: true, BridgeNfIptables: true, BridgeNfIp6tables: true, Debug: config.debug, NFd: 32, OomKillDisable: false, NGoroutines: 41, SystemTime: timeText(process.clock.now()), LoggingDriver: config.logDriver, CgroupDriver: 'systemd', CgroupVersion: '2',
    NEventsListener: 0, KernelVersion: release, OperatingSystem: prettyName(host), OSVersion: '12', OSType: 'linux', Architecture: 'x86_64', IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: {
      AllowNondistributableArtifactsCIDRs: [], AllowNondistributableArtifactsHostnames: [], InsecureRegistryCIDRs: ['127.0.0.0/8'],
      IndexConfigs: { 'docker.io': { Name: 'docker.io', Mirrors: [], Secure: true, Official: true }, ...Object.fromEntries(config.insecureRegistries.map((name) => [name, { Name: name, Mirrors: [], Secure: false, Official: false }])) }, Mirrors: config.registryMirrors,
    },
    NCPU: 2, MemTotal: memoryTotal(host), GenericResources: null, DockerRootDir: config.root, HttpProxy: '', HttpsProxy: '', NoProxy: '', Name: nodename, Labels: config.labels, ExperimentalBuild: false, ServerVersion: engineVersion,
    Runtimes: { 'io.containerd.runc.v2': { path: 'runc' }, 'io.containerd.runtime.v1.linux': { path: 'runc' }, runc: { path: 'runc' } }, DefaultRuntime: 'runc',
    Swarm: { NodeID: '', NodeAddr: '', LocalNodeState: 'inactive', ControlAvailable: false, Error: '', RemoteManagers: null }, LiveRestoreEnabled: config.liveRestore, Isolation: '', InitBinary: 'docker-init',
    ContainerdCommit: { ID: '1.6.20~ds1-1+deb12u1', Expected: '1.6.20~ds1-1+deb12u1' }, RuncCommit: { ID: '1.1.5+ds1-1+deb12u1', Expected: '1.1.5+ds1-1+deb12u1' }, InitCommit: { ID: '', Expected: '' },
    SecurityOptions: ['name=seccomp,profile=default', 'name=cgroupns'], Warnings: null,
  }
}

function prettyName({ process: { files } }: Engine['host']): string {
  return files.exists('/etc/os-release') ? (/^PRETTY_NAME="?([^"\n]*)/m.exec(files.readText('/etc/os-release'))?.[1] ?? 'Linux') : 'Linux'
}

function diskUse(engine: Engine): object {
  const { host, images, volumes, connections, lifecycle } = engine
  const parts = { host, connections, execs: (id: string) => lifecycle.execs.running(id) }
  const containers = host.records.all()
  const list = images.list({}, true)
  return {
    LayersSize: host.images.list(mobyNamespace).reduce((sum, image) => sum + image.sizeBytes, 0), Images: list.map((image) => ({ ...image, Containers: containers.filter((record) => record.imageId === (image as { Id: string }).Id).length, SharedSize: 0 })),
    Containers: containers.map((record) => ({ ...listedContainer(parts, record, false), SizeRw: treeSize(host, host.images.snapshots.mounts(record.id).upper) })),
    Volumes: volumes.all().map((volume) => ({ ...volumes.toApi(volume), UsageData: { RefCount: volumes.users(volume.Name).length, Size: volumes.size(volume.Name) } })), BuildCache: null, BuilderSize: 0,
  }
}
