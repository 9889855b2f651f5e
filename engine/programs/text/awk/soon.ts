/** Evaluation is synchronous and fast; only what waits answers with a promise, and what contains it goes on when that is settled. */
export type Soon<T> = T | Promise<T>

export function whenDone<A, B>(value: Soon<A>, run: (value: A) => Soon<B>): Soon<B> {
  return value instanceof Promise ? value.then(run) : run(value)
}

/** A promise only where there is something to wait for. */
export function wait(value: Soon<unknown>): Promise<void> | undefined {
  return value instanceof Promise ? value.then(() => undefined) : undefined
}

/** One after the other, waiting where it must; false ends it early. */
export function eachInTurn<T>(items: readonly T[], visit: (item: T, index: number) => Soon<boolean | void>, from = 0): Soon<void> {
  for (let i = from; i < items.length; i++) {
    const on = visit(items[i] as T, i)
    if (on instanceof Promise) return on.then((goes) => (goes === false ? undefined : eachInTurn(items, visit, i + 1)))
    if (on === false) return undefined
  }
  return undefined
}
