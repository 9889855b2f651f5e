/** What the server warns of in a pod, or in a pod's template. */
import type { KubeObject } from '#engine/api/object'
import { parseAddress } from '#engine/api/validation/addresses'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { warnPorts } from './port-warnings'

export function podWarnings(pod: KubeObject, previous: KubeObject | undefined): string[] {
  if (previous) return []
  return templateWarnings(pod.metadata, pod.spec as Free, '', true)
}

/** `prefix` is where the template stands: `spec.template`. */
export function templateWarnings(metadata: Free, spec: Free, prefix: string, isPod = false): string[] {
  if (!spec) return []
  const at = prefix === '' ? 'spec' : `${prefix}.spec`
  const out: string[] = []
  warnLabels(out, spec, at)
  warnAnnotations(out, metadata, prefix === '' ? 'metadata' : `${prefix}.metadata`)
  warnVolumes(out, spec, at)
  if (listOf(spec.hostAliases).length > 0) warnHostAliases(out, spec, at)
  for (const [index, secret] of listOf(spec.imagePullSecrets).entries()) if (!secret.name) out.push(`${at}.imagePullSecrets[${index}].name: invalid empty name ""`)
  for (const name of Object.keys((spec.overhead ?? {}) as object)) warnFraction(out, name, spec.overhead[name], `${at}.overhead[${name}]`)
  warnContainers(out, spec, at)
  warnPorts(out, spec, at)
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) out.push(`${at}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`)
  if (!isPod && spec.nodeName) out.push(`${at}.nodeName: use of nodeName bypasses the scheduler and may be rejected if the node is not suitable`)
  warnPodAffinity(out, spec, at)
  return out
}

function warnContainers(out: string[], spec: Free, at: string): void {
  for (const kind of ['initContainers', 'containers']) for (const [index, container] of listOf(spec[kind]).entries()) warnContainer(out, container, `${at}.${kind}[${index}]`)
}

/** No member is inherited: the key is whatever a client sent. */
const deprecatedLabels: Readonly<Record<string, string>> = {
  __proto__: null as never,
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
}

function warnLabels(out: string[], spec: Free, at: string): void {
  for (const key of Object.keys((spec.nodeSelector ?? {}) as object)) if (deprecatedLabels[key]) out.push(`${at}.nodeSelector[${key}]: ${deprecatedLabels[key]}`)
  const terms = 'nodeSelectorTerms'
  const hard = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  for (const [index, term] of listOf(hard?.[terms]).entries()) {
    for (const [position, item] of listOf(term.matchExpressions).entries()) {
      const text = deprecatedLabels[item.key as string]
      if (text) out.push(`${at}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.${terms}[${index}].matchExpressions[${position}].key: ${item.key as string} is ${text}`)
    }
  }
  for (const [index, item] of listOf(spec.topologySpreadConstraints).entries()) {
    const text = deprecatedLabels[item.topologyKey as string]
    if (text) out.push(`${at}.topologySpreadConstraints[${index}].topologyKey: ${item.topologyKey as string} is ${text}`)
    if (!item.labelSelector) out.push(`${at}.topologySpreadConstraints[${index}].labelSelector: ${matchesNothing}`)
  }
}

const matchesNothing = 'a null labelSelector results in matching no pod'
const hard = 'requiredDuringSchedulingIgnoredDuringExecution'
const soft = 'preferredDuringSchedulingIgnoredDuringExecution'

function warnPodAffinity(out: string[], spec: Free, at: string): void {
  for (const kind of ['podAffinity', 'podAntiAffinity']) {
    const terms = spec.affinity?.[kind]
    for (const [index, term] of listOf(terms?.[hard]).entries()) if (!term.labelSelector) out.push(`${at}.affinity.${kind}.${hard}[${index}].labelSelector: ${matchesNothing}`)
    for (const [index, item] of listOf(terms?.[soft]).entries()) if (!item.podAffinityTerm?.labelSelector) out.push(`${at}.affinity.${kind}.${soft}[${index}].podAffinityTerm.labelSelector: ${matchesNothing}`)
  }
}

