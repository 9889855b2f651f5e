/** `-p [IP:][HOST:]CONTAINER[/PROTOCOL]` and `--expose`. */
import { parseV4 } from '#engine/linux/net/address'
import { DockerFailure } from '../kit/api'

export interface PortWish { readonly exposed: Record<string, object>; readonly bindings: Record<string, { HostIp: string; HostPort: string }[]> }

export function portsOf(publish: readonly string[], expose: readonly string[]): PortWish {
  const wish: PortWish = { exposed: {}, bindings: {} }
  for (const text of publish) addPublished(wish, text)
  for (const text of expose) {
    const [range = '', protocol = 'tcp'] = text.split('/')
    if (text.includes(':')) throw new DockerFailure(`invalid port format for --expose: ${text}`)
    const ports = rangeOf(range)
    if (!ports) throw new DockerFailure(`invalid range format for --expose: ${text}, error: ${rangeProblem(range)}`)
    for (let port = ports.first; port <= ports.last; port++) wish.exposed[`${port}/${protocol}`] = {}
  }
  return wish
}

function addPublished(wish: PortWish, text: string): void {
  const [rest = '', protocol = 'tcp'] = text.split('/')
  const asked = parts(text.includes('target=') ? longForm(text) : rest)
  const { container, host } = rangesOf(text, asked)
  if (!['tcp', 'udp', 'sctp'].includes(protocol.toLowerCase())) throw new DockerFailure(`invalid proto: ${protocol}`)
  const count = container.last - container.first
  for (let offset = 0; offset <= count; offset++) {
    const key = `${container.first + offset}/${protocol.toLowerCase()}`
    const HostPort = !host ? '' : count === 0 && host.last > host.first ? asked.hostText : String(host.first + offset)
    wish.exposed[key] = {}
    wish.bindings[key] = [...(wish.bindings[key] ?? []), { HostIp: asked.ip.replace(/^\[|\]$/g, ''), HostPort }]
  }
}

interface Range { readonly first: number; readonly last: number }

function rangesOf(text: string, { ip, hostText, containerText }: ReturnType<typeof parts>): { container: Range; host: Range | undefined } {
  if (ip !== '' && parseV4(ip) === undefined && !ip.includes('::')) throw new DockerFailure(`invalid IP address: ${ip}`)
  if (containerText === '') throw new DockerFailure(`no port specified: ${text}<empty>`)
  const container = rangeOf(containerText)
  if (!container) throw new DockerFailure(`invalid containerPort: ${containerText}`)
  const host = hostText === '' ? undefined : rangeOf(hostText)
  if (hostText !== '' && !host) throw new DockerFailure(`invalid hostPort: ${hostText}`)
  if (host && !sameLength(container, host)) throw new DockerFailure(`invalid ranges specified for container and host Ports: ${containerText} and ${hostText}`)
  return { container, host }
}

/** One port may be given a range to choose from. */
function sameLength(container: Range, host: Range): boolean {
  const length = container.last - container.first
  return length === 0 || length === host.last - host.first
}

/** `published=8080,target=80`. */
function longForm(text: string): string {
  const fields = new Map(text.split(',').map((field) => field.split('=') as [string, string]))
  return `${fields.get('published') ?? ''}${fields.has('published') ? ':' : ''}${fields.get('target') ?? ''}`
}

function parts(text: string): { ip: string; hostText: string; containerText: string } {
  const words = text.split(':')
  const containerText = words.at(-1) ?? ''
  if (words.length === 1) return { ip: '', hostText: '', containerText }
  if (words.length === 2) return { ip: '', hostText: words[0] ?? '', containerText }
  return { ip: words.slice(0, -2).join(':'), hostText: words.at(-2) ?? '', containerText }
}

function rangeOf(text: string): { first: number; last: number } | undefined {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text)
  if (!match) return undefined
  const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])]
  return first > 65_535 || last > 65_535 || last < first ? undefined : { first, last }
}

function rangeProblem(text: string): string {
  const word = text.split('-').find((part) => !/^\d+$/.test(part))
  return word === undefined ? `invalid range specified for port: ${text}` : `strconv.ParseUint: parsing ${JSON.stringify(word)}: invalid syntax`
}
