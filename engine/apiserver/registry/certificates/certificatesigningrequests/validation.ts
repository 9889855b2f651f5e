import type { KubeObject } from '#engine/api/object'
import { duplicate, FieldPath, forbidden, invalid, notSupported, required } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { dnsSubdomain } from '#engine/api/validation/names'
import { certificateProblem, parseCertificateRequest } from '#engine/apiserver/registry/certificates/request'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import type { RequestContext } from '#engine/apiserver/registry/resource'
import { timestamp } from '#engine/apiserver/registry/core/prepare'

const path = FieldPath.root('spec')
const usages = [
  'any', 'cert sign', 'client auth', 'code signing', 'content commitment', 'crl sign', 'data encipherment', 'decipher only', 'digital signature', 'email protection', 'encipher only', 'ipsec end system',
  'ipsec tunnel', 'ipsec user', 'key agreement', 'key encipherment', 'microsoft sgc', 'netscape sgc', 'ocsp signing', 's/mime', 'server auth', 'signing', 'timestamping',
]

export function validateCertificateSigningRequest(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  const request = parseCertificateRequest((spec.request ?? '') as string)
  if ('error' in request) errors.push(invalid(path.child('request'), spec.request ?? '', request.error))
  const wanted = listOf(spec.usages) as string[]
  if (wanted.length === 0) errors.push(required(path.child('usages'), ''))
  for (const [index, usage] of wanted.entries()) if (!usages.includes(usage)) errors.push(notSupported(path.child('usages').index(index), usage, usages))
  for (const [index, usage] of wanted.entries()) if (wanted.indexOf(usage) < index) errors.push(duplicate(path.child('usages').index(index), usage))
  if (spec.signerName === 'kubernetes.io/legacy-unknown') errors.push(invalid(path.child('signerName'), spec.signerName, 'the legacy signerName is not allowed via this API version'))
  else validateSigner(errors, (spec.signerName ?? '') as string)
  const seconds = spec.expirationSeconds as number | undefined
  if (seconds !== undefined && seconds < 600) errors.push(invalid(path.child('expirationSeconds'), seconds, 'may not specify a duration less than 600 seconds (10 minutes)'))
  return errors
}

function validateSigner(errors: FieldError[], name: string): void {
  const at = path.child('signerName')
  if (name === '') {
    errors.push(required(at, ''))
    return
  }
  const slash = name.indexOf('/')
  if (slash < 0) {
    errors.push(invalid(at, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'"))
    return
  }
  for (const text of dnsSubdomain(name.slice(0, slash))) errors.push(invalid(at, name, `validating domain "${name.slice(0, slash)}": ${text}`))
  for (const part of name.slice(slash + 1).split('.')) for (const text of dnsSubdomain(part)) errors.push(invalid(at, name, `validating label "${part}": ${text}`))
}

/** Who asks is what the server says, not what the request says. */
export function prepareRequest(object: KubeObject, context: RequestContext): void {
  const { username, uid, groups, extra } = context.user
  const { request, signerName, usages: wanted, expirationSeconds } = (object.spec ?? {}) as Free
  object.spec = {
    ...(expirationSeconds === undefined ? {} : { expirationSeconds }), ...(extra === undefined ? {} : { extra }), groups: [...groups], request, signerName, ...(uid === undefined ? {} : { uid }), usages: wanted, username,
  }
  object.status = {}
}

export function keepRequest(next: KubeObject, previous: KubeObject): void {
  next.spec = previous.spec as unknown
  next.status = previous.status as unknown
}

interface Condition { type: string; status?: string; lastUpdateTime?: string; lastTransitionTime?: string }

/** Conditions get their times from the server. */
function stampConditions(next: KubeObject, previous: KubeObject, context: RequestContext): void {
  const before = new Map((listOf(previous.status?.conditions) as Condition[]).map((item) => [item.type, item]))
  const now = timestamp(context.nowMs)
  const conditions = (listOf(next.status?.conditions) as Condition[]).map((item) => {
    const old = before.get(item.type)
    const lastTransitionTime = item.lastTransitionTime ?? (old && old.status === item.status ? old.lastTransitionTime : undefined) ?? now
    return { ...item, status: item.status || 'True', lastUpdateTime: item.lastUpdateTime ?? now, lastTransitionTime }
  })
  if (next.status) next.status = { ...next.status, ...(conditions.length > 0 ? { conditions } : {}) }
}

/** `/approval` decides and does nothing else. */
export function prepareApproval(next: KubeObject, previous: KubeObject, context: RequestContext): void {
  const conditions = next.status?.conditions as unknown
  next.status = { ...previous.status, ...(conditions === undefined ? {} : { conditions }) }
  stampConditions(next, previous, context)
}

/** `/status` is the signer's: it cannot decide. */
export function prepareSigning(next: KubeObject, previous: KubeObject, context: RequestContext): void {
  const decided = (listOf(previous.status?.conditions) as Condition[]).filter((item) => item.type === 'Approved' || item.type === 'Denied')
  const others = (listOf(next.status?.conditions) as Condition[]).filter((item) => item.type !== 'Approved' && item.type !== 'Denied')
  const conditions = [...decided, ...others]
  next.status = { ...next.status, ...(conditions.length > 0 ? { conditions } : {}) }
  stampConditions(next, previous, context)
}

/** Of `/status`: what was signed is a chain of certificates, and is signed once. */
export function validateSigned(next: KubeObject, previous: KubeObject): FieldError[] {
  const errors = validateDecision(next, previous)
  const at = FieldPath.root('status').child('certificate')
  const [now, before] = [next.status?.certificate, previous.status?.certificate] as (string | undefined)[]
  if (before && now !== before) return [...errors, forbidden(at, 'updates may not modify existing certificate content')]
  const problem = now && now !== before ? certificateProblem(now) : undefined
  return problem === undefined ? errors : [...errors, invalid(at, '<certificate data>', problem)]
}

const decisions = ['Approved', 'Denied', 'Failed']

export function validateDecision(next: KubeObject, previous: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const at = FieldPath.root('status').child('conditions')
  const conditions = listOf(next.status?.conditions) as Condition[]
  const types = conditions.map((item) => item.type)
  const before = (listOf(previous.status?.conditions) as Condition[]).map((item) => item.type)
  for (const type of decisions) if (before.includes(type) && !types.includes(type)) errors.push(forbidden(at, `updates may not remove a condition of type ${JSON.stringify(type)}`))
  for (const [index, { type, status = '' }] of conditions.entries()) {
    const allowed = decisions.includes(type) ? ['True'] : ['False', 'True', 'Unknown']
    if (!type) errors.push(required(at.index(index).child('type'), ''))
    if (!allowed.includes(status)) errors.push(notSupported(at.index(index).child('status'), status, allowed))
    if (type && types.indexOf(type) < index) errors.push(duplicate(at.index(index).child('type'), type))
  }
  if (types.includes('Approved') && types.includes('Denied')) errors.push(invalid(at.index(types.lastIndexOf('Denied')).child('type'), 'Denied', 'Approved and Denied conditions are mutually exclusive'))
  return errors
}
