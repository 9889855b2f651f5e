/** Thresholds of eviction signals: an amount, or a share of what there is. */
import { parseQuantity, quantityValue } from '#engine/api/quantity'

export function signalAmount(threshold: string | undefined, capacity: number): number {
  if (threshold === undefined || threshold === '') return 0
  if (threshold.endsWith('%')) return (capacity * Number(threshold.slice(0, -1))) / 100
  return quantityValue(parseQuantity(threshold))
}
