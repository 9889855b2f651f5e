/** An APIService is named by the group and version it serves. */
import { FieldPath, invalid, required, type FieldError } from '#engine/api/field'
import type { KubeObject } from '#engine/api/object'
import { validateObjectMeta, validateObjectMetaUpdate } from '#engine/api/validation/meta'
import { dns1035Label, dnsSubdomain, pathSegment, portNumber } from '#engine/api/validation/names'
import { fromBase64 } from '#engine/base/bytes'

const metadata = FieldPath.root('metadata')
const spec = FieldPath.root('spec')

interface Spec {
  readonly group?: string
  readonly version?: string
  readonly groupPriorityMinimum?: number
  readonly versionPriority?: number
  readonly caBundle?: string
  readonly insecureSkipTLSVerify?: boolean
  readonly service?: { readonly namespace?: string; readonly name?: string; readonly port?: number }
}

export function validateApiService(object: KubeObject): FieldError[] {
  const given = (object['spec'] ?? {}) as Spec
  const { group = '', version = '' } = given
  const name = `${version}.${group}`
  const check = (text: string): string[] => {
    const wrong = pathSegment(text)
    return wrong.length > 0 ? [...wrong] : text === name ? [] : [`must be \`spec.version+"."+spec.group\`: ${JSON.stringify(name)}`]
  }
  return [...validateObjectMeta(object.metadata, false, check, metadata), ...validateVersion(given), ...(given.service ? validateRemote(given, given.service) : validateLocal(given))]
}

export function validateApiServiceUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  return [...validateObjectMetaUpdate(next.metadata, previous.metadata, metadata), ...validateApiService(next)]
}

function validateVersion({ group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0 }: Spec): FieldError[] {
  const errors: FieldError[] = []
  if (group === '' && version !== 'v1') errors.push(required(spec.child('group'), 'only v1 may have an empty group and it better be legacy kube'))
  if (group !== '') for (const text of dnsSubdomain(group)) errors.push(invalid(spec.child('group'), group, text))
  for (const text of dns1035Label(version)) errors.push(invalid(spec.child('version'), version, text))
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > 20000) errors.push(invalid(spec.child('groupPriorityMinimum'), groupPriorityMinimum, 'must be positive and less than 20000'))
  if (versionPriority <= 0 || versionPriority > 1000) errors.push(invalid(spec.child('versionPriority'), versionPriority, 'must be positive and less than 1000'))
  return errors
}

function validateLocal({ caBundle, insecureSkipTLSVerify }: Spec): FieldError[] {
  const errors: FieldError[] = []
  if (caBundle) errors.push(invalid(spec.child('caBundle'), `${fromBase64(caBundle).length} bytes`, 'local APIServices may not have a caBundle'))
  if (insecureSkipTLSVerify) errors.push(invalid(spec.child('insecureSkipTLSVerify'), true, 'local APIServices may not have insecureSkipTLSVerify'))
  return errors
}

function validateRemote({ caBundle, insecureSkipTLSVerify }: Spec, service: NonNullable<Spec['service']>): FieldError[] {
  const errors: FieldError[] = []
  const at = spec.child('service')
  if (!service.namespace) errors.push(required(at.child('namespace'), ''))
  if (!service.name) errors.push(required(at.child('name'), ''))
  const port = service.port ?? 0
  for (const text of portNumber(port)) errors.push(invalid(at.child('port'), port, `port is not valid: ${text}`))
  if (insecureSkipTLSVerify && caBundle) errors.push(invalid(spec.child('insecureSkipTLSVerify'), true, 'may not be true if caBundle is present'))
  return errors
}
