/** From the CRI's configuration and the image's, the OCI runtime configuration of a container. */
import type { ContainerConfig, LinuxResources, Mount, PodSandboxConfig } from '../api'
import type { ImageConfig } from '../images/definition'
import { RpcError } from '../rpc'
import { allCapabilities, defaultCapabilities, defaultPath, type OciMount, type OciNamespace, type OciResources, type OciSpec } from './oci'
import { type ImageUserFiles, resolveUser, type UserRequest } from './user'

export interface SpecInput {
  readonly id: string
  readonly rootPath: string
  readonly config: ContainerConfig
  readonly sandbox: PodSandboxConfig
  readonly sandboxPid: number
  readonly sandboxDirectory: string
  readonly image: ImageConfig
  readonly userFiles: ImageUserFiles
  readonly mounts: readonly Mount[]
  /** Resolved paths of image volumes, by container path. */
  readonly systemdCgroup: boolean
  readonly targetPid?: number
  readonly annotations: Readonly<Record<string, string>>
}

const maskedPaths = ['/proc/asound', '/proc/acpi', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/timer_list', '/proc/timer_stats', '/proc/sched_debug', '/proc/scsi', '/sys/firmware', '/sys/devices/virtual/powercap']
const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']

export function containerSpec(input: SpecInput): OciSpec {
  const { config, sandbox } = input
  const security = config.linux.securityContext
  const hidden = security.privileged ? { maskedPaths: [], readonlyPaths: [] } : { maskedPaths: security.maskedPaths ?? maskedPaths, readonlyPaths: security.readonlyPaths ?? readonlyPaths }
  return {
    ociVersion: '1.2.1',
    process: containerProcess(input),
    root: { path: input.rootPath, readonly: security.readonlyRootfs ?? false },
    mounts: containerMounts(input),
    annotations: input.annotations,
    linux: {
      namespaces: namespaces(input),
      cgroupsPath: cgroupsPath(sandbox.linux.cgroupParent, input.id, input.systemdCgroup),
      resources: ociResources(config.linux.resources),
      sysctl: {},
      seccomp: !security.privileged && security.seccomp !== undefined && security.seccomp.profileType !== 'Unconfined',
      ...hidden,
    },
  }
}

function containerProcess({ config, image, sandbox, userFiles }: SpecInput): OciSpec['process'] {
  const security = config.linux.securityContext
  return {
    ...(config.tty ? { terminal: true } : {}),
    user: resolveUser(userFiles, userRequest(security, image)),
    args: commandLine(config, image),
    env: environment(config, image, sandbox.hostname),
    cwd: config.workingDir !== '' ? config.workingDir : image.WorkingDir || '/',
    capabilities: capabilities(config),
    noNewPrivileges: security.noNewPrivs ?? false,
    oomScoreAdj: config.linux.resources.oomScoreAdj ?? 0,
  }
}

function userRequest(security: ContainerConfig['linux']['securityContext'], image: ImageConfig): UserRequest {
  return {
    image: image.User ?? '',
    ...(security.runAsUser === undefined ? {} : { uid: security.runAsUser }),
    ...(security.runAsUsername === undefined ? {} : { username: security.runAsUsername }),
    ...(security.runAsGroup === undefined ? {} : { gid: security.runAsGroup }),
    supplementalGroups: security.supplementalGroups ?? [],
    strict: security.supplementalGroupsPolicy === 'Strict',
  }
}

/** Kubernetes' command replaces the entrypoint, its args replace the image's; a command alone drops the image's args. */
function commandLine(config: ContainerConfig, image: ImageConfig): string[] {
  const entrypoint = config.command.length > 0 ? config.command : (image.Entrypoint ?? [])
  const args = config.args.length > 0 ? config.args : config.command.length > 0 ? [] : (image.Cmd ?? [])
  const line = [...entrypoint, ...args]
  if (line.length === 0) throw new RpcError('Unknown', `failed to generate container "${config.metadata.name}" spec: failed to generate spec: no command specified`)
  return line
}

function environment(config: ContainerConfig, image: ImageConfig, hostname: string): string[] {
  const env = new Map<string, string>()
  for (const entry of [defaultPath, `HOSTNAME=${hostname}`, ...(image.Env ?? [])]) env.set(entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1))
  for (const { key, value } of config.envs) env.set(key, value)
  if (config.tty && !env.has('TERM')) env.set('TERM', 'xterm')
  return [...env].map(([key, value]) => `${key}=${value}`)
}

