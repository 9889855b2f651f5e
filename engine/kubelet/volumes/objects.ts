/** ConfigMaps and Secrets that the pods of this node refer to: one watch per object, for as long as some pod needs it. */
import type { KubeObject } from '#engine/api/object'
import type { ConfigMap, Pod, Secret } from '#engine/api/kinds'
import { failure } from '#engine/api/status'
import { Informer } from '#engine/client/informer'
import { configMaps, type ResourceRef, secrets } from '#engine/client/resources'
import type { KubeletContext } from '../context'
import { uidOf } from '../pods/names'

interface Entry { readonly informer: Informer<KubeObject>; readonly abort: AbortController; readonly users: Set<string> }

const syncTimeoutMs = 10_000

export class ObjectCache {
  private readonly entries = new Map<string, Entry>()

  constructor(
    private readonly context: KubeletContext,
    private readonly changed: (uids: ReadonlySet<string>) => void,
  ) {
    context.process.dying.addEventListener('abort', () => this.close(), { once: true })
  }

  configMap(pod: Pod, name: string): Promise<ConfigMap> {
    return this.get(configMaps as ResourceRef, pod, name, 'configmap') as Promise<ConfigMap>
  }

  secret(pod: Pod, name: string): Promise<Secret> {
    return this.get(secrets as ResourceRef, pod, name, 'secret') as Promise<Secret>
  }

  /** The pod has gone: objects that nobody else uses are no longer watched. */
  release(pod: Pod): void {
    const uid = uidOf(pod)
    for (const [key, entry] of this.entries) {
      if (!entry.users.delete(uid) || entry.users.size > 0) continue
      entry.abort.abort()
      this.entries.delete(key)
    }
  }

  private close(): void {
    for (const entry of this.entries.values()) entry.abort.abort()
  }

  private async get(resource: ResourceRef, pod: Pod, name: string, word: string): Promise<KubeObject> {
    const namespace = pod.metadata.namespace ?? ''
    const entry = this.entry(resource, namespace, name)
    entry.users.add(uidOf(pod))
    if (!entry.informer.hasSynced && !(await this.synced(entry))) throw new Error(`failed to sync ${word} cache: timed out waiting for the condition`)
    const object = entry.informer.store.get(namespace, name)
    if (!object) throw failure(404, 'NotFound', `${word} "${name}" not found`)
    return object
  }

  private entry(resource: ResourceRef, namespace: string, name: string): Entry {
    const key = `${resource.resource}/${namespace}/${name}`
    const known = this.entries.get(key)
    if (known) return known
    if (!this.context.client) throw new Error(`no API server is configured`)
    const abort = new AbortController()
    const informer = new Informer(this.context.client, resource, { clock: this.context.clock, random: this.context.process.random }, { namespace, fieldSelector: `metadata.name=${name}` })
    const entry: Entry = { informer, abort, users: new Set() }
    const tell = (): void => {
      if (informer.hasSynced) this.changed(entry.users)
    }
    informer.addHandlers({ added: tell, updated: tell, deleted: tell })
    this.entries.set(key, entry)
    informer.start(abort.signal)
    return entry
  }

  private async synced(entry: Entry): Promise<boolean> {
    let timer: { cancel(): void } | undefined
    const late = new Promise<void>((resolve) => {
      timer = this.context.clock.after(syncTimeoutMs, resolve)
    })
    await Promise.race([entry.informer.whenSynced(), late])
    timer?.cancel()
    return entry.informer.hasSynced
  }
}
