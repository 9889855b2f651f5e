/** Makes the namespace of a new object, where it is missing. */
import { isReason } from '#engine/api/status'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import type { ServerServices } from '#engine/apiserver/services'

export const namespaceAutoProvision: AdmissionRegistration = {
  name: 'NamespaceAutoProvision',
  enabledByDefault: false,
  create: (services) => ({ name: 'NamespaceAutoProvision', handles: (operation) => operation === 'CREATE', admit: (attributes) => admit(attributes, services) }),
}

async function admit({ namespace, resource, group, dryRun }: AdmissionAttributes, services: ServerServices): Promise<void> {
  if (namespace === '' || dryRun || (resource === 'namespaces' && group === '')) return
  if (await services.reader.get('namespaces', '', namespace)) return
  try {
    await services.client.create('namespaces', '', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error
  }
}
