import { isErrno } from '#engine/linux/abi/errno'
import type { Listener } from '#engine/linux/abi/net'
import { bool, duration, int, string } from '#engine/programs/common/cobra/flags'
import { dialTransport } from '#engine/client/dial'
import { withCredentials } from '#engine/programs/kubectl/session/credentials'
import { type HttpHandler, type HttpRequest, type HttpResponse, textBody } from '#engine/base/http'
import { CliError, ExitError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'
import { fileAt } from './files'
import { filterOf } from './filter'

const defaultPort = 8001

export const proxy = verb({
  use: 'proxy [--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix]',
  short: 'Run a proxy to the Kubernetes API server',
  long: 'Creates a proxy server or application-level gateway between localhost and the Kubernetes API server. It also allows serving static content over a specified HTTP path. All incoming data enters through one port and gets forwarded to the remote Kubernetes API server port, except for the path matching the static content path.',
  example: '# Proxy all of the Kubernetes API and nothing else\nkubectl proxy --api-prefix=/\n\n# Proxy the API on a port of its own and serve static content from ./local/www/\nkubectl proxy --port=8011 --www=./local/www/\n\n# An arbitrary local port; the chosen one is printed\nkubectl proxy --port=0\n\n# Change the API prefix to k8s-api: localhost:8001/k8s-api/v1/pods/\nkubectl proxy --api-prefix=/k8s-api',
  group: 'Troubleshooting and Debugging Commands:',
  flags: [
    string('accept-hosts', 'Regular expression for hosts that the proxy should accept.', { default: '^localhost$,^127\\.0\\.0\\.1$,^\\[::1\\]$' }),
    string('accept-paths', 'Regular expression for paths that the proxy should accept.', { default: '^.*' }),
    string('address', 'The IP address on which to serve on.', { default: '127.0.0.1' }),
    string('api-prefix', 'Prefix to serve the proxied API under.', { default: '/' }),
    bool('append-server-path', 'If true, enables automatic path appending of the kube context server path to each request.'),
    bool('disable-filter', 'If true, disable request filtering in the proxy. This is dangerous, and can leave you vulnerable to XSRF attacks, when used with an accessible port.'),
    duration('keepalive', 'keepalive specifies the keep-alive period for an active network connection. Set to 0 to disable keepalive.'),
    int('port,p', 'The port on which to run the proxy. Set to 0 to pick a random port.', { default: defaultPort }),
    string('reject-methods', "Regular expression for HTTP methods that the proxy should reject (example --reject-methods='POST,PUT,PATCH').", { default: '^$' }),
    string('reject-paths', 'Regular expression for paths that the proxy should reject. Paths specified here will be rejected even accepted by --accept-paths.', { default: '^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach' }),
    string('unix-socket,u', 'Unix socket on which to run the proxy.'),
    string('www,w', 'Also serve static files from the given directory under the specified prefix.'),
    string('www-prefix,P', 'Prefix to serve static files under, if static file directory is specified.', { default: '/static/' }),
  ],
  run: runProxy,
})

async function runProxy(session: Session): Promise<void> {
  const { flags, process } = session
  if (flags.number('port') !== defaultPort && flags.string('unix-socket') !== '') throw new CliError('cannot set --unix-socket and --port at the same time')
  await warn(session)
  const handler = handlerOf(session)
  const listener = listen(session, handler)
  await session.out(`Starting to serve on ${flags.string('unix-socket') || `${listener.local.address === '0.0.0.0' ? '[::]' : listener.local.address}:${listener.local.port}`}\n`)
  await new Promise<void>((resolve) => process.handle('SIGINT', () => resolve()))
  process.exit(130)
}

async function warn(session: Session): Promise<void> {
  const { flags, process } = session
  const say = (line: string): Promise<void> => session.err(`${session.stamp('W')} ${line}\n`)
  const directory = flags.string('www')
  if (directory !== '') {
    const stat = process.files.exists(directory)
    if (!stat) await say(`proxy.go:200] Failed to stat static file directory ${directory}: stat ${directory}: no such file or directory`)
    else if (stat.type !== 'directory') await say(`proxy.go:161] Static file directory ${directory} is not a directory`)
  }
  if (flags.bool('disable-filter') && flags.string('unix-socket') === '') await say('proxy.go:177] Request filter disabled, your proxy is vulnerable to XSRF attacks, please be cautious')
}

function listen(session: Session, handler: HttpHandler): Listener {
  const { flags, process } = session
  const socket = flags.string('unix-socket')
  const [address, port] = [flags.string('address'), flags.number('port')]
  try {
    return process.net.serveHttp(socket === '' ? { address, port } : { unix: socket }, handler)
  } catch (error) {
    if (!isErrno(error)) throw error
    const reason = error.code === 'EADDRINUSE' ? 'address already in use' : error.message.toLowerCase()
    throw new CliError(socket === '' ? `listen tcp ${address}:${port}: bind: ${reason}` : `listen unix ${socket}: bind: ${reason}`)
  }
}

function handlerOf(session: Session): HttpHandler {
  const { flags, process } = session
  const { config } = session.connect()
  const upstream = withCredentials(config, process, (complete) => dialTransport(complete, process.net, (path) => process.files.readText(path)))
  const allows = flags.bool('disable-filter') ? () => true : filterOf(flags, (problem) => new ExitError(255, `${session.stamp('F')} proxy_server.go:83] Error compiling re: ${problem}`))
  const [api, files] = [flags.string('api-prefix'), flags.string('www-prefix')].map(withSlashes) as [string, string]
  const directory = flags.string('www')
  return async (request) => {
    if (!allows(request)) return plain(403, 'Forbidden\n')
    const { path } = request
    if (directory !== '' && path.startsWith(files)) return fileAt(process, directory, path.slice(files.length))
    if (!path.startsWith(api)) return plain(404, '404 page not found\n')
    return await forward(upstream.request, request, `/${path.slice(api.length)}`)
  }
}

async function forward(send: HttpHandler, request: HttpRequest, path: string): Promise<HttpResponse> {
  const { host: _, ...headers } = request.headers
  try {
    return await send({ method: request.method, path, headers, body: request.body, ...(request.signal ? { signal: request.signal } : {}) })
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    return plain(502, '')
  }
}

function withSlashes(prefix: string): string {
  return `/${prefix.replace(/^\/+|\/+$/g, '')}/`.replace('//', '/')
}

export function plain(status: number, text: string): HttpResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }, body: textBody(text) }
}
