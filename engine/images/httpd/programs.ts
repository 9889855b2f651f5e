/** Simple web servers: Apache's httpd, `python3 -m http.server`, agnhost, busybox httpd. */
import { encodeUtf8 } from '#engine/base/bytes'
import { bytesBody, emptyBody, type HttpRequest, type HttpResponse, textBody } from '#engine/base/http'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { untilSignal } from '#engine/images/tools/lifetime'

const types: Readonly<Record<string, string>> = { html: 'text/html', htm: 'text/html', css: 'text/css', js: 'text/javascript', json: 'application/json', txt: 'text/plain', png: 'image/png', jpg: 'image/jpeg', svg: 'image/svg+xml', xml: 'text/xml' }

function typeOf(path: string, fallback: string): string {
  return types[/\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''] ?? fallback
}

interface FileSite {
  readonly root: string
  readonly index: readonly string[]
  readonly fallbackType: string
  notFound(request: HttpRequest): HttpResponse
  listing?(path: string, names: readonly string[]): HttpResponse
  headers(stat: { readonly mtimeMs: number; readonly size: number }): Record<string, string>
}

function serveFile(process: Process, request: HttpRequest, site: FileSite): HttpResponse {
  const { files } = process
  const path = decodeURIComponent((request.path.split('?')[0] ?? '/').replace(/%(?![0-9a-fA-F]{2})/g, '%25')).split('/').filter((part) => part !== '..').join('/')
  const disk = `${site.root.replace(/\/$/, '')}${path}`
  const stat = files.exists(disk)
  if (!stat) return site.notFound(request)
  if (stat.type === 'directory') {
    const index = site.index.map((name) => `${disk.replace(/\/$/, '')}/${name}`).find((candidate) => files.exists(candidate))
    if (index === undefined) return site.listing?.(path, files.readDirectory(disk).map((entry) => (entry.type === 'directory' ? `${entry.name}/` : entry.name)).sort()) ?? site.notFound(request)
    return file(process, index, site, request)
  }
  return file(process, disk, site, request)
}

function file(process: Process, disk: string, site: FileSite, request: HttpRequest): HttpResponse {
  try {
    const bytes = process.files.readFile(disk)
    const stat = process.files.stat(disk)
    return { status: 200, headers: { ...site.headers({ mtimeMs: stat.mtimeMs, size: bytes.length }), 'content-length': String(bytes.length), 'content-type': typeOf(disk, site.fallbackType) }, body: request.method === 'HEAD' ? emptyBody : bytesBody(bytes) }
  } catch (error) {
    if (isErrno(error)) return site.notFound(request)
    throw error
  }
}

function html(status: number, headers: Record<string, string>, text: string): HttpResponse {
  const bytes = encodeUtf8(text)
  return { status, headers: { ...headers, 'content-length': String(bytes.length), 'content-type': 'text/html; charset=iso-8859-1' }, body: bytesBody(bytes) }
}

function clfTime(ms: number): string {
  const text = new Date(ms).toUTCString()
  return `${text.slice(5, 7)}/${text.slice(8, 11)}/${text.slice(12, 16)}:${text.slice(17, 25)} +0000`
}

