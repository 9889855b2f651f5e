/** The documents that tell of a container: inspect's, and the rows of ps. */
import { humanDuration } from '#engine/cri/units'
import type { DockerHost } from '../host'
import { mobyNamespace, timeText } from '../host'
import { hasLabel } from '../events'
import { badParameter, type ContainerRecord, type ContainerState, type PortMap } from '../model'
import type { Connections } from '../network/connections'
import { treeSize } from '../volumes'

export interface DescribeParts { readonly host: DockerHost; readonly connections: Connections; execs(container: string): readonly string[] }

export function inspectContainer({ host, connections, execs }: DescribeParts, record: ContainerRecord, withSize: boolean): object {
  const { config, hostConfig, state } = record
  const line = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])]
  const [upper, lower] = layersOf(host, record.id)
  const running = execs(record.id)
  const sizes = withSize ? { SizeRw: treeSize(host, upper), SizeRootFs: rootSize(host, record) } : {}
  return {
    Id: record.id, Created: timeText(record.createdMs), Path: line[0] ?? '', Args: line.slice(1), State: stateDocument(state), Image: record.imageId,
    ResolvConfPath: record.hasStarted ? host.records.path(record.id, 'resolv.conf') : '', HostnamePath: record.hasStarted ? host.records.path(record.id, 'hostname') : '', HostsPath: record.hasStarted ? host.records.path(record.id, 'hosts') : '',
    LogPath: record.hasStarted && hostConfig.LogConfig.Type === 'json-file' ? host.records.logPath(record.id) : '', Name: `/${record.name}`, RestartCount: record.restartCount, Driver: 'overlay2', Platform: 'linux', MountLabel: '', ProcessLabel: '', AppArmorProfile: '',
    ExecIDs: running.length > 0 ? running : null, HostConfig: hostDocument(record),
    GraphDriver: { Data: { LowerDir: lower.join(':'), MergedDir: `${host.tasks.bundle(mobyNamespace, record.id)}/rootfs`, UpperDir: upper, WorkDir: upper.replace(/\/fs$/, '/work') }, Name: 'overlay2' },
    ...sizes, Mounts: record.mounts.filter((mount) => mount.Type !== 'tmpfs' || !(mount.Destination in (hostConfig.Tmpfs ?? {}))).map(({ options: _options, ...mount }) => mount),
    Config: config, NetworkSettings: networkDocument(record, connections),
  }
}

function stateDocument(state: ContainerState): object {
  const running = state.status === 'running' || state.status === 'paused' || state.status === 'restarting'
  return {
    Status: state.status, Running: running, Paused: state.status === 'paused', Restarting: state.status === 'restarting', OOMKilled: state.oomKilled, Dead: state.status === 'dead', Pid: state.pid, ExitCode: state.exitCode, Error: state.error,
    StartedAt: timeText(state.startedAtMs), FinishedAt: timeText(state.finishedAtMs), ...(state.health ? { Health: state.health } : {}),
  }
}

