/** The connection to the daemon: $DOCKER_HOST or the usual socket, and how it fails. */
import { decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { bytesBody, emptyBody, type Headers, type HttpBody, type HttpResponse } from '#engine/base/http'
import { isErrno } from '#engine/linux/abi/errno'
import type { DialTarget } from '#engine/linux/abi/net'
import { LookupError } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import { type Flag, stringArray } from '#engine/programs/common/cobra/flags'

/** A command failed: what it says on standard error, and its exit code. An empty message was said before. */
export class DockerFailure extends Error {
  override readonly name = 'DockerFailure'

  constructor(message: string, readonly exitCode = 1, readonly status = 0) {
    super(message)
  }
}

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>
export interface Call { readonly query?: Query; readonly json?: unknown; readonly body?: HttpBody; readonly headers?: Headers; readonly signal?: AbortSignal }

const usualHost = 'unix:///var/run/docker.sock'
const version = '/v1.41'

export class Api {
  readonly host: string

  constructor(readonly process: Process, host: string) {
    this.host = host !== '' ? host : process.env.get('DOCKER_HOST') || usualHost
  }

  async request(method: string, path: string, call: Call = {}): Promise<HttpResponse> {
    const target = this.target()
    const body = call.body ?? (call.json === undefined ? emptyBody : bytesBody(encodeUtf8(JSON.stringify(call.json))))
    const headers = { 'user-agent': 'Docker-Client/28.2.2 (linux)', ...(call.json === undefined ? {} : { 'content-type': 'application/json' }), ...call.headers }
    let response: HttpResponse
    try {
      response = await this.process.net.request(target, { method, path: `${version}${path}${queryText(call.query)}`, headers, body, ...(call.signal ? { signal: call.signal } : {}) })
    } catch (error) {
      throw this.unreachable(error, `${version}${path}${queryText(call.query)}`)
    }
    if (response.status < 400) return response
    throw new DockerFailure(`Error response from daemon: ${messageOf(await response.body.text())}`, 1, response.status)
  }

  async json<T>(method: string, path: string, call: Call = {}): Promise<T> {
    const text = await (await this.request(method, path, call)).body.text()
    return JSON.parse(text === '' ? 'null' : text) as T
  }

  get<T>(path: string, query: Query = {}): Promise<T> {
    return this.json<T>('GET', path, { query })
  }

  async post(path: string, call: Call = {}): Promise<void> {
    await this.request('POST', path, call)
  }

  private target(): DialTarget {
    const [, scheme = '', rest = ''] = /^(\w+):\/\/(.*)$/.exec(this.host) ?? []
    if (scheme === 'unix') return { unix: rest }
    if (scheme === 'tcp' || scheme === 'http') {
      const [host = '', port = '2375'] = rest.replace(/\/.*$/, '').split(':')
      return { host: host === '' ? '127.0.0.1' : host, port: Number(port) }
    }
    if (scheme === 'ssh') throw new DockerFailure('error during connect: connections over ssh are not supported')
    throw new DockerFailure(`unable to parse docker host \`${this.host}\``)
  }

  private unreachable(error: unknown, path: string): unknown {
    if (error instanceof LookupError) return new DockerFailure(`error during connect: Get "http://${error.host}${path}": dial tcp: lookup ${error.host}: no such host`)
    if (!isErrno(error)) return error
    if (error.code === 'EACCES') return new DockerFailure(`permission denied while trying to connect to the Docker daemon socket at ${this.host}: Get "http://${encodeURIComponent(this.host.replace(/^unix:\/\//, ''))}${path}": dial unix ${this.host.replace(/^unix:\/\//, '')}: connect: permission denied`)
    return new DockerFailure(`Cannot connect to the Docker daemon at ${this.host}. Is the docker daemon running?`)
  }
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text
  } catch {
    return text.trim()
  }
}

function queryText(query: Query = {}): string {
  const pairs = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : (Array.isArray(value) ? value : [value]).map((each) => `${key}=${encodeURIComponent(each === true ? '1' : each === false ? '0' : String(each))}`)))
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

/** `--filter`: refused without a value to look for. */
export function filterFlag(names: string, usage: string): Flag {
  return stringArray(names, usage, {
    typeName: 'filter',
    check: (value) => {
      if (!value.includes('=')) throw new Error('bad format of filter (expected name=value)')
      return undefined
    },
  })
}

/** `--filter name=web` as the API takes them. */
export function filtersText(filters: readonly string[]): string | undefined {
  if (filters.length === 0) return undefined
  const out: Record<string, Record<string, boolean>> = {}
  for (const filter of filters) {
    const at = filter.indexOf('=')
    const key = filter.slice(0, at).trim().toLowerCase()
    out[key] = { ...out[key], [filter.slice(at + 1).trim()]: true }
  }
  return JSON.stringify(out)
}

/** Objects of a stream, a JSON line each. */
export async function* jsonLines<T>(body: HttpBody): AsyncGenerator<T> {
  let rest = ''
  for await (const chunk of body.stream()) {
    rest += decodeUtf8(chunk)
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      const line = rest.slice(0, end).trim()
      rest = rest.slice(end + 1)
      if (line !== '') yield JSON.parse(line) as T
    }
  }
  if (rest.trim() !== '') yield JSON.parse(rest) as T
}
