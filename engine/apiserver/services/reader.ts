/** Reads for strategies and plugins, from the watch caches. */
import type { KubeObject } from '#engine/api/object'
import type { Catalog } from '#engine/apiserver/catalog'
import type { ObjectReader, ResourceName, StandingReader } from '#engine/apiserver/services'
import type { Cacher } from '#engine/apiserver/storage/cacher'

const nothing: Promise<undefined> = Promise.resolve(undefined)
const none: Promise<readonly KubeObject[]> = Promise.resolve([])

export class CacheReader implements ObjectReader {
  private readonly now: StandingReader = {
    get: (resource, namespace, name) => {
      const { cacher, store } = this.catalog.servedNamed(resource) ?? {}
      return store && cacher?.get(store.key(namespace, name))
    },
    list: (resource, namespace = '') => this.catalog.servedNamed(resource)?.cacher?.list(namespace) ?? [],
  }

  constructor(private readonly catalog: Catalog) {}

  get(resource: ResourceName, namespace: string, name: string): Promise<KubeObject | undefined> {
    const { cacher, store } = this.catalog.servedNamed(resource) ?? {}
    if (!cacher || !store) return nothing
    return whenFresh(cacher, () => cacher.get(store.key(namespace, name)))
  }

  list(resource: ResourceName, namespace = ''): Promise<readonly KubeObject[]> {
    const cacher = this.catalog.servedNamed(resource)?.cacher
    if (!cacher || isEmpty(cacher)) return none
    return whenFresh(cacher, () => cacher.list(namespace))
  }

  indexed(resource: ResourceName, index: string, value: string): Promise<readonly KubeObject[]> {
    const cacher = this.catalog.servedNamed(resource)?.cacher
    return cacher ? whenFresh(cacher, () => cacher.indexed(index, value)) : none
  }

  standing(resources: readonly ResourceName[]): StandingReader | undefined {
    return resources.every((resource) => this.catalog.servedNamed(resource)?.cacher?.isFresh() !== false) ? this.now : undefined
  }

  hasNone(resource: ResourceName): boolean {
    const cacher = this.catalog.servedNamed(resource)?.cacher
    return !cacher || isEmpty(cacher)
  }
}

function isEmpty(cacher: Cacher): boolean {
  return cacher.isFresh() && cacher.size === 0
}

function whenFresh<T>(cacher: Cacher, read: () => T): Promise<T> {
  return cacher.isFresh() ? Promise.resolve(read()) : cacher.fresh().then(read)
}
