/** Requests to answers: which server, which location, files, redirects, proxies. */
import { encodeUtf8 } from '#engine/base/bytes'
import { bytesBody, emptyBody, type HttpBody, type HttpRequest, type HttpResponse } from '#engine/base/http'
import { isErrno } from '#engine/linux/abi/errno'
import { LookupError, TlsError } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import { statusTexts } from '#engine/linux/net/http/wire'
import { all, type Directive, find } from '#engine/images/nginx/config'
import { hostPort, type NginxLocation, type NginxModel, type NginxServer } from '#engine/images/nginx/model'

export interface Exchange {
  readonly request: HttpRequest
  readonly server: NginxServer
  readonly path: string
  readonly query: string
  readonly secure: boolean
  readonly port: number
  readonly id: number
  readonly variables: Map<string, string>
}

interface Outcome {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: HttpBody
  readonly length?: number
}

const redirectLimit = 10

export class Site {
  private turn = 0

  constructor(
    private readonly process: Process,
    private readonly model: NginxModel,
    private readonly version: string,
    private readonly errorLog: (level: string, message: string) => void,
  ) {}

  /** The server that a name selects among those of a port. */
  serverFor(port: number, host: string): NginxServer | undefined {
    const candidates = this.model.servers.filter((server) => server.listens.some((listen) => listen.port === port))
    const bare = host.replace(/:\d+$/, '').toLowerCase()
    return candidates.find((server) => server.names.includes(bare)) ?? candidates.find((server) => server.names.some((name) => wildcard(name, bare))) ??
      candidates.find((server) => server.listens.some((listen) => listen.port === port && listen.isDefault)) ?? candidates[0]
  }

  async answer(exchange: Exchange): Promise<HttpResponse> {
    const outcome = await this.visit(exchange, exchange.path, 0)
    const headers: Record<string, string> = { server: this.tokens(exchange) ? `nginx/${this.version}` : 'nginx', date: new Date(this.process.clock.now()).toUTCString(), ...outcome.headers }
    return { status: outcome.status, headers, body: exchange.request.method === 'HEAD' ? emptyBody : outcome.body }
  }

  private tokens(exchange: Exchange): boolean {
    return (find(exchange.server.block, 'server_tokens') ?? find(this.model.http, 'server_tokens'))?.args[0] !== 'off'
  }

  private async visit(exchange: Exchange, path: string, depth: number): Promise<Outcome> {
    if (depth > redirectLimit) return this.page(exchange, 500, [])
    const { location, captures } = this.locate(exchange.server.locations, path)
    for (const [index, value] of captures.entries()) exchange.variables.set(String(index), value)
    const blocks = [...(location ? [location.block] : []), exchange.server.block, this.model.http]
    exchange.variables.set('uri', path)
    const early = this.rewritePhase(exchange, blocks, path)
    if (early && 'path' in early) return this.visit(exchange, early.path, depth + 1)
    if (early) return early
    const outcome = this.denied(exchange, blocks) ?? (await this.content(exchange, location, blocks, path, depth))
    return outcome.status >= 300 ? this.errorPage(exchange, blocks, outcome, depth) : this.decorate(exchange, blocks, outcome)
  }

  private locate(locations: readonly NginxLocation[], path: string): { location: NginxLocation | undefined; captures: string[] } {
    const exact = locations.find((each) => each.kind === 'exact' && each.path === path)
    if (exact) return { location: exact, captures: [] }
    const longest = locations.filter((each) => (each.kind === 'prefix' || each.kind === 'prefix-first') && path.startsWith(each.path)).sort((a, b) => b.path.length - a.path.length)[0]
    const inner = longest && this.locate(longest.locations, path)
    if (inner?.location) return inner
    if (longest?.kind !== 'prefix-first') {
      for (const each of locations) {
        const match = each.kind === 'regex' ? each.pattern?.exec(path) : undefined
        if (match) return { location: each, captures: [...match].map((value) => value ?? '') }
      }
    }
    return { location: longest, captures: [] }
  }

