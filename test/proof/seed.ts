/** How often properties are tried, and from which seed: the same one each time, unless asked otherwise. */
import fc from 'fast-check'

const asked = process.env['PROOF_SEED']
const factor = Number(process.env['PROOF_RUNS'] ?? 1)

export const proofSeed = asked === undefined ? 20_261_121 : asked === 'any' ? Math.floor(Math.random() * 2 ** 31) : Number(asked)

/** Checks a property of one value; fast-check's report names the seed and the smallest counterexample. */
export function always<T>(values: fc.Arbitrary<T>, holds: (value: T) => unknown, runs = 100): void {
  fc.assert(fc.property(values, (value) => void holds(value)), { seed: proofSeed, numRuns: Math.max(1, Math.round(runs * factor)) })
}