const httpd: Program = {
  name: 'httpd',
  unsupported: 'of its configuration only Listen and DocumentRoot count',
  async run(process) {
    const version = process.executable.attributes.version ?? '2.4.65'
    if (process.argv[1] === '-v') {
      await process.stdout.write(`Server version: Apache/${version} (Unix)\n`)
      return 0
    }
    const confPath = '/usr/local/apache2/conf/httpd.conf'
    const conf = process.files.exists(confPath) ? process.files.readText(confPath) : ''
    const port = Number(/^\s*Listen\s+(?:\S+:)?(\d+)/m.exec(conf)?.[1] ?? 80)
    const root = /^\s*DocumentRoot\s+"?([^"\n]+)"?/m.exec(conf)?.[1] ?? '/usr/local/apache2/htdocs'
    const name = `Apache/${version} (Unix)`
    const site: FileSite = {
      root, index: ['index.html'], fallbackType: 'text/plain',
      headers: (stat) => ({ server: name, 'last-modified': new Date(stat.mtimeMs).toUTCString(), etag: `"${stat.size.toString(16)}-${Math.floor(stat.mtimeMs * 1000).toString(16)}"`, 'accept-ranges': 'bytes' }),
      notFound: () => html(404, { server: name }, '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>404 Not Found</title>\n</head><body>\n<h1>Not Found</h1>\n<p>The requested URL was not found on this server.</p>\n</body></html>\n'),
      listing: (path, names) => html(200, { server: name }, `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">\n<html>\n <head>\n  <title>Index of ${path}</title>\n </head>\n <body>\n<h1>Index of ${path}</h1>\n<ul>${names.map((each) => `<li><a href="${each}"> ${each}</a></li>\n`).join('')}</ul>\n</body></html>\n`),
    }
    try {
      process.net.serveHttp({ address: '0.0.0.0', port }, (request) => {
        const response = serveFile(process, request, site)
        void process.stdout.write(`${request.peer?.address ?? '-'} - - [${clfTime(process.clock.now())}] "${request.method} ${request.path} HTTP/1.1" ${response.status} ${response.headers['content-length'] ?? '-'}\n`).catch(() => undefined)
        return Promise.resolve(response)
      }, { headerNames: { etag: 'ETag' } })
    } catch (error) {
      if (!isErrno(error)) throw error
      await process.stderr.write(`(${error.number})${error.message}: AH00072: make_sock: could not bind to address 0.0.0.0:${port}\nno listening sockets available, shutting down\nAH00015: Unable to open logs\n`)
      return 1
    }
    const stamp = new Date(process.clock.now()).toString().slice(0, 24)
    await process.stderr.write(`AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using 127.0.0.1. Set the 'ServerName' directive globally to suppress this message\n[${stamp}] [mpm_event:notice] [pid ${process.pid}:tid ${process.pid}] AH00489: ${name} configured -- resuming normal operations\n[${stamp}] [core:notice] [pid ${process.pid}:tid ${process.pid}] AH00094: Command line: 'httpd -D FOREGROUND'\n`)
    process.handle('SIGWINCH', () => process.kill(process.pid, 'SIGTERM'))
    return untilSignal(process)
  },
}

const python: Program = {
  name: 'python3',
  unsupported: 'python runs no code: only -m http.server and --version',
  async run(process) {
    const args = process.argv.slice(1)
    const version = process.executable.attributes.version ?? '3.11.2'
    if (args[0] === '--version' || args[0] === '-V') {
      await process.stdout.write(`Python ${version}\n`)
      return 0
    }
    if (args[0] !== '-m' || args[1] !== 'http.server') {
      await process.stderr.write('python3: this simulation has no Python interpreter: only `python3 -m http.server [port]` is supported\n')
      return 1
    }
    const port = Number(args.slice(2).find((arg) => /^\d+$/.test(arg)) ?? 8000)
    const server = `SimpleHTTP/0.6 Python/${version}`
    const directory = args.includes('-d') ? (args[args.indexOf('-d') + 1] ?? '.') : process.cwd()
    const site: FileSite = {
      root: directory, index: ['index.html', 'index.htm'], fallbackType: 'application/octet-stream',
      headers: (stat) => ({ server, 'last-modified': new Date(stat.mtimeMs).toUTCString() }),
      notFound: () => html(404, { server, connection: 'close' }, '<!DOCTYPE HTML>\n<html lang="en">\n    <head>\n        <meta charset="utf-8">\n        <title>Error response</title>\n    </head>\n    <body>\n        <h1>Error response</h1>\n        <p>Error code: 404</p>\n        <p>Message: File not found.</p>\n        <p>Error code explanation: 404 - Nothing matches the given URI.</p>\n    </body>\n</html>\n'),
      listing: (path, names) => html(200, { server }, `<!DOCTYPE HTML>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Directory listing for ${path}</title>\n</head>\n<body>\n<h1>Directory listing for ${path}</h1>\n<hr>\n<ul>\n${names.map((name) => `<li><a href="${name}">${name}</a></li>\n`).join('')}</ul>\n<hr>\n</body>\n</html>\n`),
    }
    process.net.serveHttp({ address: '0.0.0.0', port }, (request) => {
      const response = serveFile(process, request, site)
      void process.stderr.write(`${request.peer?.address ?? '-'} - - [${clfTime(process.clock.now()).replace(/ \+0000$/, '').replace(/^(\d+)\/(\w+)\/(\d+):/, '$1/$2/$3 ')}] "${request.method} ${request.path} HTTP/1.1" ${response.status} -\n`).catch(() => undefined)
      return Promise.resolve(response)
    })
    await process.stdout.write(`Serving HTTP on 0.0.0.0 port ${port} (http://0.0.0.0:${port}/) ...\n`)
    return untilSignal(process)
  },
}

