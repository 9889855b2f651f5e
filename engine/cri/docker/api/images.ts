/** /images, /build and /commit. */
import { decodeUtf8, fromBase64 } from '#engine/base/bytes'
import type { HttpResponse } from '#engine/base/http'
import type { AuthConfig } from '#engine/cri/api'
import { commitImage } from '#engine/cri/archive/commit'
import { importImage } from '#engine/cri/archive/import'
import { loadImages } from '#engine/cri/archive/load'
import { familiarName, saveImages } from '#engine/cri/archive/save'
import { ArchiveProblem } from '#engine/cri/archive/scope'
import { BuildFailure, classicBuild } from '#engine/cri/build/classic'
import type { ImageConfig } from '#engine/cri/images/definition'
import { formatReference, withDefaultTag } from '#engine/cri/images/reference'
import { attributesOf } from '../containers/create'
import { parse } from '../images'
import { badParameter, type ContainerRecord, notFound, serverError } from '../model'
import { progressResponse } from '../progress'
import { pullReference, pushReference } from '../registry'
import { type ApiRequest, filtersOf, flag, json, raw, type Route } from '../routes'
import { changedConfig } from './changes'
import type { Engine } from './engine'

export function imageRoutes(engine: Engine): readonly Route[] {
  const { images } = engine
  const named = ({ params }: ApiRequest): string => params['name'] ?? ''
  return [
    ['GET /images/json', ({ query }) => json(images.list(withReference(query), flag(query, 'all')))],
    ['POST /images/create', (request) => (request.query.get('fromSrc') ? importInto(engine, request) : pull(engine, request))],
    ['POST /images/load', (request) => load(engine, request)],
    ['GET /images/get', ({ query }) => save(engine, query.getAll('names'))],
    ['POST /images/prune', ({ query }) => json(images.prune(filtersOf(query)))],
    ['GET /images/search', () => {
      throw serverError('Get "https://index.docker.io/v1/search": image search is not supported')
    }],
    ['GET /images/{name*}/json', (request) => json(images.inspect(named(request)))],
    ['GET /images/{name*}/history', (request) => json(images.history(named(request)))],
    ['GET /images/{name*}/get', (request) => save(engine, [named(request)])],
    ['POST /images/{name*}/tag', ({ query, params }) => (images.tag(params['name'] ?? '', query.get('repo') ?? '', query.get('tag') ?? ''), { ...json({}, 201) })],
    ['POST /images/{name*}/push', (request) => push(engine, request)],
    ['DELETE /images/{name*}', (request) => json(images.remove(named(request), { force: flag(request.query, 'force'), prune: !flag(request.query, 'noprune') }))],
    ['POST /build', (request) => build(engine, request)],
    ['POST /commit', (request) => commit(engine, request)],
    ['GET /distribution/{name*}/json', (request) => {
      throw notFound(`distribution information of ${named(request)} is not supported`)
    }],
  ]
}

function withReference(query: URLSearchParams): Readonly<Record<string, readonly string[]>> {
  const filter = query.get('filter')
  return { ...filtersOf(query), ...(filter ? { reference: [filter] } : {}) }
}

function authOf({ http }: ApiRequest): AuthConfig | undefined {
  const given = http.headers['x-registry-auth']
  if (!given) return undefined
  try {
    return JSON.parse(decodeUtf8(fromBase64(given.replace(/-/g, '+').replace(/_/g, '/')))) as AuthConfig
  } catch {
    return undefined
  }
}

function pull({ host, images }: Engine, request: ApiRequest): Promise<HttpResponse> {
  const name = request.query.get('fromImage') ?? ''
  const tag = request.query.get('tag') ?? ''
  const reference = parse(tag === '' ? name : `${name}${tag.includes(':') ? '@' : ':'}${tag}`)
  return progressResponse(host, (progress) => pullReference(host, images, reference, authOf(request), progress))
}

function push({ host, images }: Engine, request: ApiRequest): Promise<HttpResponse> {
  const tag = request.query.get('tag') ?? ''
  const name = request.params['name'] ?? ''
  const reference = parse(tag === '' ? name : `${name}:${tag}`)
  return progressResponse(host, (progress) => pushReference(host, images, reference, authOf(request), progress))
}

async function load({ host, images }: Engine, { http }: ApiRequest): Promise<HttpResponse> {
  const bytes = await http.body.bytes()
  return progressResponse(host, async (progress) => {
    try {
      for (const { id, names } of loadImages(images.scope, bytes)) {
        for (const name of names) await progress({ stream: `Loaded image: ${familiarName(name)}\n` })
        if (names.length === 0) await progress({ stream: `Loaded image ID: ${id}\n` })
        host.events.publish('image', 'load', id, { name: names[0] === undefined ? id : familiarName(names[0]) })
      }
    } catch (error) {
      throw asFailure(error)
    }
  })
}

