/** Follows requests through their stages and tells the sink of those that the policy keeps. */
import type { Clock } from '#engine/base/clock'
import type { HttpRequest, HttpResponse } from '#engine/base/http'
import type { Call } from '#engine/apiserver/chain/call'
import type { RequestInfo } from '#engine/apiserver/chain/info'
import type { UserInfo } from '#engine/apiserver/authentication/user'
import { eventOf, responseOf, type AuditEvent, type Told } from './event'
import type { AuditPolicy, Stage } from './policy'

export type AuditSink = (event: AuditEvent) => void

export interface Auditing {
  readonly policy: AuditPolicy
  readonly sink: AuditSink
}

interface Beginning {
  readonly id: string
  readonly request: HttpRequest
  readonly info: RequestInfo
  readonly user: UserInfo | undefined
}

export class Auditor {
  constructor(
    private readonly auditing: Auditing,
    private readonly clock: Clock,
  ) {}

  /** undefined: the policy keeps nothing of this request. */
  begin(beginning: Beginning): Trail | undefined {
    const trail = this.trail(beginning)
    trail?.tell('RequestReceived')
    return trail
  }

  /** The one event of a request that nobody may have sent. */
  refused(beginning: Omit<Beginning, 'user'>): void {
    const methods = [...(/^bearer\s+\S/i.test(beginning.request.headers['authorization'] ?? '') ? ['bearer'] : []), ...((beginning.request.peer?.certificates.length ?? 0) > 0 ? ['x509'] : [])]
    const message = methods.length > 0 ? `Authentication failed, attempted: ${methods.join(', ')}` : 'Authentication failed, no credentials provided'
    this.trail({ ...beginning, user: undefined })?.tell('ResponseStarted', { response: { status: { metadata: {}, message, code: 401 } } })
  }

  private trail(beginning: Beginning): Trail | undefined {
    const decision = this.auditing.policy.decide(beginning.info, beginning.user)
    return decision.level === 'None' ? undefined : new Trail({ ...beginning, decision, startedMs: this.clock.now(), nowMs: 0 }, this.auditing.sink, this.clock)
  }
}

export class Trail {
  constructor(
    private readonly told: Told,
    private readonly sink: AuditSink,
    private readonly clock: Clock,
  ) {}

  tell(stage: Stage, more: Partial<Told> = {}): void {
    if (!this.told.decision.omitStages.includes(stage)) this.sink(eventOf({ ...this.told, ...more, nowMs: this.clock.now() }, stage))
  }

  /** Tells of an answer: of one that goes on, when it begins and when it ends. */
  answered(call: Call, response: HttpResponse, longRunning: boolean): HttpResponse {
    const more: Partial<Told> = { response: responseOf(response), requestObject: call.audited, impersonated: call.user === this.told.user ? undefined : call.user, annotations: call.annotations }
    if (longRunning) this.tell('ResponseStarted', more)
    const { values, begun } = response.body
    if (!values) {
      this.tell('ResponseComplete', more)
      return response
    }
    const ended = (): void => this.tell('ResponseComplete', more)
    const rest = begun ? { begun: { values: begun.values, rest: untilEnd(begun.rest, ended) } } : {}
    return { ...response, body: { ...response.body, ...rest, values: untilEnd(values, ended), stream: () => untilEnd(response.body.stream(), ended) } }
  }
}

async function* untilEnd<T>(items: AsyncIterable<T>, ended: () => void): AsyncGenerator<T> {
  try {
    yield* items
  } finally {
    ended()
  }
}
