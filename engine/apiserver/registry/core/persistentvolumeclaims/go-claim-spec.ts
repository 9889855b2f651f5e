/** The difference of two claims in their Go form. */
import { goDiff } from '#engine/apiserver/registry/core/pods/validation/go-diff'
import type { Free } from '#engine/apiserver/registry/free'

function go(spec: Free): unknown {
  const resources = { Limits: spec.resources?.limits ?? null, Requests: spec.resources?.requests ?? null }
  return {
    AccessModes: spec.accessModes ?? null, Selector: spec.selector ?? null, Resources: resources, VolumeName: spec.volumeName ?? '', StorageClassName: spec.storageClassName ?? null, VolumeMode: spec.volumeMode ?? null,
    DataSource: source(spec.dataSource), DataSourceRef: source(spec.dataSourceRef), VolumeAttributesClassName: spec.volumeAttributesClassName ?? null,
  }
}

function source(value: Free): unknown {
  return value ? { APIGroup: value.apiGroup ?? null, Kind: value.kind, Name: value.name, ...('namespace' in value ? { Namespace: value.namespace as unknown } : {}) } : null
}

export function goClaimSpec(before: Free, after: Free): string {
  return goDiff(go(before), go(after))
}
