/** Ingresses and their classes. */
import { domainPrefixedPath } from '#engine/api/validation/domain-path'
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { FieldPath, invalid, notSupported, required, tooLong } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { parseAddress } from '#engine/api/validation/addresses'
import { byteLength, dns1035Label, dnsSubdomain, pathSegment, portName, portNumber, wildcardSubdomain } from '#engine/api/validation/names'
import { checkName } from '#engine/apiserver/registry/core/pods/validation/errors'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

const path = FieldPath.root('spec')

export function validateIngress(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  if (listOf(spec.rules).length === 0 && !spec.defaultBackend) errors.push(invalid(path, spec.rules ?? null, 'either `defaultBackend` or `rules` must be specified'))
  if (spec.defaultBackend) validateBackend(errors, spec.defaultBackend, path.child('defaultBackend'))
  validateRules(errors, listOf(spec.rules), path.child('rules'))
  for (const [index, tls] of listOf(spec.tls).entries()) {
    for (const [position, host] of (listOf(tls.hosts) as string[]).entries()) checkName(errors, host, host.includes('*') ? wildcardSubdomain : dnsSubdomain, path.child('tls').index(index).child('hosts').index(position))
    if (tls.secretName) checkName(errors, tls.secretName as string, dnsSubdomain, path.child('tls').index(index).child('secretName'))
  }
  if (spec.ingressClassName !== undefined) checkName(errors, spec.ingressClassName as string, dnsSubdomain, path.child('ingressClassName'))
  return errors
}

export function validateNewIngress(object: KubeObject): FieldError[] {
  const annotation = object.metadata.annotations?.['kubernetes.io/ingress.class']
  const errors = annotation !== undefined && object.spec?.ingressClassName !== undefined && object.spec.ingressClassName !== annotation
    ? [invalid(FieldPath.root('annotations').child('kubernetes.io/ingress.class'), annotation, 'must match `ingressClassName` when both are specified')] : []
  return [...validateIngress(object), ...errors]
}

function validateRules(errors: FieldError[], rules: readonly Free[], at: FieldPath): void {
  for (const [index, rule] of rules.entries()) {
    const host = (rule.host ?? '') as string
    const where = at.index(index)
    if (host !== '') {
      if (parseAddress(host)) errors.push(invalid(where.child('host'), host, 'must be a DNS name, not an IP address'))
      else checkName(errors, host, host.includes('*') ? wildcardSubdomain : dnsSubdomain, where.child('host'))
    }
    if (!rule.http) continue
    const paths = listOf(rule.http.paths)
    if (paths.length === 0) errors.push(required(where.child('http', 'paths'), ''))
    for (const [position, item] of paths.entries()) validatePath(errors, item, where.child('http', 'paths').index(position))
  }
}

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix']
const badSequences = ['//', '/./', '/../', '%2f', '%2F']
const badSuffixes = ['/..', '/.']

function validatePath(errors: FieldError[], item: Free, at: FieldPath): void {
  const text = (item.path ?? '') as string
  const type = item.pathType as string | null | undefined
  if (type === undefined || type === null) {
    errors.push(required(at.child('pathType'), 'pathType must be specified'))
    return
  }
  if (!pathTypes.includes(type)) errors.push(notSupported(at.child('pathType'), type, pathTypes))
  else validatePathText(errors, text, type, at.child('path'))
  validateBackend(errors, item.backend ?? {}, at.child('backend'))
}

function validatePathText(errors: FieldError[], text: string, type: string, at: FieldPath): void {
  const isFree = type === 'ImplementationSpecific'
  if (!text.startsWith('/') && !(isFree && text === '')) errors.push(invalid(at, text, 'must be an absolute path'))
  if (isFree) return
  for (const bad of badSequences) if (text.includes(bad)) errors.push(invalid(at, text, `must not contain '${bad}'`))
  for (const bad of badSuffixes) if (text.endsWith(bad)) errors.push(invalid(at, text, `cannot end with '${bad}'`))
}

function validateBackend(errors: FieldError[], backend: Free, at: FieldPath): void {
  const { resource, service } = backend
  if (resource && service) {
    errors.push(invalid(at, '', 'cannot set both resource and service backends'))
    return
  }
  if (resource) {
    for (const field of ['kind', 'name']) if (!resource[field]) errors.push(required(at.child('resource', field), ''))
    return
  }
  if (!service) {
    errors.push(required(at, 'port name or number is required'))
    return
  }
  if (!service.name) errors.push(required(at.child('service', 'name'), ''))
  else checkName(errors, service.name as string, dns1035Label, at.child('service', 'name'))
  validateBackendPort(errors, service, at)
}

function validateBackendPort(errors: FieldError[], service: Free, at: FieldPath): void {
  const { name = '', number = 0 } = (service.port ?? {}) as { name?: string; number?: number }
  if (name !== '' && number !== 0) errors.push(invalid(at, '', 'cannot set both port name & port number'))
  else if (name !== '') checkName(errors, name, portName, at.child('service', 'port', 'name'))
  else if (number !== 0) for (const text of portNumber(number)) errors.push(invalid(at.child('service', 'port', 'number'), number, text))
  else errors.push(required(at, 'port name or number is required'))
}

export function validateIngressClass(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  const controller = (spec.controller ?? '') as string
  const at = path.child('controller')
  if (byteLength(controller) > 250) errors.push(tooLong(at, 250))
  errors.push(...domainPrefixedPath(controller, at))
  if (spec.parameters) validateParameters(errors, spec.parameters, path.child('parameters'))
  return errors
}

function validateParameters(errors: FieldError[], parameters: Free, at: FieldPath): void {
  if (parameters.apiGroup !== undefined) checkName(errors, parameters.apiGroup as string, dnsSubdomain, at.child('apiGroup'))
  for (const field of ['kind', 'name']) {
    if (!parameters[field]) errors.push(required(at.child(field), field === 'kind' ? 'kind is required' : 'name is required'))
    else checkName(errors, parameters[field] as string, pathSegment, at.child(field))
  }
  if (!parameters.scope) errors.push(required(at.child('scope'), ''))
  else if (parameters.scope !== 'Cluster' && parameters.scope !== 'Namespace') errors.push(notSupported(at.child('scope'), parameters.scope, ['Cluster', 'Namespace']))
  if (parameters.scope === 'Namespace' && !parameters.namespace) errors.push(required(at.child('namespace'), "`parameters.scope` is set to 'Namespace'"))
  if (parameters.scope === 'Cluster' && parameters.namespace !== undefined) errors.push({ type: 'FieldValueForbidden', field: at.child('namespace').toString(), body: "Forbidden: `parameters.scope` is set to 'Cluster'" })
}

export function validateIngressClassUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  return equalJson(next.spec?.controller, previous.spec?.controller) ? [] : [invalid(path.child('controller'), next.spec?.controller, 'field is immutable')]
}

/** What the server warns of in an ingress. */
export function ingressWarnings(object: KubeObject, previous: KubeObject | undefined): string[] {
  const annotation = object.metadata.annotations?.['kubernetes.io/ingress.class']
  return !previous && annotation !== undefined ? ["annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead"] : []
}
