/** `curl` 7.88: http, https and file URLs. */
import { concatBytes, decodeUtf8, encodeUtf8, toBase64 } from '#engine/base/bytes'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { HttpWireError } from '#engine/linux/net/http/wire'
import { CurlError, UnreadableUpload } from './error'
import { printHelp, printVersion } from './help'
import { configText } from './config'
import { type CurlOptions, CurlUsageError, parseCurl } from './options'
import { boundary, meterHead, meterLine, normalized, note, parseUrl, problemOf, type Result, supported, urlencode } from './result'
import { toStandardOutput } from './output'
import { begin, type Transfer, type TransferRequest, type TransferSettings } from './transfer'

const hint = "curl: try 'curl --help' or 'curl --manual' for more information\n"
const redirectCodes = new Set([301, 302, 303, 307, 308])

export const curl: Program = {
  name: 'curl',
  unsupported: 'ftp and other schemes, proxies, cookies jars, HTTP/3, .netrc, ~/.curlrc',
  async run(process) {
    try {
      const options = await parseCurl(process.argv.slice(1), (path) => configText(process, path))
      if (options.flags.has('version')) return await printVersion(process)
      if (options.flags.has('help')) return await printHelp(process)
      if (options.urls.length === 0) {
        await process.stderr.write(hint)
        return 2
      }
      return await new Session(process, options).run()
    } catch (error) {
      if (error instanceof UnreadableUpload) {
        await process.stderr.write(`curl: Can't open '${error.path}'!\n${hint}curl: (26) Failed to open/read local data from file/application\n`)
        return 26
      }
      if (!(error instanceof CurlUsageError)) throw error
      await process.stderr.write(`curl: ${error.message}\n${error.hint ? hint : ''}`)
      return error.exit
    }
  },
}

class Session {
  private connections = 0
  /** What -v tells of the current transfer, kept in order with what is written to standard output. */
  private readonly talk: string[] = []

  constructor(private readonly process: Process, private readonly options: CurlOptions) {}

  private has(name: string): boolean {
    return this.options.flags.has(name)
  }

  private value(name: string): string | undefined {
    return this.options.values.get(name)?.at(-1)
  }

  private all(name: string): readonly string[] {
    return this.options.values.get(name) ?? []
  }

  private get verbose(): boolean {
    return this.has('verbose')
  }

  private get quiet(): boolean {
    return this.has('silent')
  }

  async run(): Promise<number> {
    let exit = 0
    for (const [index, url] of this.options.urls.entries()) exit = await this.withRetries(url, index)
    return exit
  }

  private async withRetries(url: string, index: number): Promise<number> {
    const retries = Number(this.value('retry') ?? 0)
    for (let attempt = 0; ; attempt++) {
      const result = await this.one(url, index)
      const transient = this.transient(result)
      await this.report(result, !transient || attempt >= retries)
      if (!transient || attempt >= retries) return result.exit
      const given = Number(this.value('retry-delay') ?? 0)
      const seconds = given > 0 ? given : 2 ** attempt
      if (!this.quiet) await this.process.stderr.write(`Warning: Problem: ${problemOf(result)}. Will retry in ${seconds} second${seconds === 1 ? '' : 's'}. ${retries - attempt} ${retries - attempt === 1 ? 'retry' : 'retries'} left.\n`)
      await this.process.clock.sleep(seconds * 1000)
    }
  }

  private transient(result: Result): boolean {
    return result.exit === 28 || (result.exit === 7 && this.has('retry-connrefused')) || (result.exit !== 0 && this.has('retry-all-errors')) || [408, 429, 500, 502, 503, 504].includes(result.code)
  }

  private async report(result: Result, last: boolean): Promise<void> {
    if (result.exit !== 0 && result.message !== '' && (!this.quiet || this.has('show-error'))) await this.process.stderr.write(`curl: (${result.exit}) ${result.message}\n`)
    if (result.exit === 26 && result.message === '') return
    const format = this.value('write-out')
    if (last && format !== undefined) await this.process.stdout.write(this.writeOut(format.startsWith('@') ? this.process.files.readText(format.slice(1)) : format, result))
  }

