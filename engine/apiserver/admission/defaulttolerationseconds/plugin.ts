/** Pods stay on a node that is gone for five minutes, unless they say otherwise. */
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { isPod } from '#engine/apiserver/admission/shared/pods'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import type { ServerSettings } from '#engine/apiserver/services'

export const defaultTolerationSeconds: AdmissionRegistration = {
  name: 'DefaultTolerationSeconds',
  enabledByDefault: true,
  create: ({ settings }) => ({ name: 'DefaultTolerationSeconds', handles: (operation) => operation === 'CREATE' || operation === 'UPDATE', admit: (attributes) => admit(attributes, settings) }),
}

function admit(attributes: AdmissionAttributes, settings: ServerSettings): void {
  const spec = attributes.object?.spec as Free
  if (!spec || !isPod(attributes)) return
  const tolerations = listOf(spec.tolerations)
  const tolerates = (key: string): boolean => tolerations.some((item) => (item.key === key || !item.key) && (item.effect === 'NoExecute' || !item.effect))
  const wanted = [['node.kubernetes.io/not-ready', settings.defaultNotReadyTolerationSeconds], ['node.kubernetes.io/unreachable', settings.defaultUnreachableTolerationSeconds]] as const
  const missing = wanted.filter(([key]) => !tolerates(key)).map(([key, tolerationSeconds]) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds }))
  if (missing.length > 0) spec.tolerations = [...tolerations, ...missing]
}
