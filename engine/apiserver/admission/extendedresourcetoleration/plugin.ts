/** Pods that ask for a device tolerate the taint that keeps others off its nodes. */
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { allContainers, isPod } from '#engine/apiserver/admission/shared/pods'
import { listOf } from '#engine/apiserver/registry/free'

export const extendedResourceToleration: AdmissionRegistration = {
  name: 'ExtendedResourceToleration',
  enabledByDefault: false,
  create: () => ({ name: 'ExtendedResourceToleration', handles: (operation) => operation === 'CREATE' || operation === 'UPDATE', admit }),
}

function admit(attributes: AdmissionAttributes): void {
  const pod = attributes.object
  if (!pod || !isPod(attributes)) return
  const names = new Set<string>()
  for (const container of allContainers(pod.spec)) for (const name of Object.keys((container.resources?.requests ?? {}) as object)) if (name.includes('/') && !name.includes('kubernetes.io/')) names.add(name)
  const tolerations = listOf(pod.spec?.tolerations)
  for (const key of [...names].sort()) {
    const toleration = { key, operator: 'Exists' }
    if (!tolerations.some((item) => item.key === key && item.operator === 'Exists' && !item.effect)) tolerations.push(toleration)
  }
  if (names.size > 0) pod.spec = { ...pod.spec, tolerations }
}
