import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { column, containerColumns, formatLabels, nameColumn } from '#engine/apiserver/registry/cells'
import type { Column } from '#engine/apiserver/registry/resource'
import { defaultPodTemplateObject } from '#engine/apiserver/registry/core/defaults'
import { validatePodTemplateObject } from '#engine/apiserver/registry/core/validation'

const containers: Column[] = containerColumns((object) => object.template?.spec?.containers as { name: string; image: string }[] | undefined).map(({ priority: _wide, ...rest }) => rest)

export const podTemplates = defineResource({
  ...identity('/v1/podtemplates'),
  validate: validatePodTemplateObject,
  defaults: defaultPodTemplateObject,
  columns: [nameColumn, ...containers, column('Pod Labels', (object) => formatLabels(object.template?.metadata?.labels as Record<string, string> | undefined), { says: 'The labels for the pod template.' })],
})
