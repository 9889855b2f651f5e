/** Config maps, secrets, accounts, roles, quotas and what a namespace holds. */
import { type PolicyRule, ruleRows } from '#engine/programs/kubectl/verbs/rules'
import type { KubeObject } from '#engine/api/object'
import { fromBase64, decodeUtf8 } from '#engine/base/bytes'
import { builtin, type Session } from '#engine/programs/kubectl/session/session'
import { annotations, conditions, events, head, labels, type Loose, metadata, rfc1123 } from './common'
import type { Describer } from './table'
import type { Writer } from './writer'

export const configMap: Describer = (w, object, context) => {
  head(w, object)
  metadata(w, object)
  w.line(0, '\nData\n====')
  for (const key of Object.keys(object['data'] ?? {}).sort()) {
    w.line(0, `${key}:\n----`)
    w.line(0, String(object['data'][key]))
    w.line(0, '')
  }
  w.line(0, '\nBinaryData\n====')
  for (const key of Object.keys(object['binaryData'] ?? {}).sort()) w.line(0, `${key}: ${fromBase64(object['binaryData'][key]).length} bytes`)
  w.line(0, '')
  events(w, context.events, context.nowMs)
}

export const secret: Describer = (w, object) => {
  head(w, object)
  metadata(w, object)
  w.line(0, `\nType:\t${object['type'] ?? ''}`)
  w.line(0, '\nData\n====')
  for (const key of Object.keys(object['data'] ?? {}).sort()) {
    const bytes = fromBase64(object['data'][key])
    w.line(0, key === 'token' && object['type'] === 'kubernetes.io/service-account-token' ? `${key}:\t${decodeUtf8(bytes)}` : `${key}:\t${bytes.length} bytes`)
  }
}

export const serviceAccount: Describer = (w, object, context) => {
  head(w, object)
  metadata(w, object)
  const names = (object['imagePullSecrets'] ?? []).map((entry: Loose) => entry.name as string) as string[]
  if (names.length === 0) w.line(0, 'Image pull secrets:\t<none>')
  names.forEach((name, index) => w.line(0, `${index === 0 ? 'Image pull secrets:' : '                   '}\t${name}`))
  events(w, context.events, context.nowMs)
}

export const role: Describer = (w, object) => {
  head(w, object, false)
  metadata(w, object)
  w.line(0, 'PolicyRule:')
  w.line(1, 'Resources\tNon-Resource URLs\tResource Names\tVerbs')
  w.line(1, '---------\t-----------------\t--------------\t-----')
  for (const cells of ruleRows((object['rules'] as PolicyRule[] | undefined) ?? [])) w.line(1, cells.join('\t'))
}

export const roleBinding: Describer = (w, object) => {
  head(w, object, false)
  metadata(w, object)
  w.line(0, 'Role:')
  w.line(1, `Kind:\t${object['roleRef']?.kind ?? ''}`)
  w.line(1, `Name:\t${object['roleRef']?.name ?? ''}`)
  w.line(0, 'Subjects:')
  w.line(1, 'Kind\tName\tNamespace')
  w.line(1, '----\t----\t---------')
  for (const subject of object['subjects'] ?? []) w.line(1, `${subject.kind}\t${subject.name}\t${subject.namespace ?? ''}`)
}

const scopeHelp: Readonly<Record<string, string>> = {
  Terminating: 'Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system.',
  NotTerminating: 'Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate.',
  BestEffort: 'Matches all pods that do not have resource requirements set. These pods have a best effort quality of service.',
  NotBestEffort: 'Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service.',
}

export const quota: Describer = (w, object) => {
  head(w, object)
  scopes(w, object, 0, ' * ')
  w.line(0, 'Resource\tUsed\tHard')
  w.line(0, '--------\t----\t----')
  const status = object['status'] ?? {}
  for (const key of Object.keys(status.hard ?? {}).sort()) w.line(0, `${key}\t${status.used?.[key] ?? '0'}\t${status.hard[key]}`)
}

function scopes(w: Writer, object: KubeObject, level: number, bullet: string): void {
  const list = [...((object['spec']?.scopes as string[] | undefined) ?? [])].sort()
  if (list.length === 0) return
  w.line(level, `Scopes:\t${list.join(', ')}`)
  for (const scope of list) if (scopeHelp[scope]) w.line(level, `${bullet}${scopeHelp[scope]}`)
}

function limitRows(w: Writer, object: KubeObject, prefix: string): void {
  for (const item of object['spec']?.limits ?? []) {
    const keys = [...new Set(['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'].flatMap((field) => Object.keys(item[field] ?? {})))].sort()
    for (const key of keys) w.line(0, `${prefix}${item.type}\t${key}\t${item.min?.[key] ?? '-'}\t${item.max?.[key] ?? '-'}\t${item.defaultRequest?.[key] ?? '-'}\t${item.default?.[key] ?? '-'}\t${item.maxLimitRequestRatio?.[key] ?? '-'}`)
  }
}

export const limitRange: Describer = (w, object) => {
  head(w, object)
  w.line(0, 'Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio')
  w.line(0, '----\t--------\t---\t---\t---------------\t-------------\t-----------------------')
  limitRows(w, object, '')
}

export const namespace: Describer = async (w, object, context) => {
  head(w, object, false)
  metadata(w, object)
  w.line(0, `Status:\t${object['status']?.phase ?? ''}`)
  const list = object['status']?.conditions
  conditions(w, list, ['Type', 'Status', 'LastTransitionTime', 'Reason', 'Message'])
  for (const entry of list ?? []) w.line(1, `${entry.type}\t${entry.status}\t${rfc1123(entry.lastTransitionTime)}\t${entry.reason ?? ''}\t${entry.message ?? ''}`)
  const name = object.metadata.name ?? ''
  w.line(0, '')
  quotas(w, await items(context.session, 'resourcequotas', 'ResourceQuota', name))
  w.line(0, '')
  const ranges = await items(context.session, 'limitranges', 'LimitRange', name)
  if (ranges.length === 0) return w.line(0, 'No LimitRange resource.')
  w.line(0, 'Resource Limits\n Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio')
  w.line(0, ' ----\t--------\t---\t---\t---------------\t-------------\t-----------------------')
  for (const range of ranges) limitRows(w, range, ' ')
}

async function items(session: Session, resource: string, kind: string, namespaceName: string): Promise<KubeObject[]> {
  return (await session.list(builtin('', 'v1', resource, kind), namespaceName)).items ?? []
}

function quotas(w: Writer, list: readonly KubeObject[]): void {
  if (list.length === 0) return w.line(0, 'No resource quota.')
  w.line(0, 'Resource Quotas')
  for (const entry of [...list].sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))) {
    w.line(1, `Name:\t${entry.metadata.name ?? ''}`)
    scopes(w, entry, 1, '* ')
    w.line(1, 'Resource\tUsed\tHard')
    w.line(1, '--------\t---\t---')
    const status = entry['status'] ?? {}
    for (const key of Object.keys(status.hard ?? {}).sort()) w.line(1, `${key}\t${status.used?.[key] ?? '0'}\t${status.hard[key]}`)
  }
}

export { annotations, labels }
