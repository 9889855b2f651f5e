import type { Process } from '#engine/linux/abi/process'
import { quote, quoteName, usageFailure } from '#engine/programs/common/gnu'

/** Exactly two operands, or the status after a complaint. */
export async function twoOperands(process: Process, operands: readonly string[], extraAs: 'word' | 'name' = 'word'): Promise<readonly [string, string] | number> {
  const [first, second, extra] = operands
  if (first === undefined) return usageFailure(process, 'missing operand')
  if (second === undefined) return usageFailure(process, `missing operand after ${quote(process, first)}`)
  return extra === undefined ? [first, second] : usageFailure(process, `extra operand ${extraAs === 'word' ? quote(process, extra) : quoteName(extra)}`)
}
