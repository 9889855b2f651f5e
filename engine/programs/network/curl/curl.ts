/** `curl` 7.88: http, https and file URLs. */
import { decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { HttpWireError } from '#engine/linux/net/http/wire'
import { CurlError, UnreadableUpload } from './error'
import { printHelp, printVersion } from './help'
import { configText } from './config'
import { type CurlOptions, CurlUsageError, parseCurl } from './options'
import { Cookies } from './cookies'
import { expandUrl } from './globbing'
import { emptyResult, meterHead, meterLine, note, parseUrl, problemOf, type Result, supported } from './result'
import { HeldOutput, toStandardOutput } from './output'
import { methodClash } from './method'
import { Payload } from './payload'
import { RequestMaker } from './request'
import { begin, type Transfer, type TransferSettings } from './transfer'
import { writeOut } from './write-out'

const hint = "curl: try 'curl --help' or 'curl --manual' for more information\n"
const redirectCodes = new Set([301, 302, 303, 307, 308])

export const curl: Program = {
  name: 'curl',
  unsupported: 'ftp and other schemes, proxies, traces, HTTP/3, .netrc, ~/.curlrc',
  async run(process) {
    try {
      const options = await parseCurl(process.argv.slice(1), (path) => configText(process, path))
      if (options.flags.has('version')) return await printVersion(process)
      if (options.flags.has('help')) return await printHelp(process)
      if (options.urls.length === 0) {
        await process.stderr.write(hint)
        return 2
      }
      const clash = methodClash(options)
      if (clash !== undefined) {
        if (!options.flags.has('silent')) await process.stderr.write(clash)
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

interface Step {
  readonly url: URL
  readonly method: string
  readonly body: Uint8Array | undefined
  readonly path?: string
}

class Session {
  private connections = 0
  /** What -v tells of the current transfer, kept in order with what is written to standard output. */
  private readonly talk: string[] = []

  private readonly payload: Payload
  private readonly cookies: Cookies
  private readonly held: HeldOutput
  private readonly requests: RequestMaker
  private meter = false

  constructor(private readonly process: Process, private readonly options: CurlOptions) {
    this.payload = new Payload(process, (name) => this.all(name), this.has('silent'))
    this.cookies = new Cookies(process, this.all('cookie'), this.value('cookie-jar'))
    this.requests = new RequestMaker((name) => this.has(name), (name) => this.all(name), this.payload, this.cookies)
    this.held = new HeldOutput(process, this.has('verbose') && !this.has('no-buffer') && process.descriptor(1).kind !== 'tty')
  }

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
    for (const [index, given] of this.options.urls.entries()) for (const url of this.expanded(given)) exit = await this.withRetries(url, index)
    const jar = this.value('cookie-jar')
    if (jar === '-') await this.process.stdout.write(this.cookies.text())
    else if (jar !== undefined) this.process.files.writeFile(jar, this.cookies.text())
    await this.held.flush()
    return exit
  }

  /** A pattern that is wrong is told when its turn comes. */
  private expanded(given: string): readonly string[] {
    try {
      return this.has('globoff') ? [given] : expandUrl(given)
    } catch (error) {
      if (error instanceof CurlError) return [given]
      throw error
    }
  }

  private async withRetries(url: string, index: number): Promise<number> {
    const retries = Number(this.value('retry') ?? 0)
    for (let attempt = 0; ; attempt++) {
      const result = await this.one(url, index)
      const transient = this.transient(result)
      await this.report(result, !transient || attempt >= retries, index)
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

  private async report(result: Result, last: boolean, index: number): Promise<void> {
    if (result.exit !== 0 && result.message !== '' && (!this.quiet || this.has('show-error'))) await this.process.stderr.write(`curl: (${result.exit}) ${result.message}\n`)
    if (result.exit === 26 && result.message === '') return
    if (last) await this.writeOut(result, index)
  }

  private async writeOut(result: Result, index: number): Promise<void> {
    const format = this.value('write-out')
    if (format === undefined) return
    const text = format.startsWith('@') ? this.process.files.readText(format.slice(1)) : format
    const facts = { now: this.process.clock.now(), method: this.firstMethod(this.payload.hasData || this.payload.hasForm), output: this.outputPath(result.url, index) ?? '', urlNumber: index }
    for (const said of writeOut(text, result, facts)) await (said.to === 'stdout' ? this.held.write(encodeUtf8(said.text)) : this.process.stderr.write(said.text))
  }

  private async one(given: string, index: number): Promise<Result> {
    const result = emptyResult(given, this.process.clock.now())
    this.meter = this.showsMeter(given, index)
    try {
      await this.transferOf(given, index, result)
    } catch (error) {
      this.failed(error, result)
    }
    await this.flushTalk()
    const ended = result.exit === 0 || (result.exit >= 5 && !(this.verbose && result.exit === 6))
    if (this.meter && result.url.startsWith('http') && ended) await this.process.stderr.write(meterLine(result))
    return result
  }

  private showsMeter(given: string, index: number): boolean {
    return !this.quiet && !this.has('no-progress-meter') && (this.process.descriptor(1).tty === undefined || this.outputPath(given, index) !== undefined)
  }

  private async transferOf(given: string, index: number, result: Result): Promise<void> {
    if (!this.has('globoff')) expandUrl(given)
    const url = parseUrl(given, result)
    if (url.protocol === 'ftp:') await this.ftp(url)
    if (url.protocol === 'file:') return this.fileUrl(url, given, index, result)
    if (this.meter) await this.process.stderr.write(meterHead)
    await this.httpUrl(url, given, index, result)
  }

  /** The error as exit code and message; what is none of curl's goes on. */
  private failed(error: unknown, result: Result): void {
    if (error instanceof CurlError) {
      result.exit = error.exit
      result.message = error.message
      if (error.exit === 7) this.endMeter(result)
      if (error.exit !== 3 && error.exit !== 1 && error.exit !== 37) this.info(`Closing connection ${Math.max(0, this.connections - 1)}`)
    } else if (error instanceof HttpWireError) {
      result.exit = 18
      result.message = error.message.startsWith('transfer closed') ? error.message : 'transfer closed with outstanding read data remaining'
    } else if (isErrno(error, 'ECONNRESET')) {
      result.exit = 56
      result.message = 'Recv failure: Connection reset by peer'
    } else throw error
  }

  /** With -v the meter's last line stands before the closing words. */
  private endMeter(result: Result): void {
    if (!this.verbose || !this.meter) return
    this.talk.push(meterLine(result))
    this.meter = false
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
    if (this.value('proxy') !== undefined && this.value('proxy') !== '') throw new CurlError(5, 'proxies are not supported in this simulation')
    const http1 = this.has('http1.1') || this.has('http1.0') || this.has('no-alpn')
    return {
      insecure: this.has('insecure'), roots: this.value('cacert'), ...this.clientCertificate(), connectTimeoutMs: seconds('connect-timeout'), deadline: total === undefined ? undefined : this.process.clock.now() + total,
      resolve, unixSocket: this.value('unix-socket'), connectTo: this.all('connect-to'), onlyV6: this.has('ipv6'), version: this.has('http1.0') ? '1.0' : '1.1', http1, number: this.connections++,
      info: (line) => this.info(line),
      sent: (line) => { if (this.verbose) this.talk.push(`> ${line}\r\n`) },
      received: (line) => { if (this.verbose) this.talk.push(`< ${line}\r\n`) },
      data: (outward, bytes) => { if (this.verbose && this.process.descriptor(1).tty === undefined) this.talk.push(`${outward ? '}' : '{'} [${bytes} bytes data]\n`) },
    }
  }

  private clientCertificate(): { certificate: string | undefined; key: string | undefined; keyFile?: string; certificateFault?: string } {
    const cert = this.value('cert')?.replace(/:[^:/]*$/, (tail) => (this.process.files.exists(this.value('cert') ?? '') ? tail : ''))
    if (cert === undefined) return { certificate: undefined, key: undefined }
    const key = this.value('key') ?? cert
    const fault = !this.process.files.exists(cert) ? `could not load PEM client certificate from ${cert}, OpenSSL error error:80000002:system library::No such file or directory, (no key found, wrong pass phrase, or wrong file format?)` : !this.process.files.exists(key) ? `unable to set private key file: '${key}' type PEM` : undefined
    if (fault !== undefined) return { certificate: undefined, key: undefined, certificateFault: fault }
    return { certificate: this.process.files.readText(cert), key: this.process.files.readText(key), keyFile: key }
  }

  /** A redirected POST, unless the status or the caller keeps the method. */
  private becomesGet(status: number): boolean {
    return this.value('request') === undefined && status !== 307 && status !== 308
  }

  private firstMethod(hasBody: boolean): string {
    return this.value('request') ?? (this.has('head') ? 'HEAD' : this.value('upload-file') !== undefined ? 'PUT' : hasBody && !this.has('get') ? 'POST' : 'GET')
  }

  /** Where the request goes: an upload to a folder takes the file's name, -G puts the data behind the question mark. */
  private async target(url: URL): Promise<URL> {
    const upload = this.value('upload-file')
    if (upload !== undefined && url.pathname.endsWith('/') && !/^[-.]$/.test(upload)) return new URL(upload.split('/').pop() ?? '', url)
    const data = this.has('get') ? decodeUtf8(await this.payload.data()) : ''
    return data === '' ? url : new URL(`${url.href}${url.search === '' ? '?' : '&'}${data}`)
  }

  private async httpUrl(first: URL, given: string, index: number, result: Result): Promise<void> {
    const body = this.has('get') ? undefined : await this.payload.body()
    result.uploaded = body?.length ?? 0
    let step: Step = { url: await this.target(first), method: this.firstMethod(body !== undefined), body, ...(this.has('path-as-is') ? { path: pathOf(given) } : {}) }
    const out = this.output(given, index)
    const settings = this.settings()
    for (;;) {
      const { url, path } = step
      const transfer = await begin(this.process, { ...this.requests.make(url, step.method, step.body), ...(path === undefined ? {} : { path }) }, settings)
      note(result, transfer, url)
      this.cookies.take(url, transfer.head.raw)
      const location = redirectCodes.has(transfer.status) ? transfer.head.headers.location : undefined
      if (location !== undefined) result.redirectUrl = new URL(location, url).href
      await this.headers(transfer, result, out, given)
      if (location === undefined || !(this.has('location') || this.has('location-trusted'))) return this.body(transfer, result, out)
      step = await this.next(step, transfer, new URL(location, url), result, settings.number)
    }
  }

  /** The request that a redirect asks for. */
  private async next(step: Step, transfer: Transfer, url: URL, result: Result, number: number): Promise<Step> {
    const limit = Number(this.value('max-redirs') ?? 50)
    this.info('Ignoring the response-body')
    for await (const part of transfer.body) void part
    transfer.close()
    this.info(`Connection #${number} to host ${step.url.hostname} left intact`)
    result.redirects++
    if (limit >= 0 && result.redirects > limit) throw new CurlError(47, `Maximum (${limit}) redirects followed`)
    this.info(`Issue another request to this URL: '${url.href}'`)
    supported(url)
    await this.flushTalk()
    return step.method === 'POST' && this.becomesGet(transfer.status) ? { url, method: 'GET', body: undefined } : { url, method: step.method, body: step.body }
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
    if (result.exit === 0) this.endMeter(result)
    this.info(/close/i.test(transfer.head.headers.connection ?? '') ? `Closing connection ${this.connections - 1}` : `Connection #${this.connections - 1} to host ${new URL(result.url).hostname} left intact`)
    if (transfer.status >= 400 && this.has('fail-with-body')) throw new CurlError(22, `The requested URL returned error: ${transfer.status}`)
  }

  /** Where the body goes; a file is made when the first bytes come. */
  private output(url: string, index: number): (bytes: Uint8Array) => Promise<void> {
    const path = this.outputPath(url, index)
    if (this.has('remote-name') && this.all('output')[index] === undefined && path === '') throw new CurlError(23, 'Failed writing received data to disk/application')
    if (path === undefined) return toStandardOutput(this.held)
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
}

/** The path of a URL as it was typed. */
function pathOf(given: string): string {
  return /^(?:\w+:\/\/)?[^/?#]*([^#]*)/.exec(given)?.[1] || '/'
}
