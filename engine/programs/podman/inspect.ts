/** podman inspect: containers, images, pods, volumes, networks. */
import { findImage } from '#engine/cri/podman/images'
import { networkNamed } from '#engine/cri/podman/network'
import { podStatus } from '#engine/cri/podman/pods'
import { type ContainerRecord, PodmanError, type PodRecord } from '#engine/cri/podman/model'
import { renderTemplate } from '#engine/programs/common/containers/report'
import { imageInspection } from './images'
import { networkInspection } from './networks'
import { type Commands, complain, say, type Session } from './session'
import { volumeInspection } from './volumes'

function iso(ms: number): string {
  return ms === 0 ? '0001-01-01T00:00:00Z' : new Date(Math.floor(ms)).toISOString().replace('Z', '000000Z')
}

function bindings(record: ContainerRecord): Record<string, { HostIp: string; HostPort: string }[]> {
  return Object.fromEntries(record.ports.map((port) => [`${port.containerPort}/${port.protocol}`, [{ HostIp: port.hostIp, HostPort: String(port.hostPort) }]]))
}

export function containerInspection({ library }: Session, record: ContainerRecord): object {
  const state = library.state(record.id)
  const first = state.network?.attached[0]
  const image = library.imageById(record.imageId)
  const line = [...record.entrypoint, ...record.command]
  const networks = Object.fromEntries((state.network?.attached ?? []).map((each) => [each.name, { EndpointID: '', Gateway: each.gateway, IPAddress: each.address, IPPrefixLen: each.prefix, IPv6Gateway: '', GlobalIPv6Address: '', GlobalIPv6PrefixLen: 0, MacAddress: each.mac, NetworkID: each.name, DriverOpts: null, IPAMConfig: null, Links: null, Aliases: [record.id.slice(0, 12)] }]))
  return {
    Id: record.id, Created: iso(record.createdMs), Path: line[0] ?? '', Args: line.slice(1),
    State: { OciVersion: '1.0.2-dev', Status: state.status, Running: state.status === 'running', Paused: false, Restarting: false, OOMKilled: state.oomKilled, Dead: false, Pid: state.pid, ConmonPid: 0, ExitCode: state.exitCode, Error: '', StartedAt: iso(state.startedMs), FinishedAt: iso(state.finishedMs), Health: { Status: '', FailingStreak: 0, Log: null } },
    Image: record.imageId.slice(7), ImageName: record.imageName, Rootfs: '', Pod: record.pod ?? '', ResolvConfPath: `${library.bundle(record.id)}/resolv.conf`, HostnamePath: `${library.bundle(record.id)}/hostname`, HostsPath: `${library.bundle(record.id)}/hosts`, StaticDir: library.bundle(record.id), OCIRuntime: 'runc', ConmonPidFile: `${library.runDirectory(record.id)}/conmon.pid`,
    Name: record.name, RestartCount: state.restarts, Driver: 'overlay', MountLabel: '', ProcessLabel: '', AppArmorProfile: '', EffectiveCaps: [], BoundingCaps: [], ExecIDs: [], GraphDriver: { Name: 'overlay', Data: {} },
    Mounts: record.mounts.map((mount) => ({ Type: mount.type, ...(mount.type === 'volume' ? { Name: mount.source } : {}), Source: mount.type === 'volume' ? library.volumePath(mount.source) : mount.source, Destination: mount.destination, Driver: mount.type === 'volume' ? 'local' : '', Mode: '', Options: mount.options, RW: !mount.options.includes('ro'), Propagation: 'rprivate' })),
    Dependencies: [], NetworkSettings: { EndpointID: '', Gateway: first?.gateway ?? '', IPAddress: first?.address ?? '', IPPrefixLen: first?.prefix ?? 0, IPv6Gateway: '', GlobalIPv6Address: '', GlobalIPv6PrefixLen: 0, MacAddress: first?.mac ?? '', Bridge: '', SandboxID: '', HairpinMode: false, LinkLocalIPv6Address: '', LinkLocalIPv6PrefixLen: 0, Ports: bindings(record), SandboxKey: state.network?.netns ?? '', Networks: networks },
    Namespace: '', IsInfra: record.isInfra ?? false, IsService: false,
    Config: { Hostname: record.hostname, Domainname: '', User: record.user, AttachStdin: false, AttachStdout: false, AttachStderr: false, Tty: record.terminal, OpenStdin: record.interactive, StdinOnce: false, Env: [...(image?.config.config.Env ?? []), 'container=podman', ...record.env, `HOSTNAME=${record.hostname}`], Cmd: record.command, Image: record.imageName, Volumes: null, WorkingDir: record.cwd, Entrypoint: record.entrypoint.join(' '), OnBuild: null, Labels: Object.keys(record.labels).length > 0 ? record.labels : null, Annotations: record.annotations, StopSignal: 15, CreateCommand: record.createCommand, Umask: '0022', Timeout: 0, StopTimeout: record.stopTimeout, Passwd: true },
    HostConfig: {
      Binds: record.mounts.filter((mount) => mount.type !== 'tmpfs').map((mount) => `${mount.source}:${mount.destination}:${['rw', 'rprivate', 'rbind'].join(',')}`), CgroupManager: 'systemd', CgroupMode: 'private', ContainerIDFile: '', LogConfig: { Type: 'k8s-file', Config: null, Path: library.logPath(record.id), Tag: '', Size: '0B' }, NetworkMode: networkMode(record), PortBindings: bindings(record),
      RestartPolicy: { Name: record.restart.name, MaximumRetryCount: record.restart.retries }, AutoRemove: record.autoRemove, VolumeDriver: '', VolumesFrom: null, CapAdd: record.capAdd, CapDrop: ['CAP_AUDIT_WRITE', 'CAP_MKNOD', 'CAP_NET_RAW', ...record.capDrop], Dns: record.dns, DnsOptions: [], DnsSearch: [], ExtraHosts: record.hosts, GroupAdd: [], IpcMode: 'shareable', Privileged: record.privileged, PublishAllPorts: false, ReadonlyRootfs: record.readonly, SecurityOpt: [], Tmpfs: {}, UTSMode: 'private', UsernsMode: '', ShmSize: 65_536_000, Runtime: 'oci',
      CpuShares: record.resources.cpuShares ?? 0, Memory: record.resources.memoryLimit ?? 0, NanoCpus: record.nanoCpus, CpuPeriod: record.resources.cpuPeriod ?? 0, CpuQuota: record.resources.cpuQuota ?? 0, PidsLimit: record.resources.pids ?? 0, Init: false,
    },
  }
}

