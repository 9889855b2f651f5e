import type { Credentials } from '#engine/linux/abi/process'

/** All capabilities of Linux 6.8, in the order of their numbers. */
export const allCapabilities = [
  'CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP', 'LINUX_IMMUTABLE', 'NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_ADMIN',
  'NET_RAW', 'IPC_LOCK', 'IPC_OWNER', 'SYS_MODULE', 'SYS_RAWIO', 'SYS_CHROOT', 'SYS_PTRACE', 'SYS_PACCT', 'SYS_ADMIN', 'SYS_BOOT', 'SYS_NICE', 'SYS_RESOURCE', 'SYS_TIME',
  'SYS_TTY_CONFIG', 'MKNOD', 'LEASE', 'AUDIT_WRITE', 'AUDIT_CONTROL', 'SETFCAP', 'MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG', 'WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_READ', 'PERFMON', 'BPF', 'CHECKPOINT_RESTORE',
] as const

const all: ReadonlySet<string> = new Set(allCapabilities)
const none: ReadonlySet<string> = new Set()

export const rootCredentials: Credentials = { uid: 0, gid: 0, euid: 0, egid: 0, groups: [0], capabilities: all }

/** What remains of capabilities when ids change: leaving root drops them, unless they are set expressly. */
export function changeCredentials(from: Credentials, change: Partial<Credentials>): Credentials {
  const uid = change.uid ?? from.uid
  const gid = change.gid ?? from.gid
  const euid = change.euid ?? (change.uid === undefined ? from.euid : uid)
  const egid = change.egid ?? (change.gid === undefined ? from.egid : gid)
  const capabilities = change.capabilities ?? (from.euid === 0 && euid !== 0 ? none : from.capabilities)
  return { ...from, ...change, uid, gid, euid, egid, capabilities }
}

/** Without the right to change ids, only one's own may be taken. */
export function mayAssume(own: Credentials, wanted: Partial<Credentials>): boolean {
  if (own.capabilities.has('SETUID') && own.capabilities.has('SETGID')) return true
  return [wanted.uid, wanted.euid].every((id) => id === undefined || id === own.uid || id === own.euid)
}

/** The hexadecimal mask of /proc/PID/status. */
export function capabilityMask(capabilities: ReadonlySet<string>): string {
  let mask = 0n
  for (const [bit, name] of allCapabilities.entries()) if (capabilities.has(name)) mask |= 1n << BigInt(bit)
  return mask.toString(16).padStart(16, '0')
}
