import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { separateStatus, statusView } from '#engine/apiserver/registry/views'
import { beginService, releaseService } from './allocate'
import { serviceColumns } from './columns'
import { defaultService } from './defaults'

export const services = defineResource({
  ...identity('/v1/services'),
  ...separateStatus,
  defaults: defaultService,
  storagePrefix: 'services/specs',
  hasGeneration: false,
  nameFormat: 'dns1035-label',
  begin: beginService,
  afterDelete: releaseService,
  columns: serviceColumns,
  subresources: { status: statusView() },
  selectableFields: { 'spec.clusterIP': (service) => (service.spec?.clusterIP ?? '') as string, 'spec.type': (service) => (service.spec?.type ?? '') as string },
})