function hostDocument({ hostConfig: c }: ContainerRecord): object {
  return {
    Binds: c.Binds, ContainerIDFile: c.ContainerIDFile, LogConfig: c.LogConfig, NetworkMode: c.NetworkMode, PortBindings: c.PortBindings, RestartPolicy: c.RestartPolicy, AutoRemove: c.AutoRemove, VolumeDriver: c.VolumeDriver, VolumesFrom: c.VolumesFrom,
    CapAdd: c.CapAdd, CapDrop: c.CapDrop, CgroupnsMode: c.CgroupnsMode, Dns: c.Dns, DnsOptions: c.DnsOptions, DnsSearch: c.DnsSearch, ExtraHosts: c.ExtraHosts, GroupAdd: c.GroupAdd, IpcMode: c.IpcMode, Cgroup: '', Links: c.Links, OomScoreAdj: c.OomScoreAdj,
    PidMode: c.PidMode, Privileged: c.Privileged, PublishAllPorts: c.PublishAllPorts, ReadonlyRootfs: c.ReadonlyRootfs, SecurityOpt: c.SecurityOpt, ...(c.Tmpfs ? { Tmpfs: c.Tmpfs } : {}), UTSMode: c.UTSMode, UsernsMode: '', ShmSize: c.ShmSize,
    ...(c.Sysctls && Object.keys(c.Sysctls).length > 0 ? { Sysctls: c.Sysctls } : {}), Runtime: c.Runtime, ConsoleSize: [0, 0], Isolation: '', CpuShares: c.CpuShares, Memory: c.Memory, NanoCpus: c.NanoCpus, CgroupParent: c.CgroupParent, BlkioWeight: 0, BlkioWeightDevice: [],
    BlkioDeviceReadBps: null, BlkioDeviceWriteBps: null, BlkioDeviceReadIOps: null, BlkioDeviceWriteIOps: null, CpuPeriod: c.CpuPeriod, CpuQuota: c.CpuQuota, CpuRealtimePeriod: 0, CpuRealtimeRuntime: 0, CpusetCpus: c.CpusetCpus, CpusetMems: c.CpusetMems, Devices: [],
    DeviceCgroupRules: null, DeviceRequests: null, KernelMemory: 0, KernelMemoryTCP: 0, MemoryReservation: c.MemoryReservation, MemorySwap: c.MemorySwap, MemorySwappiness: null, OomKillDisable: c.OomKillDisable, PidsLimit: c.PidsLimit, Ulimits: null, CpuCount: 0,
    CpuPercent: 0, IOMaximumIOps: 0, IOMaximumBandwidth: 0, ...(c.Mounts ? { Mounts: c.Mounts } : {}), ...(c.Init === undefined ? {} : { Init: c.Init }),
    MaskedPaths: c.Privileged ? null : ['/proc/asound', '/proc/acpi', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/timer_list', '/proc/timer_stats', '/proc/sched_debug', '/proc/scsi', '/sys/firmware'],
    ReadonlyPaths: c.Privileged ? null : ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
  }
}

function networkDocument(record: ContainerRecord, connections: Connections): object {
  const bridge = record.networks['bridge']
  return {
    Bridge: '', SandboxID: record.netns === '' ? '' : record.id, HairpinMode: false, LinkLocalIPv6Address: '', LinkLocalIPv6PrefixLen: 0, Ports: connections.shownPorts(record), SandboxKey: record.netns.replace(/^\/run\//, '/var/run/'), SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null, EndpointID: bridge?.EndpointID ?? '', Gateway: bridge?.Gateway ?? '', GlobalIPv6Address: '', GlobalIPv6PrefixLen: 0, IPAddress: bridge?.IPAddress ?? '', IPPrefixLen: bridge?.IPPrefixLen ?? 0, IPv6Gateway: '',
    MacAddress: bridge?.MacAddress ?? '', Networks: record.networks,
  }
}

export function listedContainer({ host, connections }: DescribeParts, record: ContainerRecord, withSize: boolean): object {
  const { config, hostConfig } = record
  const [upper] = withSize ? layersOf(host, record.id) : ['']
  return {
    Id: record.id, Names: [`/${record.name}`], Image: shownImage(host, record), ImageID: record.imageId, Command: commandText([...(config.Entrypoint ?? []), ...(config.Cmd ?? [])]), Created: Math.floor(record.createdMs / 1000),
    Ports: listedPorts(connections.shownPorts(record)), ...(withSize ? { SizeRw: treeSize(host, upper), SizeRootFs: rootSize(host, record) } : {}), Labels: config.Labels, State: record.state.status, Status: statusText(host, record),
    HostConfig: { NetworkMode: hostConfig.NetworkMode }, NetworkSettings: { Networks: record.networks }, Mounts: record.mounts.map(({ options: _options, ...mount }) => mount),
  }
}

/** An image whose name stands for another one now is told by its id. */
function shownImage(host: DockerHost, record: ContainerRecord): string {
  const named = host.images.find(mobyNamespace, record.config.Image)
  return named?.id === record.imageId ? record.config.Image : record.imageId
}

function commandText(words: readonly string[]): string {
  const [path = '', ...args] = words
  return args.length === 0 ? path : `${path} ${args.map((arg) => (arg.includes(' ') ? `'${arg}'` : arg)).join(' ')}`
}

function listedPorts(map: PortMap): object[] {
  return Object.entries(map).flatMap(([key, bindings]) => {
    const [port = '', Type = 'tcp'] = key.split('/')
    const base = { PrivatePort: Number(port), Type }
    return bindings ? bindings.map((binding) => ({ IP: binding.HostIp, PrivatePort: Number(port), PublicPort: Number(binding.HostPort), Type })) : [base]
  })
}

export function statusText(host: DockerHost, { state, hasStarted }: ContainerRecord): string {
  const now = host.process.clock.now()
  const since = (ms: number): string => humanDuration(now - ms)
  switch (state.status) {
    case 'running': return `Up ${since(state.startedAtMs)}${healthText(state)}`
    case 'paused': return `Up ${since(state.startedAtMs)} (Paused)`
    case 'restarting': return `Restarting (${state.exitCode}) ${since(state.finishedAtMs)} ago`
    case 'removing': return 'Removal In Progress'
    case 'dead': return 'Dead'
    default: return hasStarted && state.finishedAtMs > 0 ? `Exited (${state.exitCode}) ${since(state.finishedAtMs)} ago` : 'Created'
  }
}

function healthText({ health }: ContainerState): string {
  if (!health) return ''
  return health.Status === 'starting' ? ' (health: starting)' : ` (${health.Status})`
}

const knownFilters = new Set(['ancestor', 'before', 'exited', 'expose', 'health', 'id', 'is-task', 'isolation', 'label', 'name', 'network', 'publish', 'since', 'status', 'volume'])
const statuses = ['paused', 'restarting', 'removing', 'running', 'dead', 'created', 'exited']

export interface ListWish { readonly all: boolean; readonly limit: number; readonly filters: Readonly<Record<string, readonly string[]>> }

/** Which containers a list shows, newest first. */
export function selectContainers(host: DockerHost, { all, limit, filters }: ListWish): ContainerRecord[] {
  const unknown = Object.keys(filters).find((name) => !knownFilters.has(name))
  if (unknown !== undefined) throw badParameter(`Invalid filter '${unknown}'`)
  const bad = (filters['status'] ?? []).find((status) => !statuses.includes(status))
  if (bad !== undefined) throw badParameter(`Unrecognised filter value for status: ${bad}`)
  const everything = all || limit > 0 || (filters['status'] ?? []).length > 0 || (filters['exited'] ?? []).length > 0
  const found = host.records.all().filter((record) => (everything || ['running', 'paused', 'restarting'].includes(record.state.status)) && Object.entries(filters).every(([name, values]) => values.length === 0 || fits(host, record, name, values)))
  return limit > 0 ? found.slice(0, limit) : found
}

type Test = (record: ContainerRecord, value: string, host: DockerHost) => boolean

const tests: Readonly<Record<string, Test>> = {
  name: (record, value) => pattern(value).test(record.name) || pattern(value).test(`/${record.name}`),
  id: (record, value) => pattern(`^${value}`).test(record.id),
  status: (record, value) => record.state.status === value,
  exited: (record, value) => record.state.status === 'exited' && Number(value) === record.state.exitCode,
  ancestor: (record, value, host) => host.images.find(mobyNamespace, value)?.id === record.imageId,
  network: (record, value) => Object.entries(record.networks).some(([network, settings]) => network === value || settings.NetworkID.startsWith(value)),
  volume: (record, value) => record.mounts.some((mount) => mount.Name === value || mount.Destination === value || mount.Source === value),
  health: (record, value) => (record.state.health?.Status ?? 'none') === value,
  before: (record, value, host) => record.createdMs < host.records.find(value).createdMs,
  since: (record, value, host) => record.createdMs > host.records.find(value).createdMs,
  publish: (record, value) => Object.values(record.hostConfig.PortBindings).some((bindings) => bindings?.some((binding) => binding.HostPort === value.split('/')[0])),
  expose: (record, value) => Object.keys(record.config.ExposedPorts ?? {}).some((port) => port.split('/')[0] === value.split('/')[0]),
}

function fits(host: DockerHost, record: ContainerRecord, name: string, values: readonly string[]): boolean {
  if (name === 'label') return values.every((value) => hasLabel(record.config.Labels, value))
  const test = tests[name]
  return !test || values.some((value) => test(record, value, host))
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch {
    return new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  }
}

function layersOf(host: DockerHost, id: string): [upper: string, lower: readonly string[]] {
  const { upper, lower } = host.images.snapshots.mounts(id)
  return [upper, lower]
}

function rootSize(host: DockerHost, record: ContainerRecord): number {
  const [upper] = layersOf(host, record.id)
  return treeSize(host, upper) + (host.images.find(mobyNamespace, record.imageId)?.sizeBytes ?? 0)
}
