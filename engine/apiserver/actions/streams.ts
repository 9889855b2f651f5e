/** pods/exec, attach and portforward: the client's upgraded connection, joined to that of the kubelet. */
import { concatBytes, decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { emptyBody, type HttpResponse, type MessageChannel } from '#engine/base/http'
import { badRequestError, internalError, invalidError } from '#engine/api/errors'
import type { FieldError } from '#engine/api/field'
import type { Status } from '#engine/api/status'
import { attributesOf, refusal } from '#engine/apiserver/chain/authorize'
import { inForm, kubeletProtocol } from './channel-forms'
import { allow, subjectOf, type ActionRequest } from './action'
import { containerOf, kubeletOf, specOf, type KubeletTarget } from './kubelet'
import { RelayChannel } from './relay-channel'

const errorChannel = 3

export async function exec(request: ActionRequest): Promise<HttpResponse> {
  const { query, name } = request.call.info
  return remote(request, 'PodExecOptions', 'exec', () => {
    const errors = streamErrors(query)
    if (query.getAll('command').length === 0) errors.push({ type: 'FieldValueRequired', field: 'command', body: 'Required value' })
    if (errors.length > 0) throw invalidError('', 'PodExecOptions', name, errors)
  })
}

export async function attach(request: ActionRequest): Promise<HttpResponse> {
  const { query, name } = request.call.info
  return remote(request, 'PodAttachOptions', 'attach', () => {
    const errors = streamErrors(query)
    if (errors.length > 0) throw invalidError('', 'PodAttachOptions', name, errors)
  })
}

function streamErrors(query: URLSearchParams): FieldError[] {
  const on = (key: string): boolean => ['true', '1'].includes(query.get(key) ?? '')
  if (on('stdin') || on('stdout') || on('stderr') || !(query.has('stdin') || query.has('stdout') || query.has('stderr'))) return []
  return [{ type: 'FieldValueRequired', field: '[]', body: 'Required value: you must specify at least 1 of stdin, stdout, stderr' }]
}

async function remote(request: ActionRequest, kind: string, verb: 'exec' | 'attach', check: () => void): Promise<HttpResponse> {
  allow(request)
  await mayCreate(request)
  const { call, core } = request
  const { namespace, name, query } = call.info
  const pod = await subjectOf(request)
  await admitConnect(request, kind)
  if (!wantsUpgrade(request)) throw badRequestError('Upgrade request required')
  check()
  const container = containerOf(pod, query.get('container'))
  const { nodeName } = specOf(pod)
  if (!nodeName) throw badRequestError(`pod ${name} does not have a host assigned`)
  const target = await kubeletOf(core, nodeName, 'pods')
  const path = `/${verb}/${namespace}/${name}/${container}?${streamQuery(query, verb)}`
  const protocol = protocolOf(request, commandProtocols)
  if (protocol === undefined) return noSuchProtocol
  let response: HttpResponse
  try {
    response = await upgrade(request, target, path, kubeletProtocol(protocol))
  } catch (error) {
    return answered(protocol, failing(`error sending request: Post "https://${target.address}:${target.port}${path}": ${(error as Error).message}`))
  }
  if (response.status !== 101 || !response.upgraded) return answered(protocol, failing(`unable to upgrade connection: ${await response.body.text()}`))
  return answered(protocol, new TranslatedChannel(response.upgraded))
}

function answered(protocol: string, channel: MessageChannel): HttpResponse {
  return switched(protocol, inForm(protocol, channel))
}

/** Since v1.35 an upgrade by GET needs the right to create, too. */
async function mayCreate({ call, core }: ActionRequest): Promise<void> {
  if (call.info.verb !== 'get') return
  const attributes = { ...attributesOf(call.user, call.info), verb: 'create' }
  const { decision, reason } = await core.services.authorizer.authorize(attributes)
  if (decision !== 'allow') throw refusal(attributes, reason)
}

async function admitConnect({ call, core, served }: ActionRequest, kind: string): Promise<void> {
  const { definition } = served
  const options = { kind, apiVersion: 'v1', metadata: {}, ...Object.fromEntries(call.info.query.entries()), command: call.info.query.getAll('command') }
  const request = {
    call, operation: 'CONNECT' as const, group: '', version: 'v1', resource: definition.plural, subresource: call.info.subresource, kind: { group: '', version: 'v1', kind },
    namespace: call.info.namespace, name: call.info.name, object: options, oldObject: undefined, options: undefined, dryRun: false,
  }
  await core.admission.admit(request)
  await core.admission.validate(request)
}

function wantsUpgrade({ call }: ActionRequest): boolean {
  return /upgrade/i.test(call.http.headers['connection'] ?? '') && (call.http.headers['upgrade'] ?? '') !== ''
}

const commandProtocols = /^(?:v5\.channel|(?:v4\.)?(?:base64\.)?channel)\.k8s\.io$/
const portProtocols = /portforward\.k8s\.io$/

/** The first protocol offered that is spoken here; undefined where none is. */
function protocolOf({ call }: ActionRequest, spoken: RegExp): string | undefined {
  const offered = (call.http.headers['sec-websocket-protocol'] ?? '').split(',').map((part) => part.trim()).filter((part) => part !== '')
  return offered.length === 0 ? 'v5.channel.k8s.io' : offered.find((name) => spoken.test(name))
}

/** As the handshake of the kubelet's sockets ends: a code and nothing else. */
const noSuchProtocol: HttpResponse = { status: 403, headers: {}, body: emptyBody }

function streamQuery(query: URLSearchParams, verb: 'exec' | 'attach'): string {
  const out = new URLSearchParams()
  if (verb === 'exec') for (const part of query.getAll('command')) out.append('command', part)
  for (const [from, to] of [['stdin', 'input'], ['stdout', 'output'], ['stderr', 'error'], ['tty', 'tty']] as const) if (['true', '1'].includes(query.get(from) ?? '')) out.set(to, '1')
  out.sort()
  return out.toString()
}

async function upgrade({ core, call }: ActionRequest, target: KubeletTarget, path: string, protocol: string): Promise<HttpResponse> {
  return core.services.dialer.kubelet(target, {
    method: 'GET', path, headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-protocol': protocol }, body: emptyBody,
    ...(call.http.signal ? { signal: call.http.signal } : {}),
  })
}

function switched(protocol: string, upgraded: MessageChannel): HttpResponse {
  return { status: 101, headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-protocol': protocol }, body: emptyBody, upgraded }
}

function failing(message: string): MessageChannel {
  const { status } = internalError(message)
  return new SingleMessage(concatBytes([Uint8Array.of(errorChannel), encodeUtf8(JSON.stringify(status))]))
}

/** Says one thing and closes. */
class SingleMessage implements MessageChannel {
  closed = false
  private said = false

  constructor(private readonly message: Uint8Array) {}

  send(): Promise<void> {
    return Promise.resolve()
  }

  receive(): Promise<Uint8Array | null> {
    if (this.said || this.closed) {
      this.closed = true
      return Promise.resolve(null)
    }
    this.said = true
    return Promise.resolve(this.message)
  }

  close(): void {
    this.closed = true
  }
}

/** The kubelet's messages; a failure that is no exit code is told as this server's internal error. */
class TranslatedChannel extends RelayChannel {
  async receive(): Promise<Uint8Array | null> {
    const message = await this.inner.receive()
    return message && message[0] === errorChannel ? translated(message) : message
  }
}

function translated(message: Uint8Array): Uint8Array {
  try {
    const status = JSON.parse(decodeUtf8(message.subarray(1))) as Status
    if (status.status !== 'Failure' || (status.reason as string) === 'NonZeroExitCode') return message
    return concatBytes([Uint8Array.of(errorChannel), encodeUtf8(JSON.stringify(internalError(status.message ?? '').status))])
  } catch {
    return message
  }
}

export async function portForward(request: ActionRequest): Promise<HttpResponse> {
  allow(request)
  await mayCreate(request)
  const { call, core } = request
  const { namespace, name } = call.info
  const pod = await subjectOf(request)
  await admitConnect(request, 'PodPortForwardOptions')
  if (!wantsUpgrade(request)) throw badRequestError('Upgrade request required')
  const { nodeName } = specOf(pod)
  if (!nodeName) throw badRequestError(`pod ${name} does not have a host assigned`)
  const target = await kubeletOf(core, nodeName, 'pods')
  const path = `/portForward/${namespace}/${name}${portQuery(call.info.query)}`
  const protocol = protocolOf(request, portProtocols)
  if (protocol === undefined) return noSuchProtocol
  let response: HttpResponse
  try {
    response = await upgrade(request, target, path, protocol)
  } catch (error) {
    throw internalError(`error sending request: Post "https://${target.address}:${target.port}${path}": ${(error as Error).message}`)
  }
  if (response.status === 400) return response
  if (response.status !== 101 || !response.upgraded) throw internalError(`unable to upgrade connection: ${await response.body.text()}`)
  return switched(protocol, response.upgraded)
}

function portQuery(query: URLSearchParams): string {
  const ports = query.getAll('ports')
  return ports.length === 0 ? '' : `?${ports.map((port) => `port=${port}`).join('&')}`
}
