/** Parts that many descriptions share. */
import { humanDuration } from '#engine/api/duration'
import type { KubeObject } from '#engine/api/object'
import { labelSelectorOf, labelSelectorText } from '#engine/api/selector'
import { query } from '#engine/client/client'
import { goSorted } from '#engine/programs/kubectl/gosort'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { coreEvents, resourcePath, type Session } from '#engine/programs/kubectl/session/session'
import { lastApplied } from '../write'
import type { Writer } from './writer'

type Map = Readonly<Record<string, string>> | undefined
// API objects are free-form here.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Loose = any

export function rfc1123(timestamp: string | undefined | null): string {
  const ms = Date.parse(timestamp ?? '')
  const date = new Date(Number.isNaN(ms) ? -62135596800000 : ms)
  const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${days[date.getUTCDay()] as string}, ${two(date.getUTCDate())} ${months[date.getUTCMonth()] as string} ${String(date.getUTCFullYear()).padStart(4, '0')} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`
}

export function since(timestamp: string | undefined | null, nowMs: number): string {
  return timestamp ? humanDuration(nowMs - Date.parse(timestamp)) : '<unknown>'
}

export function labels(w: Writer, title: string, map: Map, indent = '', skip: readonly string[] = []): void {
  const keys = Object.keys(map ?? {}).filter((key) => !skip.includes(key)).sort()
  if (keys.length === 0) return w.line(0, `${indent}${title}:\t<none>`)
  keys.forEach((key, index) => w.line(0, `${index === 0 ? `${indent}${title}:\t` : `${indent}\t`}${key}=${map?.[key] ?? ''}`))
}

const maxLength = 140

export function annotations(w: Writer, title: string, map: Map): void {
  const keys = Object.keys(map ?? {}).filter((key) => key !== lastApplied).sort()
  if (keys.length === 0) return w.line(0, `${title}:\t<none>`)
  keys.forEach((key, index) => {
    const value = (map?.[key] ?? '').replace(/\n$/, '')
    const head = index === 0 ? `${title}:\t` : '\t'
    if (value.length + key.length + 2 <= maxLength && !value.includes('\n')) return w.line(0, `${head}${key}: ${value}`)
    w.line(0, `${head}${key}:`)
    for (const line of value.split('\n')) w.line(0, `\t  ${line.length > maxLength - 2 ? `${line.slice(0, maxLength - 2)}...` : line}`)
  })
}

/** `a=b,c=d`, `<none>`. */
export function formatMap(map: Map): string {
  const pairs = Object.keys(map ?? {}).sort().map((key) => `${key}=${map?.[key] ?? ''}`)
  return pairs.length === 0 ? '<none>' : pairs.join(',')
}

/** metav1.FormatLabelSelector. */
export function formatSelector(selector: Loose): string {
  if (!selector) return '<none>'
  const text = selectorText(selector)
  return text === '' ? '<none>' : text
}

export function selectorText(selector: Loose): string {
  return labelSelectorText(labelSelectorOf(selector as Parameters<typeof labelSelectorOf>[0]) ?? [])
}

export function controllerOf(object: KubeObject): string {
  const owner = (object.metadata.ownerReferences ?? []).find((entry) => entry.controller)
  return owner ? `${owner.kind}/${owner.name}` : ''
}

export function head(w: Writer, object: KubeObject, namespaced = true): void {
  w.line(0, `Name:\t${object.metadata.name ?? ''}`)
  if (namespaced) w.line(0, `Namespace:\t${object.metadata.namespace ?? ''}`)
}

export function metadata(w: Writer, object: KubeObject): void {
  labels(w, 'Labels', object.metadata.labels)
  annotations(w, 'Annotations', object.metadata.annotations)
}

export interface EventList {
  readonly items: Loose[]
}

/** Events about an object; undefined where they are not wanted. */
export async function eventsFor(session: Session, info: Pick<Info, 'name' | 'namespace'>, kind: string, uid: string): Promise<EventList | undefined> {
  if (!session.flags.bool('show-events')) return undefined
  const selector = [`involvedObject.name=${info.name}`, `involvedObject.namespace=${info.namespace}`, ...(kind === '' ? [] : [`involvedObject.kind=${kind}`]), ...(uid === '' ? [] : [`involvedObject.uid=${uid}`])].join(',')
  try {
    return { items: (await session.request<{ items?: Loose[] }>('GET', resourcePath(coreEvents, info.namespace) + query({ fieldSelector: selector, limit: 500 }))).items ?? [] }
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    return { items: [] }
  }
}

/** Oldest first, by when an event was last seen. */
export function eventTime(event: Loose): string {
  return event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp ?? ''
}

export function interval(event: Loose, nowMs: number): string {
  const first = event.eventTime ? since(event.eventTime, nowMs) : since(event.firstTimestamp, nowMs)
  if (event.series) return `${since(event.series.lastObservedTime, nowMs)} (x${event.series.count} over ${first})`
  if ((event.count ?? 0) > 1) return `${since(event.lastTimestamp, nowMs)} (x${event.count} over ${first})`
  return first
}

export function events(w: Writer, list: EventList | undefined, nowMs: number): void {
  if (!list) return
  if (list.items.length === 0) return w.line(0, 'Events:\t<none>')
  w.flush()
  w.line(0, 'Events:\n  Type\tReason\tAge\tFrom\tMessage')
  w.line(1, '----\t------\t----\t----\t-------')
  const lastSeen = ({ lastTimestamp }: Loose): number => (lastTimestamp ? Date.parse(String(lastTimestamp)) : 0)
  for (const event of goSorted(list.items, (a, b) => lastSeen(a) < lastSeen(b))) {
    const message = String(event.message ?? '').trim()
    const path = event.involvedObject?.fieldPath ?? ''
    w.line(1, `${event.type ?? ''}\t${event.reason ?? ''}\t${interval(event, nowMs)}\t${event.source?.component || event.reportingComponent || ''}\t${path === '' ? message : `${path}: ${message}`}`)
  }
}

export function conditions(w: Writer, list: Loose[] | undefined, columns: readonly string[]): void {
  if (!list?.length) return
  w.line(0, `Conditions:\n  ${columns.map((column) => column.replace(/\s+$/, '')).join('\t')}`)
  w.line(1, columns.map((column) => (column === 'LastHeartbeatTime' || column === 'LastProbeTime' ? '-----------------' : '-'.repeat(column.length))).join('\t'))
}
