/** VolumeBinding: claims must be bound, or be bindable to a volume or a provisioner that the node can reach. */
import { nameOf, namespaceOf } from '#engine/api/meta'
import { labelSelectorOf, matchesLabels } from '#engine/api/selector'
import { parseQuantity, quantityValue } from '#engine/api/quantity'
import type { Node, NodeSelectorTerm, PersistentVolume, PersistentVolumeClaim, Pod } from '#engine/api/kinds'
import { keyOf, splitKey } from '#engine/api/object'
import { persistentVolumeClaims, persistentVolumes, storageClasses } from '#engine/client/resources'
import { failed, type PluginFactory, type PluginHandle, rejectForGood, type Status } from '#engine/scheduler/framework'
import { matchesNodeTerm } from '#engine/api/node-affinity'

const name = 'VolumeBinding'
const noProvisioner = 'kubernetes.io/no-provisioner'
const selectedNode = 'volume.kubernetes.io/selected-node'
const bindCompleted = 'pv.kubernetes.io/bind-completed'
const boundByController = 'pv.kubernetes.io/bound-by-controller'
const bindTimeoutMs = 600_000

interface Claims {
  readonly bound: readonly PersistentVolumeClaim[]
  readonly delayed: readonly PersistentVolumeClaim[]
}

interface Decision {
  readonly bind: readonly { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }[]
  readonly provision: readonly PersistentVolumeClaim[]
}

export const volumeBinding: PluginFactory = {
  name,
  create(handle) {
    const assumed = new Map<string, string>()
    return {
      name,
      preFilter(state, info) {
        const found = classify(info.pod, handle)
        if ('code' in found) return { status: found }
        if (found.bound.length + found.delayed.length === 0) state.skipFilter.add(name)
        else state.write(name, found)
        return undefined
      },
      filter(state, _info, node) {
        const decision = decide(state.read<Claims>(name) as Claims, node.node as Node, handle, assumed)
        return 'code' in decision ? decision : undefined
      },
      reserve(state, info, nodeName) {
        const claims = state.read<Claims>(name)
        const node = handle.cache.node(nodeName)?.node
        if (!claims || claims.delayed.length === 0 || !node) return undefined
        const decision = decide(claims, node, handle, assumed)
        if ('code' in decision) return decision
        for (const { claim, volume } of decision.bind) assumed.set(nameOf(volume), keyOf(claim))
        state.write(`${name}/decision`, { ...decision, pod: info.key })
        return undefined
      },
      unreserve(state) {
        for (const { volume } of state.read<Decision>(`${name}/decision`)?.bind ?? []) assumed.delete(nameOf(volume))
      },
      async preBind(state, _info, node) {
        const decision = state.read<Decision>(`${name}/decision`)
        if (!decision) return undefined
        try {
          await carryOut(decision, node, handle)
          return await bound(decision, handle)
        } catch (error) {
          return failed(error)
        } finally {
          for (const { volume } of decision.bind) assumed.delete(nameOf(volume))
        }
      },
      helps: (event) => ['PersistentVolume', 'PersistentVolumeClaim', 'StorageClass', 'Node', 'CSINode', 'CSIDriver', 'CSIStorageCapacity', 'UnscheduledPod'].includes(event.kind),
    }
  },
}

function classify(pod: Pod, handle: PluginHandle): Claims | Status {
  const bound: PersistentVolumeClaim[] = []
  const delayed: PersistentVolumeClaim[] = []
  let immediate = false
  for (const { name: claimName, ephemeral } of claimNames(pod)) {
    const claim = handle.informers.of(persistentVolumeClaims).store.get(namespaceOf(pod), claimName)
    const wrong = claimProblem(claim, claimName, ephemeral, pod)
    if (wrong) return rejectForGood(wrong)
    const found = claim as PersistentVolumeClaim
    if (isBound(found)) bound.push(found)
    else if (!found.spec?.volumeName && isDelayed(found, handle)) delayed.push(found)
    else immediate = true
  }
  return immediate ? rejectForGood('pod has unbound immediate PersistentVolumeClaims') : { bound, delayed }
}

