/** What can be assigned to: variables, elements, fields. */
import type { Awk } from '#engine/programs/text/awk/awk'
import { RunTimeError } from '#engine/programs/text/awk/jump'
import { elementKey } from '#engine/programs/text/awk/operands'
import { NegativeField } from '#engine/programs/text/awk/record'
import { type Soon, whenDone } from '#engine/programs/text/awk/soon'
import type { Place } from '#engine/programs/text/awk/syntax'
import { toNumber, type Value } from '#engine/programs/text/awk/values'

export function field(awk: Awk, index: Value): Value {
  return checked(() => awk.record.get(Math.trunc(toNumber(index))))
}

export function assign(awk: Awk, target: Place, value: Value): Soon<Value> {
  if (target.type === 'name') {
    awk.variables.set(target.name, value)
    return value
  }
  if (target.type === 'element') {
    return whenDone(elementKey(awk, target.index), (key) => {
      awk.variables.array(target.name).set(key, value)
      return value
    })
  }
  return whenDone(awk.evaluate(target.index), (index) => {
    checked(() => awk.record.set(Math.trunc(toNumber(index)), value))
    return value
  })
}

function checked<T>(use: () => T): T {
  try {
    return use()
  } catch (error) {
    if (error instanceof NegativeField) throw new RunTimeError(error.message)
    throw error
  }
}
