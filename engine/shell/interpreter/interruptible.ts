/** Waiting at an interactive shell: ^C ends the wait, and with it the line that runs. */
import type { OpenFile } from '#engine/linux/abi/files'
import { DiscardLine } from '#engine/shell/state/signals'
import type { Shell } from '#engine/shell/state/shell'

/** The same file, whose reads give up at ^C. Scripts have no such thing: the signal ends them. */
export function interruptible(shell: Shell, file: OpenFile): OpenFile {
  if (!shell.interactive || !file.onReadable || !file.readNow) return file
  return Object.create(file, { read: { value: (max?: number) => readOrStop(shell, file, max) } }) as OpenFile
}

async function readOrStop(shell: Shell, file: OpenFile, max: number | undefined): Promise<Uint8Array | null> {
  for (;;) {
    const now = file.readNow?.(max)
    if (now !== undefined) return now
    await new Promise<void>((resolve) => {
      const give = file.onReadable?.(resolve)
      shell.traps.onInterrupt = () => {
        give?.()
        resolve()
      }
    })
    shell.traps.onInterrupt = undefined
    if (shell.traps.interrupted) throw new DiscardLine(130)
  }
}

/** Sleeps; says whether ^C cut it short. */
export async function interruptedWithin(shell: Shell, ms: number): Promise<boolean> {
  const woken = new Promise<void>((resolve) => (shell.traps.onInterrupt = resolve))
  await Promise.race([shell.process.clock.sleep(ms), woken])
  shell.traps.onInterrupt = undefined
  return shell.traps.interrupted
}
