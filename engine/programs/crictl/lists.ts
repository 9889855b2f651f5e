/** crictl's lists: ps, pods, images, stats, statsp. */
import type { Container, ContainerFilter, ContainerStats, Image, PodSandbox, PodSandboxFilter, PodSandboxStats } from '#engine/cri/api'
import { millis } from '#engine/cri/api'
import { binarySize, humanDuration, humanSize, table } from '#engine/cri/units'
import { Fatal, flag, has, type Options, protoJson, render, type Session, truncated } from './session'

const ago = (session: Session, createdAt: number): string => `${humanDuration(session.process.clock.now() - millis(createdAt))} ago`
const labels = (given: readonly string[] | undefined): Record<string, string> => Object.fromEntries((given ?? []).flatMap((text) => text.split(',')).map((pair): [string, string] => [pair.split('=')[0] ?? '', pair.split('=').slice(1).join('=')]))
const matches = (pattern: string | undefined, text: string): boolean => pattern === undefined || new RegExp(pattern).test(text)
const tableOf = (rows: readonly (readonly string[])[]): string => table(rows, 20, 3)

const containerStates: Readonly<Record<string, NonNullable<ContainerFilter['state']>['state']>> = { created: 'CONTAINER_CREATED', running: 'CONTAINER_RUNNING', exited: 'CONTAINER_EXITED', unknown: 'CONTAINER_UNKNOWN' }
const stateWords: Readonly<Record<string, string>> = { CONTAINER_CREATED: 'Created', CONTAINER_RUNNING: 'Running', CONTAINER_EXITED: 'Exited', CONTAINER_UNKNOWN: 'Unknown' }

export async function ps(session: Session, options: Options): Promise<number> {
  const containers = await listContainers(session, options)
  const text = render(protoJson({ containers }), flag(options, 'output', 'o'))
  if (text !== undefined) return session.out(text).then(() => 0)
  if (has(options, 'quiet', 'q')) return session.out(containers.map(({ id }) => `${id}\n`).join('')).then(() => 0)
  const full = has(options, 'no-trunc')
  const rows = containers.map((container) => {
    const { id, podSandboxId, image, metadata, state, createdAt } = container
    const shown = image.image.startsWith('sha256:') && !full ? truncated(image.image) : image.image
    return [full ? id : truncated(id), shown, ago(session, createdAt), stateWords[state] ?? state, metadata.name, String(metadata.attempt), full ? podSandboxId : truncated(podSandboxId), container.labels['io.kubernetes.pod.name'] ?? 'unknown', container.labels['io.kubernetes.pod.namespace'] ?? 'unknown']
  })
  await session.out(tableOf([['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID', 'POD', 'NAMESPACE'], ...rows]))
  return 0
}

async function listContainers(session: Session, options: Options): Promise<Container[]> {
  const last = lastOf(options)
  const filter = containerFilter(options, last)
  const cri = await session.cri()
  const { containers } = await session.call('list containers: call list containers RPC', 'ListContainers with filter', {}, () => cri.runtime.ListContainers({ filter }))
  const kept = containers.filter((container) => wanted(container, options)).sort((a, b) => b.createdAt - a.createdAt)
  return last > 0 ? kept.slice(0, last) : kept
}

function lastOf(options: Options): number {
  return has(options, 'latest', 'l') ? 1 : Number(flag(options, 'last', 'n') ?? 0)
}

function containerFilter(options: Options, last: number): ContainerFilter {
  const word = flag(options, 'state', 's')?.toLowerCase()
  if (word !== undefined && !containerStates[word]) throw new Fatal('--state should be one of created, running, exited or unknown')
  const running = last > 0 || has(options, 'all', 'a') ? undefined : 'CONTAINER_RUNNING'
  const state = word === undefined ? running : containerStates[word]
  const given = options.flags.get('label')
  const id = flag(options, 'id')
  const pod = flag(options, 'pod', 'p')
  return { ...(id === undefined ? {} : { id }), ...(pod === undefined ? {} : { podSandboxId: pod }), ...(state === undefined ? {} : { state: { state } }), ...(given ? { labelSelector: labels(given) } : {}) }
}

function wanted(container: Container, options: Options): boolean {
  const image = flag(options, 'image')
  const ofImage = image === undefined || container.image.userSpecifiedImage === image || container.imageId.replace('sha256:', '').startsWith(image.replace('sha256:', ''))
  return ofImage && matches(flag(options, 'name'), container.metadata.name) && matches(flag(options, 'namespace'), container.labels['io.kubernetes.pod.namespace'] ?? '')
}

