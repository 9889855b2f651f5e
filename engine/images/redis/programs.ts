/** redis-server with the commands of lessons, and redis-cli. */
import { decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { isErrno } from '#engine/linux/abi/errno'
import type { Connection } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'

type Reply = { readonly simple: string } | { readonly error: string } | { readonly integer: number } | { readonly bulk: string | null } | { readonly list: readonly Reply[] }

const keyLimit = 100_000

class Store {
  private readonly values = new Map<string, { value: string | string[] | Map<string, string>; expiresAt?: number }>()

  constructor(private readonly now: () => number) {}

  get(key: string): string | string[] | Map<string, string> | undefined {
    const entry = this.values.get(key)
    if (entry?.expiresAt !== undefined && entry.expiresAt <= this.now()) this.values.delete(key)
    return this.values.get(key)?.value
  }

  set(key: string, value: string | string[] | Map<string, string>, expiresAt?: number): void {
    if (this.values.size >= keyLimit && !this.values.has(key)) throw new Error("OOM command not allowed when used memory > 'maxmemory'.")
    this.values.set(key, { value, ...(expiresAt === undefined ? {} : { expiresAt }) })
  }

  delete(key: string): boolean {
    return this.values.delete(key)
  }

  expire(key: string, at: number): boolean {
    const entry = this.values.get(key)
    if (entry) entry.expiresAt = at
    return entry !== undefined
  }

  ttl(key: string): number {
    if (this.get(key) === undefined) return -2
    const at = this.values.get(key)?.expiresAt
    return at === undefined ? -1 : Math.ceil((at - this.now()) / 1000)
  }

  keys(): string[] {
    return [...this.values.keys()].filter((key) => this.get(key) !== undefined)
  }

  clear(): void {
    this.values.clear()
  }
}

type Command = (args: readonly string[], store: Store, context: { process: Process; version: string; now: number }) => Reply

const ok: Reply = { simple: 'OK' }
const wrongType: Reply = { error: 'WRONGTYPE Operation against a key holding the wrong kind of value' }

function addTo(args: readonly string[], store: Store, by: number): Reply {
  const before = store.get(args[0] ?? '') ?? '0'
  if (typeof before !== 'string' || !/^-?\d+$/.test(before) || Number.isNaN(by)) return { error: 'ERR value is not an integer or out of range' }
  store.set(args[0] ?? '', String(Number(before) + by))
  return { integer: Number(before) + by }
}

function push(args: readonly string[], store: Store, head: boolean): Reply {
  const list = store.get(args[0] ?? '') ?? []
  if (!Array.isArray(list)) return wrongType
  const next = head ? [...[...args.slice(1)].reverse(), ...list] : [...list, ...args.slice(1)]
  store.set(args[0] ?? '', next)
  return { integer: next.length }
}

/** Name: least number of arguments, and what it does. */
const commands: Readonly<Record<string, readonly [number, Command]>> = {
  PING: [0, (args) => (args[0] === undefined ? { simple: 'PONG' } : { bulk: args[0] })],
  ECHO: [1, (args) => ({ bulk: args[0] ?? '' })],
  SET: [2, (args, store, { now }) => {
    const at = args.findIndex((arg, index) => index > 1 && /^(ex|px)$/i.test(arg))
    store.set(args[0] ?? '', args[1] ?? '', at < 0 ? undefined : now + Number(args[at + 1]) * (args[at]?.toLowerCase() === 'ex' ? 1000 : 1))
    return ok
  }],
  GET: [1, (args, store) => {
    const value = store.get(args[0] ?? '')
    return value === undefined ? { bulk: null } : typeof value === 'string' ? { bulk: value } : wrongType
  }],
  DEL: [1, (args, store) => ({ integer: args.filter((key) => store.delete(key)).length })],
  EXISTS: [1, (args, store) => ({ integer: args.filter((key) => store.get(key) !== undefined).length })],
  INCR: [1, (args, store) => addTo(args, store, 1)],
  DECR: [1, (args, store) => addTo(args, store, -1)],
  INCRBY: [2, (args, store) => addTo(args, store, Number(args[1]))],
  APPEND: [2, (args, store) => {
    const next = String(store.get(args[0] ?? '') ?? '') + (args[1] ?? '')
    store.set(args[0] ?? '', next)
    return { integer: next.length }
  }],
  MSET: [2, (args, store) => {
    for (let index = 0; index + 1 < args.length; index += 2) store.set(args[index] ?? '', args[index + 1] ?? '')
    return ok
  }],
  MGET: [1, (args, store) => ({ list: args.map((key) => { const value = store.get(key); return { bulk: typeof value === 'string' ? value : null } }) })],
  KEYS: [1, (args, store) => {
    const pattern = new RegExp(`^${(args[0] ?? '').replace(/[.+^${}()|\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`)
    return { list: store.keys().filter((key) => pattern.test(key)).map((bulk) => ({ bulk })) }
  }],
  DBSIZE: [0, (_, store) => ({ integer: store.keys().length })],
  EXPIRE: [2, (args, store, { now }) => ({ integer: store.expire(args[0] ?? '', now + Number(args[1]) * 1000) ? 1 : 0 })],
  TTL: [1, (args, store) => ({ integer: store.ttl(args[0] ?? '') })],
  TYPE: [1, (args, store) => { const value = store.get(args[0] ?? ''); return { simple: value === undefined ? 'none' : typeof value === 'string' ? 'string' : Array.isArray(value) ? 'list' : 'hash' } }],
  FLUSHALL: [0, (_, store) => { store.clear(); return ok }],
  FLUSHDB: [0, (_, store) => { store.clear(); return ok }],
  LPUSH: [2, (args, store) => push(args, store, true)],
  RPUSH: [2, (args, store) => push(args, store, false)],
  LRANGE: [3, (args, store) => {
    const list = store.get(args[0] ?? '') ?? []
    if (!Array.isArray(list)) return wrongType
    const end = Number(args[2])
    return { list: list.slice(Number(args[1]), end === -1 ? undefined : end + 1).map((bulk) => ({ bulk })) }
  }],
  LLEN: [1, (args, store) => { const list = store.get(args[0] ?? '') ?? []; return Array.isArray(list) ? { integer: list.length } : wrongType }],
  HSET: [3, (args, store) => {
    const hash = store.get(args[0] ?? '') ?? new Map<string, string>()
    if (!(hash instanceof Map)) return wrongType
    let added = 0
    for (let index = 1; index + 1 < args.length; index += 2) {
      if (!hash.has(args[index] ?? '')) added++
      hash.set(args[index] ?? '', args[index + 1] ?? '')
    }
    store.set(args[0] ?? '', hash)
    return { integer: added }
  }],
  HGET: [2, (args, store) => { const hash = store.get(args[0] ?? ''); return hash instanceof Map ? { bulk: hash.get(args[1] ?? '') ?? null } : hash === undefined ? { bulk: null } : wrongType }],
  HGETALL: [1, (args, store) => { const hash = store.get(args[0] ?? ''); return { list: hash instanceof Map ? [...hash].flat().map((bulk) => ({ bulk })) : [] } }],
  SELECT: [1, () => ok],
  SAVE: [0, () => ok],
  CONFIG: [1, (args) => (args[0]?.toUpperCase() === 'GET' ? { list: [] } : ok)],
  COMMAND: [0, () => ({ list: [] })],
  CLIENT: [1, () => ok],
  INFO: [0, (_, store, { process, version, now }) => ({ bulk: `# Server\r\nredis_version:${version}\r\nredis_mode:standalone\r\nos:Linux ${process.uname().release} x86_64\r\narch_bits:64\r\nprocess_id:${process.pid}\r\ntcp_port:6379\r\nuptime_in_seconds:${Math.floor((now % 1e6) / 1000)}\r\n\r\n# Replication\r\nrole:master\r\nconnected_slaves:0\r\n\r\n# Keyspace\r\n${store.keys().length > 0 ? `db0:keys=${store.keys().length},expires=0,avg_ttl=0\r\n` : ''}` })],
}

function execute(words: readonly string[], store: Store, context: Parameters<Command>[2]): Reply {
  const [name = '', ...args] = words
  const command = commands[name.toUpperCase()]
  if (!command) return { error: `ERR unknown command '${name}', with args beginning with: ${args.map((arg) => `'${arg}' `).join('')}` }
  if (args.length < command[0]) return { error: `ERR wrong number of arguments for '${name.toLowerCase()}' command` }
  try {
    return command[1](args, store, context)
  } catch (error) {
    return { error: (error as Error).message }
  }
}

function encode(reply: Reply): string {
  if ('simple' in reply) return `+${reply.simple}\r\n`
  if ('error' in reply) return `-${reply.error}\r\n`
  if ('integer' in reply) return `:${reply.integer}\r\n`
  if ('list' in reply) return `*${reply.list.length}\r\n${reply.list.map(encode).join('')}`
  return reply.bulk === null ? '$-1\r\n' : `$${encodeUtf8(reply.bulk).length}\r\n${reply.bulk}\r\n`
}

/** Lines and counted parts of a stream of the protocol. */
class Wire {
  private buffer = ''

  constructor(private readonly connection: Connection) {}

  private async more(): Promise<boolean> {
    const part = await this.connection.read()
    if (part === null || this.buffer.length > 1_000_000) return false
    this.buffer += decodeUtf8(part)
    return true
  }

  async line(): Promise<string | null> {
    for (;;) {
      const end = this.buffer.indexOf('\n')
      if (end >= 0) {
        const line = this.buffer.slice(0, end).replace(/\r$/, '')
        this.buffer = this.buffer.slice(end + 1)
        return line
      }
      if (!(await this.more())) return null
    }
  }

  async exactly(length: number): Promise<string | null> {
    while (this.buffer.length < length + 2) if (!(await this.more())) return null
    const text = this.buffer.slice(0, length)
    this.buffer = this.buffer.slice(length + 2)
    return text
  }

  /** A command: an array of bulk strings, or a plain line. */
  async command(): Promise<string[] | null> {
    const first = await this.line()
    if (first === null) return null
    if (!first.startsWith('*')) return first.trim().split(/\s+/).filter((word) => word !== '')
    const words: string[] = []
    for (let left = Number(first.slice(1)); left > 0; left--) {
      const header = await this.line()
      const word = header === null ? null : await this.exactly(Number(header.slice(1)))
      if (word === null) return null
      words.push(word)
    }
    return words
  }

  async reply(): Promise<Reply | null> {
    const line = await this.line()
    if (line === null) return null
    const rest = line.slice(1)
    if (line.startsWith('+')) return { simple: rest }
    if (line.startsWith('-')) return { error: rest }
    if (line.startsWith(':')) return { integer: Number(rest) }
    if (line.startsWith('$')) return { bulk: Number(rest) < 0 ? null : await this.exactly(Number(rest)) }
    const list: Reply[] = []
    for (let left = Number(rest); left > 0; left--) {
      const reply = await this.reply()
      if (reply) list.push(reply)
    }
    return { list }
  }
}

const server: Program = {
  name: 'redis-server',
  unsupported: 'persistence, replication, clusters, scripts',
  async run(process) {
    const version = process.executable.attributes.version ?? '7.4.6'
    if (process.argv.some((arg) => arg === '--version' || arg === '-v')) {
      await process.stdout.write(`Redis server v=${version} sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=0\n`)
      return 0
    }
    const option = (name: string): string | undefined => (process.argv.includes(`--${name}`) ? process.argv[process.argv.indexOf(`--${name}`) + 1] : undefined)
    const port = Number(option('port') ?? 6379)
    const password = option('requirepass')
    const log = (line: string): Promise<void> => process.stdout.write(`${process.pid}:${line.startsWith('C') ? 'C' : 'M'} ${logTime(process.clock.now())} ${line.slice(1)}\n`)
    await log('C* oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo')
    await log(`C* Redis version=${version}, bits=64, commit=00000000, modified=0, pid=${process.pid}, just started`)
    const store = new Store(() => process.clock.now())
    let listener
    try {
      listener = process.net.listen({ address: '0.0.0.0', port })
    } catch (error) {
      if (!isErrno(error)) throw error
      await log(`M# Warning: Could not create server TCP listening socket *:${port}: bind: ${error.message}`)
      return 1
    }
    await log('M* Server initialized')
    await log('M* Ready to accept connections tcp')
    const accept = async (): Promise<void> => {
      for (;;) {
        const connection = await listener.accept()
        process.background(() => converse(connection, process, store, version, password))
      }
    }
    process.background(accept)
    return new Promise((resolve, reject) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.handle(signal, () => void log('M# User requested shutdown...').then(() => log('M# Redis is now ready to exit, bye bye...')).then(() => resolve(0), reject))
      process.dying.addEventListener('abort', () => reject(process.dying.reason as Error), { once: true })
    })
  },
}

