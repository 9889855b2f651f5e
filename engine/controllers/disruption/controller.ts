/** disruption-controller: how many pods of each PodDisruptionBudget may be evicted now. */
import { nameOf, namespaceOf } from '#engine/api/meta'
import { labelSelectorOf, matchesLabels } from '#engine/api/selector'
import type { Pod, PodDisruptionBudget } from '#engine/api/kinds'
import { equalJson, keyOf, type KubeObject, type OwnerReference } from '#engine/api/object'
import { byLabel, bySelector, controllerOf, selecting, withLabels } from '#engine/client/indexes'
import { podDisruptionBudgets, pods as podResource } from '#engine/client/resources'
import { unlessNotFound } from '#engine/client/retry'
import { parseTime } from '#engine/client/time'
import { type Condition, setCondition } from '#engine/controllers/conditions'
import { type Controller, type ControllerContext, informersOf, startQueue } from '#engine/controllers/controller'
import { scaledValue } from '#engine/controllers/intstr'
import { isPodReady, isPodTerminal } from '#engine/controllers/pods'

/** An eviction that was granted but is not seen as a deletion by then is forgotten. */
const deletionTimeoutMs = 2 * 60_000

export const disruptionController: Controller = {
  name: 'disruption-controller',
  aliases: ['disruption'],
  start(context) {
    const budgets = context.informers.of(podDisruptionBudgets).addIndexers(bySelector((budget: PodDisruptionBudget) => (budget.spec?.selector ?? {}) as { matchLabels?: Record<string, string> }))
    const pods = context.informers.of(podResource).addIndexers(byLabel)
    const events = context.events('controllermanager')
    const queue = startQueue(context, 'disruption-controller', informersOf(budgets, pods), async (key) => {
      const budget = budgets.store.byKey(key)
      if (!budget) return
      const selector = labelSelectorOf((budget.spec?.selector ?? undefined) as Parameters<typeof labelSelectorOf>[0])
      const covered = selector === undefined ? [] : withLabels(pods.store, namespaceOf(budget), (budget.spec?.selector?.matchLabels ?? {}) as Record<string, string>).filter((pod) => matchesLabels(selector, pod.metadata.labels) && !isPodTerminal(pod))
      if (covered.length === 0) events.event(budget, 'Normal', 'NoPods', 'No matching pods found')
      let counted
      try {
        counted = await expected(context, budget, covered)
      } catch (error) {
        events.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', `Failed to calculate the number of expected pods: ${(error as Error).message}`)
        await write(context, budget, failedStatus(context, budget, (error as Error).message))
        return
      }
      await write(context, budget, statusOf(context, budget, covered, counted))
      const waiting = Object.values(disruptedPods(budget)).map((text) => (parseTime(text) ?? 0) + deletionTimeoutMs - context.clock.now())
      return waiting.length > 0 ? { againAfterMs: Math.max(1000, Math.min(...waiting)) } : undefined
    }, { workers: 1 })
    budgets.addHandlers({ added: (budget) => queue.add(keyOf(budget)), updated: (budget) => queue.add(keyOf(budget)) })
    const wake = (pod: Pod): void => { for (const budget of selecting(budgets.store, namespaceOf(pod), pod.metadata.labels)) queue.add(keyOf(budget)) }
    pods.addHandlers({ added: wake, deleted: wake, updated: (next, previous) => { wake(next); if (!equalJson(previous.metadata.labels, next.metadata.labels)) wake(previous) } })
  },
}

interface Counted {
  readonly expected: number
  readonly desired: number
}

/** For shares and for maxUnavailable the size of the pods' controllers counts, not how many pods there happen to be. */
async function expected(context: ControllerContext, budget: PodDisruptionBudget, covered: readonly Pod[]): Promise<Counted> {
  const { minAvailable, maxUnavailable } = budget.spec ?? {}
  if (maxUnavailable !== undefined) {
    const total = await scaleOfControllers(context, covered)
    return { expected: total, desired: Math.max(0, total - scaledValue(maxUnavailable, total, 'up')) }
  }
  if (typeof minAvailable === 'number') return { expected: covered.length, desired: minAvailable }
  const total = await scaleOfControllers(context, covered)
  return { expected: total, desired: scaledValue(minAvailable ?? 0, total, 'up') }
}

