/** `wget` (GNU 1.21) and busybox's wget. */
import { concatBytes } from '#engine/base/bytes'
import { isErrno } from '#engine/linux/abi/errno'
import { LookupError } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { HttpWireError } from '#engine/linux/net/http/wire'
import { CurlError } from '../curl/error'
import { begin, type Transfer, type TransferSettings } from '../curl/transfer'
import { parseWget, type WgetOptions } from './wget-options'

function settingsOf(process: Process, options: WgetOptions): TransferSettings {
  const nothing = (): void => undefined
  return { insecure: options.insecure, roots: options.roots, certificate: undefined, key: undefined, connectTimeoutMs: options.timeoutMs, deadline: options.timeoutMs === undefined ? undefined : process.clock.now() + options.timeoutMs, resolve: new Map(), unixSocket: undefined, connectTo: [], onlyV6: false, version: '1.1', http1: true, number: 0, info: nothing, sent: nothing, received: nothing, data: nothing }
}

function withScheme(text: string): string {
  return /^\w+:\/\//.test(text) ? text : `http://${text}`
}

function lengthText(length: string | undefined): string {
  if (length === undefined) return 'unspecified'
  return `${length}${Number(length) >= 1024 ? ` (${(Number(length) / 1024).toFixed(1)}K)` : ''}`
}

export const wget: Program = {
  name: 'wget',
  unsupported: 'recursion, ftp, continuing',
  async run(process) {
    const options = parseWget(process.argv.slice(1))
    if (typeof options === 'string') return process.stderr.write(`${options}\n${/: Invalid /.test(options) ? '' : `${usage}\n`}`).then(() => 2)
    if (options.show !== undefined) return process.stdout.write(options.show === 'help' ? helpText : 'GNU Wget 1.21.3 built on linux-gnu.\n').then(() => 0)
    const urls = [...options.urls, ...(await listed(process, options.inputFile))]
    if (urls.length === 0) return options.inputFile === undefined ? process.stderr.write(`wget: missing URL\n${usage}\n`).then(() => 1) : 0
    const prepared = await prepare(process, options)
    if (prepared === undefined) return 1
    let exit = 0
    for (const url of urls) exit = Math.max(exit, await new Download(process, prepared, withScheme(url)).run())
    return exit
  },
}

const usage = 'Usage: wget [OPTION]... [URL]...\n\nTry `wget --help\' for more options.'
const helpText = 'GNU Wget 1.21.3, a non-interactive network retriever.\nUsage: wget [OPTION]... [URL]...\n\n  -O,  --output-document=FILE      write what comes to FILE\n  -q,  --quiet                     say nothing\n  -T,  --timeout=SECONDS           give up after so long\n  -t,  --tries=NUMBER              try so often\n  -S,  --server-response           show the answer\'s headers\n       --spider                    only look whether it is there\n       --header=STRING             a header of one\'s own\n       --post-data=STRING          send this by POST\n       --no-check-certificate      do not check the server\'s certificate\n'

/** The URLs in a file of -i. */
async function listed(process: Process, path: string | undefined): Promise<string[]> {
  if (path === undefined) return []
  try {
    const text = path === '-' ? await process.stdin.text() : process.files.readText(path)
    return text.split('\n').map((line) => line.trim()).filter((line) => line !== '')
  } catch (error) {
    if (!isErrno(error)) throw error
    await process.stderr.write(`${path}: ${error.message}\nNo URLs found in ${path}.\n`)
    return []
  }
}

/** The file of -O is opened, and that of --post-file read, before anything is asked for. Undefined after a complaint. */
async function prepare(process: Process, options: WgetOptions): Promise<WgetOptions | undefined> {
  try {
    if (options.output !== undefined && options.output !== '-') process.files.open(options.output, { write: true, create: true }, 0o666).release()
  } catch (error) {
    if (!isErrno(error)) throw error
    return process.stderr.write(`${options.output ?? ''}: ${error.message}\n`).then(() => undefined)
  }
  try {
    return options.bodyFile === undefined ? options : { ...options, body: process.files.readText(options.bodyFile) }
  } catch (error) {
    if (!isErrno(error)) throw error
    return process.stderr.write(`BODY data file ‘${options.bodyFile ?? ''}’ missing: ${error.message}\n`).then(() => undefined)
  }
}

