import { Errno } from '#engine/linux/abi/errno'

/** Errors of file systems name no path: the caller's is added. */
export function withSubject<T>(path: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    if (error instanceof Errno && error.subject === undefined) throw new Errno(error.code, path)
    throw error
  }
}
