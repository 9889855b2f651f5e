/** Writing keys to a machine's disk, for those who lay a cluster: who may log in where without being asked. */
import type { Random } from '#engine/base/random'
import { generateEd25519, type PrivateKey } from '#engine/base/pki/keys'
import type { Files } from '#engine/linux/abi/files'
import { privateKeyFile, publicLine } from './keys'

/** The host key of a machine: the same for the same random source. */
export function makeHostKey(random: Random): PrivateKey {
  return generateEd25519(random.fork('ssh host key'))
}

export function writeHostKey(files: Files, key: PrivateKey, hostname: string): void {
  files.mkdirAll('/etc/ssh')
  files.writeFile('/etc/ssh/ssh_host_ed25519_key', privateKeyFile(key, `root@${hostname}`), 0o600)
  files.chmod('/etc/ssh/ssh_host_ed25519_key', 0o600)
  files.writeFile('/etc/ssh/ssh_host_ed25519_key.pub', `${publicLine(key, `root@${hostname}`)}\n`, 0o644)
}

/** An identity that root of this machine logs in with; returns its public line. */
export function writeIdentity(files: Files, key: PrivateKey, hostname: string, home = '/root'): string {
  const line = publicLine(key, `root@${hostname}`)
  files.mkdirAll(`${home}/.ssh`, 0o700)
  files.chmod(`${home}/.ssh`, 0o700)
  files.writeFile(`${home}/.ssh/id_ed25519`, privateKeyFile(key, `root@${hostname}`), 0o600)
  files.chmod(`${home}/.ssh/id_ed25519`, 0o600)
  files.writeFile(`${home}/.ssh/id_ed25519.pub`, `${line}\n`, 0o644)
  return line
}

export function authorize(files: Files, line: string, home = '/root'): void {
  files.mkdirAll(`${home}/.ssh`, 0o700)
  files.chmod(`${home}/.ssh`, 0o700)
  files.appendFile(`${home}/.ssh/authorized_keys`, `${line}\n`)
  files.chmod(`${home}/.ssh/authorized_keys`, 0o600)
}

/** Known to every user of the machine: no question at the first login. */
export function knowHosts(files: Files, hosts: readonly { readonly names: readonly string[]; readonly key: PrivateKey }[]): void {
  files.mkdirAll('/etc/ssh')
  files.writeFile('/etc/ssh/ssh_known_hosts', hosts.map(({ names, key }) => `${names.join(',')} ${publicLine(key)}\n`).join(''), 0o644)
}
