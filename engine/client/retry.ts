/** Trying again where another writer was faster. */
import { isReason } from '#engine/api/status'

/** Runs `change` anew on a Conflict, at most `attempts` times in all (client-go's DefaultRetry has 5). */
export async function retryOnConflict<T>(change: () => Promise<T>, attempts = 5): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await change()
    } catch (error) {
      if (attempt >= attempts || !isReason(error, 'Conflict')) throw error
    }
  }
}

/** The answer, or undefined where the object is not there. */
export async function unlessNotFound<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  }
}
