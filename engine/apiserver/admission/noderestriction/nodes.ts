/** What a kubelet may write on Node objects. */
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes } from '#engine/apiserver/admission/plugin'
import { listOf } from '#engine/apiserver/registry/free'

const kubeletLabels = new Set([
  'kubernetes.io/hostname', 'topology.kubernetes.io/zone', 'topology.kubernetes.io/region', 'beta.kubernetes.io/instance-type', 'node.kubernetes.io/instance-type',
  'failure-domain.beta.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/region', 'beta.kubernetes.io/os', 'beta.kubernetes.io/arch', 'kubernetes.io/os', 'kubernetes.io/arch', 'node.kubernetes.io/windows-build',
])

export function restrictNode(attributes: AdmissionAttributes, node: string): void {
  const { operation, object, oldObject } = attributes
  const who = `node ${JSON.stringify(node)}`
  const name = attributes.name || (object?.metadata.name ?? '')
  if (operation === 'CREATE' && object) {
    const wrong = forbiddenLabels(object.metadata.labels ?? {}, {})
    if (wrong.length > 0) throw admissionForbidden(attributes, `${who} is not allowed to set the following labels: ${wrong.join(', ')}`)
    if (object.metadata.ownerReferences?.length) throw admissionForbidden(attributes, `${who} is not allowed to set ownerReferences`)
  }
  if (name !== node) throw admissionForbidden(attributes, `${who} is not allowed to modify node ${JSON.stringify(name)}`)
  if (operation === 'UPDATE' && object && oldObject) restrictUpdate(attributes, who, object, oldObject)
}

function restrictUpdate(attributes: AdmissionAttributes, who: string, object: KubeObject, old: KubeObject): void {
  if (!equalJson(listOf(object.spec?.taints), listOf(old.spec?.taints))) throw admissionForbidden(attributes, `${who} is not allowed to modify taints`)
  if (!equalJson(object.metadata.ownerReferences ?? [], old.metadata.ownerReferences ?? [])) throw admissionForbidden(attributes, `${who} is not allowed to modify ownerReferences`)
  const wrong = forbiddenLabels(object.metadata.labels ?? {}, old.metadata.labels ?? {})
  if (wrong.length > 0) throw admissionForbidden(attributes, `${who} is not allowed to modify labels: ${wrong.join(', ')}`)
}

function forbiddenLabels(now: Readonly<Record<string, string>>, before: Readonly<Record<string, string>>): string[] {
  const changed = [...new Set([...Object.keys(now), ...Object.keys(before)])].filter((key) => now[key] !== before[key])
  return changed.filter(isForbidden).sort()
}

function isForbidden(label: string): boolean {
  const domain = label.includes('/') ? label.slice(0, label.indexOf('/')) : ''
  const under = (parent: string): boolean => domain === parent || domain.endsWith(`.${parent}`)
  if (under('node-restriction.kubernetes.io')) return true
  if (!under('kubernetes.io') && !under('k8s.io')) return false
  return !kubeletLabels.has(label) && !under('kubelet.kubernetes.io') && !under('node.kubernetes.io')
}
