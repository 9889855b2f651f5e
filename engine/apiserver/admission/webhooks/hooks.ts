/** The webhooks of a request, and what to do with their answers. */
import { internalError } from '#engine/api/errors'
import { StatusError } from '#engine/api/status'
import type { Status } from '#engine/api/status'
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes } from '#engine/apiserver/admission/plugin'
import { withAuthorizer } from '#engine/apiserver/admission/shared/asked'
import { conditionsHold } from '#engine/apiserver/admission/shared/conditions'
import { isExempt, namespaceMatches, objectMatches, requestOf, ruleMatches } from '#engine/apiserver/admission/shared/match'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import type { ServerServices } from '#engine/apiserver/services'
import { callWebhook, WebhookError } from './call'
import type { Answer } from './call'

export interface Hook {
  readonly hook: Free
  readonly configuration: string
}

/** In the order of the configurations' names. */
export async function hooksFor(attributes: AdmissionAttributes, services: ServerServices, resource: string): Promise<Hook[]> {
  if (isExempt(attributes)) return []
  const configurations = await services.reader.list(resource)
  if (configurations.length === 0) return []
  const namespaced = attributes.namespace !== '' && !(attributes.group === '' && attributes.resource === 'namespaces')
  const found: Hook[] = []
  for (const configuration of [...configurations].sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))) {
    for (const hook of listOf(configuration.webhooks)) {
      if (!listOf(hook.rules).some((rule) => ruleMatches(rule, attributes, namespaced))) continue
      if (!objectMatches(hook.objectSelector, attributes) || !(await namespaceMatches(hook.namespaceSelector, attributes, services))) continue
      if (await conditionsMatch(hook, attributes, services)) found.push({ hook, configuration: configuration.metadata.name ?? '' })
    }
  }
  return found
}

async function conditionsMatch(hook: Free, attributes: AdmissionAttributes, services: ServerServices): Promise<boolean> {
  if (listOf(hook.matchConditions).length === 0) return true
  const bindings = { object: attributes.object ?? null, oldObject: attributes.oldObject ?? null, request: requestOf(attributes, '') as unknown }
  const held = await withAuthorizer(attributes, services.authorizer, (authorizer) => conditionsHold(hook.matchConditions, { ...bindings, authorizer }))
  if (typeof held === 'boolean') return held
  if (hook.failurePolicy === 'Ignore') return false
  throw admissionForbidden(attributes, held)
}

/** Undefined when the webhook could not be asked and that does not matter. */
export async function ask({ hook }: Hook, attributes: AdmissionAttributes, services: ServerServices): Promise<Answer | undefined> {
  const version = (listOf(hook.admissionReviewVersions) as string[]).find((item) => item === 'v1' || item === 'v1beta1') ?? 'v1'
  const review = { kind: 'AdmissionReview', apiVersion: `admission.k8s.io/${version}`, request: requestOf(attributes, services.random.uuid()) as Free }
  try {
    return await callWebhook(hook, review, services)
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error
    const words = `failed calling webhook ${JSON.stringify(hook.name)}: ${error.message}`
    if (hook.failurePolicy === 'Ignore') {
      services.log(`W Failed calling webhook, failing open ${hook.name as string}: ${words}`)
      return undefined
    }
    throw internalError(words)
  }
}

/** Warnings and annotations count whatever the answer is. */
export function heed({ hook }: Hook, answer: Answer, attributes: AdmissionAttributes): void {
  for (const text of answer.warnings ?? []) attributes.warn(text)
  for (const [key, value] of Object.entries(answer.auditAnnotations ?? {})) attributes.annotate(`${hook.name as string}/${key}`, value)
  if (!answer.allowed) throw denial(hook.name as string, answer.status)
}

function denial(name: string, given: Free): StatusError {
  const by = `admission webhook ${JSON.stringify(name)} denied the request`
  const words = (given?.message || given?.reason) as string | undefined
  const status: Status = {
    kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: words ? `${by}: ${words}` : `${by} without explanation`,
    ...(given?.reason ? { reason: given.reason } : {}), ...(given?.details ? { details: given.details } : {}), code: Math.max(400, (given?.code ?? 400) as number),
  }
  return new StatusError(status)
}
