/** /containers and /exec. */
import { encodeUtf8 } from '#engine/base/bytes'
import type { HttpResponse } from '#engine/base/http'
import { createContainer, type CreateBody } from '../containers/create'
import { inspectContainer, listedContainer, selectContainers } from '../containers/describe'
import type { ExecBody } from '../containers/exec'
import { defaultStopSeconds } from '../containers/lifecycle'
import { logStream } from '../containers/logs'
import { changesOf } from '../containers/root'
import { resourcesOf } from '../containers/spec'
import { statsOf } from '../containers/stats'
import { topOf } from '../containers/top'
import { checkHostConfig } from '../containers/create'
import { mobyNamespace } from '../host'
import { badParameter, conflict, type ContainerRecord, type HostConfig } from '../model'
import { type ApiRequest, filtersOf, flag, json, noContent, type Route, stream } from '../routes'
import { hasLabel } from '../events'
import { treeSize } from '../volumes'
import type { Engine } from './engine'

export function containerRoutes(engine: Engine): readonly Route[] {
  const { host, lifecycle, connections } = engine
  const parts = { host, connections, execs: (id: string) => lifecycle.execs.running(id) }
  const find = ({ params }: ApiRequest): ContainerRecord => host.records.find(params['id'] ?? '')
  return [
    ['GET /containers/json', ({ query }) => json(selectContainers(host, { all: flag(query, 'all'), limit: Number(query.get('limit') ?? 0), filters: filtersOf(query) }).map((record) => listedContainer(parts, record, flag(query, 'size'))))],
    ['POST /containers/create', async (request) => {
      const made = createContainer(engine, request.query.get('name') ?? '', await request.json<CreateBody>())
      return json({ Id: made.id, Warnings: warningsOf(made) }, 201)
    }],
    ['POST /containers/prune', async ({ query }) => json(await prune(engine, filtersOf(query)))],
    ['GET /containers/{id}/json', (request) => json(inspectContainer(parts, find(request), flag(request.query, 'size')))],
    ['GET /containers/{id}/top', async (request) => json(await topOf(host, find(request), request.query.get('ps_args') || '-ef'))],
    ['GET /containers/{id}/logs', (request) => logs(engine, request, find(request))],
    ['GET /containers/{id}/changes', (request) => json(nullIfEmpty(changesOf(host, find(request))))],
    ['GET /containers/{id}/stats', (request) => stats(engine, request, find(request))],
    ['POST /containers/{id}/start', async (request) => noContent((await lifecycle.start(find(request))) ? 204 : 304)],
    ['POST /containers/{id}/stop', async (request) => noContent((await lifecycle.stop(find(request), grace(find(request), request.query))) ? 204 : 304)],
    ['POST /containers/{id}/restart', async (request) => (await lifecycle.restart(find(request), grace(find(request), request.query)), noContent())],
    ['POST /containers/{id}/kill', async (request) => (await lifecycle.kill(find(request), request.query.get('signal') ?? 'SIGKILL', request.params['id']), noContent())],
    ['POST /containers/{id}/pause', (request) => (lifecycle.pause(find(request)), noContent())],
    ['POST /containers/{id}/unpause', (request) => (lifecycle.unpause(find(request)), noContent())],
    ['POST /containers/{id}/rename', (request) => (lifecycle.rename(find(request), request.query.get('name') ?? ''), noContent())],
    ['POST /containers/{id}/update', async (request) => update(engine, find(request), await request.json<Partial<HostConfig>>())],
    ['POST /containers/{id}/wait', (request) => wait(engine, find(request), request.query.get('condition') ?? 'not-running')],
    ['POST /containers/{id}/attach', (request) => lifecycle.attachments.attach(find(request), { stdin: flag(request.query, 'stdin'), stdout: flag(request.query, 'stdout'), stderr: flag(request.query, 'stderr') })],
    ['POST /containers/{id}/resize', () => noContent(200)],
    ['DELETE /containers/{id}', async (request) => (await lifecycle.remove(find(request), { force: flag(request.query, 'force'), volumes: flag(request.query, 'v'), links: flag(request.query, 'link') }), noContent())],
    ['POST /containers/{id}/exec', async (request) => json({ Id: lifecycle.execs.create(find(request), await request.json<ExecBody>()) }, 201)],
    ['POST /exec/{id}/start', async (request) => lifecycle.execs.start(request.params['id'] ?? '', (await request.json<{ Detach?: boolean }>()).Detach ?? false)],
    ['POST /exec/{id}/resize', () => noContent(200)],
    ['GET /exec/{id}/json', ({ params }) => json(lifecycle.execs.describe(params['id'] ?? ''))],
  ]
}

function warningsOf({ hostConfig }: ContainerRecord): string[] {
  return hostConfig.NetworkMode === 'host' && Object.keys(hostConfig.PortBindings).length > 0 ? ['Published ports are discarded when using host network mode'] : []
}