  private async one(given: string, index: number): Promise<Result> {
    const result: Result = { exit: 0, message: '', code: 0, url: given, size: 0, uploaded: 0, redirects: 0, contentType: '', startedAt: this.process.clock.now(), connectedAt: 0, headerSize: 0, remote: { address: '', port: 0 }, local: { address: '', port: 0 }, version: '0', redirectUrl: '' }
    const meter = !this.quiet && !this.has('no-progress-meter') && (this.process.descriptor(1).tty === undefined || this.outputPath(given, index) !== undefined)
    try {
      const url = parseUrl(given, result)
      if (url.protocol === 'ftp:') await this.ftp(url)
      if (url.protocol === 'file:') await this.fileUrl(url, given, index, result)
      else {
        if (meter) await this.process.stderr.write(meterHead)
        await this.httpUrl(url, given, index, result)
      }
    } catch (error) {
      this.failed(error, result)
    }
    await this.flushTalk()
    if (meter && result.url.startsWith('http') && (result.exit === 0 || result.exit >= 5)) await this.process.stderr.write(meterLine(result))
    return result
  }

  /** The error as exit code and message; what is none of curl's goes on. */
  private failed(error: unknown, result: Result): void {
    if (error instanceof CurlError) {
      result.exit = error.exit
      result.message = error.message
      if (error.exit !== 3 && error.exit !== 1 && error.exit !== 37) this.info(`Closing connection ${Math.max(0, this.connections - 1)}`)
    } else if (error instanceof HttpWireError) {
      result.exit = 18
      result.message = error.message.startsWith('transfer closed') ? error.message : 'transfer closed with outstanding read data remaining'
    } else if (isErrno(error, 'ECONNRESET')) {
      result.exit = 56
      result.message = 'Recv failure: Connection reset by peer'
    } else throw error
  }

  private info(line: string): void {
    if (this.verbose) this.talk.push(`* ${line}\n`)
  }

  private async flushTalk(): Promise<void> {
    if (this.talk.length > 0) await this.process.stderr.write(this.talk.splice(0).join(''))
  }

