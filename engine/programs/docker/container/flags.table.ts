/** Flags of run and create. */
import { bool, type Flag, int, int64, string, stringArray } from '#engine/programs/common/cobra/flags'
import { parseSize } from '../kit/sizes'
import { mountOf } from './mountflag'

/** Refuses a value with a reason of its own. */
const refusing = (test: (value: string) => string | undefined) => (value: string): undefined => {
  const wrong = test(value)
  if (wrong !== undefined) throw new Error(wrong)
  return undefined
}
const sized = (names: string, usage: string): Flag => string(names, usage, { typeName: 'bytes', check: refusing((value) => (parseSize(value) === undefined && value !== '-1' ? `invalid size: '${value}'` : undefined)) })
const checked = (names: string, usage: string, test: (value: string) => string | undefined, typeName = 'list'): Flag => stringArray(names, usage, { typeName, check: refusing(test) })
const hostEntry = (value: string): string | undefined => (/^[^:=]+[:=].+/.test(value) ? undefined : `bad format for add-host: ${JSON.stringify(value)}`)
const variable = (value: string): string | undefined => (value === '' || value.startsWith('=') ? `invalid environment variable: ${value}` : undefined)
const mount = (value: string): undefined => void mountOf(value)
const streamName = (value: string): string | undefined => (['stdin', 'stdout', 'stderr'].includes(value.toLowerCase()) ? undefined : 'valid streams are STDIN, STDOUT and STDERR')
const cpus = (value: string): string | undefined => (/^\d*\.?\d+$/.test(value) ? undefined : `failed to parse ${value} as a rational number`)
const list = (names: string, usage: string): Flag => stringArray(names, usage, { typeName: 'list' })
/** Known to the real client; here they fail when given. */
export const unsupportedRunFlags = ['device', 'gpus', 'blkio-weight', 'cpuset-cpus', 'cpuset-mems', 'cpu-rt-period', 'cpu-rt-runtime', 'device-cgroup-rule', 'device-read-bps', 'device-write-bps', 'ip6', 'isolation', 'mac-address', 'ulimit', 'userns', 'volume-driver', 'memory-swappiness'] as const

export const createFlags: readonly Flag[] = [
  checked('add-host', 'Add a custom host-to-IP mapping (host:ip)', hostEntry), checked('attach,a', 'Attach to STDIN, STDOUT or STDERR', streamName), list('cap-add', 'Add Linux capabilities'), list('cap-drop', 'Drop Linux capabilities'),
  string('cgroup-parent', 'Optional parent cgroup for the container'), string('cgroupns', 'Cgroup namespace to use (host|private)'), string('cidfile', 'Write the container ID to the file'),
  int64('cpu-period', 'Limit CPU CFS (Completely Fair Scheduler) period', { typeName: 'int' }), int64('cpu-quota', 'Limit CPU CFS (Completely Fair Scheduler) quota', { typeName: 'int' }), int64('cpu-shares,c', 'CPU shares (relative weight)', { typeName: 'int' }),
  string('cpus', 'Number of CPUs', { typeName: 'decimal', check: refusing(cpus) }), list('dns', 'Set custom DNS servers'), list('dns-option', 'Set DNS options'), list('dns-search', 'Set custom DNS search domains'), string('domainname', 'Container NIS domain name'),
  string('entrypoint', 'Overwrite the default ENTRYPOINT of the image'), checked('env,e', 'Set environment variables', variable), list('env-file', 'Read in a file of environment variables'), list('expose', 'Expose a port or a range of ports'), list('group-add', 'Add additional groups to join'),
  string('health-cmd', 'Command to run to check health'), string('health-interval', 'Time between running the check (ms|s|m|h)', { typeName: 'duration', defaultText: '0s' }), int('health-retries', 'Consecutive failures needed to report unhealthy'),
  string('health-start-period', 'Start period for the container to initialize before starting health-retries countdown (ms|s|m|h)', { typeName: 'duration', defaultText: '0s' }), string('health-timeout', 'Maximum time to allow one check to run (ms|s|m|h)', { typeName: 'duration', defaultText: '0s' }),
  string('hostname,h', 'Container host name'), bool('init', 'Run an init inside the container that forwards signals and reaps processes'), bool('interactive,i', 'Keep STDIN open even if not attached'), string('ip', 'IPv4 address (e.g., 172.30.100.104)'), string('ipc', 'IPC mode to use'),
  list('label,l', 'Set meta data on a container'), list('label-file', 'Read in a line delimited file of labels'), list('link', 'Add link to another container'), string('log-driver', 'Logging driver for the container'), list('log-opt', 'Log driver options'),
  sized('memory,m', 'Memory limit'), sized('memory-reservation', 'Memory soft limit'), sized('memory-swap', "Swap limit equal to memory plus swap: '-1' to enable unlimited swap"), checked('mount', 'Attach a filesystem mount to the container', mount, 'mount'), string('name', 'Assign a name to the container'),
  list('network', 'Connect a container to a network'), list('net', ''), list('network-alias', 'Add network-scoped alias for the container'), bool('no-healthcheck', 'Disable any container-specified HEALTHCHECK'), bool('oom-kill-disable', 'Disable OOM Killer'), int('oom-score-adj', "Tune host's OOM preferences (-1000 to 1000)"),
  string('pid', 'PID namespace to use'), int64('pids-limit', 'Tune container pids limit (set -1 for unlimited)', { typeName: 'int' }), string('platform', 'Set platform if server is multi-platform capable'), bool('privileged', 'Give extended privileges to this container'), list('publish,p', "Publish a container's port(s) to the host"),
  bool('publish-all,P', 'Publish all exposed ports to random ports'), string('pull', 'Pull image before running ("always", "missing", "never")', { default: 'missing' }), bool('quiet,q', 'Suppress the pull output'), bool('read-only', "Mount the container's root filesystem as read only"),
  string('restart', 'Restart policy to apply when a container exits', { default: 'no' }), bool('rm', 'Automatically remove the container and its associated anonymous volumes when it exits'), string('runtime', 'Runtime to use for this container'), list('security-opt', 'Security Options'), sized('shm-size', 'Size of /dev/shm'),
  string('stop-signal', 'Signal to stop the container'), int('stop-timeout', 'Timeout (in seconds) to stop a container'), list('storage-opt', 'Storage driver options for the container'), list('sysctl', 'Sysctl options'), list('tmpfs', 'Mount a tmpfs directory'), bool('tty,t', 'Allocate a pseudo-TTY'),
  string('user,u', 'Username or UID (format: <name|uid>[:<group|gid>])'), string('uts', 'UTS namespace to use'), list('volume,v', 'Bind mount a volume'), list('volumes-from', 'Mount volumes from the specified container(s)'), string('workdir,w', 'Working directory inside the container'),
  ...unsupportedRunFlags.map((name) => list(name, 'Not supported on this machine')),
]

export const runFlags: readonly Flag[] = [
  ...createFlags, bool('detach,d', 'Run container in background and print container ID'), string('detach-keys', 'Override the key sequence for detaching a container'), bool('sig-proxy', 'Proxy received signals to the process', { default: true }),
]
