import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, nameColumn } from '#engine/apiserver/registry/cells'
import { validateDeviceClass } from '#engine/apiserver/registry/resource/validation'

export const deviceClasses = defineResource({ ...identity('resource.k8s.io/v1/deviceclasses'), validate: validateDeviceClass, columns: [nameColumn, ageColumn] })
