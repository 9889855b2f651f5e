import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, nameColumn } from '#engine/apiserver/registry/cells'

export const serviceAccounts = defineResource({ ...identity('/v1/serviceaccounts'), hasGeneration: false, columns: [nameColumn, ageColumn] })
