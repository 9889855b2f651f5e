/** Where curl writes what it receives. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { CurlError } from './error'

export function toStandardOutput(process: Process): (bytes: Uint8Array) => Promise<void> {
  return async (bytes) => {
    if (bytes.length === 0) return
    await process.stdout.write(bytes).catch((error: unknown) => {
      if (isErrno(error, 'EPIPE')) throw new CurlError(23, 'Failure writing output to destination')
      throw error
    })
  }
}
