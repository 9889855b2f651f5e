/** Names as libc looks them up: /etc/hosts, then the servers of /etc/resolv.conf with search list, ndots and retries. */
import type { Files } from '#engine/linux/abi/files'
import { Errno, isErrno } from '#engine/linux/abi/errno'
import { type DatagramSocket, LookupError } from '#engine/linux/abi/net'
import { isV6, parseV4 } from '#engine/linux/net/address'
import { decodeMessage, type DnsMessage, encodeMessage, query, type RecordType } from '#engine/linux/net/dns/message'

export interface ResolvConf {
  readonly servers: readonly string[]
  readonly search: readonly string[]
  readonly ndots: number
  readonly timeoutMs: number
  readonly attempts: number
}

/** What resolving needs of the process. */
export interface ResolverHost {
  readonly files: Pick<Files, 'exists' | 'readText'>
  readonly random: { integer(below: number): number }
  udp(): DatagramSocket
}

export function parseResolvConf(text: string): ResolvConf {
  const servers: string[] = []
  let search: string[] = []
  const options = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line.replace(/[#;].*$/, '').trim().split(/\s+/)
    if (keyword === 'nameserver' && values[0] && servers.length < 3) servers.push(values[0])
    else if (keyword === 'search') search = values.slice(0, 32)
    else if (keyword === 'domain' && values[0]) search = [values[0]]
    else if (keyword === 'options') for (const option of values) options.set(option.split(':')[0] ?? '', Number(option.split(':')[1] ?? 1))
  }
  return { servers: servers.length > 0 ? servers : ['127.0.0.1'], search, ndots: Math.min(15, options.get('ndots') ?? 1), timeoutMs: Math.min(30, options.get('timeout') ?? 5) * 1000, attempts: Math.min(5, options.get('attempts') ?? 2) }
}

export function readResolvConf(files: ResolverHost['files']): ResolvConf {
  return parseResolvConf(files.exists('/etc/resolv.conf') ? files.readText('/etc/resolv.conf') : '')
}

export interface HostsEntry {
  readonly address: string
  readonly names: readonly string[]
}

export function parseHosts(text: string): HostsEntry[] {
  return text.split('\n').map((line) => line.replace(/#.*$/, '').trim().split(/\s+/)).filter((fields) => fields.length > 1).map(([address = '', ...names]) => ({ address, names }))
}

export function readHosts(files: ResolverHost['files']): HostsEntry[] {
  return files.exists('/etc/hosts') ? parseHosts(files.readText('/etc/hosts')) : []
}

/** IPv4 addresses of a name. Throws LookupError. */
export async function lookup(host: ResolverHost, name: string): Promise<string[]> {
  if (parseV4(name) !== undefined || isV6(name)) return [name]
  const wanted = name.toLowerCase().replace(/\.$/, '')
  const known = readHosts(host.files).filter((entry) => entry.names.some((each) => each.toLowerCase() === wanted)).map((entry) => entry.address)
  const plain = known.filter((address) => !isV6(address))
  if (plain.length > 0) return plain
  if (known.includes('::1') || wanted === 'localhost') return ['127.0.0.1']
  if (wanted === '' || !/^[A-Za-z0-9_.*-]+$/.test(wanted) || wanted.split('.').some((label) => label === '' || label.length > 63)) throw new LookupError(name, 'not-found')
  return askServers(host, name)
}

/** The names to try, in order. */
export function candidates(name: string, conf: ResolvConf): string[] {
  if (name.endsWith('.')) return [name]
  const searched = conf.search.filter((domain) => domain !== '.').map((domain) => `${name}.${domain.replace(/\.$/, '')}`)
  const dots = name.split('.').length - 1
  return dots >= conf.ndots ? [name, ...searched] : [...searched, name]
}

async function askServers(host: ResolverHost, name: string): Promise<string[]> {
  const conf = readResolvConf(host.files)
  let server: string | undefined
  for (const candidate of candidates(name, conf)) {
    const answer = await exchange(host, conf, candidate, name)
    server = answer.server
    const addresses = answer.message.answers.filter((record) => record.type === 'A').map((record) => record.data)
    if (addresses.length > 0) return addresses
    if (answer.message.code === 'SERVFAIL' || answer.message.code === 'REFUSED') throw new LookupError(name, 'server-failure', server)
  }
  throw new LookupError(name, 'not-found', server)
}

async function exchange(host: ResolverHost, conf: ResolvConf, candidate: string, name: string): Promise<{ message: DnsMessage; server: string }> {
  let last: LookupError = new LookupError(name, 'no-server')
  for (let attempt = 0; attempt < conf.attempts; attempt++) {
    for (const address of conf.servers) {
      const server = `${address}:53`
      const outcome = await ask(host, { address, port: 53 }, candidate, conf.timeoutMs)
      if (outcome === 'timeout') last = new LookupError(name, 'timeout', server)
      else if (outcome === 'refused') last = new LookupError(name, 'no-server', server)
      else if (outcome.code === 'SERVFAIL' || outcome.code === 'REFUSED') last = new LookupError(name, 'server-failure', server)
      else return { message: outcome, server }
    }
  }
  throw last
}

/** Asks for A and AAAA from one socket, as glibc does; the answer to A counts. */
async function ask(host: ResolverHost, server: { address: string; port: number }, name: string, timeoutMs: number): Promise<DnsMessage | 'timeout' | 'refused'> {
  const socket = host.udp()
  try {
    const [id, second] = [host.random.integer(65536), host.random.integer(65536)]
    socket.send(server, encodeMessage(query(id, name, 'A')))
    socket.send(server, encodeMessage(query(second, name, 'AAAA')))
    for (;;) {
      const { data } = await socket.receive(timeoutMs)
      const message = decodeMessage(data)
      if (message.id === id && message.response) return message
    }
  } catch (error) {
    if (isErrno(error, 'EAGAIN')) return 'timeout'
    if (error instanceof Errno) return 'refused'
    throw error
  } finally {
    socket.close()
  }
}

/** One question to one server over UDP: for tools that ask by themselves. EAGAIN after the timeout, ECONNREFUSED. */
export async function askOne(socket: DatagramSocket, server: { address: string; port: number }, id: number, name: string, type: RecordType, options: { timeoutMs: number; recursion?: boolean; edns?: number }): Promise<DnsMessage> {
  socket.send(server, encodeMessage(query(id, name, type, options)))
  for (;;) {
    const { data } = await socket.receive(options.timeoutMs)
    const message = decodeMessage(data)
    if (message.id === id && message.response) return message
  }
}
