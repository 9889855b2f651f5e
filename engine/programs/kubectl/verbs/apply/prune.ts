/** `apply --prune`: what was applied before and is not among the given objects goes. */
import type { KubeObject } from '#engine/api/object'
import { query } from '#engine/client/client'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Mapping } from '#engine/programs/common/kube/discovery'
import { type DryRun, resourcePath, type Session } from '#engine/programs/kubectl/session/session'
import { cascadeOf } from '../delete/delete'
import { lastApplied, resultPrinter } from '../write'

const namespaced = ['v1/ConfigMap', 'v1/Endpoints', 'v1/PersistentVolumeClaim', 'v1/Pod', 'v1/ReplicationController', 'v1/Secret', 'v1/Service', 'batch/v1/Job', 'batch/v1/CronJob', 'networking.k8s.io/v1/Ingress', 'apps/v1/DaemonSet', 'apps/v1/Deployment', 'apps/v1/ReplicaSet', 'apps/v1/StatefulSet']
const cluster = ['v1/Namespace', 'v1/PersistentVolume']

const deprecated = 'prune.go:71] Deprecated: kubectl apply will no longer prune non-namespaced resources by default when used with the --namespace flag in a future release. To preserve the current behaviour, list the resources you want to target explicitly in the --prune-allowlist flag.'

export interface Prunable {
  readonly info: Info
}

export async function pruneObjects(session: Session, infos: readonly Info[], dryRun: DryRun): Promise<void> {
  for (const { info } of await findPrunable(session, infos)) {
    const { mapping, namespace, name } = info
    if (dryRun !== 'client') await session.request('DELETE', resourcePath(mapping, namespace, name) + query({ dryRun: dryRun === 'server' ? 'All' : undefined }), { body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: cascadeOf(session) } })
    await session.out(resultPrinter(session, 'pruned', dryRun).print(info.object as KubeObject))
  }
}

/** What was applied before, is selected, and is not among the given objects. */
export async function findPrunable(session: Session, infos: readonly Info[]): Promise<Prunable[]> {
  const kept = new Set(infos.flatMap((info) => [info.object?.metadata.uid ?? '', `${info.mapping.kind}/${info.namespace}/${info.name}`]))
  const visited = new Set(infos.map((info) => info.namespace).filter((namespace) => namespace !== ''))
  const mappings = await pruneMappings(session)
  const out: Prunable[] = []
  for (const namespace of [...visited, '']) {
    for (const mapping of mappings) if (mapping.namespaced === (namespace !== '')) out.push(...(await prunableOf(session, mapping, namespace, kept)))
  }
  return out
}

/** Wrong entries are told before anything is applied. */
export async function checkAllowlist(session: Session): Promise<void> {
  await mappingsOf(session, session.flags.list('prune-allowlist'))
}

async function pruneMappings(session: Session): Promise<Mapping[]> {
  const given = session.flags.list('prune-allowlist')
  if (given.length > 0) return await mappingsOf(session, given)
  await session.err(`${session.stamp('W')} ${deprecated}\n`)
  return await mappingsOf(session, [...namespaced, ...cluster])
}

async function mappingsOf(session: Session, entries: readonly string[]): Promise<Mapping[]> {
  const kinds = entries.map(parseKind)
  if (kinds.length === 0) return []
  const discovery = await session.discovery()
  const out: Mapping[] = []
  for (const { group, version, kind } of kinds) {
    const mapping = discovery.forKind(group, kind, version)
    if (!mapping) throw new CliError(`no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(group === '' ? version : `${group}/${version}`)}`)
    out.push(mapping)
  }
  return out
}

/** `core/v1/ConfigMap`, `apps/v1/Deployment`. */
function parseKind(entry: string): { group: string; version: string; kind: string } {
  const parts = entry.split('/')
  const [kind = '', version = '', group = ''] = parts.toReversed()
  if (parts.length < 2 || parts.length > 3) throw new CliError(`invalid GroupVersionKind format: ${entry}, please follow <group/version/kind>`)
  return { group: group === 'core' ? '' : group, version, kind }
}

async function prunableOf(session: Session, mapping: Mapping, namespace: string, kept: ReadonlySet<string>): Promise<Prunable[]> {
  const list = await session.request<{ items?: KubeObject[] }>('GET', resourcePath(mapping, namespace) + query({ labelSelector: session.flags.string('selector') }))
  return (list.items ?? []).flatMap((item) => {
    const { name = '', uid = '', annotations } = item.metadata
    if (annotations?.[lastApplied] === undefined || kept.has(uid) || kept.has(`${mapping.kind}/${namespace}/${name}`)) return []
    const object = { ...item, apiVersion: mapping.group === '' ? mapping.version : `${mapping.group}/${mapping.version}`, kind: mapping.kind }
    return [{ info: { mapping, namespace, name, source: '', object } }]
  })
}
