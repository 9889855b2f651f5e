/** /healthz, /livez, /readyz with their checks. */
import type { HttpResponse } from '#engine/base/http'
import { textResponse } from '#engine/apiserver/chain/respond'
import { HealthTallies } from './slis'

export type HealthCheck = readonly [name: string, check: () => Promise<boolean> | boolean]

const postStartHooks = [
  'start-apiserver-admission-initializer', 'generic-apiserver-start-informers', 'priority-and-fairness-config-consumer', 'priority-and-fairness-filter',
  'storage-object-count-tracker-hook', 'start-apiextensions-informers', 'start-apiextensions-controllers', 'crd-informer-synced', 'start-system-namespaces-controller',
  'start-cluster-authentication-info-controller', 'start-kube-apiserver-identity-lease-controller', 'start-kube-apiserver-identity-lease-garbage-collector',
  'start-legacy-token-tracking-controller', 'start-service-ip-repair-controllers', 'rbac/bootstrap-roles', 'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer', 'bootstrap-controller', 'start-kubernetes-service-cidr-controller', 'aggregator-reload-proxy-client-cert',
  'start-kube-aggregator-informers', 'apiservice-status-local-available-controller', 'apiservice-status-remote-available-controller',
  'apiservice-registration-controller', 'apiservice-discovery-controller', 'kube-apiserver-autoregistration',
]
const lastHooks = ['apiservice-openapi-controller', 'apiservice-openapiv3-controller']

export interface HealthState {
  etcd(): Promise<boolean>
  hookDone(name: string): boolean
  /** The caches that the server itself reads can be filled. */
  informersSynced(): boolean | Promise<boolean>
  shuttingDown(): boolean
}

type Endpoint = 'healthz' | 'livez' | 'readyz'

interface Result {
  readonly name: string
  readonly fine: boolean | 'excluded'
}

export class Health {
  readonly tallies = new HealthTallies()
  private readonly known = new Map<Endpoint, readonly HealthCheck[]>()

  constructor(private readonly state: HealthState) {}

  /** undefined where the path names no check. */
  async answer(endpoint: Endpoint, rest: string, query: URLSearchParams): Promise<HttpResponse | undefined> {
    const checks = this.checks(endpoint)
    if (rest !== '') {
      const one = checks.find(([name]) => name === rest)
      if (!one) return undefined
      return (await this.run(endpoint, one)) ? textResponse(200, 'ok') : textResponse(500, `internal server error: ${failureOf(rest)}\n`)
    }
    return this.all(endpoint, checks, query)
  }

  paths(): string[] {
    return (['healthz', 'livez', 'readyz'] as const).flatMap((endpoint) => [`/${endpoint}`, ...this.checks(endpoint).map(([name]) => `/${endpoint}/${name}`)])
  }

  /** A kubelet asks this every second: only checks that have to wait are waited for. */
  private async all(endpoint: Endpoint, checks: readonly HealthCheck[], query: URLSearchParams): Promise<HttpResponse> {
    const excluded = new Set(query.getAll('exclude'))
    const results: Result[] = []
    for (const check of checks) {
      const [name] = check
      const found = excluded.delete(name) ? 'excluded' : this.run(endpoint, check)
      results.push({ name, fine: found instanceof Promise ? await found : found })
    }
    const failed = results.some(({ fine }) => fine === false)
    if (!failed && query.get('verbose') === null) return textResponse(200, 'ok')
    const lines = results.map(lineOf)
    if (excluded.size > 0) lines.push(`warn: some health checks cannot be excluded: no matches for ${[...excluded].map((name) => JSON.stringify(name)).join(', ')}`)
    return textResponse(failed ? 500 : 200, `${lines.join('\n')}\n${endpoint} check ${failed ? 'failed' : 'passed'}\n`)
  }

  private run(endpoint: Endpoint, [name, check]: HealthCheck): boolean | Promise<boolean> {
    const note = (fine: boolean): boolean => {
      this.tallies.note(endpoint, name, fine)
      return fine
    }
    const fine = check()
    return fine instanceof Promise ? fine.then(note) : note(fine)
  }

  private checks(endpoint: Endpoint): readonly HealthCheck[] {
    const made = this.known.get(endpoint) ?? this.makeChecks(endpoint)
    this.known.set(endpoint, made)
    return made
  }

  private makeChecks(endpoint: Endpoint): HealthCheck[] {
    const hook = (name: string): HealthCheck => [`poststarthook/${name}`, () => this.state.hookDone(name)]
    const checks: HealthCheck[] = [['ping', () => true], ['log', () => true], ['etcd', () => this.state.etcd()]]
    if (endpoint === 'readyz') checks.push(['etcd-readiness', () => this.state.etcd()], ['informer-sync', () => this.state.informersSynced()])
    checks.push(...postStartHooks.map(hook), ['autoregister-completion', () => true], ...lastHooks.map(hook))
    if (endpoint === 'readyz') checks.push(['shutdown', () => !this.state.shuttingDown()])
    return checks
  }
}

function lineOf({ name, fine }: Result): string {
  if (fine === 'excluded') return `[+]${name} excluded: ok`
  return fine ? `[+]${name} ok` : `[-]${name} failed: reason withheld`
}

function failureOf(name: string): string {
  return name === 'etcd' || name === 'etcd-readiness' ? 'etcd failed: reason withheld' : `${name} failed: not finished`
}
