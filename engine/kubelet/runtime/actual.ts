/** Resources as they are in force in the runtime, in the form of the API. */
import type { Container } from '#engine/api/kinds'
import { formatQuantity, milliQuantityOf, parseQuantity, quantityMilliValue, quantityOf, quantityValue } from '#engine/api/quantity'
import type { ContainerStatus, LinuxResources } from '#engine/cri/api'

type Resources = { limits?: Record<string, string>; requests?: Record<string, string> }

export function actualResources(container: Container, status: ContainerStatus): Container['resources'] {
  const wanted = (container.resources ?? {}) as Resources
  const limits = { ...wanted.limits }
  const requests = { ...wanted.requests }
  applyLimits(limits, status.resources.linux)
  applyShares(requests, status.resources.linux.cpuShares ?? 0)
  return { ...(Object.keys(limits).length > 0 ? { limits } : {}), ...(Object.keys(requests).length > 0 ? { requests } : {}) }
}

function applyLimits(limits: Record<string, string>, actual: LinuxResources): void {
  if (limits['cpu'] !== undefined && actual.cpuQuota) limits['cpu'] = milliText(limits['cpu'], Math.round((actual.cpuQuota * 1000) / (actual.cpuPeriod ?? 100_000)))
  if (limits['memory'] !== undefined && actual.memoryLimitInBytes) limits['memory'] = bytesText(limits['memory'], actual.memoryLimitInBytes)
}

/** Shares are coarser than requests: only what could not be the wanted amount replaces it. */
function applyShares(requests: Record<string, string>, shares: number): void {
  const wanted = requests['cpu']
  if (wanted === undefined || shares <= 2) return
  if (Math.floor((quantityMilliValue(parseQuantity(wanted)) * 1024) / 1000) !== shares) requests['cpu'] = milliText(wanted, Math.ceil((shares * 1000) / 1024))
}

function milliText(wanted: string, milli: number): string {
  return quantityMilliValue(parseQuantity(wanted)) === milli ? wanted : formatQuantity(milliQuantityOf(milli))
}

function bytesText(wanted: string, bytes: number): string {
  return quantityValue(parseQuantity(wanted)) === bytes ? wanted : formatQuantity(quantityOf(bytes, 'BinarySI'))
}