function capabilities(config: ContainerConfig): string[] {
  const { privileged, capabilities: change } = config.linux.securityContext
  if (privileged) return [...allCapabilities]
  const names = (list: readonly string[] | undefined): string[] => (list ?? []).map((name) => name.toUpperCase().replace(/^CAP_/, ''))
  const add = names(change?.addCapabilities)
  const drop = new Set(names(change?.dropCapabilities))
  const base = add.includes('ALL') ? allCapabilities : defaultCapabilities
  const kept = drop.has('ALL') ? [] : base.filter((name) => !drop.has(name))
  return [...new Set([...kept, ...add.filter((name) => name !== 'ALL')])]
}

function namespaces(input: SpecInput): OciSpec['linux']['namespaces'] {
  const options = input.config.linux.securityContext.namespaceOptions ?? input.sandbox.linux.securityContext.namespaceOptions
  const shared: OciNamespace = { pid: input.sandboxPid }
  const pid: OciNamespace | undefined = options.pid === 'NODE' ? undefined : options.pid === 'POD' ? shared : options.pid === 'TARGET' && input.targetPid !== undefined ? { pid: input.targetPid } : 'new'
  return {
    ...(pid === undefined ? {} : { pid }),
    ...(options.network === 'NODE' ? {} : { network: shared, uts: shared }),
    ...(options.ipc === 'NODE' ? {} : { ipc: shared }),
  }
}

function containerMounts(input: SpecInput): OciMount[] {
  const { privileged } = input.config.linux.securityContext
  const system = baseMounts(privileged ?? false)
  const given = input.mounts.map((mount): OciMount => ({ destination: mount.containerPath, type: 'bind', source: mount.hostPath, options: ['rbind', 'rprivate', mount.readonly ? 'ro' : 'rw'] }))
  const taken = new Set(given.map((mount) => mount.destination))
  const own = ownFiles(input).filter((mount) => !taken.has(mount.destination))
  const all = [...system.filter((mount) => !taken.has(mount.destination)), ...own, ...given]
  return all.map((mount, index) => ({ mount, index })).sort((a, b) => depth(a.mount) - depth(b.mount) || a.index - b.index).map(({ mount }) => mount)
}

function depth(mount: OciMount): number {
  return mount.destination.split('/').filter((part) => part !== '').length
}

/** The sandbox's hostname, hosts, resolv.conf and shared memory. */
function ownFiles(input: SpecInput): OciMount[] {
  const directory = input.sandboxDirectory
  const readonly = input.config.linux.securityContext.readonlyRootfs ? 'ro' : 'rw'
  const bind = (destination: string, source: string): OciMount => ({ destination, type: 'bind', source, options: ['rbind', 'rprivate', readonly] })
  return [
    bind('/etc/hostname', `${directory}/hostname`),
    bind('/etc/hosts', `${directory}/hosts`),
    bind('/etc/resolv.conf', `${directory}/resolv.conf`),
    { destination: '/dev/shm', type: 'bind', source: input.sandbox.linux.securityContext.namespaceOptions.ipc === 'NODE' ? '/dev/shm' : `${directory.replace('/var/lib/', '/run/')}/shm`, options: ['rbind', 'rprivate', 'rw'] },
  ]
}

export function baseMounts(privileged: boolean): OciMount[] {
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
    { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'] },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', privileged ? 'rw' : 'ro'] },
    { destination: '/sys/fs/cgroup', type: 'cgroup2', source: 'cgroup', options: ['nosuid', 'noexec', 'nodev', 'relatime', privileged ? 'rw' : 'ro'] },
  ]
}

export function cgroupsPath(parent: string, id: string, systemd: boolean): string {
  if (systemd) return `${parent === '' ? 'system.slice' : (parent.split('/').pop() ?? '')}:cri-containerd:${id}`
  return `${parent === '' ? '/k8s.io' : parent}/${id}`
}

export function ociResources(resources: LinuxResources): OciResources {
  return {
    ...(resources.memoryLimitInBytes ? { memoryLimit: resources.memoryLimitInBytes } : {}),
    ...(resources.cpuShares ? { cpuShares: resources.cpuShares } : {}),
    ...(resources.cpuQuota ? { cpuQuota: resources.cpuQuota } : {}),
    ...(resources.cpuPeriod ? { cpuPeriod: resources.cpuPeriod } : {}),
  }
}