function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
}

async function wholeBody(transfer: Transfer): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of transfer.body) parts.push(part)
  transfer.close()
  return concatBytes(parts)
}

class Download {
  private url: URL

  constructor(private readonly process: Process, private readonly options: WgetOptions, private readonly given: string) {
    this.url = new URL('http://invalid/')
  }

  private say(text: string): Promise<void> {
    return this.options.quiet || !this.options.verbose ? Promise.resolve() : this.process.stderr.write(text)
  }

  private stamp(): string {
    return new Date(this.process.clock.now()).toISOString().slice(0, 19).replace('T', ' ')
  }

  async run(): Promise<number> {
    try {
      if (/^\w+:\/\/(?:\/|$)/.test(this.given)) throw new TypeError('no host')
      this.url = new URL(this.given)
    } catch {
      await this.process.stderr.write(`${this.given}: Invalid host name.\n`)
      return 1
    }
    if (this.url.protocol !== 'http:' && this.url.protocol !== 'https:') {
      await this.process.stderr.write(`${this.given}: Unsupported scheme ‘${this.url.protocol.replace(':', '')}’.\n`)
      return 1
    }
    try {
      return await this.fetch(0)
    } catch (error) {
      return this.failed(error)
    }
  }

  private async fetch(redirects: number): Promise<number> {
    const { options, process, url } = this
    if (options.spider && redirects === 0) await this.say(`Spider mode enabled. Check if remote file exists.\n`)
    await this.say(`--${this.stamp()}--  ${url.href}\n`)
    await this.announce()
    const transfer = await begin(process, this.request(), settingsOf(process, options))
    await this.say('connected.\nHTTP request sent, awaiting response... ')
    const status = transfer.head.line.replace(/^HTTP\/[\d.]+ /, '')
    if (options.serverResponse) await this.process.stderr.write(`\n  ${transfer.head.line}\n${transfer.head.raw.map((line) => `  ${line}\n`).join('')}`)
    else await this.say(`${status}\n`)
    const { location } = transfer.head.headers
    if (location !== undefined && transfer.status >= 300 && transfer.status < 400) return this.follow(transfer, location, redirects)
    if (transfer.status >= 400) return this.refused(transfer, status)
    return this.save(transfer, options)
  }

  /** Who is called, and at which address. */
  private async announce(): Promise<void> {
    const { process, url } = this
    const host = url.hostname
    const port = portOf(url)
    if (/^[\d.]+$/.test(host)) return this.say(`Connecting to ${host}:${port}... `)
    await this.say(`Resolving ${host} (${host})... `)
    const found = await process.net.lookup(host)
    await this.say(`${found.join(', ')}\n`)
    await this.say(`Connecting to ${host} (${host})|${found[0] ?? ''}|:${port}... `)
  }

  private async follow(transfer: Transfer, location: string, redirects: number): Promise<number> {
    transfer.close()
    await this.say(`Location: ${location} [following]\n`)
    if (redirects >= 20) {
      await this.process.stderr.write('20 redirections exceeded.\n')
      return 8
    }
    this.url = new URL(location, this.url)
    return this.fetch(redirects + 1)
  }

  private async refused(transfer: Transfer, status: string): Promise<number> {
    const { options, url } = this
    transfer.close()
    if (options.spider && transfer.status === 404) await this.say('Remote file does not exist -- broken link!!!\n\n')
    else if (!options.quiet) await this.process.stderr.write(`${options.verbose ? '' : `${url.href}:\n`}${this.stamp()} ERROR ${status.replace(/^(\d+) /, '$1: ')}.\n${options.verbose ? '\n' : ''}`)
    return 8
  }

