/** persistentvolume-binder-controller: brings claims and volumes together, and decides what becomes of released volumes. */
import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '#engine/api/kinds'
import { nameOf, namespaceOf } from '#engine/api/meta'
import { equalJson, keyOf } from '#engine/api/object'
import type { EventRecorder } from '#engine/client/events'
import type { Informer } from '#engine/client/informer'
import { persistentVolumeClaims, persistentVolumes, pods as podResource, storageClasses } from '#engine/client/resources'
import { unlessNotFound } from '#engine/client/retry'
import type { Workqueue } from '#engine/client/workqueue'
import { apiTime } from '#engine/client/time'
import { type Controller, type ControllerContext, informersOf, startQueue } from '#engine/controllers/controller'
import { bestVolume, betaStorageProvisioner, bindCompleted, boundByController, classOf, provisionedBy, refersTo, selectedNode, storageProvisioner } from './matching'
import { reclaim } from './reclaim'

export const persistentVolumeController: Controller = {
  name: 'persistentvolume-binder-controller',
  aliases: ['persistentvolume-binder'],
  account: 'persistent-volume-binder',
  start(context) {
    new PersistentVolumeBinder(context)
  },
}

const defaultClass = 'storageclass.kubernetes.io/is-default-class'

class PersistentVolumeBinder {
  private readonly volumes: Informer<PersistentVolume>
  private readonly claims: Informer<PersistentVolumeClaim>
  private readonly classes: Informer<StorageClass>
  private readonly pods: Informer<Pod>
  private readonly events: EventRecorder
  private readonly claimQueue: Workqueue
  private readonly volumeQueue: Workqueue