function nullIfEmpty<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list
}

function grace(record: ContainerRecord, query: URLSearchParams): number {
  const given = query.get('t')
  return given === null || given === '' ? (record.config.StopTimeout ?? defaultStopSeconds) : Number(given)
}

function logs({ host, lifecycle }: Engine, { query, http }: ApiRequest, record: ContainerRecord): HttpResponse {
  const at = (name: string): number | undefined => {
    const text = query.get(name)
    return text === null || text === '' || text === '0' ? undefined : Number(text) * 1000
  }
  const wish = { stdout: flag(query, 'stdout'), stderr: flag(query, 'stderr'), follow: flag(query, 'follow'), timestamps: flag(query, 'timestamps'), details: flag(query, 'details'), tail: query.get('tail') || 'all', sinceMs: at('since'), untilMs: at('until') }
  const ended = wish.follow ? lifecycle.wait(record) : Promise.resolve(0)
  return stream(logStream(host, record, wish, ended, http.signal), record.config.Tty ? 'application/vnd.docker.raw-stream' : 'application/vnd.docker.multiplexed-stream')
}

function stats({ host, lifecycle }: Engine, { query, http }: ApiRequest, record: ContainerRecord): HttpResponse {
  if (query.get('stream') === '0' || query.get('stream') === 'false') return json(record.state.status === 'running' ? statsOf(host, record) : { read: '0001-01-01T00:00:00Z', name: `/${record.name}`, id: record.id })
  const lines = async function* (): AsyncGenerator<Uint8Array> {
    const ended = lifecycle.wait(record).then(() => true)
    for (let over = record.state.status !== 'running'; !over && !http.signal?.aborted;) {
      yield encodeUtf8(`${JSON.stringify(statsOf(host, record))}\n`)
      over = await Promise.race([ended, host.process.clock.sleep(1000, http.signal).then(() => false, () => true)])
    }
  }
  return stream(lines())
}

async function wait({ lifecycle }: Engine, record: ContainerRecord, condition: string): Promise<HttpResponse> {
  if (!['not-running', 'next-exit', 'removed', ''].includes(condition)) throw badParameter(`Invalid condition: "${condition}"`)
  await Promise.resolve()
  const over = condition === 'not-running' || condition === '' ? !['running', 'paused', 'restarting'].includes(record.state.status) : false
  const code = over ? Promise.resolve(record.state.exitCode) : condition === 'removed' ? lifecycle.waitRemoved(record) : lifecycle.wait(record)
  const lines = async function* (): AsyncGenerator<Uint8Array> {
    yield encodeUtf8(`${JSON.stringify({ Error: null, StatusCode: await code })}\n`)
  }
  return stream(lines())
}

async function update({ host }: Engine, record: ContainerRecord, given: Partial<HostConfig>): Promise<HttpResponse> {
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== 0 && value !== '' && value !== null && value !== undefined)) as Partial<HostConfig>
  const policy = set.RestartPolicy
  if (policy && !policy.Name) delete set.RestartPolicy
  if (set.RestartPolicy && record.hostConfig.AutoRemove) throw conflict(`Cannot update container ${record.id}: Restart policy cannot be updated because AutoRemove is enabled for the container`)
  const next: HostConfig = { ...record.hostConfig, ...set }
  if (set.Memory !== undefined && set.MemorySwap === undefined && next.Memory > next.MemorySwap && next.MemorySwap > 0) throw conflict(`Cannot update container ${record.id}: Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time`)
  checkHostConfig(next)
  Object.assign(record.hostConfig, set)
  if (record.state.status === 'running') await host.tasks.update(mobyNamespace, record.id, resourcesOf(record.hostConfig))
  host.records.save(record)
  host.events.publish('container', 'update', record.id, { image: record.config.Image, name: record.name })
  return json({ Warnings: null })
}

async function prune({ host, lifecycle }: Engine, filters: Readonly<Record<string, readonly string[]>>): Promise<object> {
  const unknown = Object.keys(filters).find((name) => !['label', 'label!', 'until'].includes(name))
  if (unknown !== undefined) throw badParameter(`Invalid filter '${unknown}'`)
  const gone = host.records.all().filter((record) => ['created', 'exited', 'dead'].includes(record.state.status) && (filters['label'] ?? []).every((label) => hasLabel(record.config.Labels, label)))
  const reclaimed = gone.reduce((sum, record) => sum + treeSize(host, host.images.snapshots.mounts(record.id).upper), 0)
  for (const record of gone) await lifecycle.remove(record, { force: false, volumes: false, links: false })
  return { ContainersDeleted: gone.length === 0 ? null : gone.map((record) => record.id), SpaceReclaimed: reclaimed }
}
