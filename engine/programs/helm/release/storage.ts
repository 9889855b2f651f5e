/** Releases in Secrets (or ConfigMaps) of a namespace; every failure in the words of the real drivers. */
import { decodeUtf8, encodeUtf8, fromBase64, toBase64 } from '#engine/base/bytes'
import type { KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import type { ResourceClient } from '#engine/client/client'
import { configMaps, secrets } from '#engine/client/resources'
import type { HelmSession } from '../cluster/session'
import { decodeRelease, encodeRelease } from './encode'
import type { Release, ReleaseStatus } from './types'

export class NotFound extends Error {
  override readonly name = 'ReleaseNotFound'

  constructor() {
    super('release: not found')
  }
}

export class NoDeployedReleases extends Error {
  override readonly name = 'NoDeployedReleases'

  constructor(release: string) {
    super(`${JSON.stringify(release)} has no deployed releases`)
  }
}

interface StoredRecord extends KubeObject {
  data?: Record<string, string>
  type?: string
}

function wrapped(words: string, error: unknown): Error {
  return (error as Error).name === 'ProcessKilled' ? (error as Error) : new Error(`${words}: ${(error as Error).message}`)
}

export class Storage {
  private readonly inSecrets: boolean

  constructor(
    private readonly session: HelmSession,
    readonly namespace: string,
  ) {
    const driver = session.process.env.get('HELM_DRIVER') ?? ''
    if (!['', 'secret', 'secrets', 'configmap', 'configmaps'].includes(driver)) throw new Error(driver === 'sql' || driver === 'memory' ? `the storage driver ${driver} is not simulated` : `Unknown driver in HELM_DRIVER: ${driver}`)
    this.inSecrets = !driver.startsWith('configmap')
  }

  private records(): ResourceClient<StoredRecord> {
    return this.session.client().of<StoredRecord>(this.inSecrets ? secrets : configMaps)
  }

  /** All revisions of all releases; of every namespace where this one's is empty. */
  async list(): Promise<Release[]> {
    return this.releasesOf(await this.records().list(this.namespace, { labelSelector: 'owner=helm' }).catch((error: unknown) => Promise.reject(wrapped('list: failed to list', error))))
  }

  private async query(selector: string): Promise<Release[]> {
    const found = this.releasesOf(await this.records().list(this.namespace, { labelSelector: selector }).catch((error: unknown) => Promise.reject(wrapped('query: failed to query with labels', error))))
    if (found.length === 0) throw new NotFound()
    return found
  }

  private releasesOf(list: { items: StoredRecord[] }): Release[] {
    return list.items.flatMap((item) => {
      const release = this.releaseOf(item)
      return release ? [release] : []
    })
  }

  private releaseOf({ data, metadata }: StoredRecord): Release | undefined {
    const held = data?.['release']
    if (held === undefined) return undefined
    try {
      return decodeRelease(this.inSecrets ? decodeUtf8(fromBase64(held)) : held, metadata.labels ?? {})
    } catch {
      return undefined
    }
  }

  /** Oldest first. */
  async history(name: string): Promise<Release[]> {
    return (await this.query(`name=${name},owner=helm`)).sort((a, b) => a.version - b.version)
  }

  async last(name: string): Promise<Release> {
    return (await this.history(name)).at(-1) as Release
  }

  async deployed(name: string): Promise<Release[]> {
    try {
      return (await this.query(`name=${name},owner=helm,status=deployed`)).sort((a, b) => a.version - b.version)
    } catch (error) {
      throw error instanceof NotFound ? new NoDeployedReleases(name) : error
    }
  }

  async get(name: string, version: number): Promise<Release> {
    const key = keyOf(name, version)
    try {
      const release = this.releaseOf(await this.records().get(this.namespace, key))
      if (release) return release
    } catch (error) {
      throw isReason(error, 'NotFound') ? new NotFound() : wrapped(`get: failed to get ${JSON.stringify(key)}`, error)
    }
    throw new NotFound()
  }

  /** Revision 0 is the last one. */
  content(name: string, version: number): Promise<Release> {
    return version <= 0 ? this.last(name) : this.get(name, version)
  }

  /** With a limit, the oldest revisions make room. */
  async create(release: Release, maxHistory = 0): Promise<void> {
    if (maxHistory > 0) await this.removeOldest(release.name, maxHistory - 1)
    try {
      await this.records().create(this.recordOf(release, { createdAt: this.seconds() }))
    } catch (error) {
      throw isReason(error, 'AlreadyExists') ? new Error('release: already exists') : wrapped('create: failed to create', error)
    }
  }

  async update(release: Release): Promise<void> {
    await this.records().update(this.recordOf(release, { modifiedAt: this.seconds() })).catch((error: unknown) => Promise.reject(wrapped('update: failed to update', error)))
  }

  /** What cannot be written is only told in the log. */
  async record(release: Release): Promise<void> {
    await this.update(release).catch((error: unknown) => ((error as Error).name === 'ProcessKilled' ? Promise.reject(error as Error) : undefined))
  }

  async delete(release: Release): Promise<void> {
    try {
      await this.records().delete(this.namespace, keyOf(release.name, release.version))
    } catch (error) {
      throw isReason(error, 'NotFound') ? new NotFound() : error
    }
  }

  private seconds(): string {
    return String(Math.floor(this.session.process.clock.now() / 1000))
  }

  private recordOf(release: Release, stamps: Record<string, string>): StoredRecord {
    const encoded = encodeRelease(release)
    const labels = { ...release.labels, ...stamps, name: release.name, owner: 'helm', status: release.info.status satisfies ReleaseStatus, version: String(release.version) }
    return {
      apiVersion: 'v1', kind: this.inSecrets ? 'Secret' : 'ConfigMap', metadata: { name: keyOf(release.name, release.version), namespace: this.namespace, labels },
      ...(this.inSecrets ? { type: 'helm.sh/release.v1', data: { release: toBase64(encodeUtf8(encoded)) } } : { data: { release: encoded } }),
    } as StoredRecord
  }

  private async removeOldest(name: string, keep: number): Promise<void> {
    const history = await this.history(name).catch((error: unknown) => (error instanceof NotFound ? [] : Promise.reject(error as Error)))
    if (history.length <= keep) return
    const deployed = await this.deployed(name).catch(() => [])
    const last = deployed.at(-1)?.version
    let surplus = history.length - keep
    for (const old of history) {
      if (surplus === 0) return
      if (old.version === last) continue
      await this.delete(old)
      surplus--
    }
  }
}

function keyOf(name: string, version: number): string {
  return `sh.helm.release.v1.${name}.v${version}`
}
