/** horizontal-pod-autoscaler-controller: sets the scale of workloads by what their pods use. */
import { namespaceOf } from '#engine/api/meta'
import { type LabelSelector, matchesLabels, parseLabelSelector } from '#engine/api/selector'
import { formatQuantity, milliQuantityOf, parseQuantity, quantityMilliValue } from '#engine/api/quantity'
import type { HorizontalPodAutoscaler, Pod } from '#engine/api/kinds'
import { equalJson, keyOf, type KubeObject, parseGroupVersion } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import type { EventRecorder } from '#engine/client/events'
import { byLabel } from '#engine/client/indexes'
import type { Informer } from '#engine/client/informer'
import { horizontalPodAutoscalers, pods as podResource, type ResourceRef } from '#engine/client/resources'
import { apiTime } from '#engine/client/time'
import { type Condition, setCondition } from '#engine/controllers/conditions'
import { type Controller, type ControllerContext, informersOf, startQueue } from '#engine/controllers/controller'
import { isPodActive } from '#engine/controllers/pods'
import { History, limit } from './behavior'
import { byAverage, byUtilization, type Proposal, resourceUsages } from './metrics'

export const podAutoscalerController: Controller = {
  name: 'horizontal-pod-autoscaler-controller',
  aliases: ['horizontalpodautoscaling'],
  account: 'horizontal-pod-autoscaler',
  start(context) {
    new PodAutoscaler(context)
  },
}

type MetricSpec = NonNullable<NonNullable<HorizontalPodAutoscaler['spec']>['metrics']>[number]

interface Evaluated {
  readonly replicas: number
  readonly name: string
  readonly status: Record<string, unknown>
}

/** A metric that could not be had: the condition's reason, and the two forms of its message. */
class MetricError extends Error {
  constructor(
    readonly reason: string,
    message: string,
    readonly wrapped: string,
  ) {
    super(message)
  }
}

class PodAutoscaler {
  private readonly hpas: Informer<HorizontalPodAutoscaler>
  private readonly pods: Informer<Pod>
  private readonly events: EventRecorder
  private readonly histories = new Map<string, History>()
  private readonly selectors = new Map<string, { readonly namespace: string; readonly selector: LabelSelector; readonly text: string }>()

  constructor(private readonly context: ControllerContext) {
    this.hpas = context.informers.of(horizontalPodAutoscalers)
    this.pods = context.informers.of(podResource).addIndexers(byLabel)
    this.events = context.events('horizontal-pod-autoscaler')
    const queue = startQueue(context, 'horizontal-pod-autoscaler-controller', informersOf(this.hpas, this.pods), (key) => this.reconcile(key), { workers: context.options.concurrent['horizontalpodautoscalers'] ?? 5 })
    // The first look comes a period after the object does, as every other.
    this.hpas.addHandlers({
      added: (hpa) => queue.addAfter(keyOf(hpa), context.options.hpaSyncPeriodMs),
      deleted: (hpa) => queue.add(keyOf(hpa)),
    })
  }

  private async reconcile(key: string): Promise<{ againAfterMs: number } | undefined> {
    const hpa = this.hpas.store.byKey(key)
    if (!hpa) {
      this.histories.delete(key)
      this.selectors.delete(key)
      return undefined
    }
    const pass = new Pass(hpa, this.context.clock.now())
    try {
      await this.pass(key, hpa, pass)
    } finally {
      await this.write(hpa, pass)
    }
    return { againAfterMs: this.context.options.hpaSyncPeriodMs }
  }

  private async pass(key: string, hpa: HorizontalPodAutoscaler, pass: Pass): Promise<void> {
    const target = hpa.spec?.scaleTargetRef
    const scale = await this.readScale(hpa, pass)
    if (!scale || !target) return
    const { resource, object } = scale
    const current = (object['spec'] as { replicas?: number } | undefined)?.replicas ?? 0
    const min = hpa.spec?.minReplicas ?? 1
    pass.current = current
    pass.condition('AbleToScale', 'True', 'SucceededGetScale', "the HPA controller was able to get the target's current scale")
    if (current === 0 && min !== 0) {
      pass.desired = 0
      pass.condition('ScalingActive', 'False', 'ScalingDisabled', 'scaling is disabled since the replica count of the target is zero')
      return
    }
    const wanted = await this.wanted(key, hpa, object, current, min, pass)
    if (!wanted) return
    pass.desired = wanted.replicas
    if (wanted.replicas !== current) await this.rescale(key, hpa, resource, object, current, wanted.replicas, wanted.reason, pass)
  }

