/** `authorizer.group("apps").resource("deployments").check("create").allowed()` */
import type { Environment } from '@marcbachmann/cel-js'
import { register } from './register'

/** What is asked; a path, or a resource. */
export interface AuthorizerQuestion {
  readonly verb: string
  readonly path?: string
  readonly group?: string
  readonly resource?: string
  readonly subresource?: string
  readonly namespace?: string
  readonly name?: string
  readonly serviceAccount?: { readonly namespace: string; readonly name: string }
}

export interface AuthorizerAnswer {
  readonly allowed: boolean
  readonly reason: string
  readonly error?: string
}

type Ask = (question: AuthorizerQuestion) => AuthorizerAnswer

/** The variable `authorizer`. */
export class CelAuthorizer {
  readonly requestResource: CelResourceCheck

  constructor(
    readonly ask: Ask,
    request: Partial<AuthorizerQuestion>,
    readonly serviceAccount?: AuthorizerQuestion['serviceAccount'],
  ) {
    this.requestResource = new CelResourceCheck(ask, { ...request, ...(serviceAccount ? { serviceAccount } : {}) })
  }

  of(more: Partial<AuthorizerQuestion>): Partial<AuthorizerQuestion> {
    return { ...more, ...(this.serviceAccount ? { serviceAccount: this.serviceAccount } : {}) }
  }
}

class CelPathCheck {
  constructor(
    readonly ask: Ask,
    readonly asked: Partial<AuthorizerQuestion>,
  ) {}
}

class CelGroupCheck extends CelPathCheck {}

class CelResourceCheck extends CelPathCheck {
  with(more: Partial<AuthorizerQuestion>): CelResourceCheck {
    return new CelResourceCheck(this.ask, { ...this.asked, ...more })
  }
}

class CelDecision {
  constructor(readonly answer: AuthorizerAnswer) {}
}

const prefix = 'kubernetes.authorization'
const [a, p, g, r, d] = ['Authorizer', 'PathCheck', 'GroupCheck', 'ResourceCheck', 'Decision'].map((name) => `${prefix}.${name}`) as [string, string, string, string, string]

export function authorizer(environment: Environment): void {
  environment.registerType(p, CelPathCheck)
  environment.registerType(g, CelGroupCheck)
  environment.registerType(r, CelResourceCheck)
  environment.registerType(d, CelDecision)
  environment.registerType({ name: a, ctor: CelAuthorizer, fields: { requestResource: r } } as never)
  register(environment, `${a}.path(string): ${p}`, (value: CelAuthorizer, path: string) => new CelPathCheck(value.ask, value.of({ path })))
  register(environment, `${a}.group(string): ${g}`, (value: CelAuthorizer, group: string) => new CelGroupCheck(value.ask, value.of({ group })))
  register(environment, `${a}.serviceAccount(string, string): ${a}`, (value: CelAuthorizer, namespace: string, name: string) => new CelAuthorizer(value.ask, value.requestResource.asked, { namespace, name }))
  register(environment, `${g}.resource(string): ${r}`, (value: CelGroupCheck, resource: string) => new CelResourceCheck(value.ask, { ...value.asked, resource }))
  register(environment, `${r}.subresource(string): ${r}`, (value: CelResourceCheck, subresource: string) => value.with({ subresource }))
  register(environment, `${r}.namespace(string): ${r}`, (value: CelResourceCheck, namespace: string) => value.with({ namespace }))
  register(environment, `${r}.name(string): ${r}`, (value: CelResourceCheck, name: string) => value.with({ name }))
  for (const type of [p, r]) register(environment, `${type}.check(string): ${d}`, ({ ask, asked }: CelPathCheck, verb: string) => new CelDecision(ask({ ...asked, verb })))
  register(environment, `${d}.allowed(): bool`, ({ answer }: CelDecision) => answer.allowed)
  register(environment, `${d}.reason(): string`, ({ answer }: CelDecision) => answer.reason)
  register(environment, `${d}.errored(): bool`, ({ answer }: CelDecision) => answer.error !== undefined)
  register(environment, `${d}.error(): string`, ({ answer }: CelDecision) => answer.error ?? '')
}
