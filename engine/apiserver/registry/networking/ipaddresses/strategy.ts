import type { KubeObject } from '#engine/api/object'
import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { addressWords, parseAddress } from '#engine/api/validation/addresses'
import { withMeta, withMetaUpdate } from '#engine/apiserver/registry/metadata'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { validateIpAddress, validateIpAddressUpdate } from '#engine/apiserver/registry/networking/validation'

export const ipAddresses = defineResource({
  ...identity('networking.k8s.io/v1/ipaddresses'),
  ownsMetaValidation: true,
  validate: withMeta(addressName, false, validateIpAddress),
  validateUpdate: withMetaUpdate(addressName, false, (next, previous) => [...validateIpAddress(next), ...validateIpAddressUpdate(next, previous)]),
  hasGeneration: false,
  columns: [nameColumn, column('ParentRef', parentCell, { docOf: 'io.k8s.api.networking.v1.IPAddressSpec#parentRef' }), ageColumn],
  selectableFields: { 'spec.parentRef.name': (object) => (object.spec?.parentRef?.name ?? '') as string },
})

function addressName(name: string): string[] {
  return parseAddress(name) ? [] : [addressWords]
}

function parentCell(object: KubeObject): string {
  const parent = object.spec?.parentRef as { group?: string; resource?: string; namespace?: string; name?: string } | undefined
  if (!parent) return '<none>'
  const resource = (parent.group ? `${parent.resource ?? ''}.${parent.group}` : (parent.resource ?? '')).toLowerCase()
  return parent.namespace ? `${resource}/${parent.namespace}/${parent.name ?? ''}` : `${resource}/${parent.name ?? ''}`
}
