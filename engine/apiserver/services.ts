/**
 * What the parts of the API server (strategies, admission plugins, authorizers, bootstrap hooks) may use of it. They get it by
 * constructor and know nothing of the request chain.
 */
import type { Clock } from '#engine/base/clock'
import type { HttpRequest, HttpResponse } from '#engine/base/http'
import type { Random } from '#engine/base/random'
import type { GroupVersionKind, KubeObject } from '#engine/api/object'
import type { Authorizer } from '#engine/apiserver/authorization/authorizer'
import type { UserInfo } from '#engine/apiserver/authentication/user'
import type { ServedResource } from '#engine/apiserver/registry/served'

/** A resource by its full name: `pods`, `deployments.apps`, `widgets.example.com`. The storage version is meant. */
export type ResourceName = string

/**
 * Reads from the watch cache, never older than the last write this server has made. Objects are shared: never mutate them.
 * Unknown resources read as empty.
 */
export interface ObjectReader {
  get(resource: ResourceName, namespace: string, name: string): Promise<KubeObject | undefined>
  /** All of a namespace, or with '' all there are. */
  list(resource: ResourceName, namespace?: string): Promise<readonly KubeObject[]>
  /** By one of the indexes of the cache: `pods` by `spec.nodeName`. */
  indexed(resource: ResourceName, index: string, value: string): Promise<readonly KubeObject[]>
  /** True where it is known without waiting that there is nothing of a resource: what is so of most that admission asks for. */
  hasNone(resource: ResourceName): boolean
  /** What can be read without waiting, where the caches of all these are up to date. */
  standing(resources: readonly ResourceName[]): StandingReader | undefined
}

export interface StandingReader {
  get(resource: ResourceName, namespace: string, name: string): KubeObject | undefined
  list(resource: ResourceName, namespace?: string): readonly KubeObject[]
}

/** Requests to this very server as `system:apiserver`, through the whole chain. Failures are StatusErrors. */
export interface LoopbackClient {
  get(resource: ResourceName, namespace: string, name: string): Promise<KubeObject>
  list(resource: ResourceName, namespace: string, query?: Readonly<Record<string, string>>): Promise<readonly KubeObject[]>
  create(resource: ResourceName, namespace: string, object: KubeObject, query?: Readonly<Record<string, string>>): Promise<KubeObject>
  update(resource: ResourceName, object: KubeObject, subresource?: string): Promise<KubeObject>
  patch(resource: ResourceName, namespace: string, name: string, patch: unknown, type: 'application/merge-patch+json' | 'application/strategic-merge-patch+json' | 'application/json-patch+json', subresource?: string): Promise<KubeObject>
  delete(resource: ResourceName, namespace: string, name: string, options?: unknown): Promise<void>
}

/** The way out of the server: to kubelets, to services of the cluster (webhooks, aggregated APIs), to URLs. */
export interface Dialer {
  /** An HTTPS exchange with a Service's port; `roots` is PEM. Rejects with the socket's error. */
  service(target: { readonly namespace: string; readonly name: string; readonly port: number }, request: HttpRequest, options: DialTls): Promise<HttpResponse>
  /** An exchange with an absolute URL. */
  url(url: string, request: HttpRequest, options: DialTls): Promise<HttpResponse>
  /** An exchange with a node's kubelet, with the server's kubelet client certificate. */
  kubelet(target: { readonly nodeName: string; readonly address: string; readonly port: number; readonly scheme?: 'https' | 'http' }, request: HttpRequest): Promise<HttpResponse>
  /** A plain exchange with a pod or service endpoint (the proxy subresources). */
  endpoint(target: { readonly address: string; readonly port: number; readonly scheme: 'http' | 'https' }, request: HttpRequest): Promise<HttpResponse>
}

export interface DialTls {
  readonly roots?: string
  readonly insecureSkipVerify?: boolean
  readonly timeoutMs?: number
  /** PEM of a client certificate and its key. */
  readonly certificate?: string
  readonly key?: string
  /** Present the front-proxy client certificate (aggregated APIs). */
  readonly proxyClient?: boolean
}

/** What is served, built-in and custom, as it is now. */
export interface ResourceCatalog {
  /** The definition served at a group, version and resource. */
  find(group: string, version: string, resource: string): ServedResource | undefined
  /** Any served version of a kind; the preferred one first. */
  ofKind(group: string, kind: string, version?: string): ServedResource | undefined
  /** The preferred version of `pods` or `deployments.apps`. */
  named(resource: ResourceName): ServedResource | undefined
  all(): readonly ServedResource[]
  /** Conversion between served versions of one kind. */
  convert(object: KubeObject, to: GroupVersionKind): Promise<KubeObject>
}

/** Values of flags that strategies and plugins ask for. */
export interface ServerSettings {
  /** `10.96.0.0/12`, or two of them separated by a comma. */
  readonly serviceClusterIpRange: string
  /** `30000-32767`. */
  readonly serviceNodePortRange: string
  readonly featureGates: ReadonlyMap<string, boolean>
  readonly defaultNotReadyTolerationSeconds: number
  readonly defaultUnreachableTolerationSeconds: number
  /** `--admission-control-config-file`: by plugin name, the parsed configuration. */
  readonly admissionConfiguration: ReadonlyMap<string, KubeObject>
  readonly apiAudiences: readonly string[]
  readonly serviceAccountIssuer: string
  readonly allowPrivileged: boolean
  readonly eventTtlMs: number
  /** Where the `kubernetes` service leads; absent where there is none. */
  readonly advertiseAddress?: string
  readonly securePort?: number
  /** The release of the binary, where it is another than the simulated one: `v1.35.5`. */
  readonly gitVersion?: string
}

export interface ServerServices {
  readonly clock: Clock
  readonly random: Random
  readonly reader: ObjectReader
  readonly client: LoopbackClient
  readonly authorizer: Authorizer
  readonly dialer: Dialer
  readonly resources: ResourceCatalog
  readonly settings: ServerSettings
  /** The addresses of all API servers, each time they have changed; absent where this server is known to be the only one. */
  masters?(): AsyncIterable<readonly string[]>
  /** A token's user, for TokenReview; undefined where it is not accepted. */
  authenticateToken(token: string, audiences: readonly string[]): Promise<{ readonly user: UserInfo; readonly audiences: readonly string[] } | { readonly error: string } | undefined>
  log(line: string): void
}
