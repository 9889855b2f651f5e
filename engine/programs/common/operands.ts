/** The loop that most file utilities are: each operand in turn, a complaint where the system refuses one, and on to the next. */
import type { Process } from '#engine/linux/abi/process'
import { complain, reason } from '#engine/programs/common/gnu'
import { quoteIfNeeded } from '#engine/programs/common/quoting'

/** What is said of a refused operand, after the program's name. */
export type Refusal = (name: string, why: string, error: unknown) => string

/** The status: 1 where anything was refused, or the work answered false. */
export async function forEachOperand(process: Process, operands: readonly string[], work: (name: string) => Promise<boolean | void>, refusal: Refusal = (name, why) => `${quoteIfNeeded(name)}: ${why}`): Promise<number> {
  let status = 0
  for (const name of operands) {
    if (!(await attempt(process, name, work, refusal))) status = 1
  }
  return status
}

/** As forEachOperand; without operands standard input is read. */
export function forEachInput(process: Process, operands: readonly string[], work: (name: string) => Promise<boolean | void>, refusal?: Refusal): Promise<number> {
  return forEachOperand(process, operands.length > 0 ? operands : ['-'], work, refusal)
}

/** False after a complaint. */
export async function attempt(process: Process, name: string, work: (name: string) => Promise<boolean | void>, refusal: Refusal = (at, why) => `${quoteIfNeeded(at)}: ${why}`): Promise<boolean> {
  try {
    return (await work(name)) !== false
  } catch (error) {
    await complain(process, refusal(name, reason(error), error))
    return false
  }
}

/** A complaint that ends the program. */
export function fail(process: Process, message: string, status = 1): Promise<number> {
  return complain(process, message).then(() => status)
}
