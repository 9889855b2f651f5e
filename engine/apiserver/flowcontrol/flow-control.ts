/** What the server knows of its flow schemas and priority levels, as they stand in its cache. */
import type { KubeObject } from '#engine/api/object'
import type { Catalog } from '#engine/apiserver/catalog'
import type { RequestInfo } from '#engine/apiserver/chain/info'
import type { UserInfo } from '#engine/apiserver/authentication/user'
import type { ServerServices } from '#engine/apiserver/services'
import type { Cacher } from '#engine/apiserver/storage/cacher'
import { byPrecedence, classify, type FlowSchema } from './classifier'

const group = 'flowcontrol.apiserver.k8s.io'

export interface Flow {
  readonly schemaUid: string
  readonly levelUid: string
  readonly level: string
}

export class FlowControl {
  private schemas: FlowSchema[] = []
  private levels = new Map<string, KubeObject>()
  private isStale = true
  /** Requests by priority level, since the start. */
  readonly dispatched = new Map<string, number>()
  /** The same by the labels of a metric's series. */
  readonly dispatchedBySchema = new Map<string, number>()

  constructor(
    private readonly catalog: Catalog,
    private readonly services: ServerServices,
  ) {}

  async start(signal: AbortSignal): Promise<void> {
    for (const resource of ['flowschemas', 'prioritylevelconfigurations']) {
      const cacher = this.cacher(resource)
      await cacher.fresh()
      void this.follow(cacher, signal)
    }
    this.isStale = true
  }

  /** undefined while there is no schema that speaks of the request. */
  classify(user: UserInfo, info: RequestInfo): Flow | undefined {
    if (this.isStale) this.read()
    const schema = classify(this.schemas, user, info)
    if (!schema) return undefined
    const level = schema.spec.priorityLevelConfiguration.name
    this.dispatched.set(level, (this.dispatched.get(level) ?? 0) + 1)
    const labels = `{flow_schema="${schema.metadata.name ?? ''}",priority_level="${level}"}`
    this.dispatchedBySchema.set(labels, (this.dispatchedBySchema.get(labels) ?? 0) + 1)
    return { schemaUid: schema.metadata.uid ?? '', levelUid: this.levels.get(level)?.metadata.uid ?? '', level }
  }

  levelNames(): readonly string[] {
    if (this.isStale) this.read()
    return [...this.levels.keys()]
  }

  /** How many queues each level has. */
  queues(): ReadonlyMap<string, number> {
    if (this.isStale) this.read()
    const count = (level: KubeObject): number => (level['spec'] as { limited?: { limitResponse?: { queuing?: { queues?: number } } } }).limited?.limitResponse?.queuing?.queues ?? 0
    return new Map([...this.levels].map(([name, level]) => [name, count(level)]))
  }

  private read(): void {
    this.isStale = false
    this.levels = new Map(this.cacher('prioritylevelconfigurations').list('').map((level) => [level.metadata.name ?? '', level]))
    this.schemas = (this.cacher('flowschemas').list('') as FlowSchema[]).filter((schema) => this.levels.has(schema.spec.priorityLevelConfiguration.name)).sort(byPrecedence)
  }

  private async follow(cacher: Cacher, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const channel = cacher.subscribe({ namespace: '' }, 'now')
      if (channel === 'gone') return
      for await (const event of channel) {
        this.isStale = true
        if (event.type !== 'DELETED' || event.object.kind === 'PriorityLevelConfiguration') await this.report().catch(() => undefined)
      }
      this.isStale = true
      if (!signal.aborted) await this.services.clock.sleep(1000, signal).catch(() => undefined)
    }
  }

  /** Says of each schema whether the level it names exists. */
  private async report(): Promise<void> {
    this.read()
    for (const schema of this.cacher('flowschemas').list('') as FlowSchema[]) {
      const level = schema.spec.priorityLevelConfiguration.name
      const found = this.levels.has(level)
      const status = found ? 'False' : 'True'
      const known = ((schema['status'] as { conditions?: { type: string; status: string }[] } | undefined)?.conditions ?? []).find((item) => item.type === 'Dangling')
      if (known?.status === status) continue
      const message = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)} ${found ? 'and it exists' : 'but there is no such object'}`
      const condition = { type: 'Dangling', status, lastTransitionTime: `${new Date(this.services.clock.now()).toISOString().slice(0, 19)}Z`, reason: found ? 'Found' : 'NotFound', message }
      await this.services.client.patch(`flowschemas.${group}`, '', schema.metadata.name ?? '', { status: { conditions: [condition] } }, 'application/merge-patch+json', 'status')
    }
  }

  private cacher(resource: string): Cacher {
    return this.catalog.servedNamed(`${resource}.${group}`)?.cacher as Cacher
  }
}
