/** Resources as they are in force in the runtime, in the form of the API. */
import type { Container } from '#engine/api/kinds'
import { formatQuantity, milliQuantityOf, parseQuantity, quantityMilliValue, quantityOf, quantityValue } from '#engine/api/quantity'
import type { ContainerStatus } from '#engine/cri/api'

type Resources = { limits?: Record<string, string>; requests?: Record<string, string> }

export function actualResources(container: Container, status: ContainerStatus): Container['resources'] {
  const wanted = (container.resources ?? {}) as Resources
  const actual = status.resources.linux
  const limits: Record<string, string> = { ...wanted.limits }
  const requests: Record<string, string> = { ...wanted.requests }
  if (limits['cpu'] !== undefined && actual.cpuQuota) limits['cpu'] = milliText(limits['cpu'], Math.round((actual.cpuQuota * 1000) / (actual.cpuPeriod ?? 100_000)))
  if (limits['memory'] !== undefined && actual.memoryLimitInBytes) limits['memory'] = bytesText(limits['memory'], actual.memoryLimitInBytes)
  if (requests['cpu'] !== undefined && actual.cpuShares && actual.cpuShares > 2) {
    const milli = Math.ceil((actual.cpuShares * 1000) / 1024)
    if (Math.floor((quantityMilliValue(parseQuantity(requests['cpu'])) * 1024) / 1000) !== actual.cpuShares) requests['cpu'] = milliText(requests['cpu'], milli)
  }
  return { ...(Object.keys(limits).length > 0 ? { limits } : {}), ...(Object.keys(requests).length > 0 ? { requests } : {}) }
}

function milliText(wanted: string, milli: number): string {
  return quantityMilliValue(parseQuantity(wanted)) === milli ? wanted : formatQuantity(milliQuantityOf(milli))
}

function bytesText(wanted: string, bytes: number): string {
  return quantityValue(parseQuantity(wanted)) === bytes ? wanted : formatQuantity(quantityOf(bytes, 'BinarySI'))
}
