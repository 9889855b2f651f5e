/** The OCI runtime configuration of a container, and of a command run in it. */
import { allCapabilities, defaultCapabilities, defaultPath, type OciMount, type OciNamespace, type OciProcess, type OciResources, type OciSpec } from '#engine/cri/containerd/oci'
import { baseMounts } from '#engine/cri/containerd/spec'
import { type ImageUserFiles, resolveUser } from '#engine/cri/containerd/user'
import { RpcError } from '#engine/cri/rpc'
import type { DockerHost } from '../host'
import { badParameter, type ContainerRecord, type HostConfig, type MountPoint } from '../model'
import { sharedWith } from '../network/connections'

export function containerSpec(host: DockerHost, record: ContainerRecord, bundle: string, netns: string): OciSpec {
  const { config, hostConfig } = record
  const hidden = hostConfig.Privileged ? { maskedPaths: [], readonlyPaths: [] } : { maskedPaths: ['/proc/kcore', '/proc/keys', '/proc/timer_list', '/sys/firmware'], readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'] }
  return {
    ociVersion: '1.0.2-dev',
    process: containerProcess(host, record),
    root: { path: `${bundle}/rootfs`, readonly: hostConfig.ReadonlyRootfs },
    hostname: config.Hostname,
    mounts: mountsOf(host, record),
    annotations: {},
    linux: {
      namespaces: namespacesOf(host, record, netns),
      cgroupsPath: `${hostConfig.CgroupParent === '' ? 'system.slice' : hostConfig.CgroupParent}:docker:${record.id}`,
      resources: resourcesOf(hostConfig),
      sysctl: { ...(netns === '' ? {} : { 'net.ipv4.ip_unprivileged_port_start': '0' }), ...hostConfig.Sysctls },
      seccomp: !hostConfig.Privileged && !(hostConfig.SecurityOpt ?? []).some((option) => /^seccomp[=:]unconfined$/.test(option)),
      ...hidden,
    },
  }
}

function containerProcess(host: DockerHost, record: ContainerRecord): OciProcess {
  const { config, hostConfig } = record
  return {
    ...(config.Tty ? { terminal: true } : {}),
    user: userOf(host, record, config.User),
    args: [...(hostConfig.Init ? ['/sbin/docker-init', '--'] : []), ...(config.Entrypoint ?? []), ...(config.Cmd ?? [])],
    env: environment(record, config.Tty, config.Env),
    cwd: config.WorkingDir === '' ? '/' : config.WorkingDir,
    capabilities: capabilitiesOf(hostConfig),
    noNewPrivileges: (hostConfig.SecurityOpt ?? []).some((option) => /^no-new-privileges([=:]true)?$/.test(option)),
    oomScoreAdj: hostConfig.OomScoreAdj,
  }
}

export interface ExecWish { readonly Cmd: readonly string[]; readonly User?: string; readonly WorkingDir?: string; readonly Env?: readonly string[] | null; readonly Tty?: boolean; readonly Privileged?: boolean }

export function execProcess(host: DockerHost, record: ContainerRecord, wish: ExecWish): OciProcess {
  const { config, hostConfig } = record
  return {
    ...(wish.Tty ? { terminal: true } : {}),
    user: userOf(host, record, wish.User || config.User),
    args: wish.Cmd,
    env: environment(record, wish.Tty ?? false, [...config.Env, ...(wish.Env ?? [])]),
    cwd: wish.WorkingDir || config.WorkingDir || '/',
    capabilities: wish.Privileged ? allCapabilities : capabilitiesOf(hostConfig),
    noNewPrivileges: false,
    oomScoreAdj: hostConfig.OomScoreAdj,
  }
}

function environment(record: ContainerRecord, tty: boolean, given: readonly string[]): string[] {
  const env = new Map<string, string>()
  const base = [defaultPath, `HOSTNAME=${record.config.Hostname}`, ...(tty ? ['TERM=xterm'] : []), ...(record.hostConfig.Links ?? []).map((link) => `${(link.split(':')[1] ?? link).toUpperCase().replace(/-/g, '_')}_NAME=/${record.name}/${link.split(':')[1] ?? link}`)]
  for (const entry of [...base, ...given]) env.set(entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1))
  return [...env].map(([key, value]) => `${key}=${value}`)
}

/** Names are those of the container's own /etc/passwd and /etc/group. */
function userOf(host: DockerHost, record: ContainerRecord, user: string): OciProcess['user'] {
  const files: ImageUserFiles = { passwd: textInRoot(host, record.id, '/etc/passwd'), group: textInRoot(host, record.id, '/etc/group') }
  const extra = (record.hostConfig.GroupAdd ?? []).map((name) => (/^\d+$/.test(name) ? Number(name) : groupNumber(files, name)))
  try {
    return resolveUser(files, { image: user, supplementalGroups: extra, strict: false })
  } catch (error) {
    if (!(error instanceof RpcError)) throw error
    const what = /unable to find (user|group) (\S+):/.exec(error.description)
    throw badParameter(`unable to find ${what?.[1] ?? 'user'} ${what?.[2] ?? user}: no matching entries in ${what?.[1] === 'group' ? 'group' : 'passwd'} file`)
  }
}

