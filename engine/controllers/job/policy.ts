/** Pod failure policy and success policy: what a pod's end means for its job. */
import type { Job, Pod } from '#engine/api/kinds'
import { keyOf } from '#engine/api/object'
import { parseIndexes } from './indexes'

export interface FailureVerdict {
  readonly action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count'
  readonly message: string
}

interface Rule {
  readonly action: string
  readonly onExitCodes?: { readonly containerName?: string; readonly operator: string; readonly values?: readonly number[] }
  readonly onPodConditions?: readonly { readonly type: string; readonly status?: string }[]
}

export function failureVerdict(job: Job, pod: Pod): FailureVerdict | undefined {
  const rules = ((job.spec?.podFailurePolicy as { rules?: readonly Rule[] } | undefined)?.rules ?? []) as readonly Rule[]
  for (const [index, rule] of rules.entries()) {
    const action = rule.action as FailureVerdict['action']
    const byCode = rule.onExitCodes && exitCodeMatch(rule.onExitCodes, pod)
    if (byCode) return { action, message: `Container ${byCode.container} for pod ${keyOf(pod)} failed with exit code ${byCode.code} matching ${rule.action} rule at index ${index}` }
    const condition = rule.onPodConditions?.find((wanted) => pod.status?.conditions?.some((known) => known.type === wanted.type && known.status === (wanted.status ?? 'True')))
    if (condition) return { action, message: `Pod ${keyOf(pod)} has condition ${condition.type} matching ${rule.action} rule at index ${index}` }
  }
  return undefined
}

function exitCodeMatch(rule: NonNullable<Rule['onExitCodes']>, pod: Pod): { container: string; code: number } | undefined {
  for (const { name, code } of endedContainers(pod)) {
    if (rule.containerName && rule.containerName !== name) continue
    if ((rule.values ?? []).includes(code) === (rule.operator === 'In')) return { container: name, code }
  }
  return undefined
}

/** Containers that ended with a failure. */
function endedContainers(pod: Pod): { name: string; code: number }[] {
  const all = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]
  return all.map((status) => ({ name: status.name, code: status.state?.terminated?.exitCode ?? 0 })).filter(({ code }) => code !== 0)
}

/** The index of the first rule of the success policy that is met. */
export function metSuccessRule(job: Job, succeeded: ReadonlySet<number>): number | undefined {
  const rules = ((job.spec as { successPolicy?: { rules?: readonly { succeededIndexes?: string; succeededCount?: number }[] } } | undefined)?.successPolicy?.rules ?? [])
  const completions = job.spec?.completions ?? 0
  const found = rules.findIndex((rule) => {
    const wanted = rule.succeededIndexes === undefined ? undefined : parseIndexes(rule.succeededIndexes, completions)
    const done = wanted === undefined ? succeeded.size : [...wanted].filter((index) => succeeded.has(index)).length
    return rule.succeededCount === undefined ? wanted !== undefined && done === wanted.size : done >= rule.succeededCount
  })
  return found < 0 ? undefined : found
}
