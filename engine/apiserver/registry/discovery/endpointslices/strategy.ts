import type { KubeObject } from '#engine/api/object'
import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { withMeta, withMetaUpdate } from '#engine/apiserver/registry/metadata'
import { ageColumn, column, listWithMore, nameColumn } from '#engine/apiserver/registry/cells'
import { defaultEndpointSlice } from '#engine/apiserver/registry/networking/defaults'
import { validateEndpointSlice, validateEndpointSliceUpdate } from '#engine/apiserver/registry/discovery/validation'

const schema = 'io.k8s.api.discovery.v1.EndpointSlice'

export const endpointSlices = defineResource({
  ...identity('discovery.k8s.io/v1/endpointslices'),
  ownsMetaValidation: true,
  validate: withMeta('dns-subdomain', true, validateEndpointSlice),
  validateUpdate: withMetaUpdate('dns-subdomain', true, validateEndpointSliceUpdate),
  defaults: defaultEndpointSlice,
  columns: [
    nameColumn,
    column('AddressType', (object) => (object.addressType ?? '') as string, { docOf: `${schema}#addressType` }),
    column('Ports', portsCell, { docOf: `${schema}#ports` }),
    column('Endpoints', (object) => listWithMore(((object.endpoints ?? []) as { addresses?: string[] }[]).flatMap((item) => item.addresses ?? []), 3, '<unset>'), { docOf: `${schema}#endpoints` }),
    ageColumn,
  ],
})

function portsCell(object: KubeObject): string {
  const ports = (object.ports ?? []) as { name?: string; port?: number }[]
  return listWithMore(ports.map((item) => (item.port !== undefined ? String(item.port) : (item.name ?? '*'))), 3, '<unset>')
}
