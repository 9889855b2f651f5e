import type { KubeObject } from '#engine/api/object'
import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { fallback } from '#engine/apiserver/registry/free'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { keepStatus, statusView } from '#engine/apiserver/registry/views'
import { validateApiService, validateApiServiceUpdate } from './validation'

export const apiServices = defineResource({
  ...identity('apiregistration.k8s.io/v1/apiservices'),
  ownsMetaValidation: true,
  validate: validateApiService,
  validateUpdate: validateApiServiceUpdate,
  prepareForCreate: (object) => void (object.status = {}),
  prepareForUpdate: keepStatus,
  defaults: (object) => {
    if (object.spec?.service) fallback(object.spec.service, 'port', 443)
  },
  storagePrefix: 'apiregistration.k8s.io/apiservices',
  hasGeneration: false,
  columns: [
    nameColumn,
    column('Service', serviceCell, { says: 'The reference to the service that hosts this API endpoint.' }),
    column('Available', availableCell, { says: 'Whether this service is available.' }),
    ageColumn,
  ],
  subresources: { status: statusView() },
})

function serviceCell(object: KubeObject): string {
  const service = object.spec?.service as { namespace?: string; name?: string } | undefined
  return service ? `${service.namespace ?? ''}/${service.name ?? ''}` : 'Local'
}

function availableCell(object: KubeObject): string {
  const condition = ((object.status?.conditions ?? []) as { type: string; status: string; reason?: string }[]).find((item) => item.type === 'Available')
  if (!condition) return 'Unknown'
  return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason ?? ''})`
}