  private async wanted(key: string, hpa: HorizontalPodAutoscaler, scale: KubeObject, current: number, min: number, pass: Pass): Promise<{ replicas: number; reason: string } | undefined> {
    const max = hpa.spec?.maxReplicas ?? 1
    if (current > max) return { replicas: max, reason: 'Current number of replicas above Spec.MaxReplicas' }
    if (current < min) return { replicas: min, reason: 'Current number of replicas below Spec.MinReplicas' }
    const evaluated = await this.evaluate(key, hpa, scale, current, pass)
    if (!evaluated) return undefined
    const history = this.histories.get(key) ?? new History()
    this.histories.set(key, history)
    const limited = limit(hpa, history, current, evaluated.replicas, min, this.context.options.hpaDownscaleStabilizationMs, this.context.clock.now())
    pass.set(limited.able)
    pass.set(limited.limited)
    return { replicas: limited.replicas, reason: evaluated.replicas > current ? `${evaluated.name} above target` : 'All metrics below target' }
  }

  private async readScale(hpa: HorizontalPodAutoscaler, pass: Pass): Promise<{ resource: ResourceRef; object: KubeObject } | undefined> {
    const target = hpa.spec?.scaleTargetRef
    const apiVersion = target?.apiVersion ?? 'v1'
    try {
      const resource = await this.context.mapper.forKind(apiVersion, target?.kind ?? '')
      if (!resource) throw new Error(`no matches for kind ${JSON.stringify(target?.kind ?? '')} in group ${JSON.stringify(parseGroupVersion(apiVersion).group)}`)
      return { resource, object: await this.context.client.of(resource).get(namespaceOf(hpa), target?.name ?? '', 'scale') }
    } catch (error) {
      const message = (error as Error).message
      this.events.event(hpa, 'Warning', 'FailedGetScale', message)
      pass.condition('AbleToScale', 'False', 'FailedGetScale', `the HPA controller was unable to get the target's current scale: ${message}`)
      return undefined
    }
  }

  private async evaluate(key: string, hpa: HorizontalPodAutoscaler, scale: KubeObject, current: number, pass: Pass): Promise<Evaluated | undefined> {
    const selector = this.selectorOf(key, hpa, scale, pass)
    if (!selector) return undefined
    const metrics = hpa.spec?.metrics ?? []
    const { found, errors } = await this.evaluateEach(hpa, metrics, selector, current, pass)
    const [first] = errors
    const best = found.reduce<Evaluated | undefined>((top, entry) => (top === undefined || entry.replicas > top.replicas ? entry : top), undefined)
    // With a metric missing the scale may grow by the others, but never shrink.
    if (first && (!best || best.replicas < current)) {
      pass.condition('ScalingActive', 'False', first.reason, `the HPA was unable to compute the replica count: ${first.message}`)
      this.events.event(hpa, 'Warning', 'FailedComputeMetricsReplicas', `invalid metrics (${errors.length} invalid out of ${metrics.length}), first error is: ${first.wrapped}`)
      pass.desired = hpa.status?.desiredReplicas ?? 0
      return undefined
    }
    if (best) pass.condition('ScalingActive', 'True', 'ValidMetricFound', `the HPA was able to successfully calculate a replica count from ${best.name}`)
    return best
  }

  private async evaluateEach(hpa: HorizontalPodAutoscaler, metrics: readonly MetricSpec[], selector: LabelSelector, current: number, pass: Pass): Promise<{ found: Evaluated[]; errors: MetricError[] }> {
    const found: Evaluated[] = []
    const errors: MetricError[] = []
    for (const metric of metrics) {
      try {
        const evaluated = await this.metric(hpa, metric, selector, current)
        found.push(evaluated)
        pass.metrics.push(evaluated.status)
      } catch (error) {
        const failed = error instanceof MetricError ? error : new MetricError('FailedGetResourceMetric', (error as Error).message, (error as Error).message)
        errors.push(failed)
        this.events.event(hpa, 'Warning', failed.reason, failed.message)
      }
    }
    return { found, errors }
  }

