import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { separateStatus, statusView } from '#engine/apiserver/registry/views'
import { beginService, releaseService } from './allocate'
import { serviceColumns } from './columns'
import { defaultService } from './defaults'
import { serviceWarnings, validateService, validateServiceUpdate } from './validation'
import { withMeta, withMetaUpdate } from '#engine/apiserver/registry/metadata'
import { validateServiceStatus } from '#engine/apiserver/registry/load-balancer'

export const services = defineResource({
  ...identity('/v1/services'),
  ownsMetaValidation: true,
  validate: withMeta('dns1035-label', true, validateService),
  validateUpdate: withMetaUpdate('dns1035-label', true, (next, previous) => [...validateServiceUpdate(next, previous), ...validateService(next)]),
  warnings: (object, previous) => serviceWarnings(object, previous),
  ...separateStatus,
  defaults: defaultService,
  storagePrefix: 'services/specs',
  hasGeneration: false,
  nameFormat: 'dns1035-label',
  begin: beginService,
  afterDelete: releaseService,
  columns: serviceColumns,
  subresources: { status: statusView({ validateUpdate: validateServiceStatus }) },
  selectableFields: { 'spec.clusterIP': (service) => (service.spec?.clusterIP ?? '') as string, 'spec.type': (service) => (service.spec?.type ?? '') as string },
})
