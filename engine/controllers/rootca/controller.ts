/** root-ca-certificate-publisher-controller: every namespace has the ConfigMap kube-root-ca.crt. */
import { namespaceOf } from '#engine/api/meta'
import { keyOf } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { configMaps, namespaces } from '#engine/client/resources'
import { type Controller, informersOf, startQueue } from '#engine/controllers/controller'
import { isNamespaceTerminating } from '#engine/controllers/pod-control'

const name = 'kube-root-ca.crt'
const description = 'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

export const rootCaController: Controller = {
  name: 'root-ca-certificate-publisher-controller',
  aliases: ['root-ca-cert-publisher'],
  account: 'root-ca-cert-publisher',
  start(context) {
    const { rootCa } = context.options
    if (rootCa === undefined) return
    const maps = context.informers.of(configMaps)
    const namespaceInformer = context.informers.of(namespaces)
    const queue = startQueue(context, 'root-ca-certificate-publisher-controller', informersOf(maps, namespaceInformer), async (namespace) => {
      const existing = maps.store.get(namespace, name)
      const wanted = { metadata: { name, namespace, annotations: { 'kubernetes.io/description': description } }, data: { 'ca.crt': rootCa } }
      if (!existing) {
        try {
          await context.client.of(configMaps).create(wanted)
        } catch (error) {
          if (!isReason(error, 'AlreadyExists') && !isReason(error, 'NotFound') && !isNamespaceTerminating(error)) throw error
        }
        return
      }
      if (existing.data?.['ca.crt'] === rootCa && existing.metadata.annotations?.['kubernetes.io/description'] === description) return
      await context.client.of(configMaps).update({ ...existing, metadata: { ...existing.metadata, annotations: { ...existing.metadata.annotations, ...wanted.metadata.annotations } }, data: wanted.data })
    }, { workers: 1 })
    const active = (object: { status?: { phase?: string } }): boolean => object.status?.phase !== 'Terminating'
    namespaceInformer.addHandlers({
      added: (object) => active(object) && queue.add(keyOf(object)),
      updated: (object) => active(object) && queue.add(keyOf(object)),
    })
    maps.addHandlers({
      updated: (object) => object.metadata.name === name && queue.add(namespaceOf(object)),
      deleted: (object) => object.metadata.name === name && queue.add(namespaceOf(object)),
    })
  },
}
