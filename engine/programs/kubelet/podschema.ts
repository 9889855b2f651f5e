/** Pods as the API server reads and checks them, for manifests on a node's disk. */
import type { Pod } from '#engine/api/kinds'
import type { KubeObject } from '#engine/api/object'
import { defaultPod } from '#engine/apiserver/registry/core/pods/defaults'
import { validateNewPod } from '#engine/apiserver/registry/core/pods/validation/pod'
import { withMeta } from '#engine/apiserver/registry/metadata'
import { builtinTypeOfKind } from '#engine/apiserver/schema/builtin'
import { decodeInto } from '#engine/apiserver/schema/decode'
import type { PodSchema } from '#engine/kubelet/pods/schema'

const validate = withMeta('dns-subdomain', true, validateNewPod)

export const podSchema: PodSchema = {
  knows: (apiVersion, kind) => typeOf(apiVersion, kind) !== undefined,
  decode(document) {
    const type = typeOf('v1', 'Pod')
    if (!type) throw new Error('the table of types has no Pod')
    const { value, error } = decodeInto(type, document)
    return { pod: value as Pod, error }
  },
  validate(pod) {
    const object = structuredClone(pod) as unknown as KubeObject
    defaultPod(object)
    return validate(object).map(({ field, body }) => `${field}: ${body}`)
  },
}

function typeOf(apiVersion: string, kind: string): ReturnType<typeof builtinTypeOfKind> {
  const [version = '', group = ''] = apiVersion.split('/').reverse()
  return builtinTypeOfKind(group, version, kind)
}
