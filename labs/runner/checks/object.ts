/** Objects of the API: selected by name or labels, judged by their fields. */
import { JsonPath } from '#engine/api/jsonpath/evaluate'
import type { KubeObject } from '#engine/api/object'
import type { Condition, Lab, ObjectCheck } from '../schema'
import type { World } from '../world'
import { match, type Finding } from './matcher'
import { lastLine } from './said'

export async function checkObject(world: World, lab: Lab, check: ObjectCheck): Promise<Finding> {
  const namespace = check.namespace ?? lab.namespace ?? 'default'
  const called = `${check.kind} ${check.name ?? check.labels ?? ''} in ${namespace}`.replace('  ', ' ')
  const objects = await find(world, check, namespace)
  if (typeof objects === 'string') return { holds: check.absent === true, expected: check.absent ? `no ${called}` : called, actual: objects }
  if (check.absent) return { holds: objects.length === 0, expected: `no ${called}`, actual: objects.length === 0 ? 'none' : objects.map((object) => object.metadata.name).join(', ') }
  if (objects.length === 0) return { holds: false, expected: called, actual: 'there is none' }
  for (const object of objects) {
    const finding = judge(object, check)
    if (!finding.holds) return objects.length > 1 ? { ...finding, actual: `${finding.actual} (in ${object.metadata.name ?? ''})` } : finding
  }
  return { holds: true, expected: called, actual: 'as wanted' }
}

/** The objects, or why there can be none. */
async function find(world: World, check: ObjectCheck, namespace: string): Promise<readonly KubeObject[] | string> {
  const selector = check.labels ? `-l '${check.labels}'` : `'${check.name ?? ''}'`
  const result = await world.run('controlplane', `kubectl --kubeconfig /etc/kubernetes/admin.conf get ${check.kind} ${check.name || check.labels ? selector : ''} -n ${namespace} -o json --ignore-not-found`, 30_000)
  if (result.code !== 0) {
    if (result.stderr.includes("doesn't have a resource type")) return `there is none: the cluster knows no ${check.kind}`
    if (result.stderr.includes('NotFound')) return []
    throw new Error(lastLine(result.stderr))
  }
  if (result.stdout.trim() === '') return []
  const parsed = JSON.parse(result.stdout) as KubeObject & { items?: KubeObject[] }
  return parsed.items ?? [parsed]
}

function judge(object: KubeObject, check: ObjectCheck): Finding {
  const all = conditions(object, check.where ?? [])
  if (!all.holds || !check.anyOf) return all
  const tried = check.anyOf.map((list) => conditions(object, list))
  return tried.find((finding) => finding.holds) ?? (tried[0] as Finding)
}

function conditions(object: KubeObject, list: readonly Condition[]): Finding {
  for (const condition of list) {
    const values = new JsonPath(`{${condition.path.startsWith('.') ? '' : '.'}${condition.path}}`, { allowMissingKeys: true }).results(object).flat()
    const finding = match(condition, values.filter((value) => value !== undefined))
    if (!finding.holds) return { holds: false, expected: `${condition.path}: ${finding.expected}`, actual: finding.actual }
  }
  return { holds: true, expected: 'all fields', actual: 'as wanted' }
}

