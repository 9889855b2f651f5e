/** Where curl writes what it receives. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { CurlError } from './error'

/** Standard output as stdio has it: what -v tells of a small answer comes before the answer, where both go to one pipe. */
export class HeldOutput {
  private parts: Uint8Array[] = []
  private size = 0

  constructor(
    private readonly process: Process,
    private readonly holds: boolean,
  ) {}

  async write(bytes: Uint8Array): Promise<void> {
    if (!this.holds) return this.process.stdout.write(bytes)
    this.parts.push(bytes.slice())
    this.size += bytes.length
    if (this.size > 4096) await this.flush()
  }

  async flush(): Promise<void> {
    for (const part of this.parts.splice(0)) await this.process.stdout.write(part)
    this.size = 0
  }
}

export function toStandardOutput(output: HeldOutput): (bytes: Uint8Array) => Promise<void> {
  return async (bytes) => {
    if (bytes.length === 0) return
    await output.write(bytes).catch((error: unknown) => {
      if (isErrno(error, 'EPIPE')) throw new CurlError(23, 'Failure writing output to destination')
      throw error
    })
  }
}
