/** Limits of a container written to its cgroup (v2). Values the kernel does not know are left out. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Files } from '#engine/linux/abi/files'
import type { OciResources } from '../oci'

const base = '/sys/fs/cgroup'

export function writeLimits(files: Files, cgroup: string, resources: OciResources): void {
  const directory = `${base}${cgroup}`
  if (!makeCgroup(files, directory)) return
  if (resources.memoryLimit !== undefined) write(files, `${directory}/memory.max`, resources.memoryLimit > 0 ? String(resources.memoryLimit) : 'max')
  if (resources.cpuQuota !== undefined) write(files, `${directory}/cpu.max`, `${resources.cpuQuota > 0 ? resources.cpuQuota : 'max'} ${resources.cpuPeriod ?? 100_000}`)
  if (resources.cpuShares !== undefined && resources.cpuShares > 0) write(files, `${directory}/cpu.weight`, String(cpuWeight(resources.cpuShares)))
  if (resources.pids !== undefined && resources.pids > 0) write(files, `${directory}/pids.max`, String(resources.pids))
}

/** The formula of the kubelet and runc for cgroup v1 shares as v2 weight. */
export function cpuWeight(shares: number): number {
  return Math.max(1, Math.min(10_000, Math.floor(1 + ((shares - 2) * 9999) / 262_142)))
}

export function removeCgroup(files: Files, cgroup: string): void {
  try {
    files.rmdir(`${base}${cgroup}`)
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}

function makeCgroup(files: Files, directory: string): boolean {
  try {
    files.mkdirAll(directory, 0o755)
    return true
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}

function write(files: Files, path: string, value: string): void {
  try {
    files.writeFile(path, value)
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}
