/** pods/eviction: a delete that minds disruption budgets. */
import type { HttpResponse } from '#engine/base/http'
import { badRequestError, internalError } from '#engine/api/errors'
import { copyObject, type KubeObject } from '#engine/api/object'
import { labelSelectorOf, matchesLabels } from '#engine/api/selector'
import { failure, StatusError, type StatusError as Failure } from '#engine/api/status'
import { jsonResponse } from '#engine/apiserver/chain/respond'
import { builtinTypeOfKind } from '#engine/apiserver/schema/builtin'
import { anyType } from '#engine/apiserver/schema/type'
import { readObject } from '#engine/apiserver/rest/body'
import { checkOptions, isDryRun, timestamp } from '#engine/apiserver/rest/core'
import { removeNamed, type DeleteOptions } from '#engine/apiserver/rest/remove'
import { change } from '#engine/apiserver/rest/update'
import { allow, subjectOf, success, type ActionRequest } from './action'

interface BudgetStatus {
  observedGeneration?: number
  disruptionsAllowed?: number
  currentHealthy?: number
  desiredHealthy?: number
  disruptedPods?: Record<string, string>
}

const budgets = 'poddisruptionbudgets.policy'

export async function eviction(request: ActionRequest): Promise<HttpResponse> {
  allow(request)
  const { call } = request
  checkOptions(call)
  const given = await readObject(call, { group: 'policy', version: 'v1', kind: 'Eviction', type: builtinTypeOfKind('policy', 'v1', 'Eviction') ?? anyType })
  if (given.metadata.name && given.metadata.name !== call.info.name) throw badRequestError('name in URL does not match name in Eviction object')
  const pod = await subjectOf(request)
  const options = (given['deleteOptions'] ?? {}) as DeleteOptions
  const dryRun = isDryRun(call) || (options.dryRun ?? []).includes('All')
  if (!goesFreely(pod)) await claim(request, pod, dryRun)
  if (!dryRun) await markDisrupted(request, pod)
  const asDelete = { ...call, info: { ...call.info, verb: 'delete', subresource: '' } }
  await removeNamed(request.core, asDelete, request.served, call.info.namespace, call.info.name, options)
  return jsonResponse(201, success)
}

/** Finished, pending and terminating pods disrupt nothing. */
function goesFreely(pod: KubeObject): boolean {
  const phase = (pod['status'] as { phase?: string } | undefined)?.phase
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || pod.metadata.deletionTimestamp !== undefined
}

async function claim(request: ActionRequest, pod: KubeObject, dryRun: boolean): Promise<void> {
  const { reader, client } = request.core.services
  for (let attempt = 0; attempt < 5; attempt++) {
    const matching = (await reader.list(budgets, pod.metadata.namespace ?? '')).filter((budget) => selects(budget, pod))
    if (matching.length > 1) throw failure(500, '', 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.')
    const budget = matching[0]
    if (!budget || goesUnhealthy(budget, pod)) return
    const next = spend(budget, pod, timestamp(request.call.nowMs))
    if (dryRun) return
    try {
      await client.update(budgets, next, 'status')
      return
    } catch (error) {
      if (!(error instanceof StatusError) || error.reason !== 'Conflict') throw error
    }
  }
  throw tooMany('could not claim a disruption', 10)
}

function selects(budget: KubeObject, pod: KubeObject): boolean {
  const selector = labelSelectorOf((budget['spec'] as { selector?: Record<string, never> } | undefined)?.selector)
  return selector !== undefined && matchesLabels(selector, pod.metadata.labels)
}

/** Pods that are not ready may go where the budget is met without them. */
function goesUnhealthy(budget: KubeObject, pod: KubeObject): boolean {
  const conditions = (pod['status'] as { conditions?: { type: string; status: string }[] } | undefined)?.conditions ?? []
  if (conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True')) return false
  if ((budget['spec'] as { unhealthyPodEvictionPolicy?: string }).unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  const status = (budget['status'] ?? {}) as BudgetStatus
  return (status.currentHealthy ?? 0) >= (status.desiredHealthy ?? 0) && (status.desiredHealthy ?? 0) > 0
}

function spend(budget: KubeObject, pod: KubeObject, now: string): KubeObject {
  const status = { ...((budget['status'] ?? {}) as BudgetStatus) }
  const name = budget.metadata.name ?? ''
  if ((status.observedGeneration ?? 0) < (budget.metadata.generation ?? 0)) throw tooMany(`The disruption budget ${name} is still being processed by the server.`, 10)
  if ((status.disruptionsAllowed ?? 0) < 0) throw internalError('pdb disruptions allowed is negative')
  if ((status.disruptionsAllowed ?? 0) === 0) throw tooMany(`The disruption budget ${name} needs ${status.desiredHealthy ?? 0} healthy pods and has ${status.currentHealthy ?? 0} currently`, 0)
  const next = copyObject(budget)
  next['status'] = { ...status, disruptionsAllowed: (status.disruptionsAllowed ?? 0) - 1, disruptedPods: { ...status.disruptedPods, [pod.metadata.name ?? '']: now } }
  return next
}

function tooMany(cause: string, retryAfterSeconds: number): Failure {
  return failure(429, 'TooManyRequests', 'Cannot evict pod as it would violate the pod\'s disruption budget.', { causes: [{ reason: 'DisruptionBudget', message: cause }], ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}) })
}

async function markDisrupted({ core, call, served }: ActionRequest, pod: KubeObject): Promise<void> {
  if (pod.metadata.deletionTimestamp) return
  const asStatus = { ...call, info: { ...call.info, verb: 'update', subresource: 'status' } }
  const condition = { type: 'DisruptionTarget', ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }), status: 'True', lastProbeTime: null, lastTransitionTime: timestamp(call.nowMs), reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' }
  await change(core, asStatus, served, {
    make(current) {
      const next = copyObject(current)
      const status = (next['status'] ??= {}) as { conditions?: { type: string }[] }
      status.conditions = [...(status.conditions ?? []).filter((item) => item.type !== 'DisruptionTarget'), condition]
      return Promise.resolve(next)
    },
    subresource: 'status', ownsManagedFields: true, optionsKind: 'UpdateOptions', retry: true, view: { kind: 'view' },
  })
}
