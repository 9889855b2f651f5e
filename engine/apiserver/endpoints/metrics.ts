/** /metrics: the main series of the API server, in Prometheus' text form. */
import type { RequestInfo } from '#engine/apiserver/chain/info'

interface Series {
  count: number
  seconds: number
}

export class Metrics {
  private readonly requests = new Map<string, Series>()

  count(info: RequestInfo, code: number, durationMs: number): void {
    const verb = info.isResource ? info.verb.toUpperCase() : info.method
    const scope = !info.isResource ? '' : info.name !== '' ? 'resource' : info.namespace !== '' ? 'namespace' : 'cluster'
    const key = `code="${code}",component="apiserver",dry_run="${info.query.get('dryRun') ?? ''}",group="${info.group}",resource="${info.resource}",scope="${scope}",subresource="${info.subresource}",verb="${verb}",version="${info.version}"`
    const series = this.requests.get(key)
    if (series) {
      series.count++
      series.seconds += durationMs / 1000
    } else if (this.requests.size < 5000) this.requests.set(key, { count: 1, seconds: durationMs / 1000 })
  }

  text(objects: ReadonlyMap<string, number>, inFlight: number): string {
    const lines = [
      '# HELP apiserver_current_inflight_requests [STABLE] Maximal number of currently used inflight request limit of this apiserver per request kind in last second.',
      '# TYPE apiserver_current_inflight_requests gauge',
      'apiserver_current_inflight_requests{request_kind="mutating"} 0', `apiserver_current_inflight_requests{request_kind="readOnly"} ${inFlight}`,
      '# HELP apiserver_request_total [STABLE] Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.',
      '# TYPE apiserver_request_total counter',
      ...[...this.requests].sort().map(([labels, series]) => `apiserver_request_total{${labels}} ${series.count}`),
      '# HELP apiserver_resource_objects [ALPHA] Number of stored objects at the time of last check split by kind.',
      '# TYPE apiserver_resource_objects gauge',
      ...[...objects].sort().map(([resource, count]) => `apiserver_resource_objects{group="${groupOf(resource)}",resource="${resource.split('.')[0] ?? ''}"} ${count}`),
      '# HELP apiserver_storage_objects [STABLE] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
      '# TYPE apiserver_storage_objects gauge',
      ...[...objects].sort().map(([resource, count]) => `apiserver_storage_objects{resource="${resource}"} ${count}`),
      '# HELP kubernetes_build_info [ALPHA] A metric with a constant \'1\' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.',
      '# TYPE kubernetes_build_info gauge',
      'kubernetes_build_info{build_date="2026-04-14T20:12:48Z",compiler="gc",git_tree_state="clean",git_version="v1.35.4",go_version="go1.25.9",major="1",minor="35",platform="linux/amd64"} 1',
    ]
    return `${lines.join('\n')}\n`
  }
}

function groupOf(resource: string): string {
  const dot = resource.indexOf('.')
  return dot < 0 ? '' : resource.slice(dot + 1)
}
