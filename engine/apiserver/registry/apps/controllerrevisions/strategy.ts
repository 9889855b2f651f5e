import { parseGroupVersion } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { validateControllerRevision, validateControllerRevisionUpdate } from '#engine/apiserver/registry/apps/validation'

export const controllerRevisions = defineResource({
  ...identity('apps/v1/controllerrevisions'),
  validate: validateControllerRevision,
  validateUpdate: validateControllerRevisionUpdate,
  hasGeneration: false,
  columns: [
    nameColumn,
    column('Controller', controllerCell, { says: 'Controller of the object' }),
    column('Revision', (object) => (object.revision ?? 0) as number, { docOf: 'io.k8s.api.apps.v1.ControllerRevision#revision' }),
    ageColumn,
  ],
})

function controllerCell(object: KubeObject): string {
  const owner = object.metadata.ownerReferences?.find((item) => item.controller)
  if (!owner) return '<none>'
  const { group } = parseGroupVersion(owner.apiVersion)
  return `${(group === '' ? owner.kind : `${owner.kind}.${group}`).toLowerCase()}/${owner.name}`
}
