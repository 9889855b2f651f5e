/** An ingress that names no class gets the default one, the newest where there are several. */
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import type { ServerServices } from '#engine/apiserver/services'

export const defaultIngressClass: AdmissionRegistration = {
  name: 'DefaultIngressClass',
  enabledByDefault: true,
  create: (services) => ({ name: 'DefaultIngressClass', handles: (operation) => operation === 'CREATE', admit: (attributes) => (attributes.resource === 'ingresses' ? admit(attributes, services) : undefined) }),
}

async function admit({ resource, group, subresource, object }: AdmissionAttributes, services: ServerServices): Promise<void> {
  if (resource !== 'ingresses' || group !== 'networking.k8s.io' || subresource !== '' || !object) return
  if (object.spec?.ingressClassName !== undefined || object.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined) return
  const defaults = (await services.reader.list('ingressclasses.networking.k8s.io')).filter((item) => item.metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true')
  const [first] = [...defaults].sort((a, b) => {
    const newer = (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? '')
    return newer !== 0 ? newer : (a.metadata.name ?? '').localeCompare(b.metadata.name ?? '')
  })
  if (first) object.spec = { ...object.spec, ingressClassName: first.metadata.name }
}
