/** Routes of the Engine API: a table of method and path, answers as JSON, errors as `{"message": ...}`. */
import { encodeUtf8 } from '#engine/base/bytes'
import { bytesBody, emptyBody, type HttpHandler, type HttpRequest, type HttpResponse, streamBody } from '#engine/base/http'
import { errorText } from '../rpc'
import { ApiError, badParameter } from './model'

export interface ApiRequest {
  readonly http: HttpRequest
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  json<T>(): Promise<T>
}

export type RouteHandler = (request: ApiRequest) => Promise<HttpResponse> | HttpResponse
/** `GET /containers/{id}/json`; `{name*}` takes slashes. */
export type Route = readonly [pattern: string, handler: RouteHandler]

const apiHeaders = { 'api-version': '1.41', 'docker-experimental': 'false', ostype: 'linux', server: 'Docker/20.10.24+dfsg1 (linux)' }

export function json(value: unknown, status = 200): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: bytesBody(encodeUtf8(`${JSON.stringify(value)}\n`)) }
}

export function noContent(status = 204): HttpResponse {
  return { status, headers: {}, body: emptyBody }
}

export function raw(bytes: Uint8Array, type = 'application/octet-stream'): HttpResponse {
  return { status: 200, headers: { 'content-type': type }, body: bytesBody(bytes) }
}

export function stream(chunks: AsyncIterable<Uint8Array>, type = 'application/json'): HttpResponse {
  return { status: 200, headers: { 'content-type': type }, body: streamBody(chunks) }
}

export function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name) ?? ''
  return value !== '' && value !== '0' && value.toLowerCase() !== 'false' && value !== 'no'
}

/** The `filters` of a query: `{"name":["web"]}`, also in the older form `{"name":{"web":true}}`. */
export function filtersOf(query: URLSearchParams): Readonly<Record<string, readonly string[]>> {
  const text = query.get('filters')
  if (!text) return {}
  try {
    const given = JSON.parse(text) as Record<string, string[] | Record<string, boolean>>
    return Object.fromEntries(Object.entries(given).map(([name, values]) => [name, Array.isArray(values) ? values : Object.keys(values)]))
  } catch (error) {
    throw badParameter(`invalid filter: ${errorText(error)}`)
  }
}

interface Compiled { readonly method: string; readonly path: RegExp; readonly names: readonly string[]; readonly handler: RouteHandler }

export function apiHandler(routes: readonly Route[]): HttpHandler {
  let compiled: readonly Compiled[] | undefined
  return async (request) => {
    compiled ??= routes.map(compile)
    const answer = await dispatch(compiled, request)
    return { ...answer, headers: { ...apiHeaders, ...answer.headers } }
  }
}

async function dispatch(routes: readonly Compiled[], http: HttpRequest): Promise<HttpResponse> {
  const [target = '', query = ''] = splitOnce(http.path, '?')
  const path = target.replace(/^\/v1\.\d+(?=\/)/, '')
  try {
    for (const route of routes) {
      const match = route.method === http.method ? route.path.exec(path) : null
      if (!match) continue
      const params = Object.fromEntries(route.names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? '')]))
      return await route.handler({ http, params, query: new URLSearchParams(query), json: () => readJson(http) })
    }
    return json({ message: 'page not found' }, 404)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return json({ message: error.message }, error.status)
  }
}

async function readJson<T>(http: HttpRequest): Promise<T> {
  if (http.body.value !== undefined) return http.body.value as T
  const text = await http.body.text()
  if (text.trim() === '') return {} as T
  try {
    return JSON.parse(text) as T
  } catch (error) {
    throw badParameter(errorText(error))
  }
}

function compile([pattern, handler]: Route): Compiled {
  const [method = '', path = ''] = pattern.split(' ')
  const names = [...path.matchAll(/\{(\w+)\*?\}/g)].map((match) => match[1] as string)
  const source = path.replace(/[.]/g, '\\.').replace(/\{\w+\*\}/g, '(.+)').replace(/\{\w+\}/g, '([^/]+)')
  return { method, path: new RegExp(`^${source}$`), names, handler }
}

function splitOnce(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
