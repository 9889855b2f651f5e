/** A pod that is bound learns zone and region of its node as labels. */
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { isPod } from '#engine/apiserver/admission/shared/pods'
import type { ServerServices } from '#engine/apiserver/services'

const labels = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']

export const podTopologyLabels: AdmissionRegistration = {
  name: 'PodTopologyLabels',
  enabledByDefault: true,
  create: (services) => ({ name: 'PodTopologyLabels', handles: (operation) => operation === 'CREATE', admit: (attributes) => admit(attributes, services) }),
}

async function admit(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  const { object } = attributes
  const binding = isPod(attributes, 'binding')
  if (!object || !(binding || isPod(attributes))) return
  const name = (binding ? (object.target?.kind === 'Node' || !object.target?.kind) && object.target?.name : object.spec?.nodeName) as string | undefined | false
  if (!name) return
  const node = await services.reader.get('nodes', '', name)
  for (const label of labels) {
    const value = node?.metadata.labels?.[label]
    if (value === undefined) continue
    if (!binding && object.metadata.labels?.[label] !== undefined) continue
    object.metadata.labels = { ...object.metadata.labels, [label]: value }
  }
}