function save({ images, host }: Engine, names: readonly string[]): HttpResponse {
  try {
    const bytes = saveImages(images.scope, names)
    for (const name of names) host.events.publish('image', 'save', images.find(name).id, { name })
    return raw(bytes, 'application/x-tar')
  } catch (error) {
    throw asFailure(error)
  }
}

async function importInto({ host, images }: Engine, { query, http }: ApiRequest): Promise<HttpResponse> {
  const bytes = await http.body.bytes()
  const source = query.get('fromSrc') ?? '-'
  if (source !== '-') throw badParameter('import from an address is not supported; give a file or -')
  const repository = query.get('repo') ?? ''
  const tag = query.get('tag') ?? ''
  const name = repository === '' ? '' : formatReference(withDefaultTag(parse(tag === '' ? repository : `${repository}:${tag}`)))
  return progressResponse(host, async (progress) => {
    try {
      const id = importImage(images.scope, bytes, { name, config: changedConfig({}, query.getAll('changes')), message: query.get('message') || 'Imported from -' })
      host.events.publish('image', 'import', id, { name: id })
      await progress({ status: id })
    } catch (error) {
      throw asFailure(error)
    }
  })
}

function asFailure(error: unknown): unknown {
  return error instanceof ArchiveProblem ? serverError(error.message) : error
}

async function build({ host, images, connections }: Engine, { query, http }: ApiRequest): Promise<HttpResponse> {
  const context = await http.body.bytes()
  const pairs = (name: string): Record<string, string> => Object.fromEntries(Object.entries(JSON.parse(query.get(name) || '{}') as Record<string, string | null>).map(([key, value]) => [key, value ?? '']))
  const tags = query.getAll('t').map((tag) => formatReference(withDefaultTag(parse(tag))))
  const target = query.get('target') ?? ''
  const request = { context, dockerfile: query.get('dockerfile') ?? '', tags, buildArgs: pairs('buildargs'), labels: pairs('labels'), noCache: flag(query, 'nocache'), pull: flag(query, 'pull'), remove: query.get('rm') !== '0', ...(target === '' ? {} : { target }) }
  return progressResponse(host, async (progress) => {
    const emit = async (text: string): Promise<void> => void (await progress({ stream: text }))
    const parts = { ...images.scope, process: host.process, network: () => connections.forBuild(query.get('networkmode') ?? ''), pull: (name: string) => pullReference(host, images, parse(name), undefined, (message) => void progress(message)) }
    try {
      await progress({ aux: { ID: await classicBuild(parts, request, emit) } })
    } catch (error) {
      if (!(error instanceof BuildFailure)) throw error
      await progress({ errorDetail: { ...(error.code === undefined ? {} : { code: error.code }), message: error.message }, error: error.message })
    }
  })
}

async function commit({ host, images, lifecycle }: Engine, request: ApiRequest): Promise<HttpResponse> {
  const { query } = request
  const record = host.records.find(query.get('container') ?? '')
  if (record.state.status === 'removing' || record.state.status === 'dead') throw serverError(`You cannot commit container ${record.id} which is ${record.state.status}`)
  const repository = query.get('repo') ?? ''
  const tag = query.get('tag') ?? ''
  const name = repository === '' ? undefined : formatReference(withDefaultTag(parse(tag === '' ? repository : `${repository}:${tag}`)))
  const pause = query.get('pause') !== '0' && query.get('pause') !== 'false' && record.state.status === 'running'
  if (pause) lifecycle.pause(record)
  try {
    const image = commitImage(images.scope, {
      parent: images.lookUp(record.imageId), tree: host.images.snapshots.mounts(record.id).upper, leaveOut: mountTargets(record), config: changedConfig(configOf(record.config as unknown as ImageConfig), query.getAll('changes').flatMap((text) => text.split('\n'))),
      createdBy: [...(record.config.Entrypoint ?? []), ...(record.config.Cmd ?? [])].join(' '), comment: query.get('comment') ?? '', author: query.get('author') ?? '', names: [],
    })
    if (name !== undefined) images.name(name, image)
    host.events.publish('container', 'commit', record.id, attributesOf(record, { comment: query.get('comment') ?? '', imageID: image.id, imageRef: name ?? '' }))
    return json({ Id: image.id }, 201)
  } finally {
    if (pause) lifecycle.unpause(record)
  }
}

/** What stands in the root only to be mounted upon. */
function mountTargets(record: ContainerRecord): ReadonlySet<string> {
  return new Set(['etc/hosts', 'etc/hostname', 'etc/resolv.conf', 'dev', 'proc', 'sys', ...record.mounts.map((mount) => mount.Destination.slice(1))])
}

/** Of a container's configuration what an image has. */
function configOf(config: ImageConfig): ImageConfig {
  const kept = ['Entrypoint', 'Cmd', 'Env', 'WorkingDir', 'User', 'ExposedPorts', 'Volumes', 'Labels', 'StopSignal', 'Healthcheck'] as const
  return Object.fromEntries(kept.flatMap((key) => ((config as Record<string, unknown>)[key] ? [[key, (config as Record<string, unknown>)[key]]] : [])))
}

