import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, nameColumn } from '#engine/apiserver/registry/cells'
import { defaultResourceClaimTemplate } from '#engine/apiserver/registry/resource/defaults'
import { validateResourceClaimTemplate, validateSpecImmutable } from '#engine/apiserver/registry/resource/validation'

export const resourceClaimTemplates = defineResource({ ...identity('resource.k8s.io/v1/resourceclaimtemplates'), validate: validateResourceClaimTemplate, validateUpdate: validateSpecImmutable, defaults: defaultResourceClaimTemplate, hasGeneration: false, columns: [nameColumn, ageColumn] })
