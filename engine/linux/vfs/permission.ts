import type { Credentials } from '#engine/linux/abi/process'
import type { Attributes } from '#engine/linux/vfs/filesystem'

export const mayRead = 4
export const mayWrite = 2
export const mayExecute = 1

export function isPermitted(credentials: Credentials, file: Attributes, want: number): boolean {
  if (credentials.capabilities.has('DAC_OVERRIDE')) return (want & mayExecute) === 0 || file.type === 'directory' || (file.mode & 0o111) !== 0
  if (file.uid === credentials.euid) return ((file.mode >> 6) & want) === want
  if (file.gid === credentials.egid || credentials.groups.includes(file.gid)) return ((file.mode >> 3) & want) === want
  return (file.mode & want) === want || (credentials.capabilities.has('DAC_READ_SEARCH') && (want & mayWrite) === 0 && (file.type === 'directory' || want === mayRead))
}

export function ownsFile(credentials: Credentials, file: Attributes): boolean {
  return file.uid === credentials.euid || credentials.capabilities.has('FOWNER')
}

/** In a sticky directory only the owner of the file or of the directory may remove or rename. */
export function mayRemove(credentials: Credentials, directory: Attributes, file: Attributes): boolean {
  return (directory.mode & 0o1000) === 0 || ownsFile(credentials, file) || ownsFile(credentials, directory)
}

export function mayChangeOwner(credentials: Credentials, file: Attributes, uid: number, gid: number): boolean {
  if (credentials.capabilities.has('CHOWN')) return true
  const keepsOwner = uid < 0 || uid === file.uid
  const toOwnGroup = gid < 0 || gid === file.gid || gid === credentials.egid || credentials.groups.includes(gid)
  return keepsOwner && toOwnGroup && file.uid === credentials.euid
}
