/** A response's body on its way between two processes: it breaks when the server dies, and stops it when the reader leaves. */
import type { HttpBody } from '#engine/base/http'
import type { Errno } from '#engine/linux/abi/errno'

export interface BodyGuard {
  /** Told when the connection is cut. */
  readonly breakers: Set<(error: Errno) => void>
  /** The reader wants no more. */
  stop(): void
  /** All was read. */
  done(): void
}

export function guardedBody(body: HttpBody, guard: BodyGuard): HttpBody {
  if (body.values === undefined && !body.streamed) {
    guard.done()
    return body
  }
  return {
    ...body,
    streamed: true,
    ...(body.values ? { values: guarded(body.values, guard) } : {}),
    ...(body.begun ? { begun: { values: body.begun.values, rest: guarded(body.begun.rest, guard) } } : {}),
    bytes: () => unlessBroken(body.bytes(), guard),
    text: () => unlessBroken(body.text(), guard),
    stream: () => guarded(body.stream(), guard),
  }
}

function unlessBroken<T>(work: Promise<T>, guard: BodyGuard): Promise<T> {
  return unlessCut(work, guard).finally(() => guard.done())
}

function guarded<T>(source: AsyncIterable<T>, guard: BodyGuard): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => new GuardedIterator(source[Symbol.asyncIterator](), guard) }
}

class GuardedIterator<T> implements AsyncIterator<T> {
  private over = false
  private reject: ((error: Error) => void) | undefined
  private readonly broken = (error: unknown): void => {
    this.reject?.(error as Error)
    this.reject = undefined
  }

  /** One breaker for all that is read: watches read without end, and few of them are ever cut. */
  constructor(private readonly inner: AsyncIterator<T>, private readonly guard: BodyGuard) {
    guard.breakers.add(this.broken)
  }

  next(): Promise<IteratorResult<T>> {
    if (this.over) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve, reject) => {
      this.reject = reject
      this.inner.next().then((result) => {
        this.reject = undefined
        if (result.done) this.finish(false)
        resolve(result)
      }, this.broken)
    })
  }

  async return(): Promise<IteratorResult<T>> {
    if (!this.over) {
      this.finish(true)
      void this.inner.return?.().catch(() => undefined)
    }
    return Promise.resolve({ done: true, value: undefined })
  }

  private finish(early: boolean): void {
    this.over = true
    this.guard.breakers.delete(this.broken)
    if (early) this.guard.stop()
    this.guard.done()
  }
}

function unlessCut<T>(work: Promise<T>, guard: BodyGuard): Promise<T> {
  return new Promise((resolve, reject) => {
    const broken = (error: unknown): void => {
      guard.breakers.delete(broken)
      reject(error as Error)
    }
    guard.breakers.add(broken)
    work.then((value) => {
      guard.breakers.delete(broken)
      resolve(value)
    }, broken)
  })
}