function groupNumber(files: ImageUserFiles, name: string): number {
  const line = files.group.split('\n').find((entry) => entry.startsWith(`${name}:`))
  if (line === undefined) throw badParameter(`Unable to find group ${name}: no matching entries in group file`)
  return Number(line.split(':')[2])
}

/** A file of a container's root, found layer by layer. */
export function textInRoot(host: DockerHost, id: string, path: string): string {
  const { files } = host.process
  const { upper, lower } = host.images.snapshots.mounts(id)
  for (const layer of [upper, ...lower]) {
    const stat = files.exists(`${layer}${path}`)
    if (stat?.type === 'character') return ''
    if (stat) return files.readText(`${layer}${path}`)
  }
  return ''
}

function capabilitiesOf({ Privileged: privileged, CapAdd, CapDrop }: HostConfig): readonly string[] {
  if (privileged) return allCapabilities
  const names = (list: readonly string[] | null): string[] => (list ?? []).map((name) => name.toUpperCase().replace(/^CAP_/, ''))
  const [add, drop] = [names(CapAdd), new Set(names(CapDrop))]
  for (const name of [...add, ...drop]) if (name !== 'ALL' && !allCapabilities.includes(name)) throw badParameter(`invalid CapAdd: unknown capability: "CAP_${name}"`)
  const base = add.includes('ALL') ? allCapabilities : defaultCapabilities
  return [...new Set([...(drop.has('ALL') ? [] : base.filter((name) => !drop.has(name))), ...add.filter((name) => name !== 'ALL')])]
}

function namespacesOf(host: DockerHost, record: ContainerRecord, netns: string): OciSpec['linux']['namespaces'] {
  const { PidMode: pid, IpcMode: ipc, UTSMode: uts } = record.hostConfig
  const other = sharedWith(record)
  const of = (mode: string): OciNamespace => ({ pid: host.records.find(mode.slice('container:'.length)).state.pid })
  const network: OciNamespace | undefined = netns !== '' ? { path: netns } : other === undefined ? undefined : of(`container:${other}`)
  return {
    ...(pid === 'host' ? {} : { pid: pid.startsWith('container:') ? of(pid) : 'new' }),
    ...(network === undefined ? {} : { network }),
    ...(ipc === 'host' ? {} : { ipc: ipc.startsWith('container:') ? of(ipc) : 'new' }),
    ...(uts === 'host' || network === undefined ? {} : { uts: 'new' }),
  }
}

export function resourcesOf(config: HostConfig): OciResources {
  const quota = config.NanoCpus > 0 ? { cpuQuota: Math.round(config.NanoCpus / 10_000), cpuPeriod: 100_000 } : { ...(config.CpuQuota > 0 ? { cpuQuota: config.CpuQuota } : {}), ...(config.CpuPeriod > 0 ? { cpuPeriod: config.CpuPeriod } : {}) }
  return { ...(config.Memory > 0 ? { memoryLimit: config.Memory } : {}), ...(config.CpuShares > 0 ? { cpuShares: config.CpuShares } : {}), ...quota, ...(config.PidsLimit && config.PidsLimit > 0 ? { pids: config.PidsLimit } : {}) }
}

function mountsOf(host: DockerHost, record: ContainerRecord): OciMount[] {
  const { hostConfig, id } = record
  const bind = (destination: string, source: string, readonly = false): OciMount => ({ destination, type: 'bind', source, options: ['rbind', 'rprivate', readonly ? 'ro' : 'rw'] })
  const own = ['resolv.conf', 'hostname', 'hosts'].map((name) => bind(`/etc/${name}`, host.records.path(id, name), hostConfig.ReadonlyRootfs))
  const shm: OciMount = { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'noexec', 'nodev', 'mode=1777', `size=${hostConfig.ShmSize}`] }
  const init = hostConfig.Init ? [bind('/sbin/docker-init', '/usr/bin/docker-init', true)] : []
  const given = record.mounts.map(ofPoint)
  const taken = new Set(given.map((mount) => mount.destination))
  const all = [...[...baseMounts(hostConfig.Privileged), shm, ...own, ...init].filter((mount) => !taken.has(mount.destination)), ...given]
  return all.map((mount, index) => ({ mount, index })).sort((a, b) => depth(a.mount) - depth(b.mount) || a.index - b.index).map(({ mount }) => mount)
}

function ofPoint(mount: MountPoint): OciMount {
  if (mount.Type === 'tmpfs') return { destination: mount.Destination, type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'noexec', ...(mount.RW ? [] : ['ro']), ...(mount.options ?? '').split(',').filter(Boolean)] }
  return { destination: mount.Destination, type: 'bind', source: mount.Source, options: ['rbind', 'rprivate', mount.RW ? 'rw' : 'ro'] }
}

function depth(mount: OciMount): number {
  return mount.destination.split('/').filter((part) => part !== '').length
}
