/** --files0-from: the operands stand in a file, each ended by a zero byte. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { complain, quoteName, readInputText, splitLines, usageFailure } from '#engine/programs/common/gnu'

/** The list, or the status after a complaint. */
export async function namesFrom(process: Process, list: string | undefined, operands: readonly string[], status = 1): Promise<readonly string[] | number> {
  if (list === undefined) return operands
  if (operands.length > 0) return usageFailure(process, `extra operand ${quoteName(operands[0] as string)}\nfile operands cannot be combined with --files0-from`, status)
  try {
    return splitLines(await readInputText(process, list), '\0')
  } catch (error) {
    if (!isErrno(error)) throw error
    await complain(process, status === 2 ? `open failed: ${list}: ${error.message}` : `cannot open ${quoteName(list)} for reading: ${error.message}`)
    return status
  }
}