  /** `set`, `return`, `rewrite` and simple `if`, of the location and then of the server. */
  private rewritePhase(exchange: Exchange, blocks: readonly (readonly Directive[])[], path: string): Outcome | { readonly path: string } | undefined {
    for (const block of [exchange.server.block, ...(blocks[0] && blocks.length > 2 ? [blocks[0]] : [])]) {
      const done = this.rewriteBlock(exchange, block, path)
      if (done) return done
    }
    return undefined
  }

  private rewriteBlock(exchange: Exchange, block: readonly Directive[], path: string): Outcome | { readonly path: string } | undefined {
    for (const directive of block) {
      if (directive.name === 'set') exchange.variables.set((directive.args[0] ?? '').replace(/^\$/, ''), this.expand(directive.args[1] ?? '', exchange))
      if (directive.name === 'return') return this.returned(exchange, directive.args)
      if (directive.name === 'if' && this.condition(directive.args.join(' '), exchange)) {
        const done = this.rewriteBlock(exchange, directive.block ?? [], path)
        if (done) return done
      }
      const rewritten = directive.name === 'rewrite' ? this.rewritten(exchange, directive, path) : undefined
      if (rewritten) return rewritten
    }
    return undefined
  }

  private rewritten(exchange: Exchange, directive: Directive, path: string): Outcome | { readonly path: string } | undefined {
    const match = new RegExp(directive.args[0] ?? '').exec(path)
    if (!match) return undefined
    const target = this.expand((directive.args[1] ?? '').replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? ''), exchange)
    const flag = directive.args[2]
    if (/^https?:/.test(target) || flag === 'redirect' || flag === 'permanent') return this.redirect(exchange, flag === 'permanent' ? 301 : 302, target)
    return target === path ? undefined : { path: target.split('?')[0] ?? target }
  }

  private condition(text: string, exchange: Exchange): boolean {
    const match = /^\(\s*(\S+?)\s*(?:(=|!=|~\*?|!~\*?)\s*(.*?))?\s*\)$/.exec(text)
    if (!match) return false
    const value = this.expand(match[1] ?? '', exchange)
    const wanted = (match[3] ?? '').replace(/^["']|["']$/g, '')
    switch (match[2]) {
      case undefined:
        return value !== '' && value !== '0'
      case '=':
        return value === this.expand(wanted, exchange)
      case '!=':
        return value !== this.expand(wanted, exchange)
      default:
        return new RegExp(wanted, match[2]?.includes('*') ? 'i' : '').test(value) !== match[2]?.startsWith('!')
    }
  }

  private returned(exchange: Exchange, args: readonly string[]): Outcome {
    const [first = '', second] = args
    if (!/^\d{3}$/.test(first)) return this.redirect(exchange, 302, this.expand(first, exchange))
    const status = Number(first)
    if (second === undefined) return this.page(exchange, status, [])
    const text = this.expand(second, exchange)
    if ([301, 302, 303, 307, 308].includes(status)) return this.redirect(exchange, status, text)
    return whole(status, { 'content-type': this.defaultType(exchange) }, encodeUtf8(text))
  }

  private redirect(exchange: Exchange, status: number, target: string): Outcome {
    const page = this.page(exchange, status, [])
    return { ...page, headers: { ...page.headers, location: target.startsWith('/') ? `${exchange.secure ? 'https' : 'http'}://${exchange.request.headers.host ?? 'localhost'}${target}` : target } }
  }

  private defaultType(exchange: Exchange): string {
    const { location } = this.locate(exchange.server.locations, exchange.path)
    return this.inherited([...(location ? [location.block] : []), exchange.server.block, this.model.http], 'default_type')?.args[0] ?? 'text/plain'
  }

  private denied(exchange: Exchange, blocks: readonly (readonly Directive[])[]): Outcome | undefined {
    const block = blocks.find((each) => find(each, 'allow') || find(each, 'deny'))
    const address = exchange.request.peer?.address ?? ''
    for (const rule of block ?? []) {
      if (rule.name !== 'allow' && rule.name !== 'deny') continue
      if (rule.args[0] !== 'all' && rule.args[0] !== address) continue
      if (rule.name === 'allow') return undefined
      this.errorLog('error', `*${exchange.id} access forbidden by rule, ${this.about(exchange)}`)
      return this.page(exchange, 403, [])
    }
    return undefined
  }

  private inherited(blocks: readonly (readonly Directive[])[], name: string): Directive | undefined {
    for (const block of blocks) {
      const found = find(block, name)
      if (found) return found
    }
    return undefined
  }

  private async content(exchange: Exchange, location: NginxLocation | undefined, blocks: readonly (readonly Directive[])[], path: string, depth: number): Promise<Outcome> {
    const block = location?.block ?? []
    const proxy = find(block, 'proxy_pass')
    if (proxy) return this.proxy(exchange, location as NginxLocation, proxy, blocks, path)
    if (find(block, 'stub_status')) return whole(200, { 'content-type': 'text/plain' }, encodeUtf8(`Active connections: 1 \nserver accepts handled requests\n ${exchange.id} ${exchange.id} ${exchange.id} \nReading: 0 Writing: 1 Waiting: 0 \n`))
    const tries = find(block, 'try_files') ?? find(exchange.server.block, 'try_files')
    if (tries) return this.tryFiles(exchange, location, blocks, tries, path, depth)
    return this.file(exchange, location, blocks, path, depth)
  }

  private diskPath(exchange: Exchange, location: NginxLocation | undefined, blocks: readonly (readonly Directive[])[], path: string): string {
    const alias = find(location?.block ?? [], 'alias')
    if (alias && location) return this.expand(alias.args[0] ?? '', exchange) + path.slice(location.path.length)
    return `${this.expand(this.inherited(blocks, 'root')?.args[0] ?? '/etc/nginx/html', exchange).replace(/\/$/, '')}${path}`
  }

  private async tryFiles(exchange: Exchange, location: NginxLocation | undefined, blocks: readonly (readonly Directive[])[], tries: Directive, path: string, depth: number): Promise<Outcome> {
    for (const candidate of tries.args.slice(0, -1)) {
      const target = this.expand(candidate, exchange)
      const stat = this.process.files.exists(this.diskPath(exchange, location, blocks, target))
      if (stat && (stat.type === 'directory') === target.endsWith('/')) return this.file(exchange, location, blocks, target, depth)
    }
    const last = this.expand(tries.args.at(-1) ?? '', exchange)
    if (last.startsWith('=')) return this.page(exchange, Number(last.slice(1)), blocks)
    return last.startsWith('@') ? this.named(exchange, last, path, depth) : this.visit(exchange, last.split('?')[0] ?? last, depth + 1)
  }

  private named(exchange: Exchange, name: string, path: string, depth: number): Promise<Outcome> {
    const location = exchange.server.locations.find((each) => each.kind === 'named' && each.path === name)
    return location ? this.content(exchange, location, [location.block, exchange.server.block, this.model.http], path, depth + 1) : Promise.resolve(this.page(exchange, 500, []))
  }

  private async file(exchange: Exchange, location: NginxLocation | undefined, blocks: readonly (readonly Directive[])[], path: string, depth: number): Promise<Outcome> {
    const { files } = this.process
    const disk = this.diskPath(exchange, location, blocks, path)
    if (exchange.request.method !== 'GET' && exchange.request.method !== 'HEAD') return this.page(exchange, 405, blocks)
    try {
      const stat = files.stat(disk)
      if (stat.type === 'directory') return await this.directory(exchange, blocks, disk, path, depth)
      if (path.endsWith('/')) throw Object.assign(new Error('not a directory'), {})
      const bytes = files.readFile(disk)
      const extension = /\.([^./]+)$/.exec(disk)?.[1]?.toLowerCase() ?? ''
      const type = this.model.types.get(extension) ?? this.inherited(blocks, 'default_type')?.args[0] ?? 'text/plain'
      const seconds = Math.floor(stat.mtimeMs / 1000)
      const etag = `"${seconds.toString(16)}-${bytes.length.toString(16)}"`
      const headers = { 'content-type': type, 'content-length': String(bytes.length), 'last-modified': new Date(seconds * 1000).toUTCString(), connection: connectionOf(exchange), etag, 'accept-ranges': 'bytes' }
      if (exchange.request.headers['if-none-match'] === etag) return { status: 304, headers: { 'last-modified': headers['last-modified'], connection: headers.connection, etag }, body: emptyBody, length: 0 }
      return { status: 200, headers, body: bytesBody(bytes), length: bytes.length }
    } catch (error) {
      if (!isErrno(error)) return this.page(exchange, 404, blocks)
      this.errorLog('error', `*${exchange.id} open() "${disk}" failed (${error.number}: ${error.message}), ${this.about(exchange)}`)
      return this.page(exchange, error.code === 'EACCES' ? 403 : 404, blocks)
    }
  }

  private async directory(exchange: Exchange, blocks: readonly (readonly Directive[])[], disk: string, path: string, depth: number): Promise<Outcome> {
    if (!path.endsWith('/')) return this.redirect(exchange, 301, `${path}/`)
    for (const name of this.inherited(blocks, 'index')?.args ?? ['index.html']) if (this.process.files.exists(`${disk}${name}`)) return this.visit(exchange, `${path}${name}`, depth + 1)
    if (this.inherited(blocks, 'autoindex')?.args[0] === 'on') return this.listing(disk, path)
    this.errorLog('error', `*${exchange.id} directory index of "${disk}" is forbidden, ${this.about(exchange)}`)
    return this.page(exchange, 403, blocks)
  }

  private listing(disk: string, path: string): Outcome {
    const entries = this.process.files.readDirectory(disk).filter((entry) => !entry.name.startsWith('.')).sort((a, b) => Number(b.type === 'directory') - Number(a.type === 'directory') || (a.name < b.name ? -1 : 1))
    const rows = entries.map((entry) => {
      const name = entry.type === 'directory' ? `${entry.name}/` : entry.name
      const stat = this.process.files.stat(`${disk}${entry.name}`)
      const when = new Date(stat.mtimeMs).toUTCString()
      return `<a href="${name}">${name}</a>${' '.repeat(Math.max(1, 51 - name.length))}${when.slice(5, 7)}-${when.slice(8, 11)}-${when.slice(12, 16)} ${when.slice(17, 22)}${entry.type === 'directory' ? '                   -' : String(stat.size).padStart(20)}\r\n`
    })
    return whole(200, { 'content-type': 'text/html' }, encodeUtf8(`<html>\r\n<head><title>Index of ${path}</title></head>\r\n<body>\r\n<h1>Index of ${path}</h1><hr><pre><a href="../">../</a>\r\n${rows.join('')}</pre><hr></body>\r\n</html>\r\n`))
  }

  private async proxy(exchange: Exchange, location: NginxLocation, directive: Directive, blocks: readonly (readonly Directive[])[], path: string): Promise<Outcome> {
    const url = this.expand(directive.args[0] ?? '', exchange)
    const match = /^(https?):\/\/([^/]+)(\/.*)?$/.exec(url)
    if (!match) return this.page(exchange, 500, blocks)
    const [, scheme, authority = '', uri] = match
    const target = this.upstream(authority, scheme === 'https' ? 443 : 80)
    const forwarded = uri === undefined || location.kind === 'regex' ? path : uri + path.slice(location.path.length)
    const headers = this.proxyHeaders(exchange, blocks, authority)
    const limit = seconds(this.inherited(blocks, 'proxy_connect_timeout')?.args[0] ?? '60s') * 1000
    try {
      const { method, body, signal } = exchange.request
      const response = await this.process.net.request(target, { method, path: forwarded + (exchange.query === '' ? '' : `?${exchange.query}`), headers, body, ...(signal ? { signal } : {}) }, { timeoutMs: limit, ...(scheme === 'https' ? { tls: { insecureSkipVerify: true } } : {}) })
      const passed: Record<string, string> = { ...response.headers }
      for (const name of ['server', 'date', 'connection', 'transfer-encoding']) delete passed[name]
      return { status: response.status, headers: { ...passed, connection: connectionOf(exchange) }, body: response.body }
    } catch (error) {
      return this.upstreamFailed(exchange, blocks, `${scheme ?? 'http'}://${target.host}:${target.port}${forwarded}`, error)
    }
  }

  /** The client's, with what `proxy_set_header` says; an empty value takes a header away. */
  private proxyHeaders(exchange: Exchange, blocks: readonly (readonly Directive[])[], authority: string): Record<string, string> {
    const headers: Record<string, string> = { ...exchange.request.headers, host: authority, connection: 'close' }
    const block = blocks.find((each) => find(each, 'proxy_set_header'))
    for (const each of all(block ?? [], 'proxy_set_header')) headers[(each.args[0] ?? '').toLowerCase()] = this.expand(each.args[1] ?? '', exchange)
    for (const [name, value] of Object.entries(headers)) if (value === '') delete headers[name]
    return headers
  }

  private upstream(authority: string, fallback: number): { host: string; port: number } {
    const servers = this.model.upstreams.get(authority)
    return servers && servers.length > 0 ? (servers[this.turn++ % servers.length] as { host: string; port: number }) : hostPort(authority, fallback)
  }

  private upstreamFailed(exchange: Exchange, blocks: readonly (readonly Directive[])[], upstream: string, error: unknown): Outcome {
    const tail = `, ${this.about(exchange).replace(', host:', `, upstream: "${upstream}", host:`)}`
    if (error instanceof LookupError) {
      this.errorLog('error', `*${exchange.id} ${error.host} could not be resolved (3: Host not found)${tail}`)
      return this.page(exchange, 502, blocks)
    }
    if (error instanceof TlsError) {
      this.errorLog('error', `*${exchange.id} SSL_do_handshake() failed while SSL handshaking to upstream${tail}`)
      return this.page(exchange, 502, blocks)
    }
    if (!isErrno(error)) throw error
    this.errorLog('error', error.code === 'ETIMEDOUT' ? `*${exchange.id} upstream timed out (110: Connection timed out) while connecting to upstream${tail}` : error.code === 'ECONNRESET' ? `*${exchange.id} upstream prematurely closed connection while reading response header from upstream${tail}` : `*${exchange.id} connect() failed (${error.number}: ${error.message}) while connecting to upstream${tail}`)
    return this.page(exchange, error.code === 'ETIMEDOUT' ? 504 : 502, blocks)
  }

  private about(exchange: Exchange): string {
    const { request, server } = exchange
    return `client: ${request.peer?.address ?? ''}, server: ${server.names[0] ?? ''}, request: "${request.method} ${request.path} HTTP/1.1", host: "${request.headers.host ?? ''}"`
  }

  private async errorPage(exchange: Exchange, blocks: readonly (readonly Directive[])[], outcome: Outcome, depth: number): Promise<Outcome> {
    const block = blocks.find((each) => find(each, 'error_page'))
    const rule = all(block ?? [], 'error_page').find((each) => each.args.includes(String(outcome.status)))
    if (!rule || depth > redirectLimit) return this.decorate(exchange, blocks, outcome)
    const target = this.expand(rule.args.at(-1) ?? '', exchange)
    const changed = rule.args.find((arg) => /^=\d*$/.test(arg))
    const page = target.startsWith('@') ? await this.named(exchange, target, exchange.path, depth + 1) : await this.visit(exchange, target, depth + 5)
    if (page.status >= 300 && page.status !== 304) return outcome
    return { ...page, status: changed === undefined ? outcome.status : changed === '=' ? page.status : Number(changed.slice(1)) }
  }

  private decorate(exchange: Exchange, blocks: readonly (readonly Directive[])[], outcome: Outcome): Outcome {
    const block = blocks.find((each) => find(each, 'add_header'))
    if (!block) return outcome
    const headers = { ...outcome.headers }
    for (const each of all(block, 'add_header')) if (outcome.status < 400 || each.args.includes('always')) headers[(each.args[0] ?? '').toLowerCase()] = this.expand(each.args[1] ?? '', exchange)
    return { ...outcome, headers }
  }

  private page(exchange: Exchange, status: number, _blocks: readonly (readonly Directive[])[]): Outcome {
    if (status < 300) return whole(status, { connection: connectionOf(exchange) }, new Uint8Array(0))
    const title = `${status} ${status === 302 ? 'Found' : status === 503 ? 'Service Temporarily Unavailable' : status === 405 ? 'Not Allowed' : status === 504 ? 'Gateway Time-out' : (statusTexts[status] ?? '')}`
    const footer = this.tokens(exchange) ? `nginx/${this.version}` : 'nginx'
    const text = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>${footer}</center>\r\n</body>\r\n</html>\r\n`
    return whole(status, { 'content-type': 'text/html', 'content-length': String(text.length), connection: connectionOf(exchange) }, encodeUtf8(text))
  }

  /** `$variables` of a value. */
  expand(text: string, exchange: Exchange): string {
    return text.replace(/\$\{?([a-z_0-9]+)\}?/gi, (_, name: string) => this.variable(name.toLowerCase(), exchange))
  }

  private variable(name: string, exchange: Exchange): string {
    const { request } = exchange
    const own = exchange.variables.get(name)
    if (own !== undefined) return own
    if (name.startsWith('http_')) return request.headers[name.slice(5).replace(/_/g, '-')] ?? ''
    if (name.startsWith('arg_')) return new URLSearchParams(exchange.query).get(name.slice(4)) ?? ''
    const values: Readonly<Record<string, () => string>> = {
      host: () => (request.headers.host ?? exchange.server.names[0] ?? '').replace(/:\d+$/, ''), request_uri: () => request.path, uri: () => exchange.path, document_uri: () => exchange.path, args: () => exchange.query, query_string: () => exchange.query, is_args: () => (exchange.query === '' ? '' : '?'),
      request_method: () => request.method, scheme: () => (exchange.secure ? 'https' : 'http'), remote_addr: () => request.peer?.address ?? '', remote_port: () => String(request.peer?.port ?? ''), remote_user: () => '', server_name: () => exchange.server.names[0] ?? '', server_port: () => String(exchange.port), server_addr: () => '', server_protocol: () => 'HTTP/1.1',
      hostname: () => this.process.uname().nodename, nginx_version: () => this.version, pid: () => String(this.process.pid), request: () => `${request.method} ${request.path} HTTP/1.1`, proxy_add_x_forwarded_for: () => [request.headers['x-forwarded-for'], request.peer?.address].filter((each) => each).join(', '), time_iso8601: () => `${new Date(this.process.clock.now()).toISOString().slice(0, 19)}+00:00`, msec: () => (this.process.clock.now() / 1000).toFixed(3), request_id: () => '', content_type: () => request.headers['content-type'] ?? '', content_length: () => request.headers['content-length'] ?? '', request_time: () => '0.000', connection: () => String(exchange.id),
    }
    return values[name]?.() ?? ''
  }
}

function connectionOf(exchange: Exchange): string {
  return /close/i.test(exchange.request.headers.connection ?? '') ? 'close' : 'keep-alive'
}

function whole(status: number, headers: Record<string, string>, bytes: Uint8Array): Outcome {
  return { status, headers: { ...headers, 'content-length': String(bytes.length) }, body: bytesBody(bytes), length: bytes.length }
}

function wildcard(name: string, host: string): boolean {
  if (name.startsWith('*.')) return host.endsWith(name.slice(1))
  if (name.endsWith('.*')) return host.startsWith(name.slice(0, -1))
  return name.startsWith('~') && new RegExp(name.slice(1)).test(host)
}

function seconds(text: string): number {
  const match = /^(\d+)(ms|s|m|h)?$/.exec(text)
  return match ? Number(match[1]) * ({ ms: 0.001, s: 1, m: 60, h: 3600 }[match[2] ?? 's'] ?? 1) : 60
}
