import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { defaultColumns } from '#engine/apiserver/registry/cells'

export const limitRanges = defineResource({ ...identity('/v1/limitranges'), hasGeneration: false, columns: defaultColumns })
