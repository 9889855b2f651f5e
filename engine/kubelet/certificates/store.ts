/** Where the kubelet keeps certificates that the cluster signed: a dated file with the key in it, and a link to the current one. */
import type { Process } from '#engine/linux/abi/process'
import type { KubeletFlags } from '../config/config'

export type Purpose = 'client' | 'server'

export function currentPem(flags: KubeletFlags, purpose: Purpose): string {
  return `${flags.certDirectory}/kubelet-${purpose}-current.pem`
}

export function writePem(process: Process, flags: KubeletFlags, purpose: Purpose, certificate: string, key: string): void {
  const { files, clock } = process
  const date = new Date(Math.floor(clock.now())).toISOString().slice(0, 19).replace(/[T:]/g, '-')
  const path = `${flags.certDirectory}/kubelet-${purpose}-${date}.pem`
  files.mkdirAll(flags.certDirectory, 0o755)
  files.writeFile(path, `${certificate.trimEnd()}\n${key}`, 0o600)
  const link = currentPem(flags, purpose)
  files.symlink(path, `${link}.tmp`)
  files.rename(`${link}.tmp`, link)
}
