/** Objects of files as clients that know the types decode them: unknown kinds are refused, fields that are never left out are there. */
import { parseGroupVersion, type KubeObject } from '#engine/api/object'
import { CliError } from '../session/errors'

type Data = Record<string, unknown>

const plainGroups = ['', 'apps', 'autoscaling', 'batch', 'extensions', 'policy']

export function asTyped(object: KubeObject, source: string): KubeObject {
  const { group } = parseGroupVersion(object.apiVersion)
  if (!plainGroups.includes(group) && !group.endsWith('.k8s.io')) throw new CliError(`unable to decode ${JSON.stringify(source)}: no kind ${JSON.stringify(object.kind)} is registered for version ${JSON.stringify(object.apiVersion)} in scheme "pkg/runtime/scheme.go:111"`)
  return filled(object)
}

/** Where the pod template of a kind stands, and what its spec and status always have. */
const kinds: Readonly<Record<string, { readonly template?: readonly string[]; readonly spec?: Data; readonly status: Data }>> = {
  Deployment: { template: ['spec', 'template'], spec: { strategy: {} }, status: {} },
  StatefulSet: { template: ['spec', 'template'], spec: { serviceName: '', updateStrategy: {} }, status: { availableReplicas: 0, replicas: 0 } },
  DaemonSet: { template: ['spec', 'template'], spec: { updateStrategy: {} }, status: { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 } },
  ReplicaSet: { template: ['spec', 'template'], status: { replicas: 0 } },
  ReplicationController: { template: ['spec', 'template'], status: { replicas: 0 } },
  Job: { template: ['spec', 'template'], status: {} },
  CronJob: { template: ['spec', 'jobTemplate', 'spec', 'template'], status: {} },
  Pod: { template: [], status: {} },
  Service: { status: { loadBalancer: {} } },
}

function filled(object: KubeObject): KubeObject {
  const kind = kinds[object.kind]
  if (!kind) return object
  const out = object as unknown as Data
  const spec = sub(out, 'spec')
  for (const [key, value] of Object.entries(kind.spec ?? {})) spec[key] ??= value
  out['status'] = { ...kind.status, ...(out['status'] as Data | undefined) }
  if (kind.template) fillPods(kind.template.reduce(step, out))
  return object
}

function step(holder: Data, key: string): Data {
  const next = sub(holder, key)
  if (key !== 'spec') next['metadata'] ??= {}
  return next
}

function fillPods(holder: Data): void {
  const spec = sub(holder, 'spec')
  spec['containers'] ??= null
  for (const list of ['containers', 'initContainers']) for (const container of (spec[list] ?? []) as Data[]) container['resources'] ??= {}
}

function sub(holder: Data, key: string): Data {
  return (holder[key] ??= {}) as Data
}
