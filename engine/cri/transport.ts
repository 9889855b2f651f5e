/**
 * gRPC over a unix socket of the simulation: each call is an HTTP object whose body carries the message as a value. Missing
 * sockets, dead daemons and unknown services fail with the words of grpc-go.
 */
import { emptyBody, type HttpHandler, type HttpRequest, type HttpResponse, valueBody, valuesBody } from '#engine/base/http'
import { encodeUtf8 } from '#engine/base/bytes'
import { isErrno } from '#engine/linux/abi/errno'
import type { Sockets } from '#engine/linux/abi/net'
import type { ImageService, RuntimeService, ContainerEvent } from './api'
import { imageServiceName, runtimeServiceName } from './api'
import { errorText, RpcError, rpcCodeOf, rpcNumber } from './rpc'

export type UnaryMethod = (request: never) => Promise<object>
export type StreamMethod = (request: never, signal: AbortSignal | undefined) => AsyncIterable<unknown>

/** Methods by `service/method`. */
export interface ServiceTable {
  readonly unary: Readonly<Record<string, UnaryMethod>>
  readonly streams: Readonly<Record<string, StreamMethod>>
}

const encodeJson = (value: unknown): Uint8Array => encodeUtf8(JSON.stringify(value))

export function rpcHandler(table: ServiceTable): HttpHandler {
  return async (request) => {
    const name = request.path.slice(1)
    const message = request.body.value ?? {}
    try {
      const stream = table.streams[name]
      if (stream) return ok(valuesBody(stream(message as never, request.signal), encodeJson))
      const method = table.unary[name]
      if (!method) throw unknownMethod(name, table)
      return ok(valueBody(await method(message as never), encodeJson))
    } catch (error) {
      const status = error instanceof RpcError ? error : new RpcError('Unknown', errorText(error))
      return { status: 200, headers: { 'grpc-status': String(rpcNumber(status.code)), 'grpc-message': encodeURIComponent(status.description) }, body: emptyBody }
    }
  }
}

function ok(body: HttpResponse['body']): HttpResponse {
  return { status: 200, headers: { 'content-type': 'application/grpc', 'grpc-status': '0' }, body }
}

function unknownMethod(name: string, table: ServiceTable): RpcError {
  const slash = name.lastIndexOf('/')
  const service = name.slice(0, slash + 1)
  const known = [...Object.keys(table.unary), ...Object.keys(table.streams)].some((other) => other.startsWith(service))
  if (!known) return new RpcError('Unimplemented', `unknown service ${name.slice(0, slash)}`)
  return new RpcError('Unimplemented', `unknown method ${name.slice(slash + 1)} for service ${name.slice(0, slash)}`)
}

export class RpcClient {
  constructor(
    private readonly net: Pick<Sockets, 'request'>,
    readonly socket: string,
  ) {}

  call<T>(service: string, method: string, message: object, signal?: AbortSignal): Promise<T> {
    return this.send(service, method, message, signal).then((response) => accepted(response).body.value as T, (error: unknown) => Promise.reject(unavailable(error, this.socket)))
  }

  async *stream<T>(service: string, method: string, message: object, signal?: AbortSignal): AsyncGenerator<T> {
    const response = await this.send(service, method, message, signal).then(accepted, (error: unknown) => Promise.reject(unavailable(error, this.socket)))
    const values = response.body.values
    if (!values) throw new RpcError('Internal', `${service}/${method} is not a stream`)
    try {
      for await (const value of values) yield value as T
    } catch (error) {
      throw unavailable(error, this.socket)
    }
  }

  private send(service: string, method: string, message: object, signal?: AbortSignal): Promise<HttpResponse> {
    const request: HttpRequest = { method: 'POST', path: `/${service}/${method}`, headers: { 'content-type': 'application/grpc' }, body: valueBody(message, encodeJson), ...(signal ? { signal } : {}) }
    return this.net.request({ unix: this.socket }, request)
  }
}

function accepted(response: HttpResponse): HttpResponse {
  const code = Number(response.headers['grpc-status'] ?? (response.status === 200 ? 0 : 14))
  if (code !== 0) throw new RpcError(rpcCodeOf(code), decodeURIComponent(response.headers['grpc-message'] ?? ''))
  return response
}

function unavailable(error: unknown, socket: string): Error {
  if (error instanceof RpcError) return error
  if (!isErrno(error)) return error as Error
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED' || error.code === 'EACCES' || error.code === 'ENOTSOCK') {
    return new RpcError('Unavailable', `connection error: desc = "transport: Error while dialing: dial unix ${socket}: connect: ${lower(error.message)}"`)
  }
  return new RpcError('Unavailable', 'error reading from server: EOF')
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

/** The socket's path of `unix:///run/x.sock`, or of a bare path. */
export function socketPath(endpoint: string): string {
  return endpoint.startsWith('unix://') ? endpoint.slice('unix://'.length) : endpoint
}

type Methods<T> = { [K in keyof T]: T[K] }

/** A typed client: every method of both services by its own name. */
export function criClient(net: Pick<Sockets, 'request'>, endpoint: string): CriClient {
  const rpc = new RpcClient(net, socketPath(endpoint))
  const proxy = <T extends object>(service: string): T =>
    new Proxy({} as T, { get: (_, method) => (typeof method === 'string' && method !== 'then' ? (message: object) => rpc.call(service, method, message) : undefined) })
  return {
    runtime: proxy<Methods<RuntimeService>>(runtimeServiceName),
    images: proxy<Methods<ImageService>>(imageServiceName),
    events: (signal) => rpc.stream<ContainerEvent>(runtimeServiceName, 'GetContainerEvents', {}, signal),
    endpoint,
    socket: rpc.socket,
  }
}

export interface CriClient {
  readonly runtime: RuntimeService
  readonly images: ImageService
  events(signal?: AbortSignal): AsyncGenerator<ContainerEvent>
  readonly endpoint: string
  readonly socket: string
}
