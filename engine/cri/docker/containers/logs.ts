/** `docker logs`: the json-file of a container, from where and until when is asked, and what comes after. */
import { concatBytes, encodeUtf8 } from '#engine/base/bytes'
import { isErrno } from '#engine/linux/abi/errno'
import type { DockerHost } from '../host'
import { badParameter, type ContainerRecord, serverError } from '../model'

export interface LogWish { readonly stdout: boolean; readonly stderr: boolean; readonly follow: boolean; readonly timestamps: boolean; readonly details: boolean; readonly tail: string; readonly sinceMs: number | undefined; readonly untilMs: number | undefined }

interface Line { readonly log: string; readonly stream: 'stdout' | 'stderr'; readonly time: string }

export function logStream(host: DockerHost, record: ContainerRecord, wish: LogWish, ended: Promise<unknown>, signal: AbortSignal | undefined): AsyncIterable<Uint8Array> {
  if (!wish.stdout && !wish.stderr) throw badParameter('Bad parameters: you must choose at least one stream')
  if (record.hostConfig.LogConfig.Type === 'none') throw serverError('configured logging driver does not support reading')
  return wish.follow && record.state.status !== 'exited' && record.state.status !== 'created' ? following(host, record, wish, ended, signal) : atOnce(host, record, wish)
}

async function* atOnce(host: DockerHost, record: ContainerRecord, wish: LogWish): AsyncGenerator<Uint8Array> {
  await Promise.resolve()
  const lines = lastOf(readLines(host, record.id), wish)
  if (lines.length > 0) yield concatBytes(lines.map((line) => encode(record, line, wish)))
}

async function* following(host: DockerHost, record: ContainerRecord, wish: LogWish, ended: Promise<unknown>, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const { files } = host.process
  const path = host.records.logPath(record.id)
  const watch = files.watch(path)
  let over = false
  const end = ended.then(() => undefined)
  const gone = new Promise<undefined>((resolve) => signal?.addEventListener('abort', () => resolve(undefined), { once: true }))
  try {
    const first = readLines(host, record.id)
    let seen = first.length
    yield concatBytes(lastOf(first, wish).map((line) => encode(record, line, wish)))
    while (!over && !signal?.aborted) {
      const event = await Promise.race([watch.next().catch(() => undefined), end, gone])
      over = event === undefined
      const lines = readLines(host, record.id)
      const fresh = lines.slice(seen).filter((line) => wanted(line, wish))
      seen = lines.length
      if (fresh.length > 0) yield concatBytes(fresh.map((line) => encode(record, line, wish)))
    }
  } finally {
    watch.close()
  }
}

function readLines({ process: { files }, records }: DockerHost, id: string): Line[] {
  try {
    return files.readText(records.logPath(id)).split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Line)
  } catch (error) {
    if (isErrno(error)) return []
    throw serverError(`error from daemon in stream: Error grabbing logs: ${(error as Error).message}`)
  }
}

function wanted(line: Line, wish: LogWish): boolean {
  if (line.stream === 'stdout' ? !wish.stdout : !wish.stderr) return false
  const at = Date.parse(line.time)
  return (wish.sinceMs === undefined || at >= wish.sinceMs) && (wish.untilMs === undefined || at <= wish.untilMs)
}

function lastOf(lines: readonly Line[], wish: LogWish): Line[] {
  const kept = lines.filter((line) => wanted(line, wish))
  const count = /^\d+$/.test(wish.tail) ? Number(wish.tail) : -1
  return count < 0 ? kept : count === 0 ? [] : kept.slice(-count)
}

/** Eight bytes tell stream and length; a terminal's output goes as it is. */
function encode(record: ContainerRecord, line: Line, wish: LogWish): Uint8Array {
  const labels = wish.details ? `${Object.entries(record.hostConfig.LogConfig.Config).map(([key, value]) => `${key}=${value}`).join(',')} ` : ''
  const text = encodeUtf8(`${wish.timestamps ? `${line.time} ` : ''}${labels}${line.log}`)
  return record.config.Tty ? text : multiplexed(line.stream, text)
}

export function multiplexed(stream: 'stdout' | 'stderr', text: Uint8Array): Uint8Array {
  const { length } = text
  return concatBytes([Uint8Array.of(stream === 'stdout' ? 1 : 2, 0, 0, 0, (length >>> 24) & 255, (length >>> 16) & 255, (length >>> 8) & 255, length & 255), text])
}