function claimNames(pod: Pod): { name: string; ephemeral: boolean }[] {
  return (pod.spec?.volumes ?? []).flatMap((volume): { name: string; ephemeral: boolean }[] => {
    if (volume.persistentVolumeClaim) return [{ name: volume.persistentVolumeClaim.claimName, ephemeral: false }]
    return volume.ephemeral ? [{ name: `${nameOf(pod)}-${volume.name}`, ephemeral: true }] : []
  })
}

function claimProblem(claim: PersistentVolumeClaim | undefined, claimName: string, ephemeral: boolean, pod: Pod): string | undefined {
  if (!claim) return ephemeral ? `waiting for ephemeral volume controller to create the persistentvolumeclaim ${JSON.stringify(claimName)}` : `persistentvolumeclaim ${JSON.stringify(claimName)} not found`
  if (claim.status?.phase === 'Lost') return `persistentvolumeclaim ${JSON.stringify(claimName)} bound to non-existent persistentvolume ${JSON.stringify(claim.spec?.volumeName ?? '')}`
  if (claim.metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim ${JSON.stringify(claimName)} is being deleted`
  if (ephemeral && !claim.metadata.ownerReferences?.some((owner) => owner.controller && owner.uid === pod.metadata.uid)) return `PVC ${keyOf(claim)} was not created for pod ${keyOf(pod)} (pod is not owner)`
  return undefined
}

function isBound(claim: PersistentVolumeClaim): boolean {
  return Boolean(claim.spec?.volumeName) && claim.metadata.annotations?.[bindCompleted] !== undefined
}

function isDelayed(claim: PersistentVolumeClaim, handle: PluginHandle): boolean {
  const className = claim.spec?.storageClassName
  return className ? handle.informers.of(storageClasses).store.byKey(className)?.volumeBindingMode === 'WaitForFirstConsumer' : false
}

function decide(claims: Claims, node: Node, handle: PluginHandle, assumed: ReadonlyMap<string, string>): Decision | Status {
  const unreachable = unreachableVolume(claims.bound, node, handle)
  if (unreachable) return unreachable
  const taken = new Set<string>()
  const bind: { claim: PersistentVolumeClaim; volume: PersistentVolume }[] = []
  const provision: PersistentVolumeClaim[] = []
  for (const claim of [...claims.delayed].sort((a, b) => sizeOf(a.spec?.resources?.requests) - sizeOf(b.spec?.resources?.requests))) {
    const volume = smallestMatch(claim, node, handle, assumed, taken)
    if (volume) {
      taken.add(nameOf(volume))
      bind.push({ claim, volume })
    } else {
      const storageClass = handle.informers.of(storageClasses).store.byKey(claim.spec?.storageClassName ?? '')
      if (!storageClass || storageClass.provisioner === noProvisioner || !allowedTopology(storageClass.allowedTopologies as Topology[] | undefined, node)) return rejectForGood("node(s) didn't find available persistent volumes to bind")
      provision.push(claim)
    }
  }
  return { bind, provision }
}

function unreachableVolume(bound: readonly PersistentVolumeClaim[], node: Node, handle: PluginHandle): Status | undefined {
  for (const claim of bound) {
    const volume = handle.informers.of(persistentVolumes).store.byKey(claim.spec?.volumeName ?? '')
    if (!volume) return rejectForGood('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)')
    if (!reaches(volume, node)) return rejectForGood("node(s) didn't match PersistentVolume's node affinity")
  }
  return undefined
}

interface Topology {
  matchLabelExpressions?: { key: string; values: string[] }[]
}

function allowedTopology(topologies: readonly Topology[] | undefined, node: Node): boolean {
  if (!topologies || topologies.length === 0) return true
  return topologies.some((topology) => (topology.matchLabelExpressions ?? []).every(({ key, values }) => values.includes(node.metadata.labels?.[key] ?? '')))
}

function reaches(volume: PersistentVolume, node: Node): boolean {
  const terms = volume.spec?.nodeAffinity?.required?.nodeSelectorTerms
  return terms === undefined || terms.some((term: NodeSelectorTerm) => matchesNodeTerm(term, node))
}

function sizeOf(amounts: unknown): number {
  const storage = (amounts as Record<string, string | number> | undefined)?.['storage']
  return storage === undefined ? 0 : quantityValue(parseQuantity(storage))
}

function smallestMatch(claim: PersistentVolumeClaim, node: Node, handle: PluginHandle, assumed: ReadonlyMap<string, string>, taken: ReadonlySet<string>): PersistentVolume | undefined {
  const selector = labelSelectorOf(claim.spec?.selector as Parameters<typeof labelSelectorOf>[0]) ?? []
  const free = handle.informers.of(persistentVolumes).store.list().filter((volume) => {
    const holder = assumed.get(nameOf(volume))
    return !taken.has(nameOf(volume)) && (holder === undefined || holder === keyOf(claim)) && suits(volume, claim) && matchesLabels(selector, volume.metadata.labels) && reaches(volume, node)
  })
  // One that is reserved for the claim; reserved for others it would not suit.
  const reserved = free.find((volume) => volume.spec?.claimRef)
  return reserved ?? free.reduce<PersistentVolume | undefined>((best, volume) => (best && sizeOf(best.spec?.capacity) <= sizeOf(volume.spec?.capacity) ? best : volume), undefined)
}

function suits(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  if (volume.metadata.deletionTimestamp !== undefined || classOf(volume) !== classOf(claim) || modeOf(volume) !== modeOf(claim)) return false
  if (!(volume.spec?.claimRef ? isReservedFor(volume, claim) : volume.status?.phase === 'Available')) return false
  const offered = volume.spec?.accessModes ?? []
  return sizeOf(volume.spec?.capacity) >= sizeOf(claim.spec?.resources?.requests) && (claim.spec?.accessModes ?? []).every((mode) => offered.includes(mode))
}

function isReservedFor(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { namespace = '', name = '', uid } = volume.spec?.claimRef ?? {}
  return `${namespace}/${name}` === keyOf(claim) && (!uid || uid === claim.metadata.uid)
}

function classOf(object: PersistentVolume | PersistentVolumeClaim): string {
  return object.spec?.storageClassName ?? ''
}

function modeOf(object: PersistentVolume | PersistentVolumeClaim): string {
  return object.spec?.volumeMode ?? 'Filesystem'
}

/** Binds volumes to claims and asks provisioners for the rest; who binds for good is the volume controller. */
async function carryOut(decision: Decision, node: string, handle: PluginHandle): Promise<void> {
  for (const { claim, volume } of decision.bind) {
    const claimRef = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace: claim.metadata.namespace, name: claim.metadata.name, uid: claim.metadata.uid, resourceVersion: claim.metadata.resourceVersion }
    const annotations = { ...volume.metadata.annotations, ...(volume.spec?.claimRef ? {} : { [boundByController]: 'yes' }) }
    await handle.client.of(persistentVolumes).update({ ...volume, metadata: { ...volume.metadata, annotations }, spec: { ...volume.spec, claimRef } } as PersistentVolume)
  }
  for (const claim of decision.provision) {
    const current = handle.informers.of(persistentVolumeClaims).store.byKey(keyOf(claim)) ?? claim
    await handle.client.of(persistentVolumeClaims).update({ ...current, metadata: { ...current.metadata, annotations: { ...current.metadata.annotations, [selectedNode]: node } } } as PersistentVolumeClaim)
  }
}

/** Waits for the claims to be bound. */
function bound(decision: Decision, handle: PluginHandle): Promise<Status | undefined> {
  const keys = [...decision.bind.map(({ claim }) => keyOf(claim)), ...decision.provision.map(keyOf)]
  if (keys.length === 0) return Promise.resolve(undefined)
  const store = handle.informers.of(persistentVolumeClaims).store
  const ready = (): boolean => keys.every((key) => {
    const claim = store.byKey(key)
    return claim !== undefined && isBound(claim)
  })
  if (ready()) return Promise.resolve(undefined)
  return handle.until(persistentVolumeClaims, (claim) => keys.includes(keyOf(claim)), () => {
    const lost = keys.find((key) => store.byKey(key) === undefined)
    if (lost !== undefined) return failed(`persistentvolumeclaim ${JSON.stringify(splitKey(lost).name)} not found`)
    return ready() ? 'done' : undefined
  }, bindTimeoutMs)
}
