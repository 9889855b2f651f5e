import type { KubeObject } from '#engine/api/object'
import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { defaultCsiDriver } from '#engine/apiserver/registry/storage/defaults'
import { validateCsiDriver, validateCsiDriverUpdate } from '#engine/apiserver/registry/storage/validation'

const spec = 'io.k8s.api.storage.v1.CSIDriverSpec'

export const csiDrivers = defineResource({
  ...identity('storage.k8s.io/v1/csidrivers'),
  validate: validateCsiDriver, validateUpdate: validateCsiDriverUpdate,
  defaults: defaultCsiDriver,
  hasGeneration: false,
  columns: [
    nameColumn,
    column('AttachRequired', (object) => (object.spec?.attachRequired ?? true) as boolean, { type: 'boolean', docOf: `${spec}#attachRequired` }),
    column('PodInfoOnMount', (object) => (object.spec?.podInfoOnMount ?? false) as boolean, { type: 'boolean', docOf: `${spec}#podInfoOnMount` }),
    column('StorageCapacity', (object) => (object.spec?.storageCapacity ?? false) as boolean, { type: 'boolean', docOf: `${spec}#storageCapacity` }),
    column('TokenRequests', tokensCell, { docOf: `${spec}#tokenRequests` }),
    column('RequiresRepublish', (object) => (object.spec?.requiresRepublish ?? false) as boolean, { type: 'boolean', docOf: `${spec}#requiresRepublish` }),
    column('Modes', (object) => ((object.spec?.volumeLifecycleModes ?? []) as string[]).join(',') || '<none>', { docOf: `${spec}#volumeLifecycleModes` }),
    ageColumn,
  ],
})

function tokensCell(object: KubeObject): string {
  const tokens = object.spec?.tokenRequests as { audience: string }[] | undefined
  return tokens ? tokens.map((item) => item.audience).join(',') : '<unset>'
}
