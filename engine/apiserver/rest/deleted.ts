/** Resources whose DELETE answers with the object, not with a Status (their registries say so; it shows in OpenAPI). */
const withObject = new Set([
  '/pods', '/services', '/persistentvolumeclaims', '/persistentvolumes', '/serviceaccounts', '/podtemplates', '/resourcequotas',
  'storage.k8s.io/csidrivers', 'storage.k8s.io/csinodes', 'storage.k8s.io/storageclasses', 'storage.k8s.io/volumeattachments',
  'storage.k8s.io/volumeattributesclasses', 'resource.k8s.io/deviceclasses', 'resource.k8s.io/resourceclaims', 'resource.k8s.io/resourceclaimtemplates', 'resource.k8s.io/resourceslices',
])

export function returnsDeleted(group: string, resource: string): boolean {
  return withObject.has(`${group}/${resource}`)
}
