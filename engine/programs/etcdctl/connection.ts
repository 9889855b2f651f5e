/** From global flags (and ETCDCTL_* variables) to clients of the endpoints, with etcd's client's words for what fails. */
import { EtcdClient } from '#engine/etcd/client'
import { EtcdError } from '#engine/etcd/api'
import { isErrno } from '#engine/linux/abi/errno'
import { LookupError, TlsError, type TlsClient } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import { bool, duration, string, strings, type Flag } from '#engine/programs/common/cobra/flags'
import type { Invocation } from '#engine/programs/common/cobra/command'
import { ZapLog } from '#engine/programs/common/zap'

export const globalFlags: readonly Flag[] = [
  string('cacert', 'verify certificates of TLS-enabled secure servers using this CA bundle'),
  string('cert', 'identify secure client using this TLS certificate file'),
  duration('command-timeout', 'timeout for short running command (excluding dial timeout)', { default: 5000, defaultText: '5s' }),
  bool('debug', 'enable client-side debug logging'),
  duration('dial-timeout', 'dial timeout for client connections', { default: 2000, defaultText: '2s' }),
  string('discovery-srv,d', 'domain name to query for SRV records describing cluster endpoints'),
  string('discovery-srv-name', 'service name to query when using DNS discovery'),
  strings('endpoints', 'gRPC endpoints', { default: ['127.0.0.1:2379'] }),
  bool('hex', 'print byte strings as hex encoded strings'),
  bool('insecure-discovery', 'accept insecure SRV records describing cluster endpoints', { default: true }),
  bool('insecure-skip-tls-verify', 'skip server certificate verification (CAUTION: this option should be enabled only for testing purposes)'),
  bool('insecure-transport', 'disable transport security for client connections', { default: true }),
  duration('keepalive-time', 'keepalive time for client connections', { default: 2000, defaultText: '2s' }),
  duration('keepalive-timeout', 'keepalive timeout for client connections', { default: 6000, defaultText: '6s' }),
  string('key', 'identify secure client using this TLS key file'),
  string('password', 'password for authentication (if this option is used, --user option shouldn\'t include password)'),
  string('user', 'username[:password] for authentication (prompt if password is not supplied)'),
  string('write-out,w', 'set the output format (fields, json, protobuf, simple, table)', { default: 'simple' }),
]

/** A failure with the exit code etcdctl gives it. */
export class EtcdctlError extends Error {
  override readonly name = 'EtcdctlError'

  constructor(
    message: string,
    readonly code: number,
  ) {
    super(message)
  }
}

export interface Endpoint {
  readonly name: string
  readonly client: EtcdClient
}

/** Sets flags that were not given from ETCDCTL_NAME, and complains about variables that are no flags. */
export async function applyEnvironment({ process, flags }: Invocation): Promise<void> {
  const log = new ZapLog(process)
  for (const [key, value] of process.env) {
    if (!key.startsWith('ETCDCTL_')) continue
    const name = key.slice(8).toLowerCase().replace(/_/g, '-')
    if (!flags.has(name)) log.write('warn', 'flags/flag.go:94', 'unrecognized environment variable', { 'environment-variable': `${key}=${value}` })
    else if (!flags.changed(name)) flags.set(name, value)
  }
  await Promise.resolve()
}

export function endpoints(invocation: Invocation, names?: readonly string[]): Endpoint[] {
  const { process, flags } = invocation
  const given = names ?? flags.list('endpoints')
  const secureFiles = flags.string('cacert') !== '' || flags.string('cert') !== ''
  const tls = tlsOf(invocation)
  return given.map((name) => {
    const match = /^(?:(https?):\/\/)?\[?([^\]]+?)\]?(?::(\d+))?\/?$/.exec(name)
    const target = { host: match?.[2] ?? name, port: Number(match?.[3] ?? 2379) }
    const secure = match?.[1] === 'https' || (match?.[1] === undefined && secureFiles)
    const client = new EtcdClient((request) => process.net.request(target, request, { timeoutMs: flags.number('dial-timeout'), ...(secure ? { tls } : {}) }), `etcdctl-${process.pid}`)
    return { name, client }
  })
}

function tlsOf({ process, flags }: Invocation): TlsClient {
  const read = (flag: string): string | undefined => {
    const path = flags.string(flag)
    if (path === '') return undefined
    if (!process.files.exists(path)) throw new EtcdctlError(`open ${path}: no such file or directory`, 128)
    return process.files.readText(path)
  }
  const [roots, certificate, key] = [read('cacert'), read('cert'), read('key')]
  return {
    ...(flags.bool('insecure-skip-tls-verify') ? { insecureSkipVerify: true } : {}),
    ...(roots ? { roots } : {}),
    ...(certificate && key ? { certificate, key } : {}),
  }
}

/** Runs a call; a connection that fails is retried in vain until the command's timeout, as the real client does. */
export async function call<T>(invocation: Invocation, endpoint: Endpoint, method: string, run: (client: EtcdClient) => Promise<T>): Promise<T> {
  const { process, flags } = invocation
  const retried = (error: string): void => {
    const target = `etcd-endpoints://0xc${process.random.integer(2 ** 31).toString(16).padStart(9, '0')}/${endpoint.name.replace(/^https?:\/\//, '')}`
    new ZapLog(process, 'etcd-client').write('warn', 'v3@v3.6.6/retry_interceptor.go:65', 'retrying of unary invoker failed', { target, method: `/etcdserverpb.${method}`, attempt: 0, error })
  }
  const limitMs = flags.number('command-timeout')
  const late = new EtcdctlError('context deadline exceeded', 1)
  try {
    return await Promise.race([run(endpoint.client), process.clock.sleep(limitMs).then(() => Promise.reject(late))])
  } catch (error) {
    if (error === late) retried('rpc error: code = DeadlineExceeded desc = context deadline exceeded')
    if (error instanceof EtcdctlError) throw error
    if (error instanceof EtcdError && (error.code !== 'Unavailable' || error.message.startsWith('etcdserver:'))) {
      retried(`rpc error: code = ${error.code} desc = ${error.message}`)
      throw new EtcdctlError(error.message, 1)
    }
    const reason = balancerError(process, endpoint.name, error)
    await process.clock.sleep(limitMs)
    retried(`rpc error: code = DeadlineExceeded desc = latest balancer error: connection error: desc = "${reason}"`)
    throw late
  }
}

function balancerError(process: Process, endpoint: string, error: unknown): string {
  if (error instanceof TlsError) return error.reason === 'not-tls' ? 'error reading server preface: EOF' : `transport: authentication handshake failed: ${error.message.startsWith('x509:') ? `tls: failed to verify certificate: ${error.message}` : error.message}`
  const address = endpoint.replace(/^https?:\/\//, '')
  if (isErrno(error)) return error.code === 'ECONNRESET' || error.code === 'EPIPE' ? 'error reading server preface: EOF' : `transport: Error while dialing: dial tcp ${address}: connect: ${error.message.toLowerCase()}`
  if (error instanceof LookupError) return `transport: Error while dialing: dial tcp: lookup ${error.host}${error.server ? ` on ${error.server}` : ''}: no such host`
  if (error instanceof Error && error.name !== 'ProcessKilled') return 'error reading server preface: EOF'
  throw error
}
