/** `apply --prune`: what was applied before and is not among the given objects goes. */
import type { KubeObject } from '#engine/api/object'
import { query } from '#engine/client/client'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Mapping } from '#engine/programs/kubectl/session/discovery'
import { type DryRun, resourceName, resourcePath, type Session } from '#engine/programs/kubectl/session/session'
import { lastApplied } from '../write'

const namespaced = ['v1/ConfigMap', 'v1/Endpoints', 'v1/PersistentVolumeClaim', 'v1/Pod', 'v1/ReplicationController', 'v1/Secret', 'v1/Service', 'batch/v1/Job', 'batch/v1/CronJob', 'networking.k8s.io/v1/Ingress', 'apps/v1/DaemonSet', 'apps/v1/Deployment', 'apps/v1/ReplicaSet', 'apps/v1/StatefulSet']
const cluster = ['v1/Namespace', 'v1/PersistentVolume']

export async function pruneObjects(session: Session, infos: readonly Info[], dryRun: DryRun): Promise<void> {
  const { flags } = session
  const discovery = await session.discovery()
  const kept = new Set(infos.map((info) => info.object?.metadata.uid ?? `${info.mapping.kind}/${info.namespace}/${info.name}`))
  const visited = new Set(infos.map((info) => info.namespace).filter((namespace) => namespace !== ''))
  if (session.namespaceGiven) visited.add(session.namespace)
  const given = flags.list('prune-allowlist').map((entry) => entry.replace(/^core\//, ''))
  const kinds = given.length > 0 ? given : [...namespaced, ...(session.namespaceGiven ? [] : cluster)]
  for (const entry of kinds) {
    const parts = entry.split('/')
    if (parts.length < 2 || parts.length > 3) throw new CliError(`invalid GroupVersionKind format: ${entry}, please follow <group/version/kind>`)
    const kind = parts.pop() as string
    const version = parts.pop() as string
    const mapping = discovery.forKind(parts[0] ?? '', kind, version)
    if (!mapping) continue
    for (const namespace of mapping.namespaced ? visited : ['']) await pruneKind(session, mapping, namespace, kept, dryRun)
  }
}

async function pruneKind(session: Session, mapping: Mapping, namespace: string, kept: ReadonlySet<string>, dryRun: DryRun): Promise<void> {
  const list = await session.request<{ items?: KubeObject[] }>('GET', resourcePath(mapping, namespace) + query({ labelSelector: session.flags.string('selector') }))
  for (const item of list.items ?? []) {
    const { name = '', uid, annotations } = item.metadata
    if (annotations?.[lastApplied] === undefined) continue
    if (kept.has(`${mapping.kind}/${namespace}/${name}`) || (uid !== undefined && kept.has(uid))) continue
    if (dryRun !== 'client') await session.request('DELETE', resourcePath(mapping, namespace, name) + query({ dryRun: dryRun === 'server' ? 'All' : undefined }), { body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' } })
    await session.out(`${resourceName(mapping, name)} pruned${dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)'}\n`)
  }
}
