/** Pods with resource claims wait: device allocation is not simulated. Others are not concerned. */
import { namespaceOf } from '#engine/api/meta'
import { type PluginFactory, reject, rejectForGood } from '#engine/scheduler/framework'
import { resourceClaims } from '#engine/client/resources'

const name = 'DynamicResources'

export const dynamicResources: PluginFactory = {
  name,
  create: (handle) => ({
    name,
    preFilter(state, info) {
      const claims = info.pod.spec?.resourceClaims ?? []
      state.write(name, claims.length)
      state.skipFilter.add(name)
      for (const claim of claims) {
        const status = (info.pod.status as { resourceClaimStatuses?: { name: string; resourceClaimName?: string }[] } | undefined)?.resourceClaimStatuses?.find((entry) => entry.name === claim.name)
        const claimName = (claim as { resourceClaimName?: string }).resourceClaimName ?? status?.resourceClaimName
        if (claimName === undefined) return { status: rejectForGood(`pod "${info.key}": resource claim not created yet`) }
        const found = handle.informers.of(resourceClaims).store.get(namespaceOf(info.pod), claimName)
        if (!found) return { status: rejectForGood(`resourceclaim "${claimName}" not found`) }
      }
      if (claims.length > 0) state.skipFilter.delete(name)
      return undefined
    },
    filter: () => reject('cannot allocate all claims'),
    postFilter(state) {
      // Without the state of preFilter, because an earlier plugin has turned the pod away, there is only this word.
      if (state.read<number>(name) === undefined) return Promise.resolve({ status: { code: 'Error', reasons: ['not found'] } })
      return Promise.resolve({ status: reject(state.read<number>(name) === 0 ? 'no new claims to deallocate' : 'still not schedulable') })
    },
    helps: (event) => ['ResourceClaim', 'ResourceSlice', 'DeviceClass', 'UnscheduledPod'].includes(event.kind),
  }),
}