const deprecatedAnnotations: Readonly<Record<string, string>> = {
  __proto__: null as never,
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'seccomp.security.alpha.kubernetes.io/pod': 'non-functional in v1.27+; use the "seccompProfile" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
}

function warnAnnotations(out: string[], metadata: Free, at: string): void {
  for (const key of Object.keys((metadata?.annotations ?? {}) as object).sort()) {
    if (deprecatedAnnotations[key]) out.push(`${at}.annotations[${key}]: ${deprecatedAnnotations[key]}`)
    else if (key.startsWith('container.seccomp.security.alpha.kubernetes.io/')) out.push(`${at}.annotations[${key}]: non-functional in v1.27+; use the "seccompProfile" field instead`)
    else if (key.startsWith('container.apparmor.security.beta.kubernetes.io/')) out.push(`${at}.annotations[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`)
  }
}

const deprecatedVolumes: Readonly<Record<string, string>> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+', gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+', scaleIO: 'deprecated in v1.16, non-functional in v1.22+', flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+', quobyte: 'deprecated in v1.22, non-functional in v1.25+', glusterfs: 'deprecated in v1.25, non-functional in v1.26+', cephfs: 'deprecated in v1.28, non-functional in v1.31+', rbd: 'deprecated in v1.28, non-functional in v1.31+',
}

function warnVolumes(out: string[], spec: Free, at: string): void {
  for (const [index, volume] of listOf(spec.volumes).entries()) {
    for (const name of Object.keys(deprecatedVolumes)) if (volume[name]) out.push(`${at}.volumes[${index}].${name}: ${deprecatedVolumes[name] ?? ''}`)
    if (volume.configMap && !volume.configMap.name) out.push(`${at}.volumes[${index}].configMap.name: invalid empty name ""`)
    const requests = volume.ephemeral?.volumeClaimTemplate?.spec?.resources?.requests
    if (requests) warnFraction(out, 'storage', requests.storage, `${at}.volumes[${index}].ephemeral.volumeClaimTemplate.spec.resources.requests[storage]`)
  }
}

function warnHostAliases(out: string[], spec: Free, at: string): void {
  const seen = new Set<string>()
  for (const [index, alias] of listOf(spec.hostAliases).entries()) {
    if (seen.has(alias.ip as string)) out.push(`${at}.hostAliases[${index}].ip: duplicate ip ${JSON.stringify(alias.ip)}`)
    seen.add(alias.ip as string)
    if (parseAddress((alias.ip ?? '') as string) && (alias.ip as string).split('.').some((part: string) => part.length > 1 && part.startsWith('0'))) out.push(`${at}.hostAliases[${index}].ip: non-standard IP address ${JSON.stringify(alias.ip)} will be considered invalid in a future Kubernetes release: use ${JSON.stringify((alias.ip as string).split('.').map(Number).join('.'))}`)
  }
}

function warnFraction(out: string[], name: string, text: unknown, at: string): void {
  if (name !== 'memory' && name !== 'ephemeral-storage' && name !== 'storage' && !name.startsWith('hugepages-')) return
  if (typeof text === 'string' && /m$/.test(text) && Number(text.slice(0, -1)) % 1000 !== 0) out.push(`${at}: fractional byte value ${JSON.stringify(text)} is invalid, must be an integer`)
}

function warnContainer(out: string[], container: Free, at: string): void {
  for (const list of ['limits', 'requests']) for (const [name, text] of Object.entries((container.resources?.[list] ?? {}) as object)) warnFraction(out, name, text, `${at}.resources.${list}[${name}]`)
  const seen = new Map<string, string>()
  for (const [index, item] of listOf(container.env).entries()) {
    const name = item.name as string
    const earlier = seen.get(name)
    if (earlier !== undefined && !(item.value as string | undefined)?.includes(`$(${name})`)) out.push(`${at}.env[${index}]: hides previous definition of ${JSON.stringify(name)}, which may be unexpected`)
    seen.set(name, name)
  }
}
