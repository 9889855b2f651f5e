/** Names of exit statuses as systemd prints them. */
import { type ExitStatus, signalNumbers } from '#engine/linux/abi/signals'

const libc: Readonly<Record<number, string>> = { 0: 'SUCCESS', 1: 'FAILURE' }
const own: Readonly<Record<number, string>> = {
  200: 'CHDIR', 201: 'NICE', 202: 'FDS', 203: 'EXEC', 204: 'MEMORY', 205: 'LIMITS', 206: 'OOM_ADJUST', 207: 'SIGNAL_MASK', 208: 'STDIN', 209: 'STDOUT', 210: 'CHROOT', 211: 'IOPRIO', 212: 'TIMERSLACK', 213: 'SECUREBITS', 214: 'SETSCHEDULER', 215: 'CPUAFFINITY', 216: 'GROUP', 217: 'USER',
  218: 'CAPABILITIES', 219: 'CGROUP', 220: 'SETSID', 221: 'CONFIRM', 222: 'STDERR', 224: 'PAM', 225: 'NETWORK', 226: 'NAMESPACE', 227: 'NO_NEW_PRIVILEGES', 228: 'SECCOMP', 233: 'RUNTIME_DIRECTORY', 235: 'CHOWN', 238: 'STATE_DIRECTORY', 239: 'CACHE_DIRECTORY', 240: 'LOGS_DIRECTORY', 241: 'CONFIGURATION_DIRECTORY',
}
const others: Readonly<Record<number, string>> = {
  2: 'INVALIDARGUMENT', 3: 'NOTIMPLEMENTED', 4: 'NOPERMISSION', 5: 'NOTINSTALLED', 6: 'NOTCONFIGURED', 7: 'NOTRUNNING',
  64: 'USAGE', 65: 'DATAERR', 66: 'NOINPUT', 67: 'NOUSER', 68: 'NOHOST', 69: 'UNAVAILABLE', 70: 'SOFTWARE', 71: 'OSERR', 72: 'OSFILE', 73: 'CANTCREAT', 74: 'IOERR', 75: 'TEMPFAIL', 76: 'PROTOCOL', 77: 'NOPERM', 78: 'CONFIG',
}

/** `code=exited, status=7/NOTRUNNING`; the journal names more statuses than `systemctl status`. */
export function describeExit(status: ExitStatus, forJournal: boolean): string {
  if (status.kind === 'signaled') return `code=${status.coreDumped ? 'dumped' : 'killed'}, ${forJournal ? `status=${signalNumbers[status.signal]}/${status.signal.slice(3)}` : `signal=${status.signal.slice(3)}`}`
  const name = libc[status.code] ?? own[status.code] ?? (forJournal ? (others[status.code] ?? 'n/a') : undefined)
  return `code=exited, status=${status.code}${name === undefined ? '' : `/${name}`}`
}

/** TERM, HUP, INT and PIPE are clean ends of a daemon. */
export function isClean(status: ExitStatus, extra: readonly string[] = []): boolean {
  if (status.kind === 'exited') return status.code === 0 || extra.includes(String(status.code))
  return ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGPIPE'].includes(status.signal) || extra.includes(status.signal) || extra.includes(status.signal.slice(3))
}
