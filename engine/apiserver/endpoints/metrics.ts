/** /metrics: the main series of the API server, in Prometheus' text form. */
import type { RequestInfo } from '#engine/apiserver/chain/info'
import { families, type FamilyName } from './metrics.table'

const buckets = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]
const seriesLimit = 5000

interface Histogram {
  /** What fell into each bucket and into none before it. */
  readonly counts: number[]
  count: number
  sum: number
}

/** Requests alike, answered by one code. */
interface Answers {
  readonly labels: Readonly<Record<string, string>>
  readonly code: number
  count: number
  readonly durations: Histogram
}

export interface Observed {
  readonly info: RequestInfo
  readonly code: number
  readonly durationMs: number
  readonly longRunning: boolean
}

/** What is counted only when somebody asks. */
export interface Gauges {
  /** Objects by full resource name. */
  readonly objects: ReadonlyMap<string, number>
  readonly inFlight: { readonly mutating: number; readonly readOnly: number }
  readonly dispatched: ReadonlyMap<string, number>
}

export class Metrics {
  private readonly counters = new Map<FamilyName, Map<string, number>>()
  private readonly answers = new Map<string, Answers>()

  add(family: FamilyName, labels: Readonly<Record<string, string>>, by = 1): void {
    let series = this.counters.get(family)
    if (!series) this.counters.set(family, (series = new Map()))
    const key = labelText(labels)
    const value = series.get(key)
    if (value !== undefined || series.size < seriesLimit) series.set(key, (value ?? 0) + by)
  }

  set(family: FamilyName, labels: Readonly<Record<string, string>>, value: number): void {
    const series = this.counters.get(family)
    if (series) series.set(labelText(labels), value)
    else this.counters.set(family, new Map([[labelText(labels), value]]))
  }

  observe({ info, code, durationMs, longRunning }: Observed): void {
    const scope = scopeOf(info)
    const key = `${info.verb} ${info.group}/${info.version}/${info.resource}/${info.isResource ? info.subresource : info.path} ${scope} ${code} ${info.query.get('dryRun') ?? ''}`
    let answers = this.answers.get(key)
    if (!answers) {
      if (this.answers.size >= seriesLimit) return
      this.answers.set(key, (answers = { labels: requestLabels(info, scope), code, count: 0, durations: emptyHistogram() }))
    }
    answers.count++
    if (!longRunning) record(answers.durations, durationMs / 1000)
  }

  private durations(): Map<string, Histogram> {
    const out = new Map<string, Histogram>()
    for (const { labels, durations } of this.answers.values()) {
      if (durations.count === 0) continue
      const key = labelText(labels)
      out.set(key, joined(out.get(key) ?? emptyHistogram(), durations))
    }
    return out
  }

  text(gauges: Gauges): string {
    const lines = new Map<FamilyName, string[]>()
    for (const [family, series] of this.counters) lines.set(family, [...series].sort().map(([labels, value]) => `${family}${labels} ${value}`))
    lines.set('apiserver_request_total', [...this.answers.values()].map(({ labels, code, count }) => `apiserver_request_total${labelText({ ...labels, code: String(code) })} ${count}`).sort())
    lines.set('apiserver_request_duration_seconds', [...this.durations()].sort().flatMap(([labels, histogram]) => histogramLines('apiserver_request_duration_seconds', labels, histogram)))
    lines.set('apiserver_current_inflight_requests', [`apiserver_current_inflight_requests{request_kind="mutating"} ${gauges.inFlight.mutating}`, `apiserver_current_inflight_requests{request_kind="readOnly"} ${gauges.inFlight.readOnly}`])
    lines.set('apiserver_flowcontrol_dispatched_requests_total', [...gauges.dispatched].sort().map(([flow, count]) => `apiserver_flowcontrol_dispatched_requests_total${flow} ${count}`))
    lines.set('apiserver_resource_objects', [...gauges.objects].sort().map(([name, count]) => `apiserver_resource_objects{group="${groupOf(name)}",resource="${name.split('.')[0] ?? ''}"} ${count}`))
    lines.set('apiserver_storage_objects', [...gauges.objects].sort().map(([name, count]) => `apiserver_storage_objects{resource="${name}"} ${count}`))
    lines.set('kubernetes_build_info', ['kubernetes_build_info{build_date="2026-04-14T20:12:48Z",compiler="gc",git_tree_state="clean",git_version="v1.35.4",go_version="go1.25.9",major="1",minor="35",platform="linux/amd64"} 1'])
    const names = (Object.keys(families) as FamilyName[]).filter((name) => (lines.get(name) ?? []).length > 0).sort()
    return names.map((name) => `# HELP ${name} ${families[name].help}\n# TYPE ${name} ${families[name].type}\n${(lines.get(name) ?? []).join('\n')}\n`).join('')
  }
}

/** Of several codes together. */
function joined(a: Histogram, b: Histogram): Histogram {
  return { counts: a.counts.map((count, index) => count + (b.counts[index] ?? 0)), count: a.count + b.count, sum: a.sum + b.sum }
}

function scopeOf(info: RequestInfo): string {
  if (!info.isResource) return ''
  return info.name !== '' ? 'resource' : info.namespace !== '' ? 'namespace' : 'cluster'
}

function emptyHistogram(): Histogram {
  return { counts: buckets.map(() => 0), count: 0, sum: 0 }
}

function requestLabels(info: RequestInfo, scope: string): Record<string, string> {
  const verb = info.isResource ? info.verb.toUpperCase() : info.method
  return { component: 'apiserver', dry_run: info.query.get('dryRun') ?? '', group: info.group, resource: info.resource, scope, subresource: info.isResource ? info.subresource : info.path, verb, version: info.version }
}

/** Of labels that are counted again and again: callers keep them. */
const knownTexts = new WeakMap<object, string>()

function labelText(labels: Readonly<Record<string, string>>): string {
  const known = knownTexts.get(labels)
  if (known !== undefined) return known
  const text = spelled(labels)
  knownTexts.set(labels, text)
  return text
}

function spelled(labels: Readonly<Record<string, string>>): string {
  const names = Object.keys(labels).sort()
  return names.length === 0 ? '' : `{${names.map((name) => `${name}=${JSON.stringify(labels[name])}`).join(',')}}`
}

function record(histogram: Histogram, seconds: number): void {
  histogram.count++
  histogram.sum += seconds
  for (let index = 0; index < buckets.length; index++) {
    if (seconds > (buckets[index] as number)) continue
    histogram.counts[index] = (histogram.counts[index] ?? 0) + 1
    return
  }
}

function histogramLines(name: string, labels: string, { counts, count, sum }: Histogram): string[] {
  const inner = labels.slice(1, -1)
  let below = 0
  return [...buckets.map((bound, index) => `${name}_bucket{${inner},le="${bound}"} ${(below += counts[index] ?? 0)}`), `${name}_bucket{${inner},le="+Inf"} ${count}`, `${name}_sum${labels} ${sum}`, `${name}_count${labels} ${count}`]
}

function groupOf(resource: string): string {
  const dot = resource.indexOf('.')
  return dot < 0 ? '' : resource.slice(dot + 1)
}
