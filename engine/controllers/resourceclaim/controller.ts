/** resourceclaim-controller: makes the claims of pods from their templates. Devices are not simulated, so none is ever allocated. */
import type { Pod } from '#engine/api/kinds'
import { nameOf, namespaceOf, uidOf } from '#engine/api/meta'
import { copyObject, keyOf, type KubeObject } from '#engine/api/object'
import { byController } from '#engine/client/indexes'
import { pods as podResource, resourceClaims, resourceClaimTemplates } from '#engine/client/resources'
import { unlessNotFound } from '#engine/client/retry'
import { type Controller, informersOf, startQueue } from '#engine/controllers/controller'
import { controllerRefTo, isPodTerminal } from '#engine/controllers/pods'

const podClaimAnnotation = 'resource.kubernetes.io/pod-claim-name'

interface PodClaim {
  readonly name: string
  readonly resourceClaimName?: string
  readonly resourceClaimTemplateName?: string
}

export const resourceClaimController: Controller = {
  name: 'resourceclaim-controller',
  account: 'resource-claim-controller',
  start(context) {
    const pods = context.informers.of(podResource)
    const claims = context.informers.of(resourceClaims).addIndexers(byController)
    const templates = context.informers.of(resourceClaimTemplates)
    const events = context.events('resource_claim')
    const queue = startQueue(context, 'resourceclaim-controller', informersOf(pods, claims, templates), async (key) => {
      const pod = pods.store.byKey(key)
      if (!pod || isPodTerminal(pod) || pod.metadata.deletionTimestamp !== undefined) return
      const statuses = await claimStatuses(pod)
      const known = (pod.status as { resourceClaimStatuses?: unknown } | undefined)?.resourceClaimStatuses
      if (statuses.length > 0 && JSON.stringify(known) !== JSON.stringify(statuses)) await unlessNotFound(context.client.of(podResource).patch(namespaceOf(pod), nameOf(pod), 'strategic', { status: { resourceClaimStatuses: statuses } }, { subresource: 'status' }))
    }, { workers: 5 })
    const claimStatuses = async (pod: Pod): Promise<{ name: string; resourceClaimName: string }[]> => {
      const statuses: { name: string; resourceClaimName: string }[] = []
      for (const wanted of (pod.spec?.resourceClaims ?? []) as readonly PodClaim[]) {
        if (wanted.resourceClaimTemplateName === undefined) continue
        const made = claims.store.byIndex('controller', uidOf(pod)).find((claim) => claim.metadata.annotations?.[podClaimAnnotation] === wanted.name) ?? (await create(pod, wanted))
        if (made) statuses.push({ name: wanted.name, resourceClaimName: nameOf(made) })
      }
      return statuses
    }
    const create = async (pod: Pod, wanted: PodClaim): Promise<KubeObject | undefined> => {
      const namespace = namespaceOf(pod)
      const template = templates.store.get(namespace, wanted.resourceClaimTemplateName ?? '')
      if (!template) {
        events.event(pod, 'Warning', 'FailedResourceClaimCreation', `PodResourceClaim ${wanted.name}: resourceclaimtemplate.resource.k8s.io ${JSON.stringify(wanted.resourceClaimTemplateName)} not found`)
        throw new Error(`resource claim template ${JSON.stringify(wanted.resourceClaimTemplateName)}: not found`)
      }
      const spec = copyObject(template['spec']) as { metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> }; spec?: unknown }
      return context.client.of(resourceClaims).create({ metadata: { generateName: `${nameOf(pod)}-${wanted.name}-`, namespace, ...(spec.metadata?.labels ? { labels: spec.metadata.labels } : {}), annotations: { ...spec.metadata?.annotations, [podClaimAnnotation]: wanted.name }, ownerReferences: [controllerRefTo(pod)] }, spec: spec.spec })
    }
    const wake = (pod: Pod): void => { if ((pod.spec?.resourceClaims?.length ?? 0) > 0) queue.add(keyOf(pod)) }
    pods.addHandlers({ added: wake, updated: wake })
    templates.addHandlers({ added: (template) => { for (const pod of pods.store.list(template.metadata.namespace)) wake(pod) } })
  },
}
