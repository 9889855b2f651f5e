/** `nginx`: master and worker, and their logs. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Listener, TlsServer } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { all, type Directive, find, NginxConfigError, parseNginxConfig, parseNginxText } from '#engine/images/nginx/config'
import { at, buildModel, hostPort, type NginxModel, type NginxServer } from '#engine/images/nginx/model'
import { type Options, parseArguments } from '#engine/images/nginx/arguments'
import { type Exchange, Site } from '#engine/images/nginx/site'
import { keyPairProblem } from '#engine/linux/net/tls/handshake'

const confPath = '/etc/nginx/nginx.conf'
const tempDirectories = ['client_temp', 'proxy_temp', 'fastcgi_temp', 'uwsgi_temp', 'scgi_temp']

export const nginx: Program = {
  name: 'nginx',
  unsupported: 'fastcgi, uwsgi, grpc, stream, caching and rate limits are accepted and have no effect',
  async run(process) {
    const version = process.executable.attributes.version ?? '1.27.5'
    if (process.argv[0] === 'nginx: worker process') return worker(process)
    const args = process.argv.slice(1)
    if (args[0] === '-v' || args[0] === '-V') return printVersion(process, version, args[0] === '-V')
    if (args[0] === '-h' || args[0] === '-?') return printHelp(process, version)
    const options = parseArguments(args)
    if (typeof options === 'string') {
      await process.stderr.write(`nginx: ${options}\n`)
      return 1
    }
    return new Master(process, version, options).run()
  },
}

/** Serves in its master's name; here it only lives and ends. */
function worker(process: Process): Promise<number> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGQUIT', 'SIGINT'] as const) process.handle(signal, () => resolve(0))
  })
}

async function printVersion(process: Process, version: string, long: boolean): Promise<number> {
  await process.stderr.write(`nginx version: nginx/${version}\n${long ? 'built by gcc 12.2.0 (Debian 12.2.0-14) \nbuilt with OpenSSL 3.0.17 1 Jul 2025\nTLS SNI support enabled\nconfigure arguments: --prefix=/etc/nginx --sbin-path=/usr/sbin/nginx --conf-path=/etc/nginx/nginx.conf\n' : ''}`)
  return 0
}

async function printHelp(process: Process, version: string): Promise<number> {
  await process.stderr.write(`nginx version: nginx/${version}\nUsage: nginx [-?hvVtTq] [-s signal] [-p prefix]\n             [-e filename] [-c filename] [-g directives]\n`)
  return 0
}

class Master {
  private model: NginxModel | undefined
  private site: Site | undefined
  private listeners = new Map<string, Listener>()
  private requests = 0
  private accessLog: ((line: string) => void) | undefined

  constructor(private readonly process: Process, private readonly version: string, private readonly options: Options) {}

  private stamp(): string {
    return new Date(this.process.clock.now()).toISOString().slice(0, 19).replace(/-/g, '/').replace('T', ' ')
  }

  private log(level: string, message: string): void {
    void this.process.stderr.write(`${this.stamp()} [${level}] ${this.process.pid}#${this.process.pid}: ${message}\n`).catch(() => undefined)
  }

  /** To the terminal as `nginx: [emerg]`, and once running to the log with a time. */
  private async emergency(message: string): Promise<number> {
    const early = `nginx: [emerg] ${message}\n`
    await this.process.stderr.write(this.options.test || this.options.signal !== undefined ? early : `${this.stamp()} [emerg] ${this.process.pid}#${this.process.pid}: ${message}\n${early}`)
    if (this.options.test) await this.process.stderr.write(`nginx: configuration file ${this.options.conf} test failed\n`)
    return 1
  }

  async run(): Promise<number> {
    const { process, options } = this
    let directives: Directive[]
    try {
      directives = this.load()
      this.model = buildModel(directives, process)
      await this.check(this.model)
    } catch (error) {
      if (error instanceof NginxConfigError) return this.emergency(error.message)
      throw error
    }
    if (options.signal !== undefined) return this.signalMaster(options.signal)
    if (process.credentials.euid !== 0 && find(directives, 'user')) await process.stderr.write(`${this.stamp()} [warn] ${process.pid}#${process.pid}: the "user" directive makes sense only if the master process runs with super-user privileges, ignored in ${confPath}:2\nnginx: [warn] the "user" directive makes sense only if the master process runs with super-user privileges, ignored in ${confPath}:2\n`)
    if (options.test) return this.report()
    if (find(directives, 'daemon')?.args[0] === 'off') return this.serve(directives)
    process.fork((child) => {
      child.newSession()
      return new Master(child, this.version, { ...options, globals: 'daemon off;' }).run()
    })
    return 0
  }