  private request(): Parameters<typeof begin>[1] {
    const { options, url } = this
    const body = options.body === undefined ? undefined : new TextEncoder().encode(options.body)
    return {
      url, method: options.spider ? 'HEAD' : body ? 'POST' : 'GET', host: url.host, body,
      headers: [`User-Agent: ${options.userAgent ?? 'Wget/1.21.3'}`, 'Accept: */*', 'Accept-Encoding: identity', ...options.headers, 'Connection: Keep-Alive', ...(body ? ['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${body.length}`] : [])],
    }
  }

  private async save(transfer: Transfer, options: WgetOptions): Promise<number> {
    const length = transfer.head.headers['content-length']
    const type = transfer.head.headers['content-type']
    await this.say(`Length: ${lengthText(length)}${type === undefined ? '' : ` [${type.split(';')[0] ?? ''}]`}\n`)
    if (options.spider) {
      transfer.close()
      await this.say('Remote file exists.\n\n')
      return 0
    }
    const bytes = await wholeBody(transfer)
    const name = options.output ?? this.freeName()
    await this.say(`Saving to: ‘${name === '-' ? 'STDOUT' : name}’\n\n`)
    if (name === '-') await this.process.stdout.write(bytes)
    else this.process.files.writeFile(name, bytes)
    await this.say(`     0K ${bytes.length > 0 ? '.' : ' '}                                                     100% 1.00M=0s\n\n${this.stamp()} (1.00 MB/s) - ${name === '-' ? 'written to stdout' : `‘${name}’ saved`} [${bytes.length}${length === undefined ? '' : `/${length}`}]\n\n`)
    if (!options.quiet && !options.verbose) await this.process.stderr.write(`${this.stamp()} URL:${this.url.href} [${bytes.length}${length === undefined ? '' : `/${length}`}] -> "${name}" [1]\n`)
    return 0
  }

  private freeName(): string {
    const base = `${this.options.prefix === undefined ? '' : `${this.options.prefix}/`}${this.url.pathname.split('/').pop() || 'index.html'}`
    if (!this.process.files.exists(base)) return base
    for (let index = 1; ; index++) if (!this.process.files.exists(`${base}.${index}`)) return `${base}.${index}`
  }

  private async failed(error: unknown): Promise<number> {
    const { process, options } = this
    const complain = (text: string): Promise<void> => (options.quiet ? Promise.resolve() : process.stderr.write(text))
    if (error instanceof LookupError) {
      await complain(`failed: ${error.reason === 'not-found' ? 'Name or service not known' : 'Temporary failure in name resolution'}.\nwget: unable to resolve host address ‘${error.host}’\n`)
      return 4
    }
    if (error instanceof CurlError) {
      if (error.exit === 60 || error.exit === 35) {
        await complain(`connected.\nERROR: The certificate of ‘${this.url.hostname}’ is not trusted.\n${/self-signed|local issuer/.test(error.message) ? `ERROR: The certificate of ‘${this.url.hostname}’ doesn't have a known issuer.\n` : ''}`)
        return 5
      }
      await complain(error.exit === 28 ? 'failed: Connection timed out.\n' : error.exit === 52 ? 'connected.\nHTTP request sent, awaiting response... No data received.\n' : 'failed: Connection refused.\n')
      return 4
    }
    if (error instanceof HttpWireError || isErrno(error, 'ECONNRESET')) {
      await complain('Read error (Connection reset by peer) in headers.\n')
      return 4
    }
    if (isErrno(error)) {
      await process.stderr.write(`${options.output ?? ''}: ${error.message}\n`)
      return 3
    }
    throw error
  }
}

export const busyboxWget: Program = {
  name: 'busybox-wget',
  async run(process) {
    const options = parseWget(process.argv.slice(1))
    if (typeof options === 'string' || options.urls[0] === undefined) {
      await process.stderr.write(`${typeof options === 'string' ? `${options}\n` : ''}BusyBox v${process.executable.attributes.version ?? '1.36.1'} multi-call binary.\n\nUsage: wget [-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR]\n\t[--post-data STR | --post-file FILE] [-Y on/off]\n\t[--no-check-certificate] [-P DIR] [-U AGENT] [-T SEC] URL...\n`)
      return 1
    }
    return busybox(process, options, withScheme(options.urls[0]))
  },
}

type Say = (text: string) => Promise<void>

async function busyboxFailed(process: Process, message: string): Promise<number> {
  await process.stderr.write(`wget: ${message}\n`)
  return 1
}

async function busybox(process: Process, options: WgetOptions, given: string): Promise<number> {
  let url = new URL(given)
  const say: Say = (text) => (options.quiet ? Promise.resolve() : process.stderr.write(text))
  try {
    for (let redirects = 0; redirects < 16; redirects++) {
      const transfer = await busyboxBegin(process, options, url, say)
      const { location } = transfer.head.headers
      if (location !== undefined && transfer.status >= 300 && transfer.status < 400) {
        transfer.close()
        url = new URL(location, url)
        continue
      }
      if (transfer.status >= 300) {
        transfer.close()
        return await busyboxFailed(process, `server returned error: ${transfer.head.line}`)
      }
      return await busyboxSave(process, options, url, await wholeBody(transfer), say)
    }
    return await busyboxFailed(process, 'too many redirections')
  } catch (error) {
    if (error instanceof LookupError) return busyboxFailed(process, `bad address '${url.host}'`)
    if (error instanceof CurlError) return busyboxFailed(process, await transferProblem(process, error, url))
    if (isErrno(error)) return busyboxFailed(process, `${options.output === undefined ? '' : `can't open '${options.output}': `}${error.message}`)
    throw error
  }
}

async function busyboxBegin(process: Process, options: WgetOptions, url: URL, say: Say): Promise<Transfer> {
  const port = portOf(url)
  const address = (await process.net.lookup(url.hostname))[0] ?? url.hostname
  await say(`Connecting to ${url.host} (${address}:${port})\n`)
  const body = options.body === undefined ? undefined : new TextEncoder().encode(options.body)
  const transfer = await begin(process, { url, method: options.spider ? 'HEAD' : body ? 'POST' : 'GET', host: url.host, body, headers: [`User-Agent: ${options.userAgent ?? 'Wget'}`, ...options.headers, 'Connection: close', ...(body ? [`Content-Length: ${body.length}`] : [])] }, { ...settingsOf(process, options), insecure: true })
  if (options.serverResponse) await process.stderr.write(`  ${transfer.head.line}\n${transfer.head.raw.map((line) => `  ${line}\n`).join('')}`)
  return transfer
}

async function busyboxSave(process: Process, options: WgetOptions, url: URL, bytes: Uint8Array, say: Say): Promise<number> {
  if (options.spider) {
    await say('remote file exists\n')
    return 0
  }
  const name = options.output ?? `${options.prefix === undefined ? '' : `${options.prefix}/`}${url.pathname.split('/').pop() || 'index.html'}`
  if (name === '-') {
    await say("writing to stdout\n")
    await process.stdout.write(bytes)
    await say(`-                    100% |********************************|${String(bytes.length).padStart(6)}  0:00:00 ETA\nwritten to stdout\n`)
    return 0
  }
  if (options.output === undefined && process.files.exists(name)) return busyboxFailed(process, `can't open '${name}': File exists`)
  await say(`saving to '${name}'\n`)
  process.files.writeFile(name, bytes)
  await say(`${name.padEnd(20).slice(0, 20)} 100% |********************************|${String(bytes.length).padStart(6)}  0:00:00 ETA\n'${name}' saved\n`)
  return 0
}

async function transferProblem(process: Process, error: CurlError, url: URL): Promise<string> {
  if (error.exit === 28) return 'download timed out'
  if (error.exit === 6) return `bad address '${url.host}'`
  if (error.exit === 52) return 'error getting response'
  if (error.exit === 35) return 'error getting response: Connection reset by peer'
  return `can't connect to remote host (${(await process.net.lookup(url.hostname))[0] ?? ''}): ${error.message.includes('timed out') ? 'Connection timed out' : 'Connection refused'}`
}
