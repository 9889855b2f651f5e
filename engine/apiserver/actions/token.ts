/** serviceaccounts/token: signed tokens, bound to what they are asked for. */
import type { HttpResponse } from '#engine/base/http'
import { badRequestError, conflictError, invalidError, notFoundError } from '#engine/api/errors'
import type { FieldError } from '#engine/api/field'
import type { KubeObject } from '#engine/api/object'
import { failure } from '#engine/api/status'
import { jsonResponse } from '#engine/apiserver/chain/respond'
import { builtinTypeOfKind } from '#engine/apiserver/schema/builtin'
import { canonical } from '#engine/apiserver/schema/canonical'
import { anyType } from '#engine/apiserver/schema/type'
import { readObject } from '#engine/apiserver/rest/body'
import { timestamp } from '#engine/apiserver/rest/core'
import { allow, subjectOf, type ActionRequest } from './action'

interface Spec {
  audiences?: string[]
  expirationSeconds?: number
  boundObjectRef?: { kind?: string; apiVersion?: string; name?: string; uid?: string }
}

interface Bound {
  readonly pod?: KubeObject
  readonly secret?: KubeObject
  readonly node?: { readonly name: string; readonly uid?: string }
}

const warnOnlySeconds = 3607
const yearSeconds = 31_536_000
const groupResource = { group: 'authentication.k8s.io', resource: 'tokenrequests' }

export async function token(request: ActionRequest): Promise<HttpResponse> {
  allow(request)
  const { call, core, tokenSigner } = request
  if (!tokenSigner) throw failure(404, 'NotFound', 'the server could not find the requested resource', {})
  const type = builtinTypeOfKind('authentication.k8s.io', 'v1', 'TokenRequest') ?? anyType
  const given = await readObject(call, { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', type })
  const spec = (given['spec'] ?? {}) as Spec
  if (!spec.expirationSeconds) spec.expirationSeconds = 3600
  if (!spec.audiences?.length) spec.audiences = [...core.services.settings.apiAudiences]
  const account = await subjectOf(request)
  check(request, given, spec, account)
  if (tokenSigner.maxExpirationSeconds !== undefined) spec.expirationSeconds = Math.min(spec.expirationSeconds, tokenSigner.maxExpirationSeconds)
  const bound = await boundTo(request, spec, account)
  const issuedAt = Math.floor(call.nowMs / 1000)
  const signed = tokenSigner.sign(claimsOf(request, spec, account, bound, issuedAt))
  const answer = canonical(type, {
    kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1',
    metadata: { name: account.metadata.name, namespace: account.metadata.namespace, uid: account.metadata.uid, creationTimestamp: timestamp(call.nowMs) },
    spec, status: { token: signed, expirationTimestamp: timestamp((issuedAt + spec.expirationSeconds) * 1000) },
  })
  return jsonResponse(201, answer)
}

function check({ call }: ActionRequest, given: KubeObject, spec: Spec, account: KubeObject): void {
  if (given.metadata.name && given.metadata.name !== call.info.name) throw badRequestError(`the service account name in the URL (${call.info.name}) does not match the name in the object (${given.metadata.name})`)
  if (given.metadata.namespace && given.metadata.namespace !== call.info.namespace) throw badRequestError('the namespace of the provided object does not match the namespace sent on the request')
  const errors: FieldError[] = []
  const seconds = spec.expirationSeconds ?? 0
  if (seconds < 600) errors.push({ type: 'FieldValueInvalid', field: 'spec.expirationSeconds', body: `Invalid value: ${seconds}: may not specify a duration less than 10 minutes` })
  if (seconds > 2 ** 32) errors.push({ type: 'FieldValueInvalid', field: 'spec.expirationSeconds', body: `Invalid value: ${seconds}: may not specify a duration larger than 2^32 seconds` })
  if (errors.length > 0) throw invalidError('authentication.k8s.io', 'TokenRequest', '', errors)
  if (account.metadata.deletionTimestamp && !given.metadata.uid) return
}

async function boundTo({ core, call }: ActionRequest, spec: Spec, account: KubeObject): Promise<Bound> {
  const reference = spec.boundObjectRef
  if (!reference) return {}
  const { reader } = core.services
  const name = reference.name ?? ''
  const named = async (resource: string, namespace: string): Promise<KubeObject> => {
    const object = await reader.get(resource, namespace, name)
    if (!object) throw notFoundError({ group: '', resource }, name)
    if (reference.uid && reference.uid !== object.metadata.uid) throw conflictError(groupResource, call.info.name, `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`)
    return object
  }
  if (reference.kind === 'Pod') return podBound(reader.get.bind(reader), await named('pods', call.info.namespace), account)
  if (reference.kind === 'Secret') return { secret: await named('secrets', call.info.namespace) }
  if (reference.kind === 'Node') {
    const node = await named('nodes', '')
    return { node: { name, ...(node.metadata.uid ? { uid: node.metadata.uid } : {}) } }
  }
  throw badRequestError(`cannot bind token to object of type ${reference.apiVersion ?? ''}, Kind=${reference.kind ?? ''}`)
}

async function podBound(get: (resource: string, namespace: string, name: string) => Promise<KubeObject | undefined>, pod: KubeObject, account: KubeObject): Promise<Bound> {
  const spec = pod['spec'] as { serviceAccountName?: string; nodeName?: string }
  if (spec.serviceAccountName !== account.metadata.name) throw badRequestError(`cannot bind token for serviceaccount ${JSON.stringify(account.metadata.name)} to pod running with different serviceaccount name.`)
  if (!spec.nodeName) return { pod }
  const node = await get('nodes', '', spec.nodeName)
  return { pod, node: { name: spec.nodeName, ...(node?.metadata.uid ? { uid: node.metadata.uid } : {}) } }
}

function claimsOf({ core, tokenSigner }: ActionRequest, spec: Spec, account: KubeObject, bound: Bound, issuedAt: number): Record<string, unknown> {
  const { settings } = core.services
  const audiences = spec.audiences ?? []
  const extended = tokenSigner?.extend === true && spec.expirationSeconds === warnOnlySeconds && bound.pod !== undefined && audiences.every((audience) => settings.apiAudiences.includes(audience))
  return {
    aud: audiences, exp: issuedAt + (extended ? yearSeconds : (spec.expirationSeconds ?? 0)), iat: issuedAt, iss: settings.serviceAccountIssuer, jti: core.random.uuid(),
    'kubernetes.io': { ...boundClaims(account, bound), ...(extended ? { warnafter: issuedAt + warnOnlySeconds } : {}) },
    nbf: issuedAt, sub: `system:serviceaccount:${account.metadata.namespace ?? ''}:${account.metadata.name ?? ''}`,
  }
}

function boundClaims(account: KubeObject, { node, pod, secret }: Bound): Record<string, unknown> {
  const reference = (object: KubeObject): object => ({ name: object.metadata.name, uid: object.metadata.uid })
  return { namespace: account.metadata.namespace, ...(node ? { node } : {}), ...(pod ? { pod: reference(pod) } : {}), ...(secret ? { secret: reference(secret) } : {}), serviceaccount: reference(account) }
}
