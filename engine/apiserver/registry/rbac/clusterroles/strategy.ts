import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { defaultColumns } from '#engine/apiserver/registry/cells'

export const clusterRoles = defineResource({ ...identity('rbac.authorization.k8s.io/v1/clusterroles'), hasGeneration: false, nameFormat: 'path-segment', columns: defaultColumns })
