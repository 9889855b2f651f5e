/** Arithmetic: whole numbers are int64, the rest float64. */
import type { Random } from '#engine/base/random'
import { float, fn, type FunctionTable, int, named, toFloat, toInteger } from './define'

function divide(a: unknown, b: unknown, rest: boolean): number {
  const by = toInteger(b)
  if (by === 0) throw new Error('runtime error: integer divide by zero')
  return rest ? toInteger(a) % by : Math.trunc(toInteger(a) / by)
}

/** Half goes away from zero from the given share on, .5 by default. */
function round(value: unknown, places: number, from = 0.5): unknown {
  const scale = 10 ** places
  const digit = scale * toFloat(value)
  const fraction = digit - Math.trunc(digit)
  const up = fraction >= from
  return float((up ? Math.ceil(digit) : Math.floor(digit)) / scale)
}

const folded = (start: number, step: (a: number, b: number) => number) => fn('any...', (...values: unknown[]) => values.map(toInteger).reduce(step, start))
const foldedFloat = (step: (a: number, b: number) => number) => fn('any any...', (...values: unknown[]) => float(decimal(values.map(toFloat).reduce(step))))
const extreme = (pick: (...values: number[]) => number) => fn('any any...', (...values: unknown[]) => pick(...values.map(toInteger)))
const extremeFloat = (pick: (...values: number[]) => number) => fn('any any...', (...values: unknown[]) => float(pick(...values.map(toFloat))))

/** Sums are made of decimals: 0.1 and 0.2 are 0.3. */
function decimal(value: number): number {
  return Number(value.toPrecision(16))
}

export function numberFunctions(random: Random): FunctionTable {
  return {
    add: folded(0, (a, b) => a + b),
    add1: fn('any', (value: unknown) => toInteger(value) + 1),
    sub: fn('any any', (a: unknown, b: unknown) => toInteger(a) - toInteger(b)),
    mul: fn('any any...', (...values: unknown[]) => values.map(toInteger).reduce((a, b) => a * b)),
    div: fn('any any', (a: unknown, b: unknown) => divide(a, b, false)),
    mod: fn('any any', (a: unknown, b: unknown) => divide(a, b, true)),
    ...named('max biggest', extreme(Math.max)),
    min: extreme(Math.min),
    maxf: extremeFloat(Math.max),
    minf: extremeFloat(Math.min),
    addf: foldedFloat((a, b) => a + b),
    add1f: fn('any', (value: unknown) => float(decimal(toFloat(value) + 1))),
    subf: foldedFloat((a, b) => a - b),
    mulf: foldedFloat((a, b) => a * b),
    divf: foldedFloat((a, b) => a / b),
    ceil: fn('any', (value: unknown) => float(Math.ceil(toFloat(value)))),
    floor: fn('any', (value: unknown) => float(Math.floor(toFloat(value)))),
    round: fn('any int float64...', (value: unknown, places: object, from?: object) => round(value, Number(places), from === undefined ? 0.5 : toFloat(from))),
    int: fn('any', (value: unknown) => int(toInteger(value))),
    int64: fn('any', toInteger),
    float64: fn('any', (value: unknown) => float(toFloat(value))),
    atoi: fn('string', (text: string) => int(/^[-+]?\d+$/.test(text) ? Number(text) : 0)),
    toDecimal: fn('any', (value: unknown) => Number.parseInt(String(value), 8) || 0),
    randInt: fn('int int', (low: object, high: object) => int(Number(low) + random.integer(Math.max(1, Number(high) - Number(low))))),
  }
}
