/** References to fields and resources of the pod itself. */
import { invalid, notSupported, required } from '#engine/api/field'
import type { FieldPath } from '#engine/api/field'
import { canonicalQuantity, tryQuantity } from '#engine/api/quantity'
import { qualifiedName } from '#engine/api/validation/names'
import type { Free } from '#engine/apiserver/registry/free'
import type { Errors } from './errors'

export const environmentFields = ['metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName', 'status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs']
export const volumeFields = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid']

const known = new Set([...environmentFields, ...volumeFields, 'spec.host'])
const resources = ['limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory']

export function validateFieldRef(errors: Errors, ref: Free, supported: readonly string[], path: FieldPath): void {
  if (!ref.apiVersion) {
    errors.push(required(path.child('apiVersion'), ''))
    return
  }
  const fieldPath = (ref.fieldPath ?? '') as string
  if (fieldPath === '') {
    errors.push(required(path.child('fieldPath'), ''))
    return
  }
  const [, base = '', subscript] = /^(.*)\['(.*)'\]$/s.exec(fieldPath) ?? ['', fieldPath]
  const problem = conversionProblem(fieldPath, base, subscript)
  if (problem !== '') errors.push(invalid(path.child('fieldPath'), fieldPath, `error converting fieldPath: ${problem}`))
  else if (subscript !== undefined) for (const text of qualifiedName(base === 'metadata.annotations' ? subscript.toLowerCase() : subscript)) errors.push(invalid(path, subscript, text))
  else if (!supported.includes(base)) errors.push(notSupported(path.child('fieldPath'), base, supported))
}

function conversionProblem(fieldPath: string, base: string, subscript: string | undefined): string {
  if (subscript !== undefined) return base === 'metadata.annotations' || base === 'metadata.labels' ? '' : `field label does not support subscript: ${fieldPath}`
  return known.has(base) ? '' : `field label not supported: ${fieldPath}`
}

export function validateResourceFieldRef(errors: Errors, ref: Free, inVolume: boolean, path: FieldPath): void {
  const resource = (ref.resource ?? '') as string
  if (inVolume && !ref.containerName) errors.push(required(path.child('containerName'), ''))
  else if (resource === '') errors.push(required(path.child('resource'), ''))
  else if (!resources.includes(resource) && !/^(limits|requests)\.hugepages-/.test(resource)) errors.push(notSupported(path.child('resource'), resource, resources))
  validateDivisor(errors, resource, ref.divisor, path)
}

const bytes = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']

function validateDivisor(errors: Errors, resource: string, divisor: unknown, path: FieldPath): void {
  const quantity = tryQuantity(divisor)
  if (!quantity || quantity.nano === 0n) return
  const text = canonicalQuantity(divisor as string)
  const bad = (values: string, what: string): void => void errors.push(invalid(path.child('divisor'), resource, `only divisor's values ${values} are supported with the ${what} resource`))
  const name = resource.replace(/^(limits|requests)\./, '')
  if (name === 'cpu' && text !== '1m' && text !== '1') bad('1m and 1', 'cpu')
  if (name === 'memory' && !bytes.includes(text)) bad(bytes.join(', '), 'memory')
  if (name === 'ephemeral-storage' && !bytes.includes(text)) bad(bytes.join(', '), 'local ephemeral storage')
  if (name.startsWith('hugepages-') && !bytes.includes(text)) bad(bytes.join(', '), 'hugepages')
}
