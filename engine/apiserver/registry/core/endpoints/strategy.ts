import type { KubeObject } from '#engine/api/object'
import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { defaultEndpoints } from '#engine/apiserver/registry/core/defaults'
import { validateEndpoints } from '#engine/apiserver/registry/discovery/validation'

interface Subset {
  readonly addresses?: readonly { readonly ip: string }[]
  readonly ports?: readonly { readonly port: number }[]
}

export const endpoints = defineResource({
  ...identity('/v1/endpoints'),
  validate: validateEndpoints,
  defaults: defaultEndpoints,
  storagePrefix: 'services/endpoints',
  hasGeneration: false,
  createOnUpdate: true,
  columns: [nameColumn, column('Endpoints', endpointsCell, { docOf: 'io.k8s.api.core.v1.Endpoints#subsets' }), ageColumn],
})

function endpointsCell(object: KubeObject): string {
  const subsets = (object.subsets ?? []) as Subset[]
  if (subsets.length === 0) return '<none>'
  const all: string[] = []
  for (const subset of subsets) {
    const addresses = subset.addresses ?? []
    if (!subset.ports?.length) all.push(...addresses.map((item) => item.ip))
    for (const { port } of subset.ports ?? []) all.push(...addresses.map((item) => (item.ip.includes(':') ? `[${item.ip}]:${port}` : `${item.ip}:${port}`)))
  }
  return all.length > 3 ? `${all.slice(0, 3).join(',')} + ${all.length - 3} more...` : all.join(',')
}