  private selectorOf(key: string, hpa: HorizontalPodAutoscaler, scale: KubeObject, pass: Pass): LabelSelector | undefined {
    const text = (scale['status'] as { selector?: string } | undefined)?.selector ?? ''
    if (text === '') {
      this.events.event(hpa, 'Warning', 'SelectorRequired', 'selector is required')
      pass.condition('ScalingActive', 'False', 'InvalidSelector', "the HPA target's scale is missing a selector")
      return undefined
    }
    const selector = parseLabelSelector(text)
    const namespace = namespaceOf(hpa)
    this.selectors.set(key, { namespace, selector, text })
    const rivals = this.rivals(namespace, selector)
    if (rivals.length <= 1) return selector
    const message = `pods by selector ${text} are controlled by multiple HPAs: [${rivals.join(' ')}]`
    this.events.event(hpa, 'Warning', 'AmbiguousSelector', message)
    pass.condition('ScalingActive', 'False', 'AmbiguousSelector', message)
    return undefined
  }

  private rivals(namespace: string, selector: LabelSelector): string[] {
    const own = this.pods.store.list(namespace).filter((pod) => matchesLabels(selector, pod.metadata.labels))
    return [...this.selectors].filter(([, other]) => other.namespace === namespace && own.some((pod) => matchesLabels(other.selector, pod.metadata.labels))).map(([key]) => key).sort()
  }

  private async metric(hpa: HorizontalPodAutoscaler, metric: MetricSpec, selector: LabelSelector, current: number): Promise<Evaluated> {
    const container = metric.type === 'ContainerResource' ? metric.containerResource?.container : undefined
    const source = metric.type === 'Resource' ? metric.resource : metric.type === 'ContainerResource' ? metric.containerResource : undefined
    if (!source) throw unsupported(metric)
    const utilization = source.target.type === 'Utilization' && source.target.averageUtilization !== undefined
    try {
      const proposal = await this.propose(hpa, source.name, container, source.target, selector, current)
      return evaluated(metric.type, source.name, container, utilization, proposal)
    } catch (error) {
      const message = `failed to get ${source.name} ${utilization ? 'utilization' : 'usage'}: ${(error as Error).message}`
      const kind = container === undefined ? 'resource' : 'container'
      throw new MetricError(container === undefined ? 'FailedGetResourceMetric' : 'FailedGetContainerResourceMetric', message, `failed to get ${source.name} ${kind} metric value: ${message}`)
    }
  }

  private async propose(hpa: HorizontalPodAutoscaler, resource: string, container: string | undefined, target: { type: string; averageUtilization?: number; averageValue?: unknown }, selector: LabelSelector, current: number): Promise<Proposal> {
    const { options, clock, client } = this.context
    const namespace = namespaceOf(hpa)
    const usages = await resourceUsages(client, namespace, selector, resource, container).catch((error: unknown) => {
      throw new Error(`unable to get metrics for resource ${resource}: ${(error as Error).message}`)
    })
    const pods = this.pods.store.list(namespace).filter((pod) => matchesLabels(selector, pod.metadata.labels) && (isPodActive(pod) || pod.status?.phase === 'Failed'))
    const input = { pods, usages, resource, container, current, tolerance: tolerances(hpa, options.hpaTolerance), options, now: clock.now() }
    if (target.type === 'Utilization' && target.averageUtilization !== undefined) return byUtilization(input, target.averageUtilization)
    return byAverage(input, quantityMilliValue(parseQuantity((target.averageValue ?? '1') as string)))
  }

  private async rescale(key: string, hpa: HorizontalPodAutoscaler, resource: ResourceRef, scale: KubeObject, from: number, to: number, reason: string, pass: Pass): Promise<void> {
    try {
      await this.context.client.of(resource).update({ ...scale, spec: { ...(scale['spec'] as object), replicas: to } }, { subresource: 'scale' })
    } catch (error) {
      const message = (error as Error).message
      this.events.event(hpa, 'Warning', 'FailedRescale', `New size: ${to}; reason: ${reason}; error: ${message}`)
      pass.condition('AbleToScale', 'False', 'FailedUpdateScale', `the HPA controller was unable to update the target scale: ${message}`)
      pass.desired = hpa.status?.desiredReplicas ?? from
      if (!isReason(error, 'Conflict')) throw error
      return
    }
    pass.condition('AbleToScale', 'True', 'SucceededRescale', `the HPA controller was able to update the target scale to ${to}`)
    pass.scaledAt = this.context.clock.now()
    this.events.event(hpa, 'Normal', 'SuccessfulRescale', `New size: ${to}; reason: ${reason}`)
    const history = this.histories.get(key) ?? new History()
    this.histories.set(key, history)
    history.note(from, to, this.context.clock.now())
  }

