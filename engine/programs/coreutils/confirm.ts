import { encodeLossless } from '#engine/base/lossless'
import type { Process } from '#engine/linux/abi/process'
import { programName } from '#engine/programs/common/gnu'
import { readLine } from '#engine/shell/interpreter/input'

/** Asks on standard error; yes begins with y or Y. */
export async function confirm(process: Process, question: string): Promise<boolean> {
  await process.stderr.write(encodeLossless(`${programName(process)}: ${question}`))
  const line = await readLine(process.descriptor(0))
  return /^[yY]/.test(line?.text ?? '')
}
