/** How long a daemon of an image lives. */
import type { Process } from '#engine/linux/abi/process'

/** Waits until it is told to end. */
export function untilSignal(process: Process, code = 0): Promise<number> {
  return new Promise((done, reject) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.handle(signal, () => done(code))
    process.dying.addEventListener('abort', () => reject(process.dying.reason as Error), { once: true })
  })
}