async function scaleOfControllers(context: ControllerContext, covered: readonly Pod[]): Promise<number> {
  const scales = new Map<string, number>()
  for (const pod of covered) {
    const owner = controllerOf(pod)
    if (!owner || scales.has(owner.uid)) continue
    const namespace = namespaceOf(pod)
    const object = await ownerOf(context, namespace, owner.apiVersion, owner.kind, owner.name)
    const parent = object && controllerOf(object)
    if (parent?.kind !== 'Deployment') {
      scales.set(owner.uid, await replicasOf(context, object, owner))
      continue
    }
    // Its size is the deployment's: the replica sets of one rollout count once.
    scales.set(owner.uid, 0)
    if (!scales.has(parent.uid)) scales.set(parent.uid, await replicasOf(context, await ownerOf(context, namespace, parent.apiVersion, parent.kind, parent.name), parent))
  }
  return [...scales.values()].reduce((sum, count) => sum + count, 0)
}

async function replicasOf(context: ControllerContext, object: KubeObject | undefined, owner: OwnerReference): Promise<number> {
  const replicas = (object?.['spec'] as { replicas?: number } | undefined)?.replicas
  if (object && replicas === undefined) throw new Error(`${await plural(context, owner.apiVersion, owner.kind)} does not implement the scale subresource`)
  return replicas ?? 0
}

async function ownerOf(context: ControllerContext, namespace: string, apiVersion: string, kind: string, name: string) {
  const resource = await context.mapper.forKind(apiVersion, kind)
  return resource ? unlessNotFound(context.client.of(resource).get(namespace, name)) : undefined
}

async function plural(context: ControllerContext, apiVersion: string, kind: string): Promise<string> {
  const resource = await context.mapper.forKind(apiVersion, kind)
  return resource ? (resource.group === '' ? resource.resource : `${resource.resource}.${resource.group}`) : kind
}

function disruptedPods(budget: PodDisruptionBudget): Record<string, string> {
  return ((budget.status as { disruptedPods?: Record<string, string> } | undefined)?.disruptedPods ?? {}) as Record<string, string>
}

function statusOf(context: ControllerContext, budget: PodDisruptionBudget, covered: readonly Pod[], counted: Counted): Record<string, unknown> {
  const now = context.clock.now()
  const disrupted: Record<string, string> = {}
  for (const pod of covered) {
    const at = disruptedPods(budget)[nameOf(pod)]
    if (at !== undefined && pod.metadata.deletionTimestamp === undefined && (parseTime(at) ?? 0) + deletionTimeoutMs > now) disrupted[nameOf(pod)] = at
  }
  const healthy = covered.filter((pod) => pod.metadata.deletionTimestamp === undefined && disrupted[nameOf(pod)] === undefined && isPodReady(pod)).length
  const allowed = counted.expected <= 0 ? 0 : Math.max(0, healthy - counted.desired)
  const condition: Condition = allowed > 0 ? { type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods', message: '' } : { type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', message: '' }
  return {
    conditions: setCondition(budget.status?.conditions as Condition[] | undefined, { ...condition, observedGeneration: budget.metadata.generation ?? 0 }, now),
    currentHealthy: healthy,
    desiredHealthy: counted.desired,
    disruptionsAllowed: allowed,
    expectedPods: counted.expected,
    observedGeneration: budget.metadata.generation ?? 0,
    ...(Object.keys(disrupted).length > 0 ? { disruptedPods: disrupted } : {}),
  }
}

function failedStatus(context: ControllerContext, budget: PodDisruptionBudget, message: string): Record<string, unknown> {
  const condition: Condition = { type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message, observedGeneration: budget.status?.observedGeneration ?? 0 }
  return { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, ...budget.status, disruptionsAllowed: 0, conditions: setCondition(budget.status?.conditions as Condition[] | undefined, condition, context.clock.now()) }
}

async function write(context: ControllerContext, budget: PodDisruptionBudget, status: Record<string, unknown>): Promise<void> {
  if (equalJson(status, budget.status ?? {})) return
  await unlessNotFound(context.client.of(podDisruptionBudgets).updateStatus({ ...budget, status } as unknown as PodDisruptionBudget))
}

