/** Amounts as numbers: milli-cores, bytes, counts. */
import { parseQuantity, quantityMilliValue, quantityValue } from '#engine/api/quantity'

export interface Amounts {
  milliCpu: number
  memory: number
  ephemeral: number
  readonly scalar: Map<string, number>
}

export type QuantityMap = Readonly<Record<string, string | number | undefined>>

export function noAmounts(): Amounts {
  return { milliCpu: 0, memory: 0, ephemeral: 0, scalar: new Map() }
}

export function amountsOf(list: QuantityMap | undefined): Amounts {
  const out = noAmounts()
  for (const [name, quantity] of Object.entries(list ?? {})) if (quantity !== undefined && name !== 'pods') setAmount(out, name, amountOf(name, quantity))
  return out
}

export function amountOf(resource: string, quantity: string | number): number {
  return resource === 'cpu' ? quantityMilliValue(parseQuantity(quantity)) : quantityValue(parseQuantity(quantity))
}

export function getAmount(amounts: Amounts, resource: string): number {
  switch (resource) {
    case 'cpu': return amounts.milliCpu
    case 'memory': return amounts.memory
    case 'ephemeral-storage': return amounts.ephemeral
    default: return amounts.scalar.get(resource) ?? 0
  }
}

export function setAmount(amounts: Amounts, resource: string, value: number): void {
  switch (resource) {
    case 'cpu': amounts.milliCpu = value; break
    case 'memory': amounts.memory = value; break
    case 'ephemeral-storage': amounts.ephemeral = value; break
    default: amounts.scalar.set(resource, value)
  }
}

export function addAmounts(to: Amounts, more: Amounts, sign: 1 | -1 = 1): void {
  to.milliCpu += sign * more.milliCpu
  to.memory += sign * more.memory
  to.ephemeral += sign * more.ephemeral
  for (const [name, value] of more.scalar) to.scalar.set(name, (to.scalar.get(name) ?? 0) + sign * value)
}

export function maxAmounts(to: Amounts, other: Amounts): void {
  to.milliCpu = Math.max(to.milliCpu, other.milliCpu)
  to.memory = Math.max(to.memory, other.memory)
  to.ephemeral = Math.max(to.ephemeral, other.ephemeral)
  for (const [name, value] of other.scalar) to.scalar.set(name, Math.max(to.scalar.get(name) ?? 0, value))
}
