/** Logs of containers, from their files: tail, since, timestamps, limit, previous and follow. */
import { decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { type HttpRequest, type HttpResponse, streamBody } from '#engine/base/http'
import type { Container, Pod } from '#engine/api/kinds'
import { isErrno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import type { ContainerStatus } from '#engine/cri/api'
import type { Kubelet } from '../kubelet'
import { uidOf } from '../pods/names'
import { isRunning } from '../runtime/podstatus'
import { allContainers } from '../runtime/restart'
import { plain } from './answers'

interface LogOptions { readonly follow: boolean; readonly tail: number | undefined; readonly sinceMs: number | undefined; readonly timestamps: boolean; readonly limit: number | undefined; readonly stream: string }

export async function containerLogs(kubelet: Kubelet, request: HttpRequest, parts: readonly string[], query: URLSearchParams): Promise<HttpResponse> {
  const [, namespace = '', podName = '', containerName = ''] = parts
  const pod = kubelet.store.find(namespace, podName)
  if (!pod) return plain(404, `pod ${JSON.stringify(podName)} does not exist\n`)
  const container = allContainers(pod).find((item) => item.container.name === containerName)?.container
  if (!container) return plain(404, `container ${JSON.stringify(containerName)} not found in pod ${JSON.stringify(podName)}\n`)
  const options = optionsOf(query, kubelet.context.clock.now())
  const found = await findLog(kubelet, pod, container, query.get('previous') === 'true')
  if (typeof found === 'string') return plain(400, found)
  if (!kubelet.context.process.files.exists(found.logPath)) return plain(500, `failed to try resolving symlinks in path ${JSON.stringify(found.logPath)}: lstat ${found.logPath}: no such file or directory`)
  return { status: 200, headers: { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' }, body: streamBody(readLog(kubelet, found, options, request.signal)) }
}

function optionsOf(query: URLSearchParams, nowMs: number): LogOptions {
  const number = (name: string): number | undefined => {
    const text = query.get(name)
    return text === null ? undefined : Number(text)
  }
  const seconds = number('sinceSeconds')
  const time = query.get('sinceTime')
  return {
    follow: query.get('follow') === 'true', tail: number('tailLines'), timestamps: query.get('timestamps') === 'true', limit: number('limitBytes'), stream: query.get('stream') ?? 'All',
    sinceMs: seconds !== undefined ? nowMs - seconds * 1000 : time === null ? undefined : Date.parse(time),
  }
}

/** The container whose log is asked for, or why there is none. */
async function findLog(kubelet: Kubelet, pod: Pod, container: Container, previous: boolean): Promise<ContainerStatus | string> {
  const runtime = await kubelet.runtime.read(uidOf(pod))
  const own = runtime.containers.filter((status) => status.metadata.name === container.name)
  const where = `container ${JSON.stringify(container.name)} in pod ${JSON.stringify(pod.metadata.name ?? '')}`
  if (previous) return previousOf(own, kubelet.runtime.waitReason(uidOf(pod), container.name) !== undefined) ?? `previous terminated ${where} not found`
  const [current] = own
  if (current) return current
  // As the reported status says: it may be a step behind what the kubelet is doing.
  const waiting = waitingState(kubelet, pod, container.name) ?? kubelet.runtime.waitReason(uidOf(pod), container.name)?.reason
  return waiting === undefined ? `${where} is not available` : `${where} is waiting to start: ${waitWords[waiting] ?? waiting}`
}

/** While a container waits for its restart, its last run is the one before. */
function previousOf([current, before]: readonly ContainerStatus[], waits: boolean): ContainerStatus | undefined {
  return before ?? (current?.state === 'CONTAINER_EXITED' && waits ? current : undefined)
}

function waitingState(kubelet: Kubelet, pod: Pod, name: string): string | undefined {
  const status = kubelet.status.get(uidOf(pod))
  return [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].find((item) => item.name === name)?.state?.waiting?.reason
}

const waitWords: Readonly<Record<string, string>> = { ErrImagePull: "image can't be pulled", ImagePullBackOff: 'trying and failing to pull image' }

interface Line { readonly stamp: string; readonly stream: string; readonly partial: boolean; readonly text: string }

function parseLine(line: string): Line | undefined {
  const first = line.indexOf(' ')
  const second = line.indexOf(' ', first + 1)
  const third = line.indexOf(' ', second + 1)
  if (first < 0 || second < 0) return undefined
  return { stamp: line.slice(0, first), stream: line.slice(first + 1, second), partial: line.slice(second + 1, third < 0 ? undefined : third).startsWith('P'), text: third < 0 ? '' : line.slice(third + 1) }
}

async function* readLog(kubelet: Kubelet, status: ContainerStatus, options: LogOptions, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const { files } = kubelet.context.process
  const file = files.open(status.logPath, { read: true })
  let budget = options.limit ?? Number.POSITIVE_INFINITY
  const give = (line: Line): Uint8Array | undefined => {
    if (options.stream !== 'All' && options.stream.toLowerCase() !== line.stream) return undefined
    const bytes = encodeUtf8(`${options.timestamps ? `${line.stamp} ` : ''}${line.text}${line.partial ? '' : '\n'}`)
    const cut = bytes.length > budget ? bytes.subarray(0, budget) : bytes
    budget -= cut.length
    return cut.length > 0 ? cut : undefined
  }
  try {
    const start = await startingLines(file, options)
    for (const line of start.lines) {
      const bytes = give(line)
      if (bytes) yield bytes
      if (budget <= 0) return
    }
    if (options.follow) yield* follow(kubelet, status, file, start.rest, give, signal)
  } finally {
    file.release()
  }
}

async function startingLines(file: OpenFile, options: LogOptions): Promise<{ lines: Line[]; rest: string }> {
  let text = ''
  for (;;) {
    const data = await file.read(1 << 20)
    if (!data || data.length === 0) break
    text += decodeUtf8(data)
  }
  const end = text.lastIndexOf('\n') + 1
  let lines = text.slice(0, end).split('\n').filter((line) => line !== '').map(parseLine).filter((line) => line !== undefined)
  if (options.sinceMs !== undefined) lines = lines.filter((line) => Date.parse(line.stamp) >= (options.sinceMs ?? 0))
  if (options.tail !== undefined && options.tail >= 0) lines = options.tail === 0 ? [] : lines.slice(-options.tail)
  return { lines, rest: text.slice(end) }
}

async function* follow(kubelet: Kubelet, status: ContainerStatus, file: OpenFile, rest: string, give: (line: Line) => Uint8Array | undefined, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const { files, clock } = kubelet.context.process
  const splitter = new LineSplitter(rest)
  const gone = aborted(signal)
  const watch = files.watch(status.logPath)
  try {
    for (;;) {
      const data = await file.read(1 << 20)
      if (data && data.length > 0) {
        for (const line of splitter.push(decodeUtf8(data))) {
          const bytes = give(line)
          if (bytes) yield bytes
        }
      } else {
        if (signal?.aborted || !(await stillRunning(kubelet, status.id))) return
        await Promise.race([watch.next(), clock.sleep(1000), gone])
      }
    }
  } finally {
    watch.close()
  }
}

class LineSplitter {
  constructor(private pending: string) {}

  push(text: string): Line[] {
    const lines = (this.pending + text).split('\n')
    this.pending = lines.pop() ?? ''
    return lines.map(parseLine).filter((line) => line !== undefined)
  }
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }))
}

async function stillRunning(kubelet: Kubelet, id: string): Promise<boolean> {
  try {
    return isRunning((await kubelet.context.cri.runtime.ContainerStatus({ containerId: id })).status)
  } catch (error) {
    if (isErrno(error) || (error as Error).name === 'RpcError') return false
    throw error
  }
}
