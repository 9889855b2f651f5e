/**
 * Resources that pods of this node have been given. A pod's spec may ask for others later (in-place resize): the node gives
 * them, says that it never can (Infeasible), or that it cannot now (Deferred). What was given is on disk, for the next kubelet.
 */
import type { Container, Pod, PodCondition } from '#engine/api/kinds'
import { apiTime } from '#engine/client/time'
import { isErrno } from '#engine/linux/abi/errno'
import type { KubeletContext } from '../context'
import { requestsOf } from '../pods/admission'
import { isStatic, uidOf } from '../pods/names'
import { podReference } from './reference'

type Resources = Container['resources']
type Given = Record<string, Resources>

interface Pending { readonly reason: 'Infeasible' | 'Deferred'; readonly message: string; readonly generation: number }

const resizable = ['cpu', 'memory'] as const

export class Allocation {
  private readonly given: Map<string, Given>
  private readonly pending = new Map<string, Pending>()
  /** Generations whose resize is under way. */
  private readonly progress = new Map<string, number>()
  private readonly path: string

  constructor(
    private readonly context: KubeletContext,
    private readonly others: (uid: string) => readonly Pod[],
    private readonly allocatable: () => Readonly<Record<string, string>>,
  ) {
    this.path = `${context.flags.rootDirectory}/allocated_pods_state`
    this.given = this.load()
  }

  /** Takes up what the spec asks for, as far as the node can give it. */
  consider(pod: Pod): void {
    const uid = uidOf(pod)
    const wanted = resourcesOf(pod)
    const known = this.given.get(uid)
    if (!known) return this.give(uid, wanted)
    if (JSON.stringify(known) === JSON.stringify(wanted)) return void this.pending.delete(uid)
    const refusal = this.refusal(pod)
    if (refusal) return this.hold(pod, refusal)
    this.pending.delete(uid)
    this.give(uid, wanted)
    this.progress.set(uid, pod.metadata.generation ?? 0)
    this.context.events.event(podReference(pod), 'Normal', 'ResizeStarted', `Pod resize started: ${summary(pod, pod.metadata.generation ?? 0)}`)
  }

  /** The pod with the resources it was given. */
  apply(pod: Pod): Pod {
    const known = this.given.get(uidOf(pod))
    if (!known || JSON.stringify(known) === JSON.stringify(resourcesOf(pod))) return pod
    const replaced = (list: readonly Container[] | undefined): Container[] | undefined => list?.map((container) => (known[container.name] === undefined ? container : ({ ...container, resources: known[container.name] } as Container)))
    const initContainers = replaced(pod.spec?.initContainers)
    return { ...pod, spec: { ...pod.spec, ...(initContainers ? { initContainers } : {}), containers: replaced(pod.spec?.containers) ?? [] } } as Pod
  }

  /** All containers run with what was given. */
  settled(pod: Pod): void {
    const uid = uidOf(pod)
    const generation = this.progress.get(uid)
    if (generation === undefined) return
    this.progress.delete(uid)
    this.context.events.event(podReference(pod), 'Normal', 'ResizeCompleted', `Pod resize completed: ${summary(this.apply(pod), generation)}`)
  }

  inProgress(pod: Pod): boolean {
    return this.progress.has(uidOf(pod))
  }

  conditions(pod: Pod): PodCondition[] {
    const uid = uidOf(pod)
    const now = apiTime(this.context.clock.now())
    const known = pod.status?.conditions ?? []
    const condition = (type: string, generation: number, more: object): PodCondition => ({ type, status: 'True', lastProbeTime: now, lastTransitionTime: known.find((item) => item.type === type)?.lastTransitionTime ?? now, observedGeneration: generation, ...more })
    const pending = this.pending.get(uid)
    const progress = this.progress.get(uid)
    return [
      ...(pending ? [condition('PodResizePending', pending.generation, { reason: pending.reason, message: pending.message })] : []),
      ...(progress === undefined ? [] : [condition('PodResizeInProgress', progress, {})]),
    ]
  }

  forget(pod: Pod): void {
    const uid = uidOf(pod)
    this.pending.delete(uid)
    this.progress.delete(uid)
    if (this.given.delete(uid)) this.save()
  }

  private hold(pod: Pod, refusal: Omit<Pending, 'generation'>): void {
    const uid = uidOf(pod)
    const generation = pod.metadata.generation ?? 0
    const known = this.pending.get(uid)
    this.pending.set(uid, { ...refusal, generation })
    if (known?.generation === generation && known.reason === refusal.reason) return
    this.context.events.event(podReference(pod), 'Warning', `Resize${refusal.reason}`, `Pod resize ${refusal.reason}: ${summary(pod, generation, refusal.message)}`)
  }

  private refusal(pod: Pod): Omit<Pending, 'generation'> | undefined {
    if (isStatic(pod)) return { reason: 'Infeasible', message: 'In-place resize of static-pods is not supported' }
    const wanted = requestsOf(pod)
    const room = requestsOf({ spec: { containers: [{ name: 'node', resources: { requests: { ...this.allocatable() } } }] } } as unknown as Pod)
    for (const name of resizable) {
      const requested = wanted[name] ?? 0
      const capacity = room[name] ?? 0
      if (requested > capacity) return { reason: 'Infeasible', message: `Node didn't have enough capacity: ${name}, requested: ${requested}, capacity: ${capacity}` }
    }
    for (const name of resizable) {
      const requested = wanted[name] ?? 0
      const capacity = room[name] ?? 0
      const used = this.others(uidOf(pod)).reduce((sum, other) => sum + (requestsOf(this.apply(other))[name] ?? 0), 0)
      if (requested + used > capacity) return { reason: 'Deferred', message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}` }
    }
    return undefined
  }

  private give(uid: string, resources: Given): void {
    this.given.set(uid, resources)
    this.save()
  }

  private save(): void {
    const { given } = this
    this.context.process.files.writeLazy(this.path, { bytes: () => new TextEncoder().encode(JSON.stringify(Object.fromEntries(given))) }, 0o600)
  }

  private load(): Map<string, Given> {
    try {
      return new Map(Object.entries(JSON.parse(this.context.process.files.readText(this.path)) as Record<string, Given>))
    } catch (error) {
      if (isErrno(error) || error instanceof SyntaxError) return new Map()
      throw error
    }
  }
}

function resourcesOf(pod: Pod): Given {
  const all = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]
  return Object.fromEntries(all.map((container) => [container.name, container.resources]))
}

function summary(pod: Pod, generation: number, error?: string): string {
  const brief = (list: readonly Container[] | undefined): object[] => (list ?? []).map((container) => ({ name: container.name, resources: ordered(container.resources) }))
  const inits = brief((pod.spec?.initContainers ?? []).filter((container) => container.restartPolicy === 'Always'))
  return JSON.stringify({ ...(inits.length > 0 ? { initContainers: inits } : {}), containers: brief(pod.spec?.containers), generation, ...(error === undefined ? {} : { error }) })
}

function ordered(resources: Resources): object {
  return { ...(resources?.limits ? { limits: resources.limits } : {}), ...(resources?.requests ? { requests: resources.requests } : {}) }
}
