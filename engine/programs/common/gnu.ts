/** What GNU programs share: complaints and output; and the doors to their other common parts. */
import { encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { complaintLine, isBusybox } from '#engine/programs/common/busybox'

export { Accounts } from '#engine/programs/common/account-names'
export { displayWidth } from '#engine/programs/common/display-width'
export { inputChunks, inputLines, openInput, readInput, readInputText, splitLines } from '#engine/programs/common/inputs'
export { isUtf8, quote, quoteName } from '#engine/programs/common/quoting'
export { modeString } from '#engine/programs/common/mode-string'
export { humanSize, parseSize } from '#engine/programs/common/sizes'

export function programName(process: Process): string {
  return process.argv[0] ?? ''
}

export async function complain(process: Process, message: string): Promise<void> {
  await process.stderr.write(encodeLossless(complaintLine(process, programName(process), message)))
}

/** Wrong usage found after the flags: the message and where to look. */
export async function usageFailure(process: Process, message: string, status = 1): Promise<number> {
  const name = programName(process)
  if (isBusybox(process)) return complain(process, message).then(() => 1)
  await process.stderr.write(encodeLossless(`${name}: ${message}\nTry '${name} --help' for more information.\n`))
  return status
}

/** strerror's text of what was thrown; anything but an Errno passes. */
export function reason(error: unknown): string {
  if (isErrno(error)) return error.message
  throw error
}

export async function print(process: Process, text: string): Promise<void> {
  if (text !== '') await process.stdout.write(encodeLossless(text))
}

/** Collects output and hands it over in large pieces. */
export class Output {
  private parts: string[] = []
  private size = 0

  constructor(private readonly process: Process) {}

  async write(text: string): Promise<void> {
    this.parts.push(text)
    this.size += text.length
    if (this.size > 16384) await this.flush()
  }

  async flush(): Promise<void> {
    if (this.parts.length === 0) return
    const text = this.parts.join('')
    this.parts = []
    this.size = 0
    await print(this.process, text)
  }
}
