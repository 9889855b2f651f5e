/** From a pod that changed to the services that select it. */
import type { Pod, Service } from '#engine/api/kinds'
import { namespaceOf } from '#engine/api/meta'
import { keyOf } from '#engine/api/object'
import { byLabel, bySelector, selecting, withLabels } from '#engine/client/indexes'
import type { Informer } from '#engine/client/informer'
import { pods as podResource, services as serviceResource } from '#engine/client/resources'
import type { Workqueue } from '#engine/client/workqueue'
import type { ControllerContext } from '#engine/controllers/controller'
import { podEventsMs } from '#engine/controllers/pods'
import { endpointChanged } from '#engine/controllers/service-endpoints'

export class ServicesOfPods {
  readonly services: Informer<Service>
  readonly pods: Informer<Pod>

  constructor(context: ControllerContext) {
    this.services = context.informers.of(serviceResource).addIndexers(bySelector((service: Service) => (service.spec?.selector ? { matchLabels: service.spec.selector as Record<string, string> } : undefined)))
    this.pods = context.informers.of(podResource).addIndexers(byLabel)
  }

  selected(service: Service): Pod[] {
    return withLabels(this.pods.store, namespaceOf(service), (service.spec?.selector ?? {}) as Record<string, string>)
  }

  /** Puts the keys of the services concerned into the queue. */
  follow(queue: Workqueue): void {
    const enqueue = (pod: Pod): void => {
      for (const service of selecting(this.services.store, namespaceOf(pod), pod.metadata.labels))
        if (Object.entries((service.spec?.selector ?? {}) as Record<string, string>).every(([key, value]) => pod.metadata.labels?.[key] === value)) queue.addAfter(keyOf(service), podEventsMs)
    }
    this.pods.addHandlers({
      added: enqueue,
      deleted: enqueue,
      updated: (next, previous) => {
        const labelsMoved = JSON.stringify(previous.metadata.labels) !== JSON.stringify(next.metadata.labels)
        if (labelsMoved) enqueue(previous)
        if (labelsMoved || endpointChanged(previous, next)) enqueue(next)
      },
    })
    this.services.addHandlers({ added: (service) => queue.add(keyOf(service)), updated: (service) => queue.add(keyOf(service)), deleted: (service) => queue.add(keyOf(service)) })
  }
}
