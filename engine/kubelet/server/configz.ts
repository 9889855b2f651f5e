/** The configuration as `/configz` tells it: what is empty and may be left out is left out. */
const leftOutWhenEmpty = new Set([
  'allowedUnsafeSysctls', 'evictionSoft', 'evictionSoftGracePeriod', 'evictionMinimumReclaim', 'featureGates', 'imageServiceEndpoint', 'kubeReserved', 'systemReserved', 'podCIDR', 'providerID', 'readOnlyPort',
  'registerWithTaints', 'serverTLSBootstrap', 'qosReserved', 'staticPodURLHeader', 'showHiddenMetricsForVersion', 'systemCgroups', 'kubeletCgroups', 'kubeReservedCgroup', 'systemReservedCgroup',
])
const never = new Set(['apiVersion', 'kind'])

export function configz(document: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const out = Object.fromEntries(Object.entries(document).filter(([key, value]) => !never.has(key) && !(leftOutWhenEmpty.has(key) && isEmpty(value))))
  const logging = out['logging'] as { flushFrequency?: unknown } | undefined
  // Written as nanoseconds, told as a duration; none is five seconds.
  if (logging?.flushFrequency === 0) out['logging'] = { ...logging, flushFrequency: '5s' }
  return out
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0
  return value === '' || value === 0 || value === false || value === null || value === undefined
}
