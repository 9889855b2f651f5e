import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { separateStatus, statusView } from '#engine/apiserver/registry/views'
import { validateVolumeAttachment, validateSpecUpdate } from '#engine/apiserver/registry/storage/validation'

const spec = 'io.k8s.api.storage.v1.VolumeAttachmentSpec'

export const volumeAttachments = defineResource({
  ...identity('storage.k8s.io/v1/volumeattachments'),
  validate: validateVolumeAttachment, validateUpdate: validateSpecUpdate,
  ...separateStatus,
  hasGeneration: false,
  columns: [
    nameColumn,
    column('Attacher', (object) => (object.spec?.attacher ?? '') as string, { format: 'name', docOf: `${spec}#attacher` }),
    column('PV', (object) => (object.spec?.source?.persistentVolumeName ?? '') as string, { docOf: 'io.k8s.api.storage.v1.VolumeAttachmentSource#persistentVolumeName' }),
    column('Node', (object) => (object.spec?.nodeName ?? '') as string, { docOf: `${spec}#nodeName` }),
    column('Attached', (object) => (object.status?.attached ?? false) as boolean, { type: 'boolean', docOf: 'io.k8s.api.storage.v1.VolumeAttachmentStatus#attached' }),
    ageColumn,
  ],
  subresources: { status: statusView() },
})
