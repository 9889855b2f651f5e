import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { defaultColumns } from '#engine/apiserver/registry/cells'

export const roles = defineResource({ ...identity('rbac.authorization.k8s.io/v1/roles'), hasGeneration: false, nameFormat: 'path-segment', columns: defaultColumns })
