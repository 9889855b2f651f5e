/** pods/log: the container's log, from its kubelet. */
import { emptyBody, type HttpResponse } from '#engine/base/http'
import { badRequestError, internalError, invalidError } from '#engine/api/errors'
import type { FieldError } from '#engine/api/field'
import { failure, type StatusError } from '#engine/api/status'
import { allow, subjectOf, type ActionRequest } from './action'
import { containerOf, kubeletOf, specOf } from './kubelet'

const passed = ['follow', 'previous', 'timestamps', 'tailLines', 'limitBytes', 'sinceSeconds', 'sinceTime', 'stream'] as const

export async function log(request: ActionRequest): Promise<HttpResponse> {
  allow(request)
  const { call, core } = request
  const { query, name, namespace } = call.info
  const pod = await subjectOf(request)
  const errors = optionErrors(query)
  if (errors.length > 0) throw invalidError('', 'PodLogOptions', name, errors)
  const container = containerOf(pod, query.get('container'))
  const { nodeName } = specOf(pod)
  if (!nodeName) return { status: 200, headers: { 'content-type': 'text/plain' }, body: emptyBody }
  const target = await kubeletOf(core, nodeName, 'pods')
  const parameters = new URLSearchParams()
  for (const key of passed) if (query.get(key) !== null && query.get(key) !== 'false') parameters.set(key, query.get(key) as string)
  const text = parameters.toString()
  const path = `/containerLogs/${namespace}/${name}/${container}${text === '' ? '' : `?${text}`}`
  const response = await toKubelet(request, target, path)
  if (response.status < 200 || response.status > 206) throw await refused(response, name)
  return { status: 200, headers: { 'content-type': 'text/plain', 'cache-control': 'no-cache, private' }, body: response.body }
}

async function toKubelet({ core, call }: ActionRequest, target: Awaited<ReturnType<typeof kubeletOf>>, path: string): Promise<HttpResponse> {
  try {
    return await core.services.dialer.kubelet(target, { method: 'GET', path, headers: {}, body: emptyBody, ...(call.http.signal ? { signal: call.http.signal } : {}) })
  } catch (error) {
    throw failure(500, '', `Get "https://${target.address}:${target.port}${path}": ${(error as Error).message}`)
  }
}

async function refused(response: HttpResponse, name: string): Promise<StatusError> {
  const text = await response.body.text()
  if (response.status === 500) return internalError(text)
  if (response.status === 400) return badRequestError(text)
  if (response.status === 404) return failure(404, 'NotFound', `the server could not find the requested resource ( pods/log ${name})`, { name, kind: 'pods/log', causes: [{ message: text }] })
  return failure(response.status, response.status === 401 ? 'Unauthorized' : response.status === 403 ? 'Forbidden' : '', text)
}

function optionErrors(query: URLSearchParams): FieldError[] {
  const errors: FieldError[] = []
  const atLeast = (field: string, least: number, words: string): void => {
    const value = query.get(field)
    if (value !== null && Number(value) < least) errors.push({ type: 'FieldValueInvalid', field, body: `Invalid value: ${Number(value)}: ${words}` })
  }
  atLeast('tailLines', 0, 'must be greater than or equal to 0')
  atLeast('limitBytes', 1, 'must be greater than 0')
  if (query.get('sinceSeconds') !== null && query.get('sinceTime') !== null) errors.push({ type: 'FieldValueForbidden', field: '[]', body: 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified' })
  atLeast('sinceSeconds', 1, 'must be greater than 0')
  return errors
}