  private load(): Directive[] {
    const globals = this.options.globals === '' ? [] : parseNginxText(this.options.globals, 'command line', () => [])
    return [...globals, ...parseNginxConfig(this.process.files, this.options.conf)]
  }

  /** What is looked at before anything is served: hosts of upstreams, certificates. */
  private async check(model: NginxModel): Promise<void> {
    for (const server of model.servers) {
      for (const directive of proxies(server.block)) await this.checkUpstream(model, directive)
      if (server.listens.some((each) => each.ssl)) this.checkCertificate(server)
    }
  }

  private async checkUpstream(model: NginxModel, directive: Directive): Promise<void> {
    const match = /^https?:\/\/([^/$]+)(?:\/|$)/.exec(directive.args[0] ?? '')
    if (!match) {
      if (/^https?:\/\/[^/]*\$/.test(directive.args[0] ?? '')) return
      throw new NginxConfigError(`invalid URL prefix ${at(directive)}`)
    }
    const { host } = hostPort(match[1] ?? '')
    if (model.upstreams.has(match[1] ?? '')) return
    try {
      await this.process.net.lookup(host)
    } catch (error) {
      if ((error as Error).name !== 'LookupError') throw error
      throw new NginxConfigError(`host not found in upstream "${match[1] ?? ''}" ${at(directive)}`)
    }
  }

  private checkCertificate(server: NginxServer): void {
    const certificate = find(server.block, 'ssl_certificate')?.args[0] ?? ''
    const key = find(server.block, 'ssl_certificate_key')?.args[0] ?? certificate
    const read = (path: string): string => {
      try {
        return this.process.files.readText(path.startsWith('/') ? path : `/etc/nginx/${path}`)
      } catch (error) {
        if (!isErrno(error)) throw error
        throw new NginxConfigError(`cannot load certificate${path === key && key !== certificate ? ' key' : ''} "${path}": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory:calling fopen(${path}, r) error:10000080:BIO routines::no such file)`)
      }
    }
    const problem = keyPairProblem(read(certificate), read(key))
    if (problem === 'tls: private key does not match public key') throw new NginxConfigError(`SSL_CTX_use_PrivateKey("${key}") failed (SSL: error:05800074:x509 certificate routines::key values mismatch)`)
    if (problem !== undefined) throw new NginxConfigError(`cannot load certificate "${certificate}": PEM_read_bio_X509_AUX() failed (SSL: error:0480006C:PEM routines::no start line:Expecting: TRUSTED CERTIFICATE)`)
  }

  private async report(): Promise<number> {
    if (!this.options.quiet) await this.process.stderr.write(`nginx: the configuration file ${this.options.conf} syntax is ok\nnginx: configuration file ${this.options.conf} test is successful\n`)
    if (this.options.dump) await this.process.stdout.write(`# configuration file ${this.options.conf}:\n${this.process.files.readText(this.options.conf)}\n`)
    return 0
  }

  private pidFile(): string {
    return find(this.model?.main ?? [], 'pid')?.args[0] ?? '/run/nginx.pid'
  }

  private async signalMaster(name: string): Promise<number> {
    const signals = { stop: 'SIGTERM', quit: 'SIGQUIT', reopen: 'SIGUSR1', reload: 'SIGHUP' } as const
    const path = this.pidFile()
    try {
      await this.process.stderr.write(`${this.stamp()} [notice] ${this.process.pid}#${this.process.pid}: signal process started\n`)
      this.process.kill(Number(this.process.files.readText(path).trim()), signals[name as 'stop'])
      return 0
    } catch (error) {
      if (!isErrno(error)) throw error
      await this.process.stderr.write(`nginx: [error] ${error.code === 'ENOENT' ? `open() "${path}" failed (2: No such file or directory)` : `invalid PID number "" in "${path}"`}\n`)
      return 1
    }
  }

  private async serve(directives: readonly Directive[]): Promise<number> {
    const prepared = this.prepareDirectories()
    if (prepared !== undefined) return this.emergency(prepared)
    const bound = await this.bindAll()
    if (bound !== undefined) return this.emergency(bound)
    const written = this.writePid()
    if (written !== undefined) return this.emergency(written)
    if (/^(notice|info|debug)$/.test(find(directives, 'error_log')?.args[1] ?? 'error')) for (const line of this.greeting()) this.log('notice', line)
    const child = this.spawnWorker()
    return this.untilTold(child)
  }

