/** Reads for strategies and plugins, from the watch caches. */
import type { KubeObject } from '#engine/api/object'
import type { Catalog, ServedResource } from '#engine/apiserver/catalog'
import type { ObjectReader, ResourceName } from '#engine/apiserver/services'

export class CacheReader implements ObjectReader {
  constructor(private readonly catalog: Catalog) {}

  async get(resource: ResourceName, namespace: string, name: string): Promise<KubeObject | undefined> {
    const served = await this.ready(resource)
    if (!served?.cacher || !served.store) return undefined
    return served.cacher.get(served.store.key(namespace, name))
  }

  async list(resource: ResourceName, namespace = ''): Promise<readonly KubeObject[]> {
    const served = await this.ready(resource)
    return served?.cacher?.list(namespace) ?? []
  }

  async indexed(resource: ResourceName, index: string, value: string): Promise<readonly KubeObject[]> {
    const served = await this.ready(resource)
    return served?.cacher?.indexed(index, value) ?? []
  }

  private async ready(resource: ResourceName): Promise<ServedResource | undefined> {
    const served = this.catalog.servedNamed(resource)
    await served?.cacher?.fresh()
    return served
  }
}
