/** /metrics/slis: how the health checks went, check by check. */
type Endpoint = 'healthz' | 'livez' | 'readyz'

interface Tally {
  readonly name: string
  readonly type: Endpoint
  success: number
  error: number
  last: 0 | 1
}

export class HealthTallies {
  private readonly tallies = new Map<string, Tally>()

  note(type: Endpoint, name: string, fine: boolean): void {
    const key = `${name}/${type}`
    let tally = this.tallies.get(key)
    if (!tally) this.tallies.set(key, (tally = { name, type, success: 0, error: 0, last: 0 }))
    tally[fine ? 'success' : 'error']++
    tally.last = fine ? 1 : 0
  }

  text(): string {
    const sorted = [...this.tallies.keys()].sort().flatMap((key) => this.tallies.get(key) ?? [])
    if (sorted.length === 0) return ''
    const gauges = sorted.map(({ name, type, last }) => `kubernetes_healthcheck{name="${name}",type="${type}"} ${last}`)
    const totals = sorted.flatMap((tally) => (['error', 'success'] as const).filter((status) => tally[status] > 0).map((status) => `kubernetes_healthchecks_total{name="${tally.name}",status="${status}",type="${tally.type}"} ${tally[status]}`))
    return `# HELP kubernetes_healthcheck [STABLE] This metric records the result of a single healthcheck.\n# TYPE kubernetes_healthcheck gauge\n${gauges.join('\n')}\n`
      + `# HELP kubernetes_healthchecks_total [STABLE] This metric records the results of all healthcheck.\n# TYPE kubernetes_healthchecks_total counter\n${totals.join('\n')}\n`
  }
}
