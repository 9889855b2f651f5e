/** Quantities: `quantity("1Gi").isGreaterThan(quantity("500M"))`. */
import type { Environment } from '@marcbachmann/cel-js'
import { addQuantities, canonicalQuantity, compareQuantities, formatQuantity, isWhole, parseQuantity, quantityOf, quantityValue, subtractQuantities, tryQuantity, type Quantity } from '#engine/api/quantity'
import { register, registerEquality } from './register'

class CelQuantity {
  constructor(readonly value: Quantity) {}

  toString(): string {
    return canonicalQuantity(formatQuantity(this.value))
  }
}

const q = 'kubernetes.Quantity'

export function quantities(environment: Environment): void {
  environment.registerType(q, CelQuantity)
  const compare = (a: CelQuantity, b: CelQuantity): number => compareQuantities(a.value, b.value)
  registerEquality(environment, q, (a: CelQuantity, b: CelQuantity) => compare(a, b) === 0)
  register(environment, `quantity(string): ${q}`, (text: string) => new CelQuantity(parseQuantity(text)))
  register(environment, 'isQuantity(string): bool', (text: string) => tryQuantity(text) !== undefined)
  register(environment, `string(${q}): string`, String)
  register(environment, `${q}.isGreaterThan(${q}): bool`, (a: CelQuantity, b: CelQuantity) => compare(a, b) > 0)
  register(environment, `${q}.isLessThan(${q}): bool`, (a: CelQuantity, b: CelQuantity) => compare(a, b) < 0)
  register(environment, `${q}.compareTo(${q}): int`, (a: CelQuantity, b: CelQuantity) => BigInt(Math.sign(compare(a, b))))
  register(environment, `${q}.asInteger(): int`, (a: CelQuantity) => {
    if (!isWhole(a.value)) throw new Error('cannot convert value to integer')
    return BigInt(quantityValue(a.value))
  })
  register(environment, `${q}.isInteger(): bool`, (a: CelQuantity) => isWhole(a.value))
  register(environment, `${q}.asApproximateFloat(): double`, (a: CelQuantity) => Number(a.value.nano) / 1e9)
  register(environment, `${q}.sign(): int`, (a: CelQuantity) => (a.value.nano > 0n ? 1n : a.value.nano < 0n ? -1n : 0n))
  register(environment, `${q}.add(${q}): ${q}`, (a: CelQuantity, b: CelQuantity) => new CelQuantity(addQuantities(a.value, b.value)))
  register(environment, `${q}.add(int): ${q}`, (a: CelQuantity, b: bigint) => new CelQuantity(addQuantities(a.value, quantityOf(Number(b)))))
  register(environment, `${q}.sub(${q}): ${q}`, (a: CelQuantity, b: CelQuantity) => new CelQuantity(subtractQuantities(a.value, b.value)))
  register(environment, `${q}.sub(int): ${q}`, (a: CelQuantity, b: bigint) => new CelQuantity(subtractQuantities(a.value, quantityOf(Number(b)))))
}
