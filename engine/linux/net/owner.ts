/** The process behind a socket: who is shown by ss, whose death ends waits and closes what nobody else holds. */
import { ProcessKilled } from '#engine/linux/abi/errno'

export interface SocketOwner {
  readonly pid: number
  readonly command: string
  readonly uid: number
  readonly dying: AbortSignal
}

/** Waits for a wake-up; rejects as soon as the owner dies. `register` gives back how to stop waiting. */
export function waitFor(owner: SocketOwner, register: (wake: () => void) => () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const { dying } = owner
    if (dying.aborted) return reject(new ProcessKilled())
    const onDeath = (): void => {
      cancel()
      reject(new ProcessKilled())
    }
    const cancel = register(() => {
      dying.removeEventListener('abort', onDeath)
      resolve()
    })
    dying.addEventListener('abort', onDeath, { once: true })
  })
}

/** The answer of `work`, unless the owner dies before. */
export function unlessKilled<T>(owner: SocketOwner, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const { dying } = owner
    if (dying.aborted) return reject(new ProcessKilled())
    const onDeath = (): void => reject(new ProcessKilled())
    dying.addEventListener('abort', onDeath, { once: true })
    const settle = (): void => dying.removeEventListener('abort', onDeath)
    work.then((value) => { settle(); resolve(value) }, (error: unknown) => { settle(); reject(error as Error) })
  })
}
