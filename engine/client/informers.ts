/** One informer a resource, shared by all who ask for it. */
import type { KubeObject } from '#engine/api/object'
import type { Client } from '#engine/client/client'
import { Informer, type InformerOptions, type InformerServices } from '#engine/client/informer'
import { SignalFan } from '#engine/base/signals'
import { groupResource, type ResourceRef } from '#engine/client/resources'

export class Informers {
  private readonly byResource = new Map<string, Informer<KubeObject>>()
  private fan: SignalFan | undefined

  constructor(
    private readonly client: Client,
    private readonly services: InformerServices,
    private readonly options: InformerOptions & { readonly onErrorOf?: (resource: ResourceRef, error: unknown, phase: 'list' | 'watch') => void } = {},
  ) {}

  of<T extends KubeObject>(resource: ResourceRef<T>): Informer<T> {
    const key = `${resource.version}/${groupResource(resource)}`
    const known = this.byResource.get(key)
    if (known) return known as unknown as Informer<T>
    const { onErrorOf, ...options } = this.options
    const informer = new Informer<T>(this.client, resource, this.services, { ...options, ...(onErrorOf ? { onError: (error, phase) => onErrorOf(resource, error, phase) } : {}) })
    this.byResource.set(key, informer as unknown as Informer<KubeObject>)
    if (this.fan) informer.start(this.fan.child())
    return informer
  }

  /** Starts those asked for so far, and later ones as they are asked for. */
  start(signal: AbortSignal): void {
    this.fan ??= new SignalFan(signal)
    for (const informer of this.byResource.values()) informer.start(this.fan.child())
  }

  /** Names of those that have not seen their first list. */
  get unsynced(): string[] {
    return [...this.byResource].filter(([, informer]) => !informer.hasSynced).map(([key]) => key)
  }

  async whenSynced(): Promise<void> {
    await Promise.all([...this.byResource.values()].map((informer) => informer.whenSynced()))
  }
}
