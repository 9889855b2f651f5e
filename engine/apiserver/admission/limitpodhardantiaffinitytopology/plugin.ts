/** Required anti-affinity may only keep pods apart by host. */
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { isPod } from '#engine/apiserver/admission/shared/pods'
import { listOf } from '#engine/apiserver/registry/free'

export const limitPodHardAntiAffinityTopology: AdmissionRegistration = {
  name: 'LimitPodHardAntiAffinityTopology',
  enabledByDefault: false,
  create: () => ({ name: 'LimitPodHardAntiAffinityTopology', handles: (operation) => operation === 'CREATE' || operation === 'UPDATE', validate }),
}

function validate(attributes: AdmissionAttributes): void {
  if (!isPod(attributes)) return
  for (const term of listOf(attributes.object?.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution)) {
    if (term.topologyKey === 'kubernetes.io/hostname') continue
    throw admissionForbidden(attributes, `affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey ${term.topologyKey as string} but only key kubernetes.io/hostname is allowed`)
  }
}
