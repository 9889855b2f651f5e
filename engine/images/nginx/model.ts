/** A checked configuration as the server uses it. */
import type { Process } from '#engine/linux/abi/process'
import { all, type Directive, find, NginxConfigError } from '#engine/images/nginx/config'
import { nginxDirectives } from '#engine/images/nginx/directives.table'

export interface NginxServer {
  readonly listens: readonly { readonly address: string; readonly port: number; readonly ssl: boolean; readonly isDefault: boolean }[]
  readonly names: readonly string[]
  readonly block: readonly Directive[]
  readonly locations: readonly NginxLocation[]
}

export interface NginxLocation {
  readonly kind: 'exact' | 'prefix' | 'prefix-first' | 'regex' | 'named'
  readonly path: string
  readonly pattern?: RegExp
  readonly block: readonly Directive[]
  readonly locations: readonly NginxLocation[]
}

export interface NginxModel {
  readonly main: readonly Directive[]
  readonly http: readonly Directive[]
  readonly servers: readonly NginxServer[]
  readonly upstreams: ReadonlyMap<string, readonly { readonly host: string; readonly port: number }[]>
  readonly types: ReadonlyMap<string, string>
  readonly logFormats: ReadonlyMap<string, string>
}

const contextOf: Readonly<Record<string, string>> = { events: 'e', http: 'h', server: 's', location: 'l', upstream: 'u', if: 'i', limit_except: 'l' }
const freeBlocks = new Set(['types', 'map', 'geo', 'split_clients', 'stream', 'mail'])

export function at(directive: Directive): string {
  return `in ${directive.file}:${directive.line}`
}

/** Throws NginxConfigError. */
export function buildModel(directives: readonly Directive[], process: Process): NginxModel {
  check(directives, 'm')
  if (!find(directives, 'events')) throw new NginxConfigError(`no "events" section in configuration`)
  const http = find(directives, 'http')?.block ?? []
  const upstreams = new Map(all(http, 'upstream').map((each) => [each.args[0] ?? '', all(each.block ?? [], 'server').map((server) => hostPort(server.args[0] ?? ''))]))
  const types = typesOf(find(http, 'types')?.block ?? [])
  const logFormats = new Map(all(http, 'log_format').map((each) => [each.args[0] ?? '', each.args.slice(each.args[1]?.startsWith('escape=') ? 2 : 1).join('')]))
  logFormats.set('combined', '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"')
  const servers = all(http, 'server').map((each) => server(each, process))
  checkLogs(http, logFormats)
  return { main: directives, http, servers, upstreams, types, logFormats }
}

/** By the block they were read from: a thousand containers of one image share it. */
const knownTypes = new WeakMap<readonly Directive[], ReadonlyMap<string, string>>()

function typesOf(block: readonly Directive[]): ReadonlyMap<string, string> {
  const known = knownTypes.get(block)
  if (known) return known
  const types = new Map<string, string>()
  for (const each of block) for (const extension of each.args) types.set(extension, each.name)
  knownTypes.set(block, types)
  return types
}

function check(block: readonly Directive[], context: string): void {
  for (const directive of block) {
    const allowed = nginxDirectives[directive.name]
    if (allowed === undefined) throw new NginxConfigError(`unknown directive "${directive.name}" ${at(directive)}`)
    if (!allowed.includes(context)) throw new NginxConfigError(`"${directive.name}" directive is not allowed here ${at(directive)}`)
    const isBlock = (directive.name in contextOf && !(directive.name === 'server' && context === 'u')) || freeBlocks.has(directive.name)
    checkShape(directive, isBlock)
    if (directive.block && isBlock && !freeBlocks.has(directive.name)) check(directive.block, contextOf[directive.name] as string)
  }
}

