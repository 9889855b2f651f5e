/** Pods of a namespace go where its annotation `scheduler.alpha.kubernetes.io/node-selector` says. */
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { isPod } from '#engine/apiserver/admission/shared/pods'
import type { ServerServices } from '#engine/apiserver/services'

type Selector = Readonly<Record<string, string>>

export const podNodeSelector: AdmissionRegistration = {
  name: 'PodNodeSelector',
  enabledByDefault: false,
  create: (services) => ({ name: 'PodNodeSelector', handles: (operation) => operation === 'CREATE', admit: (attributes) => admit(attributes, services) }),
}

async function admit(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  const pod = attributes.object
  if (!pod || !isPod(attributes)) return
  const config = (services.settings.admissionConfiguration.get('PodNodeSelector')?.podNodeSelectorPluginConfig ?? {}) as Record<string, string>
  const namespace = await services.reader.get('namespaces', '', attributes.namespace)
  const wanted = parse(namespace?.metadata.annotations?.['scheduler.alpha.kubernetes.io/node-selector'] ?? config.clusterDefaultNodeSelector ?? '')
  const given = (pod.spec?.nodeSelector ?? {}) as Selector
  if (Object.entries(wanted).some(([key, value]) => given[key] !== undefined && given[key] !== value)) throw admissionForbidden(attributes, 'pod node label selector conflicts with its namespace node label selector')
  const merged = { ...wanted, ...given }
  if (Object.keys(merged).length > 0) pod.spec = { ...pod.spec, nodeSelector: merged }
  const allowed = config[attributes.namespace]
  if (allowed === undefined) return
  const whitelist = parse(allowed)
  if (Object.keys(whitelist).length > 0 && Object.entries(merged).some(([key, value]) => whitelist[key] !== value)) throw admissionForbidden(attributes, 'pod node label selector labels conflict with its namespace whitelist')
}

function parse(text: string): Selector {
  return Object.fromEntries(text.split(',').filter((item) => item.includes('=')).map((item) => {
    const [key = '', value = ''] = item.split('=')
    return [key.trim(), value.trim()]
  }))
}