  private async write(hpa: HorizontalPodAutoscaler, pass: Pass): Promise<void> {
    const status = pass.status(hpa)
    if (equalJson(status, hpa.status ?? {})) return
    try {
      await this.context.client.of(horizontalPodAutoscalers).updateStatus({ ...hpa, status } as unknown as HorizontalPodAutoscaler)
    } catch (error) {
      if (!isReason(error, 'NotFound') && !isReason(error, 'Conflict')) throw error
    }
  }
}

/** What one pass finds out, towards the status. */
class Pass {
  current: number | undefined
  desired: number | undefined
  scaledAt: number | undefined
  readonly metrics: Record<string, unknown>[] = []
  private conditions: Condition[]

  constructor(
    hpa: HorizontalPodAutoscaler,
    private readonly now: number,
  ) {
    this.conditions = [...((hpa.status?.conditions ?? []) as Condition[])]
  }

  condition(type: string, status: string, reason: string, message: string): void {
    this.set({ type, status, reason, message })
  }

  set(condition: Condition): void {
    this.conditions = setCondition(this.conditions, condition, this.now)
  }

  status(hpa: HorizontalPodAutoscaler): Record<string, unknown> {
    const { currentMetrics: _metrics, lastScaleTime, currentReplicas, desiredReplicas } = hpa.status ?? {}
    const current = this.current ?? currentReplicas
    const scaled = this.scaledAt === undefined ? lastScaleTime : apiTime(this.scaledAt)
    return {
      ...(hpa.status?.observedGeneration === undefined ? {} : { observedGeneration: hpa.status.observedGeneration }),
      conditions: this.conditions,
      ...(this.metrics.length > 0 ? { currentMetrics: this.metrics } : {}),
      ...(current ? { currentReplicas: current } : {}),
      desiredReplicas: this.desired ?? desiredReplicas ?? 0,
      ...(scaled ? { lastScaleTime: scaled } : {}),
    }
  }
}

function evaluated(type: string, resource: string, container: string | undefined, utilization: boolean, proposal: Proposal): Evaluated {
  const value = formatQuantity(resource === 'cpu' ? milliQuantityOf(proposal.average) : milliQuantityOf(Math.round(proposal.average / 1000) * 1000))
  const current = { ...(proposal.utilization === undefined ? {} : { averageUtilization: proposal.utilization }), averageValue: value }
  const source = { ...(container === undefined ? {} : { container }), current, name: resource }
  const [field, kind] = container === undefined ? ['resource', 'resource'] : ['containerResource', 'container resource']
  return { replicas: proposal.replicas, name: `${resource} ${kind ?? ''}${utilization ? ' utilization (percentage of request)' : ''}`, status: { type, [field ?? '']: source } }
}

function tolerances(hpa: HorizontalPodAutoscaler, fallback: number): { up: number; down: number } {
  const behavior = hpa.spec?.behavior as { scaleUp?: { tolerance?: string }; scaleDown?: { tolerance?: string } } | undefined
  const of = (text: string | undefined): number => (text === undefined ? fallback : quantityMilliValue(parseQuantity(text)) / 1000)
  return { up: of(behavior?.scaleUp?.tolerance), down: of(behavior?.scaleDown?.tolerance) }
}

function unsupported(metric: MetricSpec): MetricError {
  const name = metric.type === 'Pods' ? metric.pods?.metric.name : metric.type === 'Object' ? metric.object?.metric.name : metric.external?.metric.name
  const api = metric.type === 'External' ? 'external' : 'custom'
  const message = `unable to get metric ${name ?? ''}: unable to fetch metrics from ${api} metrics API: no ${api} metrics API (${api}.metrics.k8s.io) registered`
  return new MetricError(`FailedGet${metric.type}Metric`, message, `failed to get ${metric.type.toLowerCase()} metric value: ${message}`)
}
