/** The expressions of one policy, for one request and one parameter. */
import type { KubeObject } from '#engine/api/object'
import type { AdmissionAttributes } from '#engine/apiserver/admission/plugin'
import { requestOf } from '#engine/apiserver/admission/shared/match'
import { run, variablesOf, words, type Bindings } from '#engine/apiserver/admission/shared/evaluation'
import type { Authorizer } from '#engine/apiserver/authorization/authorizer'
import { conditionsHold } from '#engine/apiserver/admission/shared/conditions'
import { withAuthorizer } from '#engine/apiserver/admission/shared/asked'
import type { CelAuthorizer } from '#engine/api/cel/libraries/authorizer'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

export interface Decision {
  readonly message: string
  /** '' for the usual one. */
  readonly reason: string
  readonly index: number
}

export interface Outcome {
  readonly denied: readonly Decision[]
  readonly annotations: Readonly<Record<string, string>>
}

const nothing: Outcome = { denied: [], annotations: {} }

export function evaluatePolicy(policy: KubeObject, attributes: AdmissionAttributes, params: KubeObject | null, namespace: KubeObject | undefined, authorizer: Authorizer): Promise<Outcome> {
  return withAuthorizer(attributes, authorizer, (asked) => evaluate(policy, attributes, params, namespace, asked))
}

function evaluate(policy: KubeObject, attributes: AdmissionAttributes, params: KubeObject | null, namespace: KubeObject | undefined, authorizer: CelAuthorizer): Outcome {
  const spec = (policy.spec ?? {}) as Free
  const bindings: Bindings = { object: attributes.object ?? null, oldObject: attributes.oldObject ?? null, request: requestOf(attributes, '') as unknown, params, namespaceObject: namespace ?? null, authorizer, variables: {} }
  const matched = conditionsHold(spec.matchConditions, bindings)
  if (matched === false || (matched !== true && spec.failurePolicy === 'Ignore')) return nothing
  if (matched !== true) return { denied: [{ message: matched, reason: '', index: -1 }], annotations: {} }
  bindings.variables = variablesOf(spec, bindings)
  const denied: Decision[] = []
  for (const [index, validation] of listOf(spec.validations).entries()) {
    const decision = decide(spec, validation, index, bindings)
    if (decision) denied.push(decision)
  }
  return { denied, annotations: annotationsOf(spec, bindings) }
}

function decide(spec: Free, validation: Free, index: number, bindings: Bindings): Decision | undefined {
  const expression = validation.expression as string
  const reason = (validation.reason ?? '') as string
  try {
    if (run(expression, bindings) === true) return undefined
  } catch (error) {
    return spec.failurePolicy === 'Ignore' ? undefined : { message: `expression '${expression}' resulted in error: ${words(error)}`, reason, index }
  }
  return { message: messageOf(validation, bindings), reason, index }
}

function messageOf(validation: Free, bindings: Bindings): string {
  if (validation.messageExpression) {
    try {
      const text = run(validation.messageExpression as string, bindings)
      if (typeof text === 'string' && text.trim() !== '' && !text.includes('\n')) return text.trim()
    } catch {
      return plainMessage(validation)
    }
  }
  return plainMessage(validation)
}

function plainMessage(validation: Free): string {
  const text = ((validation.message ?? '') as string).trim()
  return text !== '' ? text : `failed expression: ${(validation.expression as string).trim()}`
}

function annotationsOf(spec: Free, bindings: Bindings): Record<string, string> {
  const out: Record<string, string> = {}
  for (const item of listOf(spec.auditAnnotations)) {
    try {
      const value = run(item.valueExpression as string, bindings)
      if (typeof value === 'string' && value !== '') out[item.key as string] = value.trim()
    } catch {
      continue
    }
  }
  return out
}
