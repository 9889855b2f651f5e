/** The OCI runtime configuration, as far as this runtime acts on it (config.json of a bundle). */
export interface OciMount { readonly destination: string; readonly type: string; readonly source: string; readonly options: readonly string[] }

export interface OciProcess {
  readonly terminal?: boolean
  readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids: readonly number[] }
  readonly args: readonly string[]
  readonly env: readonly string[]
  readonly cwd: string
  readonly capabilities: readonly string[]
  readonly noNewPrivileges: boolean
  readonly oomScoreAdj: number
}

export interface OciResources {
  readonly memoryLimit?: number
  readonly cpuShares?: number
  readonly cpuQuota?: number
  readonly cpuPeriod?: number
  readonly pids?: number
}

/** `new`: a fresh one; a pid: that process's; a path: a network namespace file; absent: the runtime's own. */
export type OciNamespace = 'new' | { readonly pid: number } | { readonly path: string }

export interface OciSpec {
  readonly ociVersion: string
  readonly process: OciProcess
  readonly root: { readonly path: string; readonly readonly: boolean }
  readonly hostname?: string
  readonly mounts: readonly OciMount[]
  readonly annotations: Readonly<Record<string, string>>
  readonly linux: {
    readonly namespaces: { readonly pid?: OciNamespace; readonly network?: OciNamespace; readonly ipc?: OciNamespace; readonly uts?: OciNamespace }
    readonly cgroupsPath: string
    readonly resources: OciResources
    readonly sysctl: Readonly<Record<string, string>>
    readonly seccomp: boolean
    readonly maskedPaths: readonly string[]
    readonly readonlyPaths: readonly string[]
  }
}

export const defaultCapabilities: readonly string[] = [
  'CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'MKNOD', 'NET_RAW', 'SETGID', 'SETUID', 'SETFCAP', 'SETPCAP', 'NET_BIND_SERVICE', 'SYS_CHROOT', 'KILL', 'AUDIT_WRITE',
]

export const allCapabilities: readonly string[] = [
  'CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP', 'LINUX_IMMUTABLE', 'NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_ADMIN', 'NET_RAW',
  'IPC_LOCK', 'IPC_OWNER', 'SYS_MODULE', 'SYS_RAWIO', 'SYS_CHROOT', 'SYS_PTRACE', 'SYS_PACCT', 'SYS_ADMIN', 'SYS_BOOT', 'SYS_NICE', 'SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'MKNOD',
  'LEASE', 'AUDIT_WRITE', 'AUDIT_CONTROL', 'SETFCAP', 'MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG', 'WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_READ', 'PERFMON', 'BPF', 'CHECKPOINT_RESTORE',
]

export const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Where a cgroup lies below /sys/fs/cgroup: systemd's `parent.slice:prefix:name`, or a plain path. */
export function cgroupDirectory(cgroupsPath: string): string {
  const parts = cgroupsPath.split(':')
  if (parts.length !== 3) return cgroupsPath.startsWith('/') ? cgroupsPath : `/${cgroupsPath}`
  const [slice = '', prefix = '', name = ''] = parts
  return `${expandSlice(slice)}/${prefix}-${name}.scope`
}

/** `kubepods-burstable-podX.slice` lies in `kubepods.slice/kubepods-burstable.slice`. */
export function expandSlice(slice: string): string {
  if (slice === '' || slice === '-.slice') return ''
  const base = slice.replace(/\.slice$/, '')
  const parts = base.split('-')
  return `/${parts.map((_, index) => `${parts.slice(0, index + 1).join('-')}.slice`).join('/')}`
}
