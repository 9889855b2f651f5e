/** Writes the root file system of a fresh machine. */
import { toHex } from '#engine/base/bytes'
import type { Files } from '#engine/linux/abi/files'
import { encodeExecutable } from '#engine/linux/abi/executable'
import { accounts } from './accounts'
import { directories, links, textFiles } from './files.table'
import { isSystemTool, sizeOf } from './executables'
import { standardLinks, standardUnits, standardVendorLinks } from '#engine/linux/systemd/units.table'

export interface MachineIdentity {
  readonly hostname: string
  /** 32 hexadecimal digits. */
  readonly machineId: string
  /** `ADDRESS NAME` of the machines that /etc/hosts names. */
  readonly hosts: readonly (readonly [string, string])[]
  readonly nameserver: string
}

export function writeRootFileSystem(files: Files, identity: MachineIdentity, programs: Iterable<string>): void {
  for (const [path, mode] of directories) {
    files.mkdirAll(path)
    files.chmod(path, mode)
  }
  for (const [path, target] of links) files.symlink(target, path)
  for (const { path, text, mode } of [...textFiles, ...accounts]) put(files, path, text, mode ?? 0o644)
  for (const [name, text] of Object.entries(standardUnits)) put(files, `/usr/lib/systemd/system/${name}`, text)
  for (const [path, target] of standardLinks) link(files, `/etc/systemd/system/${path}`, target)
  for (const [path, target] of standardVendorLinks) link(files, `/usr/lib/systemd/system/${path}`, target)
  writeIdentity(files, identity)
  for (const program of programs) installProgram(files, program)
}

/** An executable on disk that runs a program of the table. */
export function installProgram(files: Files, program: string, path = defaultPath(program), attributes: Readonly<Record<string, string>> = {}): void {
  files.mkdirAll(path.slice(0, path.lastIndexOf('/')))
  files.writeFile(path, encodeExecutable(program, attributes), 0o755)
  const size = sizeOf(program)
  if (size > files.stat(path).size) files.truncate(path, size)
  files.chmod(path, program === 'sudo' || program === 'su' || program === 'passwd' || program === 'mount' || program === 'umount' ? 0o4755 : 0o755)
}

function defaultPath(program: string): string {
  if (program === 'systemd' || (program.startsWith('systemd-') && systemDaemons.has(program))) return `/usr/lib/systemd/${program}`
  return `${isSystemTool(program) ? '/usr/sbin' : '/usr/bin'}/${program}`
}

function writeIdentity(files: Files, identity: MachineIdentity): void {
  const own = `127.0.1.1\t${identity.hostname}\n`
  const others = identity.hosts.map(([address, name]) => `${address} ${name}\n`).join('')
  const named = identity.hosts.some(([, name]) => name === identity.hostname)
  put(files, '/etc/hostname', `${identity.hostname}\n`)
  put(files, '/etc/hosts', `127.0.0.1\tlocalhost\n${named ? '' : own}${others}\n# The following lines are desirable for IPv6 capable hosts\n::1     localhost ip6-localhost ip6-loopback\nff02::1 ip6-allnodes\nff02::2 ip6-allrouters\n`)
  put(files, '/etc/resolv.conf', `nameserver ${identity.nameserver}\n`)
  put(files, '/etc/machine-id', `${identity.machineId}\n`, 0o444)
}

function put(files: Files, path: string, text: string, mode = 0o644): void {
  files.mkdirAll(path.slice(0, path.lastIndexOf('/')) || '/')
  files.writeFile(path, text)
  files.chmod(path, mode)
}

function link(files: Files, path: string, target: string): void {
  files.mkdirAll(path.slice(0, path.lastIndexOf('/')))
  files.symlink(target, path)
}

const systemDaemons = new Set(['systemd-journald', 'systemd-udevd', 'systemd-logind', 'systemd-timesyncd', 'systemd-sysctl'])

/** A machine id from random bytes. */
export function machineIdOf(bytes: Uint8Array): string {
  return toHex(bytes.subarray(0, 16))
}