  private outputPath(url: string, index: number): string | undefined {
    const given = this.all('output')[index] ?? (this.options.urls.length === 1 ? this.value('output') : undefined)
    if (given !== undefined) return given === '-' ? undefined : given
    if (!this.has('remote-name')) return undefined
    const path = /^(?:\w+:\/\/)?[^/?#]*(\/[^?#]*)?/.exec(url)?.[1] ?? ''
    return path.split('/').pop() ?? ''
  }

  private async fileUrl(url: URL, given: string, index: number, result: Result): Promise<void> {
    const path = decodeURIComponent(url.pathname)
    try {
      const bytes = this.process.files.readFile(path)
      result.size = bytes.length
      await this.output(given, index)(bytes)
    } catch (error) {
      if (isErrno(error)) throw new CurlError(37, `Couldn't open file ${path}`)
      throw error
    }
  }

  /** Connections are tried as everywhere; the protocol itself is not there. */
  private async ftp(url: URL): Promise<never> {
    const transfer = await begin(this.process, { url: new URL(`http://${url.hostname}:${url.port || '21'}/`), method: 'GET', headers: [], host: url.host, body: undefined }, this.settings())
    transfer.close()
    throw new CurlError(1, 'ftp is not supported in this simulation')
  }

  private settings(): TransferSettings {
    const seconds = (name: string): number | undefined => (this.value(name) === undefined ? undefined : Number(this.value(name)) * 1000)
    const total = seconds('max-time')
    const unparsed = this.all('resolve').find((entry) => entry.split(':').length < 3)
    if (unparsed !== undefined) throw new CurlError(49, `Couldn't parse CURLOPT_RESOLVE entry '${unparsed}'`)
    const resolve = new Map(this.all('resolve').map((entry) => {
      const [host = '', port = '', ...address] = entry.replace(/^[+-]/, '').split(':')
      return [`${host}:${port}`, (address.join(':').split(',')[0] ?? '').replace(/^\[|\]$/g, '')] as const
    }))
    const http1 = this.has('http1.1') || this.has('http1.0') || this.has('no-alpn')
    return {
      insecure: this.has('insecure'), roots: this.value('cacert'), ...this.clientCertificate(), connectTimeoutMs: seconds('connect-timeout'), deadline: total === undefined ? undefined : this.process.clock.now() + total,
      resolve, unixSocket: this.value('unix-socket'), http1, number: this.connections++,
      info: (line) => this.info(line),
      sent: (line) => { if (this.verbose) this.talk.push(`> ${line}\r\n`) },
      received: (line) => { if (this.verbose) this.talk.push(`< ${line}\r\n`) },
      data: (outward, bytes) => { if (this.verbose && this.process.descriptor(1).tty === undefined) this.talk.push(`${outward ? '}' : '{'} [${bytes} bytes data]\n`) },
    }
  }

  private clientCertificate(): { certificate: string | undefined; key: string | undefined } {
    const cert = this.value('cert')?.replace(/:[^:/]*$/, (tail) => (this.process.files.exists(this.value('cert') ?? '') ? tail : ''))
    if (cert === undefined) return { certificate: undefined, key: undefined }
    const key = this.value('key') ?? cert
    if (!this.process.files.exists(cert)) throw new CurlError(58, `could not load PEM client certificate from ${cert}, OpenSSL error error:80000002:system library::No such file or directory, (no key found, wrong pass phrase, or wrong file format?)`)
    if (!this.process.files.exists(key)) throw new CurlError(58, `unable to set private key file: '${key}' type PEM`)
    return { certificate: this.process.files.readText(cert), key: this.process.files.readText(key) }
  }

  /** A redirected POST, unless the status or the caller keeps the method. */
  private becomesGet(status: number): boolean {
    return this.value('request') === undefined && status !== 307 && status !== 308
  }

  private firstMethod(body: Uint8Array | undefined): string {
    return this.value('request') ?? (this.has('head') ? 'HEAD' : this.value('upload-file') !== undefined ? 'PUT' : body !== undefined ? 'POST' : 'GET')
  }

  private async httpUrl(first: URL, given: string, index: number, result: Result): Promise<void> {
    let url = first
    let body = await this.requestBody(result)
    let method = this.firstMethod(body)
    const out = this.output(given, index)
    const limit = Number(this.value('max-redirs') ?? 50)
    const settings = this.settings()
    for (;;) {
      const transfer = await begin(this.process, this.request(url, method, body), settings)
      note(result, transfer, url)
      const location = transfer.head.headers.location
      const redirected = location !== undefined && redirectCodes.has(transfer.status)
      if (redirected) result.redirectUrl = new URL(location, url).href
      await this.headers(transfer, result, out, given)
      if (!redirected || !(this.has('location') || this.has('location-trusted'))) return this.body(transfer, result, out)
      this.info('Ignoring the response-body')
      for await (const part of transfer.body) void part
      transfer.close()
      this.info(`Connection #${settings.number} to host ${url.hostname} left intact`)
      if (++result.redirects > limit) throw new CurlError(47, `Maximum (${limit}) redirects followed`)
      url = new URL(location, url)
      this.info(`Issue another request to this URL: '${url.href}'`)
      supported(url)
      if (method === 'POST' && this.becomesGet(transfer.status)) {
        method = 'GET'
        body = undefined
      }
      await this.flushTalk()
    }
  }

  private request(url: URL, method: string, body: Uint8Array | undefined): TransferRequest {
    const custom = this.all('header').map((line) => line.replace(/;$/, ':'))
    const names = new Set(custom.map((line) => (line.split(':')[0] ?? '').toLowerCase()))
    const lines: string[] = []
    const add = (name: string, value: string | undefined): void => {
      if (value !== undefined && !names.has(name.toLowerCase())) lines.push(`${name}: ${value}`)
    }
    const user = this.value('user') ?? (url.username === '' ? undefined : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`)
    add('Authorization', this.authorization(user))
    add('User-Agent', this.value('user-agent') ?? 'curl/7.88.1')
    add('Accept', this.all('json').length > 0 ? 'application/json' : '*/*')
    if (this.has('compressed')) add('Accept-Encoding', 'deflate, gzip, br, zstd')
    add('Referer', this.value('referer'))
    add('Cookie', this.value('cookie'))
    add('Range', this.value('range') === undefined ? undefined : `bytes=${this.value('range') ?? ''}`)
    lines.push(...custom.filter((line) => /^[^:]+:\s*\S/.test(line) && !/^host:/i.test(line)))
    if (body !== undefined) {
      if (!names.has('content-length')) lines.push(`Content-Length: ${body.length}`)
      add('Content-Type', this.contentType())
    }
    const host = custom.find((line) => /^host:/i.test(line))?.replace(/^host:\s*/i, '') ?? url.host
    const target = this.has('get') && this.dataText() !== '' ? new URL(`${url.href}${url.search === '' ? '?' : '&'}${this.dataText()}`) : url
    return { url: target, method, headers: lines.filter((line) => !/^user-agent: $/i.test(line)), host, body }
  }

  private authorization(user: string | undefined): string | undefined {
    if (user !== undefined) return `Basic ${toBase64(encodeUtf8(user.includes(':') ? user : `${user}:`))}`
    return this.value('oauth2-bearer') === undefined ? undefined : `Bearer ${this.value('oauth2-bearer') ?? ''}`
  }

  private contentType(): string | undefined {
    if (this.all('form').length > 0) return `multipart/form-data; boundary=${boundary}`
    if (this.all('json').length > 0) return 'application/json'
    return this.value('upload-file') === undefined ? 'application/x-www-form-urlencoded' : undefined
  }

  private dataText(): string {
    return ['data', 'data-ascii', 'data-raw', 'data-binary', 'data-urlencode'].flatMap((name) => this.all(name).map((value) => (name === 'data-urlencode' ? urlencode(value) : value))).join('&')
  }

  private async requestBody(result: Result): Promise<Uint8Array | undefined> {
    const upload = this.value('upload-file')
    if (upload !== undefined) return upload === '-' ? this.process.stdin.readAll() : this.readData(upload)
    const parts: Uint8Array[] = []
    for (const name of ['data', 'data-ascii', 'data-raw', 'data-binary', 'data-urlencode', 'json'] as const) {
      for (const value of this.all(name)) {
        if (parts.length > 0 && name !== 'json') parts.push(encodeUtf8('&'))
        parts.push(await this.datum(name, value))
      }
    }
    const form = this.all('form').concat(this.all('form-string'))
    if (form.length > 0) parts.push(this.formBody(form))
    if (parts.length === 0 || this.has('get')) return undefined
    result.uploaded = parts.reduce((sum, part) => sum + part.length, 0)
    return concatBytes(parts)
  }

  private async datum(name: string, value: string): Promise<Uint8Array> {
    if (name === 'data-urlencode') return encodeUtf8(urlencode(value))
    if (!value.startsWith('@') || name === 'data-raw') return encodeUtf8(value)
    const bytes = value === '@-' ? await this.process.stdin.readAll() : this.readData(value.slice(1))
    return name === 'data-binary' || name === 'json' ? bytes : encodeUtf8(decodeUtf8(bytes).replace(/[\r\n]/g, ''))
  }

  private readData(path: string): Uint8Array {
    try {
      return this.process.files.readFile(path)
    } catch (error) {
      if (!isErrno(error)) throw error
      if (this.value('upload-file') === path) throw new UnreadableUpload(path)
      if (!this.quiet) void this.process.stderr.write(`Warning: Couldn't read data from file "${path}", this makes an empty POST.\n`)
      return new Uint8Array(0)
    }
  }

  private formBody(fields: readonly string[]): Uint8Array {
    const parts = fields.map((field) => {
      const [name = '', ...rest] = field.split('=')
      const value = rest.join('=')
      if (!value.startsWith('@')) return encodeUtf8(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
      const path = value.slice(1).split(';')[0] ?? ''
      return concatBytes([encodeUtf8(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${path.split('/').pop() ?? ''}"\r\nContent-Type: application/octet-stream\r\n\r\n`), this.readData(path), encodeUtf8('\r\n')])
    })
    return concatBytes([...parts, encodeUtf8(`--${boundary}--\r\n`)])
  }

  private async headers(transfer: Transfer, result: Result, out: (bytes: Uint8Array) => Promise<void>, _given: string): Promise<void> {
    const { head, http2 } = transfer
    const line = http2 ? `HTTP/2 ${transfer.status} ` : head.line
    const shown = http2 ? head.raw.filter((each) => !/^(connection|transfer-encoding):/i.test(each)).map((each) => each.replace(/^[^:]+/, (name) => name.toLowerCase())) : head.raw
    if (this.verbose) this.talk.push(`< ${line}\r\n`, ...shown.map((each) => `< ${each}\r\n`), '< \r\n')
    const text = `${line}\r\n${shown.map((each) => `${each}\r\n`).join('')}\r\n`
    result.headerSize += text.length
    const dump = this.value('dump-header')
    if (dump === '-') await this.process.stdout.write(text)
    else if (dump !== undefined) this.process.files.appendFile(dump, text)
    if (!this.has('include') && !this.has('head')) return
    if (this.has('fail') && transfer.status >= 400) return
    await this.flushTalk()
    await out(encodeUtf8(text))
  }

  private async body(transfer: Transfer, result: Result, out: (bytes: Uint8Array) => Promise<void>): Promise<void> {
    if (transfer.status >= 400 && this.has('fail')) {
      this.info(`The requested URL returned error: ${transfer.status}`)
      transfer.close()
      throw new CurlError(22, `The requested URL returned error: ${transfer.status}`)
    }
    try {
      for await (const part of transfer.body) {
        if (result.size === 0 && this.verbose && this.process.descriptor(1).tty === undefined) this.talk.push(`{ [${part.length} bytes data]\n`)
        await this.flushTalk()
        result.size += part.length
        await out(part)
      }
      if (result.size === 0) await out(new Uint8Array(0))
    } finally {
      transfer.close()
    }
    this.info(/close/i.test(transfer.head.headers.connection ?? '') ? `Closing connection ${this.connections - 1}` : `Connection #${this.connections - 1} to host ${new URL(result.url).hostname} left intact`)
    if (transfer.status >= 400 && this.has('fail-with-body')) throw new CurlError(22, `The requested URL returned error: ${transfer.status}`)
  }

  /** Where the body goes; a file is made when the first bytes come. */
  private output(url: string, index: number): (bytes: Uint8Array) => Promise<void> {
    const path = this.outputPath(url, index)
    if (this.has('remote-name') && this.all('output')[index] === undefined && path === '') throw new CurlError(23, 'Failed writing received data to disk/application')
    if (path === undefined) return toStandardOutput(this.process)
    let started = false
    return (bytes) => {
      try {
        const full = this.value('output-dir') === undefined ? path : `${this.value('output-dir') ?? ''}/${path}`
        if (!started && this.has('create-dirs') && full.includes('/')) this.process.files.mkdirAll(full.slice(0, full.lastIndexOf('/')))
        if (path !== '/dev/null') {
          if (started) this.process.files.appendFile(full, bytes)
          else this.process.files.writeFile(full, bytes)
        }
        started = true
        return Promise.resolve()
      } catch (error) {
        if (!isErrno(error)) throw error
        if (!this.quiet || this.has('show-error')) void this.process.stderr.write(`Warning: Failed to open the file ${path}: ${error.message}\n`)
        throw new CurlError(23, 'Failure writing output to destination')
      }
    }
  }

  private writeOut(format: string, result: Result): string {
    const seconds = (from: number): string => Math.max(0, (from - result.startedAt) / 1000).toFixed(6)
    const now = this.process.clock.now()
    const values: Readonly<Record<string, string>> = {
      http_code: String(result.code).padStart(3, '0'), response_code: String(result.code).padStart(3, '0'), exitcode: String(result.exit), errormsg: result.message.split('\n')[0] ?? '', url: result.url, url_effective: result.exit === 0 || /^https?:\/\/[^/]+\//.test(result.url) ? result.url : normalized(result.url), size_download: String(result.size), size_upload: String(result.uploaded), size_header: String(result.headerSize), content_type: result.contentType, num_redirects: String(result.redirects), num_connects: result.connectedAt > 0 ? '1' : '0',
      remote_ip: result.remote.address, remote_port: String(result.remote.port), local_ip: result.local.address, local_port: String(result.local.port), http_version: result.version, redirect_url: result.redirectUrl, scheme: result.url.startsWith('https') ? 'HTTPS' : 'HTTP', method: this.value('request') ?? 'GET', ssl_verify_result: '0', speed_download: '0', filename_effective: this.value('output') ?? '',
      time_total: seconds(now), time_connect: seconds(result.connectedAt), time_namelookup: seconds(result.startedAt), time_starttransfer: seconds(now), time_appconnect: seconds(result.url.startsWith('https') ? result.connectedAt : 0), time_pretransfer: seconds(result.connectedAt), time_redirect: '0.000000',
    }
    return format.replace(/%\{(\w+)\}/g, (whole, name: string) => values[name] ?? (name === 'stderr' || name === 'stdout' ? '' : whole)).replace(/%%/g, '%').replace(/\\n/g, '\n').replace(/\\t/g, '\t').replace(/\\r/g, '\r')
  }
}

