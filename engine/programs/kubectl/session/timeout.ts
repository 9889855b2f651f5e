/** `--request-timeout`: every request ends after it, also one whose answer still comes in. */
import type { Clock } from '#engine/base/clock'
import type { HttpBody, HttpRequest, HttpResponse } from '#engine/base/http'
import { ConnectionError } from '#engine/client/errors'
import type { Transport } from '#engine/client/transport'
import { formatDuration, parseDuration } from '#engine/programs/common/cobra/values'
import { CliError, TimedOut } from './errors'

/** Milliseconds; 0 for ever. */
export function requestTimeoutOf(text: string): number {
  if (/^-?\d+$/.test(text)) return Math.max(0, Number(text) * 1000)
  try {
    return Math.max(0, parseDuration(text))
  } catch {
    throw new CliError('Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)')
  }
}

/** What discovery asks the server for: the flag's, or client-go's own 32 seconds. */
export function discoveryTimeout(text: string): string {
  const ms = requestTimeoutOf(text)
  return ms === 0 ? '32s' : formatDuration(ms)
}

export function withRequestTimeout(transport: Transport, clock: Clock, timeoutMs: number): Transport {
  if (timeoutMs === 0) return transport
  return {
    async request(request) {
      const deadline = new Deadline(clock, timeoutMs, request.signal)
      const failed = (): Error => new ConnectionError(request.method, request.path, undefined, 'context deadline exceeded')
      const response = await deadline.race(transport.request({ ...request, signal: deadline.signal } satisfies HttpRequest), failed)
      return { ...response, body: limited(response, deadline) }
    },
  }
}

class Deadline {
  private readonly abort = new AbortController()
  private readonly passed: Promise<'passed'>

  constructor(clock: Clock, ms: number, outer: AbortSignal | undefined) {
    outer?.addEventListener('abort', () => this.abort.abort(outer.reason), { once: true })
    this.passed = new Promise((resolve) => {
      clock.after(ms, () => {
        resolve('passed')
        this.abort.abort()
      })
    })
  }

  get signal(): AbortSignal {
    return this.abort.signal
  }

  async race<T>(work: Promise<T>, failure: () => Error): Promise<T> {
    const result = await Promise.race([work.then((value) => ({ value })), this.passed])
    if (result !== 'passed') return result.value
    work.catch(() => undefined)
    throw failure()
  }
}

const cutShort = (): Error => new TimedOut('net/http: request canceled (Client.Timeout or context cancellation while reading body)')

function limited({ body }: HttpResponse, deadline: Deadline): HttpBody {
  async function* each<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
    const iterator = source[Symbol.asyncIterator]()
    for (;;) {
      const next = await deadline.race(iterator.next(), cutShort)
      if (next.done) return
      yield next.value
    }
  }
  return {
    ...body,
    ...(body.values ? { values: each(body.values) } : {}),
    ...(body.begun ? { begun: { values: body.begun.values, rest: each(body.begun.rest) } } : {}),
    bytes: () => deadline.race(body.bytes(), cutShort),
    text: () => deadline.race(body.text(), cutShort),
    stream: () => each(body.stream()),
  }
}