function checkShape(directive: Directive, isBlock: boolean): void {
  if (isBlock && !directive.block) throw new NginxConfigError(`directive "${directive.name}" has no opening "{" ${at(directive)}`)
  if (!isBlock && directive.block) throw new NginxConfigError(`directive "${directive.name}" is not terminated by ";" ${at(directive)}`)
  if (!isBlock && directive.args.length === 0 && !/^(stub_status|internal|break|least_conn|ip_hash|random|empty_gif|random_index|ssl_reject_handshake)$/.test(directive.name)) throw new NginxConfigError(`invalid number of arguments in "${directive.name}" directive ${at(directive)}`)
}

function checkLogs(http: readonly Directive[], formats: ReadonlyMap<string, string>): void {
  for (const log of all(http, 'access_log')) if (log.args[1] !== undefined && !log.args[1].includes('=') && !formats.has(log.args[1])) throw new NginxConfigError(`unknown log format "${log.args[1]}" ${at(log)}`)
}

function server(directive: Directive, process: Process): NginxServer {
  const block = directive.block ?? []
  const given = all(block, 'listen')
  const listens = given.length > 0 ? given.map(listen) : [{ address: '0.0.0.0', port: process.credentials.euid === 0 ? 80 : 8000, ssl: false, isDefault: false }]
  if (listens.some((each) => each.ssl) && !find(block, 'ssl_certificate')) throw new NginxConfigError(`no "ssl_certificate" is defined for the "listen ... ssl" directive ${at(directive)}`)
  return { listens, block, names: all(block, 'server_name').flatMap((each) => [...each.args]), locations: locations(block) }
}

function listen(directive: Directive): NginxServer['listens'][number] {
  const [where = '', ...flags] = directive.args
  const match = /^(?:(\[[^\]]*\]|[^:[\]]+):)?(\d+)$/.exec(where) ?? (/^(\[[^\]]*\]|[\w.*-]+)$/.exec(where) ? ['', where, '80'] : undefined)
  if (!match || Number(match[2]) < 1 || Number(match[2]) > 65535) throw new NginxConfigError(`invalid port in "${where}" of the "listen" directive ${at(directive)}`)
  const host = match[1] === undefined || match[1] === '*' ? '0.0.0.0' : match[1].replace(/^\[|\]$/g, '')
  const bad = flags.find((flag) => !/^(ssl|default_server|http2|reuseport|proxy_protocol|deferred|ipv6only=.*|backlog=.*|so_keepalive=.*|quic)$/.test(flag))
  if (bad !== undefined) throw new NginxConfigError(`invalid parameter "${bad}" ${at(directive)}`)
  return { address: host === 'localhost' ? '127.0.0.1' : host, port: Number(match[2]), ssl: flags.includes('ssl'), isDefault: flags.includes('default_server') }
}

function locations(block: readonly Directive[]): NginxLocation[] {
  return all(block, 'location').map((directive) => {
    const [first = '', second] = directive.args
    const inner = directive.block ?? []
    const common = { block: inner, locations: locations(inner) }
    if (second === undefined) return { ...common, kind: first.startsWith('@') ? 'named' : 'prefix', path: first }
    if (first === '=') return { ...common, kind: 'exact', path: second }
    if (first === '^~') return { ...common, kind: 'prefix-first', path: second }
    if (first !== '~' && first !== '~*') throw new NginxConfigError(`invalid location modifier "${first}" ${at(directive)}`)
    return { ...common, kind: 'regex', path: second, pattern: pattern(second, first === '~*', directive) }
  })
}

export function pattern(text: string, ignoreCase: boolean, directive: Directive): RegExp {
  try {
    return new RegExp(text.replace(/\(\?<(\w+)>/g, '(?<$1>'), ignoreCase ? 'i' : '')
  } catch {
    throw new NginxConfigError(`pcre2_compile() failed: invalid pattern in "${text}" ${at(directive)}`)
  }
}

export function hostPort(text: string, fallback = 80): { host: string; port: number } {
  const match = /^(.*?)(?::(\d+))?$/.exec(text)
  return { host: match?.[1] ?? text, port: Number(match?.[2] ?? fallback) }
}
