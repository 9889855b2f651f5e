/** Nothing is made in a namespace that is not there or is going away, and the system's own namespaces stay. */
import { failure } from '#engine/api/status'
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import type { ServerServices } from '#engine/apiserver/services'

const immortal = new Set(['default', 'kube-system', 'kube-public'])
const reviews = new Set(['localsubjectaccessreviews'])

export const namespaceLifecycle: AdmissionRegistration = {
  name: 'NamespaceLifecycle',
  enabledByDefault: true,
  create: (services) => ({ name: 'NamespaceLifecycle', handles: (operation) => operation !== 'CONNECT', admit: (attributes) => admit(attributes, services) }),
}

function admit(attributes: AdmissionAttributes, services: ServerServices): Promise<void> | undefined {
  const { operation, namespace, name, resource, group } = attributes
  const isNamespace = resource === 'namespaces' && group === ''
  if (operation === 'DELETE' && isNamespace && immortal.has(name)) throw admissionForbidden(attributes, 'this namespace may not be deleted')
  if (namespace === '' || isNamespace || operation !== 'CREATE' || reviews.has(resource)) return undefined
  return mustStand(attributes, services)
}

async function mustStand(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  const { namespace } = attributes
  const found = await services.reader.get('namespaces', '', namespace)
  if (!found) throw failure(404, 'NotFound', `namespaces ${JSON.stringify(namespace)} not found`, { name: namespace, kind: 'namespaces' })
  if (found.status?.phase !== 'Terminating' && !found.metadata.deletionTimestamp) return
  const error = admissionForbidden(attributes, `unable to create new content in namespace ${namespace} because it is being terminated`)
  error.status.details = { ...error.status.details, causes: [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }] }
  throw error
}
