/** `docker top`: what ps says of the machine, of which the container's processes are kept. */
import { exitCodeOf } from '#engine/linux/abi/signals'
import { lookUp } from '#engine/cri/containerd/lookup'
import type { DockerHost } from '../host'
import { badParameter, type ContainerRecord, serverError } from '../model'
import { pidsOf } from './stats'

export async function topOf(host: DockerHost, record: ContainerRecord, args: string): Promise<object> {
  const pids = new Set(pidsOf(host, record).map(String))
  const { process } = host
  const ps = lookUp(process, 'ps')
  if (ps === undefined) throw serverError('error running ps: exec: "ps": executable file not found in $PATH')
  const [out, err] = [process.pipe(), process.pipe()]
  const child = process.spawn(ps, [ps, ...args.split(/\s+/).filter(Boolean)], { descriptors: new Map([[1, out.writer], [2, err.writer]]), onlyNamedDescriptors: true })
  const [text, complaint, status] = await Promise.all([readAll(out.reader), readAll(err.reader), child.wait()])
  if (exitCodeOf(status) !== 0) throw serverError(`error running ps: ${complaint.trim()}: exit status ${exitCodeOf(status)}`)
  const [head = '', ...lines] = text.split('\n').filter((line) => line !== '')
  const Titles = head.trim().split(/\s+/)
  const at = Titles.indexOf('PID')
  if (at < 0) throw badParameter("Couldn't find PID field in ps output")
  return { Titles, Processes: lines.map((line) => fields(line, Titles.length)).filter((row) => pids.has(row[at] ?? '')) }
}

/** The last field takes the rest of the line. */
function fields(line: string, count: number): string[] {
  const words = line.trim().split(/\s+/)
  return words.length <= count ? words : [...words.slice(0, count - 1), words.slice(count - 1).join(' ')]
}

async function readAll(reader: { read(max?: number): Promise<Uint8Array | null>; release(): void }): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for (let data = await reader.read(); data; data = await reader.read()) text += decoder.decode(data, { stream: true })
  reader.release()
  return text
}
