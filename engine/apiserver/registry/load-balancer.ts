/** Where a load balancer answers, as services and ingresses report it. */
import { FieldPath, forbidden, invalid, notSupported, required } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import type { KubeObject } from '#engine/api/object'
import { parseAddress, validateLegacyAddress } from '#engine/api/validation/addresses'
import { dnsSubdomain } from '#engine/api/validation/names'
import { listOf } from './free'
import type { Free } from './free'

const path = FieldPath.root('status').child('loadBalancer', 'ingress')

function points(object: KubeObject): Free[] {
  return listOf(object.status?.loadBalancer?.ingress)
}

function validatePoint(point: Free, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (point.ip) errors.push(...validateLegacyAddress(point.ip as string, at.child('ip')))
  return errors
}

function validateHostname(hostname: string, at: FieldPath): FieldError[] {
  const errors = dnsSubdomain(hostname).map((words) => invalid(at, hostname, words))
  if (parseAddress(hostname)) errors.push(invalid(at, hostname, 'must be a DNS name, not an IP address'))
  return errors
}

export function validateIngressStatus(object: KubeObject): FieldError[] {
  return points(object).flatMap((point, index) => {
    const at = path.index(index)
    return [...validatePoint(point, at), ...(point.hostname ? validateHostname(point.hostname as string, at.child('hostname')) : [])]
  })
}

export function validateServiceStatus(object: KubeObject): FieldError[] {
  const list = points(object)
  if (object.spec?.type !== 'LoadBalancer' && list.length > 0) return [forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")]
  return list.flatMap((point, index) => {
    const at = path.index(index)
    return [...validatePoint(point, at), ...validateMode(point, at.child('ipMode')), ...(point.hostname ? validateHostname(point.hostname as string, at.child('hostname')) : [])]
  })
}

function validateMode(point: Free, at: FieldPath): FieldError[] {
  const mode = point.ipMode as string | undefined
  if (mode === undefined) return point.ip ? [required(at, 'must be specified when `ip` is set')] : []
  if (!point.ip) return [forbidden(at, 'may not be specified when `ip` is not set')]
  return ['Proxy', 'VIP'].includes(mode) ? [] : [notSupported(at, mode, ['Proxy', 'VIP'])]
}