function networkMode(record: ContainerRecord): string {
  const [first = 'bridge'] = record.networks
  return record.pod !== undefined && !record.isInfra ? 'container' : first === 'podman' ? 'bridge' : first
}

export function podInspection(session: Session, pod: PodRecord): object {
  const { library } = session
  const infra = library.container(pod.infra)
  return {
    Id: pod.id, Name: pod.name, Created: iso(pod.createdMs), CreateCommand: pod.createCommand, ExitPolicy: 'continue', State: podStatus(library, pod), Hostname: pod.hostname, Labels: pod.labels, CreateCgroup: true, CgroupParent: 'machine.slice', CgroupPath: `machine.slice/machine-libpod_pod_${pod.id}.slice`, CreateInfra: true, InfraContainerID: pod.infra,
    InfraConfig: { PortBindings: infra ? bindings(infra) : {}, HostNetwork: infra?.networks.includes('host') ?? false, StaticIP: '', StaticMAC: '', NoManageResolvConf: false, DNSServer: null, DNSSearch: null, DNSOption: null, NoManageHosts: false, HostAdd: null, Networks: infra?.networks ?? [], NetworkOptions: null, pid_ns: 'private', userns: 'host' }, SharedNamespaces: ['ipc', 'net', 'uts'],
    NumContainers: library.members(pod).length, Containers: library.members(pod).map((member) => ({ Id: member.id, Name: member.name, State: library.state(member.id).status })), RestartPolicy: pod.restart?.name ?? '',
  }
}

type Finder = (session: Session, name: string) => object | undefined

const finders: Readonly<Record<string, Finder>> = {
  container: (session, name) => {
    const found = session.library.container(name)
    return found && containerInspection(session, found)
  },
  image: (session, name) => {
    const found = findImage(session.library, name)
    return found && imageInspection(session, found)
  },
  pod: (session, name) => {
    const found = session.library.pod(name)
    return found && podInspection(session, found)
  },
  volume: (session, name) => {
    const found = session.library.volumes().find((volume) => volume.name === name)
    return found && volumeInspection(session, found)
  },
  network: (session, name) => {
    const found = networkNamed(session.library, name)
    return found && networkInspection(found)
  },
}

const missing: Readonly<Record<string, (name: string) => string>> = {
  container: (name) => `inspecting object: no such container ${name}`, image: (name) => `inspecting object: ${name}: image not known`, pod: (name) => `unable to lookup requested container: unable to look up pod ${name}: no such pod`, volume: (name) => `inspecting object: no such volume ${name}`, network: (name) => `inspecting object: network ${name}: unable to find network with name or ID ${name}: network not found`, all: (name) => `inspecting object: no such object: ${JSON.stringify(name)}`,
}

async function inspectAs(session: Session, type: string): Promise<number> {
  const { flags } = session
  const kinds = type === 'all' ? ['container', 'image', 'volume', 'network', 'pod'] : [type]
  if (!kinds.every((kind) => finders[kind])) throw new PodmanError(`invalid type ${JSON.stringify(type)}: must be "image", "container", "pod", "network", "volume", or "all"`)
  const found: object[] = []
  const complaints: string[] = []
  for (const name of flags.operands) {
    const object = kinds.map((kind) => finders[kind]?.(session, name)).find((each) => each)
    if (object) found.push(object)
    else complaints.push((missing[type] ?? missing['all'])?.(name) ?? '')
  }
  await show(session, found, type)
  for (const complaint of complaints) await complain(session, complaint)
  return complaints.length > 0 ? 125 : 0
}

async function show(session: Session, found: readonly object[], type: string): Promise<void> {
  const format = session.flags.value('format')
  if (format !== undefined && format !== 'json') for (const object of found) await say(session, `${renderTemplate(format, object)}\n`)
  else if (type === 'pod') for (const object of found) await say(session, `${JSON.stringify(object, null, 5)}\n`)
  else await say(session, `${found.length === 0 ? '[]' : JSON.stringify(found, null, 5)}\n`)
}

const flags = 'format,f= size,s type,t= latest,l'

export const inspectCommands: Commands = {
  inspect: { flags, operands: [1, 99], run: (session) => inspectAs(session, session.flags.value('type') ?? 'all') },
  'image inspect': { flags, operands: [1, 99], run: (session) => inspectAs(session, 'image') },
  'container inspect': { flags, operands: [1, 99], run: (session) => inspectAs(session, 'container') },
  'pod inspect': { flags, operands: [1, 99], run: (session) => inspectAs(session, 'pod') },
  'volume inspect': { flags: 'format,f= all,a', operands: [1, 99], run: (session) => inspectAs(session, 'volume') },
  'network inspect': { flags, operands: [1, 99], run: (session) => inspectAs(session, 'network') },
}