  private greeting(): string[] {
    return ['using the "epoll" event method', `nginx/${this.version}`, 'built by gcc 12.2.0 (Debian 12.2.0-14) ', `OS: Linux ${this.process.uname().release}`, 'getrlimit(RLIMIT_NOFILE): 1048576:1048576', 'start worker processes']
  }

  private prepareDirectories(): string | undefined {
    const { files, credentials } = this.process
    for (const name of tempDirectories) {
      const path = `/var/cache/nginx/${name}`
      if (files.exists(path)) continue
      try {
        files.mkdir(path, 0o700)
        if (credentials.euid === 0) files.chown(path, 101, 101)
      } catch (error) {
        if (!isErrno(error)) throw error
        return error.code === 'EPERM' ? `chown("${path}", 101) failed (1: Operation not permitted)` : `mkdir() "${path}" failed (${error.number}: ${error.message})`
      }
    }
    return undefined
  }

  private writePid(): string | undefined {
    const path = this.pidFile()
    try {
      this.process.files.writeFile(path, `${this.process.pid}\n`, 0o644)
      return undefined
    } catch (error) {
      if (!isErrno(error)) throw error
      return `open() "${path}" failed (${error.number}: ${error.message})`
    }
  }

  /** Tries five times, half a second apart, as nginx does. */
  private async bindAll(): Promise<string | undefined> {
    let failure: string | undefined
    for (let attempt = 0; attempt < 5; attempt++) {
      failure = this.bind()
      if (failure === undefined) return undefined
      if (!failure.includes('98:')) return failure
      this.log('emerg', failure)
      await this.process.clock.sleep(500)
    }
    return 'still could not bind()'
  }

  private bind(): string | undefined {
    const model = this.model as NginxModel
    this.site = new Site(this.process, model, this.version, (level, message) => this.log(level, message))
    this.accessLog = this.openAccessLog(model)
    const wanted = new Map(model.servers.flatMap((server) => server.listens.filter((each) => each.address !== '::' || !model.servers.some((other) => other.listens.some((listen) => listen.address === '0.0.0.0' && listen.port === each.port))).map((each) => [`${each.address}:${each.port}`, { ...each, server }])))
    for (const [key, listener] of this.listeners) {
      if (wanted.has(key)) continue
      listener.close()
      this.listeners.delete(key)
    }
    for (const [key, each] of wanted) {
      if (this.listeners.has(key)) continue
      try {
        this.listeners.set(key, this.listen(each.address, each.port, each.ssl ? each.server : undefined))
      } catch (error) {
        if (!isErrno(error)) throw error
        return `bind() to ${key} failed (${error.number}: ${error.message})`
      }
    }
    return undefined
  }

  private listen(address: string, port: number, secure: NginxServer | undefined): Listener {
    const tls = secure && this.tls(secure)
    return this.process.net.serveHttp({ address, port }, async (request) => {
      const server = this.site?.serverFor(port, request.headers.host ?? '')
      const [path = '/', ...query] = request.path.split('?')
      const exchange: Exchange = { request, server: server as NginxServer, path: decodePath(path), query: query.join('?'), secure: secure !== undefined, port, id: ++this.requests, variables: new Map() }
      const response = await (this.site as Site).answer(exchange)
      this.access(exchange, response.status, Number(response.headers['content-length'] ?? 0))
      return response
    }, { headerNames: { etag: 'ETag', 'www-authenticate': 'WWW-Authenticate' }, ...(tls ? { tls } : {}) })
  }

  private tls(server: NginxServer): TlsServer {
    const path = (name: string): string => {
      const value = find(server.block, name)?.args[0] ?? ''
      return value.startsWith('/') ? value : `/etc/nginx/${value}`
    }
    const identity = { certificate: this.process.files.readText(path('ssl_certificate')), key: this.process.files.readText(path('ssl_certificate_key')) }
    const verify = find(server.block, 'ssl_verify_client')?.args[0]
    return { identity: () => identity, alpn: ['http/1.1'], ...(verify === 'on' ? { clientCertificates: 'require', clientRoots: () => this.process.files.readText(path('ssl_client_certificate')) } : {}) }
  }

  private openAccessLog(model: NginxModel): ((line: string) => void) | undefined {
    const path = find(model.http, 'access_log')?.args[0] ?? '/var/log/nginx/access.log'
    if (path === 'off') return undefined
    return (line) => {
      const target = this.logTarget(path)
      if (target) return void target.write(line).catch(() => undefined)
      try {
        this.process.files.appendFile(path, line)
      } catch (error) {
        if (!isErrno(error)) throw error
      }
    }
  }