function logTime(ms: number): string {
  const text = new Date(ms).toUTCString()
  return `${text.slice(5, 16)} ${text.slice(17, 25)}.${String(Math.floor(ms % 1000)).padStart(3, '0')}`
}

async function converse(connection: Connection, process: Process, store: Store, version: string, password: string | undefined): Promise<void> {
  const wire = new Wire(connection)
  let allowed = password === undefined
  try {
    for (let words = await wire.command(); words !== null; words = await wire.command()) {
      if (words.length === 0) continue
      const name = (words[0] ?? '').toUpperCase()
      if (name === 'QUIT') break
      if (name === 'AUTH') {
        allowed = words.at(-1) === password
        await connection.write(encodeUtf8(encode(password === undefined ? { error: 'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?' } : allowed ? ok : { error: 'WRONGPASS invalid username-password pair or user is disabled.' })))
      } else await connection.write(encodeUtf8(encode(allowed ? execute(words, store, { process, version, now: process.clock.now() }) : { error: 'NOAUTH Authentication required.' })))
    }
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  connection.close()
}

function clientArguments(given: readonly string[]): { options: ReadonlyMap<string, string>; args: readonly string[] } {
  const args = [...given]
  const options = new Map<string, string>()
  while ((args[0] ?? '').startsWith('-')) {
    const flag = args.shift() ?? ''
    if (flag === '--version' || flag === '-v') options.set('--version', '')
    else if (/^(-h|-p|-a|-n|-u|--pass)$/.test(flag)) options.set(flag, args.shift() ?? '')
  }
  return { options, args }
}

const client: Program = {
  name: 'redis-cli',
  async run(process) {
    const { options, args } = clientArguments(process.argv.slice(1))
    if (options.has('--version')) {
      await process.stdout.write(`redis-cli ${process.executable.attributes.version ?? '7.4.6'}\n`)
      return 0
    }
    const host = options.get('-h') ?? '127.0.0.1'
    const port = Number(options.get('-p') ?? 6379)
    let connection: Connection
    try {
      connection = await process.net.connect({ host, port })
    } catch (error) {
      if ((error as Error).name === 'ProcessKilled') throw error
      const why = (error as Error).name === 'LookupError' ? 'Name or service not known' : (error as Error).message
      await process.stderr.write(`Could not connect to Redis at ${host}:${port}: ${why}\n`)
      return 1
    }
    const wire = new Wire(connection)
    const password = options.get('-a') ?? options.get('--pass')
    const ask = async (words: readonly string[]): Promise<Reply | null> => {
      await connection.write(encodeUtf8(encode({ list: words.map((bulk) => ({ bulk })) })))
      return wire.reply()
    }
    if (password !== undefined) await ask(['AUTH', password])
    const tty = process.descriptor(1).tty !== undefined
    const run = async (words: readonly string[]): Promise<void> => {
      const reply = await ask(words)
      await process.stdout.write(`${reply ? (tty ? pretty(reply) : plain(reply)) : 'Error: Server closed the connection'}\n`)
    }
    if (args.length > 0) await run(args)
    else for await (const line of process.stdin.lines()) {
      if (/^\s*(quit|exit)\s*$/i.test(line)) break
      const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
      if (words.length > 0) await run(words)
    }
    connection.close()
    return 0
  },
}

function plain(reply: Reply): string {
  if ('simple' in reply) return reply.simple
  if ('error' in reply) return `${reply.error}\n`
  if ('integer' in reply) return String(reply.integer)
  if ('list' in reply) return reply.list.map(plain).join('\n')
  return reply.bulk ?? ''
}

function pretty(reply: Reply): string {
  if ('simple' in reply) return reply.simple
  if ('error' in reply) return `(error) ${reply.error}`
  if ('integer' in reply) return `(integer) ${reply.integer}`
  if ('list' in reply) return reply.list.length === 0 ? '(empty array)' : reply.list.map((each, index) => `${index + 1}) ${pretty(each)}`).join('\n')
  return reply.bulk === null ? '(nil)' : JSON.stringify(reply.bulk)
}

export const redisPrograms: readonly Program[] = [server, client]