const agnhost: Program = {
  name: 'agnhost',
  unsupported: 'of agnhost: netexec, serve-hostname, pause, porter-like tools are not there',
  async run(process) {
    const [command = 'pause', ...args] = process.argv.slice(1)
    const port = Number(/=?(\d+)$/.exec(args.find((arg) => /^--(http-)?port/.test(arg)) ?? '')?.[1] ?? args[args.findIndex((arg) => arg === '--http-port' || arg === '--port') + 1] ?? (command === 'serve-hostname' ? 9376 : 8080))
    const hostname = process.uname().nodename
    if (command === 'pause') {
      await process.stdout.write('Paused\n')
      return untilSignal(process)
    }
    if (command !== 'netexec' && command !== 'serve-hostname') {
      await process.stderr.write(`Error: unknown command "${command}" for "app" (this simulation has netexec, serve-hostname and pause)\n`)
      return 1
    }
    process.net.serveHttp({ address: '0.0.0.0', port: Number.isNaN(port) ? 8080 : port }, (request) => Promise.resolve(command === 'serve-hostname' ? plain(hostname) : netexec(request, hostname, process)))
    if (command === 'netexec') await process.stderr.write(`Started HTTP server on port ${port}\n`)
    return untilSignal(process)
  },
}

function plain(text: string, status = 200): HttpResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: textBody(text) }
}

function netexec(request: HttpRequest, hostname: string, process: Process): HttpResponse {
  const [path = '/', query = ''] = request.path.split('?')
  const parameters = new URLSearchParams(query)
  switch (path) {
    case '/hostname':
    case '/hostName':
      return plain(hostname)
    case '/echo':
      return plain(parameters.get('msg') ?? '', Number(parameters.get('code') ?? 200))
    case '/clientip':
      return plain(`${request.peer?.address ?? ''}:${request.peer?.port ?? 0}`)
    case '/healthz':
      return plain('')
    case '/':
      return plain(`NOW: ${new Date(process.clock.now()).toISOString()}`)
    default:
      return plain('404 page not found\n', 404)
  }
}

const busyboxHttpd: Program = {
  name: 'busybox-httpd',
  async run(process) {
    const args = process.argv.slice(1)
    const value = (flag: string): string | undefined => {
      const at = args.findIndex((arg) => arg.startsWith(flag))
      return at < 0 ? undefined : args[at] === flag ? args[at + 1] : args[at]?.slice(2)
    }
    const port = Number((value('-p') ?? '80').split(':').at(-1))
    const site: FileSite = {
      root: value('-h') ?? process.cwd(), index: ['index.html'], fallbackType: 'application/octet-stream',
      headers: (stat) => ({ connection: 'close', 'accept-ranges': 'bytes', 'last-modified': new Date(stat.mtimeMs).toUTCString(), etag: `"${Math.floor(stat.mtimeMs / 1000).toString(16)}-${stat.size.toString(16)}"` }),
      notFound: () => html(404, { connection: 'close' }, '<HTML><HEAD><TITLE>404 Not Found</TITLE></HEAD>\n<BODY><H1>404 Not Found</H1>\nThe requested URL was not found\n</BODY></HTML>\n'),
    }
    const listen = (owner: Process): void => void owner.net.serveHttp({ address: '0.0.0.0', port }, (request) => Promise.resolve(serveFile(owner, request, site)), { headerNames: { etag: 'ETag' } })
    if (!args.includes('-f') && !args.some((arg) => /^-[a-z]*f/.test(arg))) {
      process.fork(async (child) => {
        child.newSession()
        listen(child)
        return untilSignal(child)
      })
      return 0
    }
    try {
      listen(process)
    } catch (error) {
      if (!isErrno(error)) throw error
      await process.stderr.write(`httpd: bind: ${error.message}\n`)
      return 1
    }
    return untilSignal(process, 143)
  },
}

export const httpPrograms: readonly Program[] = [httpd, python, agnhost, busyboxHttpd]
