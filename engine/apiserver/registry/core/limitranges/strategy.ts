import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { defaultColumns } from '#engine/apiserver/registry/cells'
import { defaultLimitRange } from '#engine/apiserver/registry/core/defaults'
import { validateLimitRange } from '#engine/apiserver/registry/core/limits-validation'

export const limitRanges = defineResource({ ...identity('/v1/limitranges'), validate: validateLimitRange, defaults: defaultLimitRange, hasGeneration: false, columns: defaultColumns })
