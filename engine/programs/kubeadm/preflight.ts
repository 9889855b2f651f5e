/** Checks before anything is changed; all errors are told at once, and each can be ignored by its name. */
import { KubeadmError, type Session } from './session'

export interface Finding {
  readonly check: string
  readonly message: string
  readonly level: 'error' | 'warning'
}

export interface PreflightOptions {
  readonly ports: readonly number[]
  readonly absentFiles: readonly string[]
  readonly emptyDirectories: readonly string[]
  readonly criSocket: string
  readonly controlPlane: boolean
  readonly ignore: readonly string[]
}

export async function preflight(session: Session, options: PreflightOptions): Promise<void> {
  await report(session, collect(session, options), options.ignore)
}

/** Warnings and ignored errors are told; the others end the command, all at once. */
export async function report(session: Session, findings: readonly Finding[], ignore: readonly string[]): Promise<void> {
  const ignored = new Set(ignore.map((name) => name.toLowerCase()))
  const errors: Finding[] = []
  for (const finding of findings) {
    if (finding.level === 'warning' || ignored.has('all') || ignored.has(finding.check.toLowerCase())) await session.process.stderr.write(`\t[WARNING ${finding.check}]: ${finding.message}\n`)
    else errors.push(finding)
  }
  if (errors.length === 0) return
  const lines = errors.map((finding) => `\t[ERROR ${finding.check}]: ${finding.message}\n`).join('')
  throw new KubeadmError(`[preflight] Some fatal errors occurred:\n${lines}[preflight] If you know what you are doing, you can make a check non-fatal with \`--ignore-preflight-errors=...\``)
}

function collect(session: Session, options: PreflightOptions): Finding[] {
  const [early, late] = placeFindings(session, options)
  return [...machineFindings(session), ...early, ...runtimeFindings(session, options), ...late, ...programFindings(session)]
}

function error(check: string, message: string): Finding {
  return { check, message, level: 'error' }
}

function warning(check: string, message: string): Finding {
  return { check, message, level: 'warning' }
}

function machineFindings({ process }: Session): Finding[] {
  const findings: Finding[] = []
  const text = (path: string): string => (process.files.exists(path) ? process.files.readText(path).trim() : '')
  if (process.credentials.euid !== 0) findings.push(error('IsPrivilegedUser', 'user is not running as root'))
  if (text('/proc/swaps').split('\n').length > 1)
    findings.push(warning('Swap', 'swap is supported for cgroup v2 only. The kubelet must be properly configured to use swap. Please refer to https://kubernetes.io/docs/concepts/architecture/nodes/#swap-memory, or disable swap on the node'))
  const forwarding = '/proc/sys/net/ipv4/ip_forward'
  if (text(forwarding) === '0') findings.push(error('FileContent--proc-sys-net-ipv4-ip_forward', `${forwarding} contents are not set to 1`))
  return findings
}

function runtimeFindings({ process }: Session, options: PreflightOptions): Finding[] {
  const socket = options.criSocket.replace('unix://', '')
  if (process.files.exists(socket)) return []
  return [error('CRI', `could not connect to the container runtime: failed to create new CRI runtime service: validate service connection: validate CRI v1 runtime API for endpoint "${options.criSocket}": rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix ${socket}: connect: no such file or directory"`)]
}

/** Ports of the kubelet and of etcd are looked at after the runtime, the authority's certificate last. */
const latePorts = new Set([10_250, 2379, 2380])

function placeFindings(session: Session, options: PreflightOptions): readonly [early: Finding[], late: Finding[]] {
  const { files } = session.process
  const occupied = (directory: string): boolean => files.exists(directory) !== undefined && files.readDirectory(directory).length > 0
  const ports = (late: boolean): Finding[] => options.ports.filter((port) => latePorts.has(port) === late && !portFree(session, port)).map((port) => error(`Port-${port}`, `Port ${port} is in use`))
  const present = (late: boolean): Finding[] => options.absentFiles.filter((file) => file.includes('/pki/') === late && files.exists(file)).map((file) => error(`FileAvailable-${dashed(file)}`, `${file} already exists`))
  const directories = options.emptyDirectories.filter(occupied).map((directory) => error(`DirAvailable-${dashed(directory)}`, `${directory} is not empty`))
  return [[...ports(false), ...present(false)], [...ports(true), ...directories, ...present(true)]]
}

function programFindings(session: Session): Finding[] {
  const missing = ['crictl', 'conntrack', 'ip', 'iptables', 'mount', 'nsenter'].filter((program) => !session.find(program))
  return missing.map((program) => (program === 'crictl' ? warning : error)(`FileExisting-${program}`, `${program} not found in system path`))
}

function dashed(path: string): string {
  return path.replace(/\//g, '-')
}

function portFree(session: Session, port: number): boolean {
  try {
    session.process.net.listen({ address: '0.0.0.0', port }).close()
    return true
  } catch {
    return false
  }
}
