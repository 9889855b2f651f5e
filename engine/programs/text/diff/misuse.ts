import { encodeLossless } from '#engine/base/lossless'
import type { Process } from '#engine/linux/abi/process'
import { programName } from '#engine/programs/common/gnu'

/** diffutils put their name before the advice too. */
export async function misused(process: Process, message: string): Promise<number> {
  const name = programName(process)
  await process.stderr.write(encodeLossless(`${name}: ${message}\n${name}: Try '${name} --help' for more information.\n`))
  return 2
}