  private logTarget(path: string): Process['stdout'] | undefined {
    const { files } = this.process
    const real = files.exists(path) === undefined && !isLink(files, path) ? path : isLink(files, path) ? files.readlink(path) : path
    return real === '/dev/stdout' || real === '/proc/self/fd/1' ? this.process.stdout : real === '/dev/stderr' || real === '/proc/self/fd/2' ? this.process.stderr : undefined
  }

  private access(exchange: Exchange, status: number, bytes: number): void {
    const model = this.model as NginxModel
    const directive = find(exchange.server.block, 'access_log') ?? find(model.http, 'access_log')
    if (!this.accessLog || directive?.args[0] === 'off') return
    const format = model.logFormats.get(directive?.args[1] ?? 'combined') ?? ''
    exchange.variables.set('status', String(status)).set('body_bytes_sent', String(exchange.request.method === 'HEAD' ? 0 : bytes)).set('time_local', localTime(this.process.clock.now())).set('remote_user', '-')
    const line = format.replace(/\$\{?([a-z_0-9]+)\}?/gi, (variable) => this.site?.expand(variable, exchange) || '-')
    this.accessLog(`${line}\n`)
  }

  private spawnWorker(): number | undefined {
    try {
      const child = this.process.spawn(this.process.executable.path, ['nginx: worker process'])
      this.log('notice', `start worker process ${child.pid}`)
      void child.wait().catch(() => undefined)
      return child.pid
    } catch (error) {
      if (isErrno(error)) return undefined
      throw error
    }
  }

  private untilTold(child: number | undefined): Promise<number> {
    const { process } = this
    return new Promise((resolve, reject) => {
      const end = (number: number, name: string, graceful: boolean) => (): void => {
        this.log('notice', `signal ${number} (${name}) received, ${graceful ? 'shutting down' : 'exiting'}`)
        for (const listener of this.listeners.values()) listener.close()
        if (child !== undefined) this.tell(child, 'SIGQUIT')
        if (process.files.exists(this.pidFile())) process.files.unlink(this.pidFile())
        this.log('notice', 'exit')
        resolve(0)
      }
      process.handle('SIGQUIT', end(3, 'SIGQUIT', true))
      process.handle('SIGTERM', end(15, 'SIGTERM', false))
      process.handle('SIGINT', end(2, 'SIGINT', false))
      process.handle('SIGHUP', () => void this.reload().catch(reject))
      process.handle('SIGUSR1', () => this.log('notice', 'reopening logs'))
      process.handle('SIGWINCH', () => undefined)
      process.dying.addEventListener('abort', () => reject(process.dying.reason as Error), { once: true })
    })
  }

  private tell(pid: number, signal: 'SIGQUIT'): void {
    try {
      this.process.kill(pid, signal)
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }

  private async reload(): Promise<void> {
    this.log('notice', 'signal 1 (SIGHUP) received from 0, reconfiguring')
    this.log('notice', 'reconfiguring')
    const before = this.model
    try {
      const next = buildModel(this.load(), this.process)
      await this.check(next)
      this.model = next
      const failure = this.bind()
      if (failure !== undefined) throw new NginxConfigError(failure)
      this.log('notice', 'start worker processes')
    } catch (error) {
      if (!(error instanceof NginxConfigError)) throw error
      this.model = before
      this.log('emerg', error.message)
    }
  }
}

function proxies(block: readonly Directive[]): Directive[] {
  return [...all(block, 'proxy_pass'), ...block.flatMap((each) => (each.block ? proxies(each.block) : []))]
}

function isLink(files: Process['files'], path: string): boolean {
  try {
    return files.lstat(path).type === 'symlink'
  } catch {
    return false
  }
}

function decodePath(path: string): string {
  const decoded = (() => {
    try {
      return decodeURIComponent(path)
    } catch {
      return path
    }
  })()
  const out: string[] = []
  for (const part of decoded.split('/').slice(1)) {
    if (part === '..') out.pop()
    else if (part !== '.' && (part !== '' || out.at(-1) !== '')) out.push(part)
  }
  return `/${out.join('/')}`
}

function localTime(ms: number): string {
  const text = new Date(ms).toUTCString()
  return `${text.slice(5, 7)}/${text.slice(8, 11)}/${text.slice(12, 16)}:${text.slice(17, 25)} +0000`
}