function podFilter(options: Options): PodSandboxFilter {
  const state = flag(options, 'state', 's')?.toLowerCase()
  if (state !== undefined && state !== 'ready' && state !== 'notready') throw new Fatal('--state should be ready or notready')
  const given = options.flags.get('label')
  const id = flag(options, 'id')
  return { ...(id === undefined ? {} : { id }), ...(state === undefined ? {} : { state: { state: state === 'ready' ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY' } }), ...(given ? { labelSelector: labels(given) } : {}) }
}

export async function pods(session: Session, options: Options): Promise<number> {
  const filter = podFilter(options)
  const cri = await session.cri()
  const { items } = await session.call('list pod sandboxes: call list sandboxes RPC', 'ListPodSandbox with filter', {}, () => cri.runtime.ListPodSandbox({ filter }))
  const last = lastOf(options)
  let kept: PodSandbox[] = items.filter(({ metadata }) => matches(flag(options, 'name'), metadata.name) && matches(flag(options, 'namespace'), metadata.namespace)).sort((a, b) => b.createdAt - a.createdAt)
  if (last > 0) kept = kept.slice(0, last)
  const text = render(protoJson({ items: kept }), flag(options, 'output', 'o'))
  if (text !== undefined) return session.out(text).then(() => 0)
  if (has(options, 'quiet', 'q')) return session.out(kept.map((pod) => `${pod.id}\n`).join('')).then(() => 0)
  const full = has(options, 'no-trunc')
  const rows = kept.map((pod) => [full ? pod.id : truncated(pod.id), ago(session, pod.createdAt), pod.state === 'SANDBOX_READY' ? 'Ready' : 'NotReady', pod.metadata.name, pod.metadata.namespace, String(pod.metadata.attempt), pod.runtimeHandler === '' ? '(default)' : pod.runtimeHandler])
  await session.out(tableOf([['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME'], ...rows]))
  return 0
}

export async function images(session: Session, options: Options): Promise<number> {
  const cri = await session.cri()
  const [filter] = options.operands
  const answer = await session.call('list images', 'ListImages with filter', {}, () => cri.images.ListImages(filter === undefined ? {} : { filter: { image: { image: filter } } }))
  const list = [...answer.images].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
  const text = render(protoJson({ images: list }), flag(options, 'output', 'o'))
  if (text !== undefined) return session.out(text).then(() => 0)
  if (has(options, 'quiet', 'q')) return session.out(list.map(({ id }) => `${id}\n`).join('')).then(() => 0)
  const digests = has(options, 'digests')
  const full = has(options, 'no-trunc')
  const rows = list.flatMap((image) => imageRows(image, digests, full))
  await session.out(tableOf([['IMAGE', 'TAG', ...(digests ? ['DIGEST'] : []), 'IMAGE ID', 'SIZE'], ...rows]))
  return 0
}

function nameOf(image: Image): string {
  return image.repoTags[0] ?? image.repoDigests[0] ?? image.id
}

function imageRows(image: Image, digests: boolean, full: boolean): string[][] {
  const digest = image.repoDigests[0]?.split('@')[1] ?? '<none>'
  const names = image.repoTags.length > 0 ? image.repoTags.map((tag): [string, string] => [tag.slice(0, tag.lastIndexOf(':')), tag.slice(tag.lastIndexOf(':') + 1)]) : [[image.repoDigests[0]?.split('@')[0] ?? '<none>', '<none>'] as [string, string]]
  return names.map(([name, tag]) => [name, tag, ...(digests ? [full ? digest : truncated(digest)] : []), full ? image.id : truncated(image.id), humanSize(image.size, 3)])
}

export async function stats(session: Session, options: Options): Promise<number> {
  const cri = await session.cri()
  const [id] = options.operands
  const read = async (): Promise<ContainerStats[]> => (await session.call('get container stats', 'ListContainerStats with filter', {}, () => cri.runtime.ListContainerStats(id === undefined ? {} : { filter: { id } }))).stats
  const before = new Map((await read()).map((item) => [item.attributes.id, item]))
  await session.process.clock.sleep(1000)
  const after = await read()
  const text = render(protoJson({ stats: after }), flag(options, 'output', 'o'))
  if (text !== undefined) return session.out(text).then(() => 0)
  const rows = after.map((item) => {
    const known = before.get(item.attributes.id)
    const percent = known ? ((item.cpu.usageCoreNanoSeconds - known.cpu.usageCoreNanoSeconds) / Math.max(1, item.cpu.timestamp - known.cpu.timestamp)) * 100 : 0
    return [truncated(item.attributes.id), item.attributes.metadata.name, percent.toFixed(2), humanSize(item.memory.workingSetBytes), humanSize(item.writableLayer.usedBytes), String(item.writableLayer.inodesUsed), '0B', '0.00']
  })
  await session.out(tableOf([['CONTAINER', 'NAME', 'CPU %', 'MEM', 'DISK', 'INODES', 'SWAP', 'CPU PSI'].slice(0, 7), ...rows.map((row) => row.slice(0, 7))]))
  return 0
}

export async function statsp(session: Session, options: Options): Promise<number> {
  const cri = await session.cri()
  const [id] = options.operands
  const read = async (): Promise<PodSandboxStats[]> => (await session.call('get pod stats', 'ListPodSandboxStats with filter', {}, () => cri.runtime.ListPodSandboxStats(id === undefined ? {} : { filter: { id } }))).stats
  const before = new Map((await read()).map((item) => [item.attributes.id, item]))
  await session.process.clock.sleep(1000)
  const rows = (await read()).map((item) => {
    const known = before.get(item.attributes.id)
    const percent = known ? ((item.linux.cpu.usageCoreNanoSeconds - known.linux.cpu.usageCoreNanoSeconds) / Math.max(1, item.linux.cpu.timestamp - known.linux.cpu.timestamp)) * 100 : 0
    return [item.attributes.metadata.name, truncated(item.attributes.id), percent.toFixed(2), binarySize(item.linux.memory.workingSetBytes)]
  })
  await session.out(tableOf([['POD', 'POD ID', 'CPU %', 'MEM'], ...rows]))
  return 0
}
