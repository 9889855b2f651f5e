/** Refuses what names a namespace that is not there; NamespaceLifecycle says the same of creations. */
import { failure } from '#engine/api/status'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import type { ServerServices } from '#engine/apiserver/services'

export const namespaceExists: AdmissionRegistration = {
  name: 'NamespaceExists',
  enabledByDefault: false,
  create: (services) => ({ name: 'NamespaceExists', handles: (operation) => operation !== 'CONNECT', validate: (attributes) => validate(attributes, services) }),
}

async function validate({ namespace, resource, group }: AdmissionAttributes, services: ServerServices): Promise<void> {
  if (namespace === '' || (resource === 'namespaces' && group === '')) return
  if (!(await services.reader.get('namespaces', '', namespace))) throw failure(404, 'NotFound', `namespaces ${JSON.stringify(namespace)} not found`, { name: namespace, kind: 'namespaces' })
}