  constructor(private readonly context: ControllerContext) {
    const { informers } = context
    this.volumes = informers.of(persistentVolumes).addIndexers({ class: (volume: PersistentVolume) => [classOf(volume)] })
    this.claims = informers.of(persistentVolumeClaims).addIndexers({ pending: (claim: PersistentVolumeClaim) => (claim.metadata.annotations?.[bindCompleted] === undefined ? [classOf(claim)] : []) })
    this.classes = informers.of(storageClasses)
    this.pods = informers.of(podResource).addIndexers({ claim: (pod: Pod) => (pod.spec?.volumes ?? []).map((volume) => volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral ? `${nameOf(pod)}-${volume.name}` : undefined)).filter((name) => name !== undefined).map((name) => `${namespaceOf(pod)}/${name}`) })
    this.events = context.events('persistentvolume-controller')
    const needed = informersOf(this.volumes, this.claims, this.classes, this.pods)
    this.claimQueue = startQueue(context, 'persistentvolume-binder-controller', needed, (key) => this.syncClaim(key), { workers: 1 })
    this.volumeQueue = startQueue(context, 'persistentvolume-binder-controller', needed, (key) => this.syncVolume(key), { workers: 1 })
    this.watch()
  }

  private watch(): void {
    const claimChanged = (claim: PersistentVolumeClaim): void => {
      this.claimQueue.add(keyOf(claim))
      if (claim.spec?.volumeName) this.volumeQueue.add(claim.spec.volumeName)
    }
    this.claims.addHandlers({ added: claimChanged, updated: claimChanged, deleted: claimChanged })
    const volumeChanged = (volume: PersistentVolume): void => {
      this.volumeQueue.add(keyOf(volume))
      const reference = volume.spec?.claimRef
      if (reference) this.claimQueue.add(`${reference.namespace ?? ''}/${reference.name ?? ''}`)
    }
    this.volumes.addHandlers({
      added: volumeChanged,
      updated: (next, previous) => {
        volumeChanged(next)
        if (next.status?.phase === 'Available' && previous.status?.phase !== 'Available') for (const claim of this.claims.store.byIndex('pending', classOf(next))) this.claimQueue.add(keyOf(claim))
      },
      deleted: volumeChanged,
    })
    const classChanged = (): void => { for (const claim of this.claims.store.list()) if (claim.metadata.annotations?.[bindCompleted] === undefined) this.claimQueue.add(keyOf(claim)) }
    this.classes.addHandlers({ added: classChanged, updated: classChanged })
  }

  private async syncClaim(key: string): Promise<{ againAfterMs: number } | undefined> {
    const claim = this.claims.store.byKey(key)
    if (!claim) return undefined
    if (claim.metadata.annotations?.[bindCompleted] !== undefined) {
      await this.checkBound(claim)
      return undefined
    }
    const assigned = await this.assignDefaultClass(claim)
    if (assigned) return undefined
    const bound = claim.spec?.volumeName ? await this.bindNamed(claim, claim.spec.volumeName) : await this.bindAny(claim)
    return bound || claim.metadata.deletionTimestamp !== undefined ? undefined : { againAfterMs: this.context.options.pvClaimBinderSyncPeriodMs }
  }

  /** A claim without any class gets the default one, also long after its creation. */
  private async assignDefaultClass(claim: PersistentVolumeClaim): Promise<boolean> {
    if (claim.spec?.storageClassName !== undefined || claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] !== undefined) return false
    const defaults = this.classes.store.list().filter((candidate) => candidate.metadata.annotations?.[defaultClass] === 'true').sort((a, b) => ((a.metadata.creationTimestamp ?? '') > (b.metadata.creationTimestamp ?? '') ? -1 : 1))
    const chosen = defaults[0]?.metadata.name
    if (chosen === undefined) return false
    await this.context.client.of(persistentVolumeClaims).update({ ...claim, spec: { ...claim.spec, storageClassName: chosen } } as PersistentVolumeClaim)
    return true
  }

  private async bindAny(claim: PersistentVolumeClaim): Promise<boolean> {
    const storageClass = this.classes.store.byKey(classOf(claim))
    const delayed = storageClass?.volumeBindingMode === 'WaitForFirstConsumer' && claim.metadata.annotations?.[selectedNode] === undefined
    const volume = bestVolume(this.volumes.store.byIndex('class', classOf(claim)), claim, delayed)
    if (volume) {
      await this.bind(volume, claim)
      return true
    }
    if (delayed) this.tellDelay(claim)
    else if (classOf(claim) !== '') await this.provision(claim, storageClass)
    else this.events.event(claim, 'Normal', 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set')
    await this.setPhase(claim, 'Pending')
    return false
  }

  private tellDelay(claim: PersistentVolumeClaim): void {
    const waiting = this.pods.store.byIndex('claim', keyOf(claim)).filter((pod) => !pod.spec?.nodeName).map((pod) => nameOf(pod))
    if (waiting.length > 0) this.events.event(claim, 'Normal', 'WaitForPodScheduled', `waiting for pod ${waiting.join(',')} to be scheduled`)
    else this.events.event(claim, 'Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding')
  }

  private async provision(claim: PersistentVolumeClaim, storageClass: StorageClass | undefined): Promise<void> {
    const className = classOf(claim)
    if (!storageClass) {
      this.events.event(claim, 'Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io ${JSON.stringify(className)} not found`)
      return
    }
    const { provisioner } = storageClass
    if (provisioner.startsWith('kubernetes.io/')) {
      this.events.event(claim, 'Warning', 'ProvisioningFailed', `no volume plugin matched name: ${provisioner}`)
      return
    }
    const annotations = claim.metadata.annotations ?? {}
    if (annotations[storageProvisioner] !== provisioner) await this.context.client.of(persistentVolumeClaims).update({ ...claim, metadata: { ...claim.metadata, annotations: { ...annotations, [storageProvisioner]: provisioner, [betaStorageProvisioner]: provisioner } } } as PersistentVolumeClaim)
    this.events.event(claim, 'Normal', 'ExternalProvisioning', `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`)
  }

  private async bindNamed(claim: PersistentVolumeClaim, volumeName: string): Promise<boolean> {
    const volume = this.volumes.store.byKey(volumeName)
    if (!volume) {
      await this.setPhase(claim, 'Pending')
      return false
    }
    const reference = volume.spec?.claimRef
    if (!reference) {
      const wrong = mismatch(volume, claim)
      if (wrong) {
        this.events.event(claim, 'Warning', 'VolumeMismatch', `Cannot bind to requested volume ${JSON.stringify(volumeName)}: ${wrong}`)
        await this.setPhase(claim, 'Pending')
        return false
      }
    } else if (!refersTo(volume, claim)) {
      this.events.event(claim, 'Warning', 'FailedBinding', `volume ${JSON.stringify(volumeName)} already bound to a different claim.`)
      await this.setPhase(claim, 'Pending')
      return false
    }
    await this.bind(volume, claim)
    return true
  }

  /** In four steps, each of which may have been done already: the volume, its phase, the claim, its phase. */
  private async bind(volume: PersistentVolume, claim: PersistentVolumeClaim): Promise<void> {
    const { client } = this.context
    const bound = await this.bindVolume(volume, claim)
    await this.setVolumePhase(bound, 'Bound')
    let current = claim
    const annotations = { ...claim.metadata.annotations, [bindCompleted]: 'yes', ...(claim.spec?.volumeName ? {} : { [boundByController]: 'yes' }) }
    if (claim.spec?.volumeName !== volume.metadata.name || !equalJson(annotations, claim.metadata.annotations))
      current = await client.of(persistentVolumeClaims).update({ ...claim, metadata: { ...claim.metadata, annotations }, spec: { ...claim.spec, volumeName: volume.metadata.name } } as PersistentVolumeClaim)
    await this.setPhase(current, 'Bound', volume)
  }

  private async bindVolume(volume: PersistentVolume, claim: PersistentVolumeClaim): Promise<PersistentVolume> {
    const reference = volume.spec?.claimRef
    if (reference?.uid === claim.metadata.uid && reference?.uid !== undefined) return volume
    const claimRef = { kind: 'PersistentVolumeClaim', namespace: claim.metadata.namespace, name: claim.metadata.name, uid: claim.metadata.uid, apiVersion: 'v1', resourceVersion: claim.metadata.resourceVersion }
    const annotations = reference ? volume.metadata.annotations : { ...volume.metadata.annotations, [boundByController]: 'yes' }
    return this.context.client.of(persistentVolumes).update({ ...volume, metadata: { ...volume.metadata, ...(annotations ? { annotations } : {}) }, spec: { ...volume.spec, claimRef } } as PersistentVolume)
  }

  /** A claim that was bound once: it stays so, or is lost. */
  private async checkBound(claim: PersistentVolumeClaim): Promise<void> {
    const volumeName = claim.spec?.volumeName
    if (!volumeName) return this.lose(claim, 'ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!')
    const volume = this.volumes.store.byKey(volumeName)
    if (!volume) return this.lose(claim, 'ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!')
    const uid = volume.spec?.claimRef?.uid
    if (uid && uid !== claim.metadata.uid) return this.lose(claim, 'ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly')
    if (!uid || claim.status?.phase !== 'Bound') await this.bind(volume, claim)
  }

  private async lose(claim: PersistentVolumeClaim, reason: string, message: string): Promise<void> {
    if (claim.status?.phase === 'Lost') return
    await this.setPhase(claim, 'Lost')
    this.events.event(claim, 'Warning', reason, message)
  }

  private async setPhase(claim: PersistentVolumeClaim, phase: 'Pending' | 'Bound' | 'Lost', volume?: PersistentVolume): Promise<void> {
    const status = { ...claim.status, phase } as NonNullable<PersistentVolumeClaim['status']>
    if (volume && claim.status?.phase !== 'Bound') {
      status.accessModes = volume.spec?.accessModes ?? []
      status.capacity = { storage: (volume.spec?.capacity as Record<string, string> | undefined)?.['storage'] ?? '0' }
    }
    if (phase === 'Lost') {
      delete status.accessModes
      delete status.capacity
    }
    if (equalJson(status, claim.status ?? {})) return
    await unlessNotFound(this.context.client.of(persistentVolumeClaims).updateStatus({ ...claim, status } as PersistentVolumeClaim))
  }

  private async setVolumePhase(volume: PersistentVolume, phase: string, message?: string): Promise<void> {
    if (volume.status?.phase === phase && (volume.status.message ?? '') === (message ?? '')) return
    const { message: _message, ...rest } = volume.status ?? {}
    const status = { ...rest, phase, ...(message ? { message } : {}), ...(volume.status?.phase === phase ? {} : { lastPhaseTransitionTime: apiTime(this.context.clock.now()) }) }
    await unlessNotFound(this.context.client.of(persistentVolumes).updateStatus({ ...volume, status } as PersistentVolume))
  }

  private async syncVolume(name: string): Promise<void> {
    const volume = this.volumes.store.byKey(name)
    if (!volume) return
    const reference = volume.spec?.claimRef
    if (!reference || !reference.uid) return this.setVolumePhase(volume, 'Available')
    const key = `${reference.namespace ?? ''}/${reference.name ?? ''}`
    const claim = this.claims.store.byKey(key)
    if (claim && claim.metadata.uid === reference.uid) {
      const bound = claim.spec?.volumeName
      if (bound === name) return this.setVolumePhase(volume, 'Bound')
      if (!bound) this.claimQueue.add(key)
      return
    }
    if (!(await this.isGone(reference.namespace ?? '', reference.name ?? '', reference.uid))) return
    await this.release(name, volume)
  }

  /** Our cache may be behind: a volume is not given up before the server has said so. */
  private async isGone(namespace: string, name: string, uid: string): Promise<boolean> {
    const live = await unlessNotFound(this.context.client.of(persistentVolumeClaims).get(namespace, name))
    return live?.metadata.uid !== uid
  }

  private async release(name: string, volume: PersistentVolume): Promise<void> {
    const phase = volume.status?.phase
    if (phase !== 'Released' && phase !== 'Failed') return this.setVolumePhase(volume, 'Released')
    const outcome = reclaim(volume, volume.metadata.annotations?.[provisionedBy])
    if (outcome === 'keep' || volume.metadata.deletionTimestamp !== undefined) return
    if (outcome === 'delete') {
      await unlessNotFound(this.context.client.of(persistentVolumes).delete('', name))
      return
    }
    if (phase === 'Failed') return
    await this.setVolumePhase(volume, 'Failed', outcome.message)
    this.events.event(volume, 'Warning', outcome.reason, outcome.message)
  }
}

function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (classOf(volume) !== classOf(claim)) return 'storageClassName does not match'
  if ((volume.spec?.volumeMode ?? 'Filesystem') !== (claim.spec?.volumeMode ?? 'Filesystem')) return 'incompatible volumeMode'
  if (!(claim.spec?.accessModes ?? []).every((mode) => (volume.spec?.accessModes ?? []).includes(mode))) return 'incompatible accessMode'
  return undefined
}
