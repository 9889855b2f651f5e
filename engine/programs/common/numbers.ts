/** Numbers in options, with the words that GNU programs have for wrong ones. */
import type { Process } from '#engine/linux/abi/process'
import { quote } from '#engine/programs/common/quoting'

export interface NumberRule {
  /** What the number is: `line number increment`. */
  readonly what: string
  readonly least?: number
  readonly most?: number
  readonly signed?: boolean
}

/** The complaint about an option's number, or undefined. */
export function numberProblem(process: Process, text: string | undefined, rule: NumberRule): string | undefined {
  if (text === undefined) return undefined
  const shown = `invalid ${rule.what}: ${quote(process, text)}`
  if (!(rule.signed ? /^[-+]?\d+$/ : /^\+?\d+$/).test(text)) return shown
  if (BigInt(text.replace('+', '')) > 9223372036854775807n) return `${shown}: Value too large for defined data type`
  const value = Number(text)
  return value < (rule.least ?? -Infinity) || value > (rule.most ?? Infinity) ? `${shown}: Numerical result out of range` : undefined
}
