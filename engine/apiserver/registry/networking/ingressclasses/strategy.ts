import type { KubeObject } from '#engine/api/object'
import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { defaultIngressClass } from '#engine/apiserver/registry/networking/defaults'
import { validateIngressClass, validateIngressClassUpdate } from '#engine/apiserver/registry/networking/ingresses/validation'

export const ingressClasses = defineResource({
  ...identity('networking.k8s.io/v1/ingressclasses'),
  validate: validateIngressClass,
  validateUpdate: validateIngressClassUpdate,
  defaults: defaultIngressClass,
  columns: [
    nameColumn,
    column('Controller', (object) => (object.spec?.controller ?? '') as string, { says: 'Controller that is responsible for handling this class' }),
    column('Parameters', parametersCell, { says: 'A reference to a resource with additional parameters' }),
    ageColumn,
  ],
})

function parametersCell(object: KubeObject): string {
  const parameters = object.spec?.parameters as { kind: string; apiGroup?: string; name: string } | undefined
  if (!parameters) return '<none>'
  return `${parameters.apiGroup === undefined ? parameters.kind : `${parameters.kind}.${parameters.apiGroup}`}/${parameters.name}`
}
