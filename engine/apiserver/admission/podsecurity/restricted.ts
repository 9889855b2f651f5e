/** The checks the restricted level has beyond the baseline; some say more than one of the baseline and stand in for it. */
import { allContainers } from '#engine/apiserver/admission/shared/pods'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import type { Check } from './baseline'
import { containersText, plural, quoted, sorted } from './words'
import type { Finding } from './words'

const namesWhere = (spec: Free, test: (container: Free) => boolean): string[] => allContainers(spec).filter(test).map((container) => container.name as string)

/** Since v1.25 what makes no sense on Windows is not asked of its pods. */
const isWindows = (spec: Free, minor: number): boolean => minor >= 25 && spec.os?.name === 'windows'

function allowPrivilegeEscalation(_metadata: Free, spec: Free, minor: number): Finding | undefined {
  if (isWindows(spec, minor)) return undefined
  const names = namesWhere(spec, (container) => container.securityContext?.allowPrivilegeEscalation !== false)
  return names.length === 0 ? undefined : { reason: 'allowPrivilegeEscalation != false', detail: `${containersText(names)} must set securityContext.allowPrivilegeEscalation=false` }
}

function capabilities(_metadata: Free, spec: Free, minor: number): Finding | undefined {
  if (isWindows(spec, minor)) return undefined
  const added = new Set<string>()
  const keeping = namesWhere(spec, (container) => !listOf(container.securityContext?.capabilities?.drop).includes('ALL'))
  const adding = namesWhere(spec, (container) => {
    const extra = (listOf(container.securityContext?.capabilities?.add) as string[]).filter((item) => item !== 'NET_BIND_SERVICE')
    for (const item of extra) added.add(item)
    return extra.length > 0
  })
  const details: string[] = []
  if (keeping.length > 0) details.push(`${containersText(keeping)} must set securityContext.capabilities.drop=["ALL"]`)
  if (adding.length > 0) details.push(`${containersText(adding)} must not include ${quoted(sorted(added))} in securityContext.capabilities.add`)
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') }
}

const allowedVolumes = new Set(['name', 'configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected', 'secret'])

function restrictedVolumes(_metadata: Free, spec: Free): Finding | undefined {
  const names: string[] = []
  const types = new Set<string>()
  for (const volume of listOf(spec.volumes)) {
    const source = Object.keys(volume as object).find((key) => !allowedVolumes.has(key) && volume[key] !== undefined && volume[key] !== null)
    if (source === undefined) continue
    names.push(volume.name as string)
    types.add(source)
  }
  if (names.length === 0) return undefined
  const list = sorted(types)
  return { reason: 'restricted volume types', detail: `${plural('volume', 'volumes', names.length)} ${quoted(names)} ${plural('uses', 'use', names.length)} ${plural('restricted volume type', 'restricted volume types', list.length)} ${quoted(list)}` }
}

function runAsNonRoot(_metadata: Free, spec: Free): Finding | undefined {
  const reason = 'runAsNonRoot != true'
  const ofPod = spec.securityContext?.runAsNonRoot as boolean | undefined
  const explicit = namesWhere(spec, (container) => container.securityContext?.runAsNonRoot === false)
  const who = [...(ofPod === false ? ['pod'] : []), ...(explicit.length > 0 ? [containersText(explicit)] : [])].join(' and ')
  if (who !== '') return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` }
  const silent = ofPod === true ? [] : namesWhere(spec, (container) => container.securityContext?.runAsNonRoot === undefined || container.securityContext?.runAsNonRoot === null)
  return silent.length === 0 ? undefined : { reason, detail: `pod or ${containersText(silent)} must set securityContext.runAsNonRoot=true` }
}

function runAsUser(_metadata: Free, spec: Free): Finding | undefined {
  const names = namesWhere(spec, (container) => container.securityContext?.runAsUser === 0)
  const who = [...(spec.securityContext?.runAsUser === 0 ? ['pod'] : []), ...(names.length > 0 ? [containersText(names)] : [])].join(' and ')
  return who === '' ? undefined : { reason: 'runAsUser=0', detail: `${who} must not set runAsUser=0` }
}

function seccompProfile(_metadata: Free, spec: Free, minor: number): Finding | undefined {
  if (isWindows(spec, minor)) return undefined
  const reason = 'seccompProfile'
  const values = new Set<string>()
  const good = (type: string): boolean => type === 'RuntimeDefault' || type === 'Localhost'
  const wrong = (context: Free): boolean => {
    const type = context?.seccompProfile?.type as string | undefined
    if (type === undefined || good(type)) return false
    values.add(type)
    return true
  }
  const pod = wrong(spec.securityContext)
  const explicit = namesWhere(spec, (container) => wrong(container.securityContext))
  const who = [...(pod ? ['pod'] : []), ...(explicit.length > 0 ? [containersText(explicit)] : [])].join(' and ')
  if (who !== '') return { reason, detail: `${who} must not set securityContext.seccompProfile.type to ${quoted(sorted(values))}` }
  const silent = spec.securityContext?.seccompProfile ? [] : namesWhere(spec, (container) => !container.securityContext?.seccompProfile)
  return silent.length === 0 ? undefined : { reason, detail: `pod or ${containersText(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"` }
}

export const restrictedChecks: readonly (Check & { readonly replaces?: string })[] = [
  { id: 'allowPrivilegeEscalation', since: 8, run: allowPrivilegeEscalation },
  { id: 'capabilities_restricted', since: 22, replaces: 'capabilities_baseline', run: capabilities },
  { id: 'restrictedVolumes', since: 0, replaces: 'hostPathVolumes', run: restrictedVolumes },
  { id: 'runAsNonRoot', since: 0, run: runAsNonRoot },
  { id: 'runAsUser', since: 23, run: runAsUser },
  { id: 'seccompProfile_restricted', since: 19, replaces: 'seccompProfile_baseline', run: seccompProfile },
]
