/** kube-apiserver: the composition of its parts, and the chain a request goes through. */
import { gatedKinds } from './schema/gated'
import type { Clock } from '#engine/base/clock'
import type { HttpHandler, HttpRequest, HttpResponse } from '#engine/base/http'
import type { Random } from '#engine/base/random'
import { SignalFan } from '#engine/base/signals'
import type { MasterLeases } from '#engine/apiserver/bootstrap/master-leases'
import type { Etcd } from '#engine/etcd/api'
import { failure } from '#engine/api/status'
import type { TokenSigner } from './actions/action'
import { AdmissionChain } from './admission/chain'
import { Auditor, type Auditing } from './audit/auditor'
import { admissionPlugins } from './admission/plugins'
import type { AuthorizationAttributes, AuthorizationDecision, Authorizer } from './authorization/authorizer'
import { authorizers } from './authorization/authorizers'
import { RequestAuthenticator, type CertificateAuthentication } from './authentication/authenticator'
import { TokenAuthenticator, type TokenOptions } from './authentication/tokens'
import type { BootstrapHook } from './bootstrap'
import { authenticationInfo, identityLease, localApiServices } from './bootstrap/server'
import { Catalog } from './catalog'
import { authorize, impersonated, impersonates } from './chain/authorize'
import type { Call } from './chain/call'
import { requestInfo, type RequestInfo } from './chain/info'
import { prettied, statusResponse, textResponse, toStatus, warningHeaders } from './chain/respond'
import { Dispatcher } from './dispatch'
import type { OpenIdKeys } from './dispatch-options'
import { jwk, jwtAlgorithm } from '#engine/base/pki/jwt'
import type { PublicKey } from '#engine/base/pki/keys'
import { Metrics } from './endpoints/metrics'
import { FlowControl } from './flowcontrol/flow-control'
import { Seats } from './flowcontrol/seats'
import { AllocationRepair } from './registry/allocators/repair'
import { convertObject } from './registry/conversions'
import { keepUp } from './bootstrap/upkeep'
import { bootstrapHooks } from './registry/hooks'
import type { UserInfo } from '#engine/apiserver/authentication/user'
import { resourceDefinitions } from './registry/resources'
import type { Dialer, ServerServices, ServerSettings } from './services'
import { CacheReader } from './services/reader'
import { Loopback } from './services/loopback'
import { Compactor } from './storage/compactor'
import { Leases } from './storage/leases'
import type { Transformer } from './storage/codec'

export interface ApiServerOptions {
  readonly clock: Clock
  readonly random: Random
  readonly etcd: Etcd
  /** What tells which other servers there are. */
  readonly masters?: MasterLeases
  /** Default `/registry`. */
  readonly etcdPrefix?: string
  readonly authentication?: Partial<CertificateAuthentication> & { readonly tokens?: Partial<TokenOptions> }
  /** Modes in order; default `AlwaysAllow`. */
  readonly authorizationModes?: readonly string[]
  /** `--runtime-config`; absent: all versions are served. */
  readonly servesVersion?: (group: string, version: string) => boolean
  /** Versions that --runtime-config asks for by name. */
  readonly asksForVersion?: (group: string, version: string) => boolean
  readonly enableAdmissionPlugins?: readonly string[]
  readonly disableAdmissionPlugins?: readonly string[]
  readonly settings?: Partial<ServerSettings>
  readonly dialer?: Dialer
  /** Encryption at rest, by `secrets` or `widgets.example.com`. */
  readonly transformer?: (resource: string) => Transformer | undefined
  /** Signs tokens; absent: TokenRequest is not served. */
  readonly tokenSigner?: TokenSigner
  /** A line for the server's log, with its klog severity as first letter. */
  readonly log?: (line: string) => void
  /** Which requests are told of, and to whom. */
  readonly audit?: Auditing
  readonly hostname?: string
  /** The server goes on where a snapshot was taken: nobody may see that it was away. */
  readonly resumed?: boolean
  /** `--etcd-compaction-interval`; 0: never. */
  readonly compactionIntervalMs?: number
  /** Aborted when the server's process ends. */
  readonly watchUntil?: AbortSignal
}

export const defaultSettings: ServerSettings = {
  serviceClusterIpRange: '10.96.0.0/12', serviceNodePortRange: '30000-32767', featureGates: new Map(), defaultNotReadyTolerationSeconds: 300,
  defaultUnreachableTolerationSeconds: 300, admissionConfiguration: new Map(), apiAudiences: ['https://kubernetes.default.svc.cluster.local'],
  serviceAccountIssuer: 'https://kubernetes.default.svc.cluster.local', allowPrivileged: true, eventTtlMs: 3_600_000,
}

export const loopbackUser: UserInfo = { username: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] }

const accepted = { result: 'success' }
const refused = { result: 'error' }

/** `--max-requests-inflight` and `--max-mutating-requests-inflight` together. */
const inFlightLimit = 600
/** What the queues of all priority levels hold, about. */
const longestLine = 20_000

export class ApiServer {
  readonly catalog: Catalog
  readonly services: ServerServices
  readonly metrics = new Metrics()
  readonly handle: HttpHandler = (request) => this.serve(request)
  readonly hooksDone = new Set<string>()
  private readonly authenticator: RequestAuthenticator
  private readonly authorizer: Authorizer
  private readonly dispatcher: Dispatcher
  private readonly flowControl: FlowControl
  private readonly auditor: Auditor | undefined
  private readonly seats = new Seats(inFlightLimit, longestLine)
  private readonly stopping = new AbortController()
  /** Who waits for the end, each with a signal of its own. */
  private readonly ends = new SignalFan(this.stopping.signal)

  constructor(private readonly options: ApiServerOptions) {
    const { clock, random, etcd } = options
    const settings = { ...defaultSettings, ...options.settings }
    const log = options.log ?? ((): void => undefined)
    this.catalog = new Catalog({ etcd, clock, prefix: options.etcdPrefix ?? '/registry', ...(options.transformer ? { transformer: options.transformer } : {}), views: builtinViews, resumed: options.resumed ?? false, ...(options.servesVersion ? { serves: options.servesVersion } : {}), gated: gatedKinds.filter(({ gate, group, version }) => (settings.featureGates.get(gate) ?? settings.featureGates.get('AllBeta')) === true && options.asksForVersion?.(group, version) === true) }, resourceDefinitions)
    const reader = new CacheReader(this.catalog)
    const client = new Loopback((request) => this.serveAs(loopbackUser, request), this.catalog)
    const tokens = new TokenAuthenticator(clock, { issuers: [settings.serviceAccountIssuer], serviceAccountKeys: () => [], audiences: settings.apiAudiences, bootstrap: false, static: new Map(), ...options.authentication?.tokens }, () => reader)
    const base = { clock, random, reader, client, dialer: options.dialer ?? noWayOut, resources: this.catalog, settings, log, authenticateToken: (token: string, audiences: readonly string[]) => tokens.authenticate(token, audiences.length > 0 ? audiences : undefined) }
    this.authorizer = authorizerOf(options.authorizationModes ?? ['AlwaysAllow'], base)
    const { masters } = options
    this.services = { ...base, authorizer: this.authorizer, ...(masters ? { masters: () => masters.follow(this.ends.child()) } : {}) }
    this.authenticator = new RequestAuthenticator(clock, { anonymous: true, ...options.authentication }, tokens, log)
    this.flowControl = new FlowControl(this.catalog, this.services)
    this.auditor = options.audit ? new Auditor(counted(options.audit, this.metrics), clock) : undefined
    const leases = new Leases(etcd, clock)
    const admission = new AdmissionChain(admissionPlugins.filter((plugin) => isEnabled(plugin.name, plugin.enabledByDefault, options)).map((plugin) => plugin.create(this.services)))
    this.dispatcher = new Dispatcher({
      core: { clock, random, catalog: this.catalog, admission, services: this.services, leaseFor: (ttlMs) => leases.grant(ttlMs) },
      etcd, metrics: this.metrics, flowControl: this.flowControl, hooksDone: this.hooksDone, shuttingDown: () => this.stopping.signal.aborted,
      ...(options.tokenSigner ? { tokenSigner: options.tokenSigner } : {}), hostname: options.hostname ?? 'localhost', keys: openIdKeys(settings, options),
    })
  }

  /** Runs the post-start hooks. Resolves when all have run; each is tried again until it succeeds. */
  async start(): Promise<void> {
    void new Compactor(this.options.etcd, this.options.clock, this.options.compactionIntervalMs ?? 300_000).run(this.ends.child()).catch(() => undefined)
    this.catalog.begin((await this.options.etcd.range({ key: '/registry/health', limit: 1 })).header.revision)
    await this.dispatcher.start(this.ends.child())
    for (const hook of [...bootstrapHooks, ...this.ownHooks()]) {
      await this.runHook(hook.name, () => hook.run(this.services))
      if (this.stopping.signal.aborted) return
    }
    await this.flowControl.start(this.ends.child())
    await this.runHook('start-service-ip-repair-controllers', () => this.repair().start(this.ends.child()))
    for (const { upkeep } of bootstrapHooks) if (upkeep) keepUp(upkeep, this.catalog, this.services, this.ends.child())
    this.hooksDone.add('*')
  }

  /** Ends watches and background work; requests are refused from now on. */
  stop(): void {
    this.stopping.abort(new Error('the server is stopping'))
    this.catalog.close()
  }

  private repair(): AllocationRepair {
    const { etcd, etcdPrefix = '/registry' } = this.options
    return new AllocationRepair(this.catalog, this.services, async (bytes) => void (await etcd.put({ key: `${etcdPrefix}/ranges/servicenodeports`, value: { bytes } })))
  }

  private ownHooks(): BootstrapHook[] {
    const { authentication, hostname } = this.options
    const header = authentication?.requestHeader
    return [
      localApiServices, authenticationInfo({ clientCa: authentication?.clientCa?.(), requestHeader: header ? { ...header, ca: header.ca() ?? '' } : undefined }),
      ...(hostname === undefined ? [] : [identityLease(hostname, this.ends.child())]),
    ]
  }

  private async runHook(name: string, run: () => Promise<void>): Promise<void> {
    for (let delayMs = 100; !this.stopping.signal.aborted; delayMs = Math.min(delayMs * 2, 5000)) {
      try {
        await run()
        this.hooksDone.add(name)
        return
      } catch (error) {
        this.services.log(`E PostStartHook ${JSON.stringify(name)} failed: ${error instanceof Error ? error.message : String(error)}`)
        await this.options.clock.sleep(delayMs, this.stopping.signal).catch(() => undefined)
      }
    }
  }

  /** A request whose user is already known. */
  async serveAs(user: UserInfo, request: HttpRequest): Promise<HttpResponse> {
    const call = this.callOf(user, request)
    try {
      return await this.dispatcher.dispatch(call)
    } catch (error) {
      return statusResponse(toStatus(error), request.headers['accept'])
    }
  }

  private async serve(request: HttpRequest): Promise<HttpResponse> {
    const started = this.options.clock.now()
    const info = requestInfo(request.method, request.path)
    const id = request.headers['audit-id'] || this.options.random.uuid()
    const found = this.authenticator.authenticate(request)
    const authentication = found instanceof Promise ? await found : found
    if ('error' in authentication) {
      this.metrics.add('authentication_attempts', refused)
      this.auditor?.refused({ id, request, info })
      return withHeaders(prettied(request, statusResponse(failure(401, 'Unauthorized', 'Unauthorized').status, request.headers['accept'])), { 'audit-id': id })
    }
    const trail = this.auditor?.begin({ id, request, info, user: authentication.user })
    const { call, response } = await this.serveUser(authentication.user, request, info)
    this.metrics.observe({ info, code: response.status, durationMs: this.options.clock.now() - started, longRunning: isLongRunning(info) })
    this.metrics.add('authentication_attempts', accepted)
    const answer = trail ? trail.answered(call, response, isLongRunning(info)) : response
    return withHeaders(prettied(request, answer), this.headersOf(id, call))
  }

  /** The request's own number, and the uids of the flow schema and the priority level that it fell under. */
  private headersOf(id: string, { user, info }: Call): Record<string, string> {
    const flow = isLongRunning(info) && info.verb !== 'watch' ? undefined : this.flowControl.classify(user, info)
    return flow ? { 'audit-id': id, 'x-kubernetes-pf-flowschema-uid': flow.schemaUid, 'x-kubernetes-pf-prioritylevel-uid': flow.levelUid } : { 'audit-id': id }
  }

  private async serveUser(realUser: UserInfo, request: HttpRequest, info: RequestInfo): Promise<{ call: Call; response: HttpResponse }> {
    let call = this.callOf(realUser, request, info)
    const long = isLongRunning(info)
    try {
      const other = impersonates(request) ? await impersonated(this.authorizer, realUser, request) : undefined
      if (other) call = { ...call, user: other }
      const pending = authorize(this.authorizer, call.user, info, call.annotations)
      if (pending) await pending
      // Long requests hold no seat, and administrators are exempt.
      if (long || call.user.groups.includes('system:masters')) return { call, response: await this.dispatcher.dispatch(call) }
      return { call, response: await this.seated(call) }
    } catch (error) {
      const status = toStatus(error)
      if (status.code === 500 && status.reason === undefined) this.services.log(`E ${status.message ?? ''}`)
      return { call, response: statusResponse(status, request.headers['accept'], warningHeaders(call.warnings)) }
    }
  }

  private async seated(call: Call): Promise<HttpResponse> {
    const wait = this.seats.take()
    if (wait === false) return textResponse(429, 'Too many requests, please try again later.\n', { 'retry-after': '1' })
    if (wait) await wait
    try {
      return await this.dispatcher.dispatch(call)
    } finally {
      this.seats.leave()
    }
  }

  private callOf(user: UserInfo, http: HttpRequest, info = requestInfo(http.method, http.path)): Call {
    return { http, info, user, nowMs: this.options.clock.now(), warnings: [], annotations: {} }
  }
}

function openIdKeys(settings: ServerSettings, options: ApiServerOptions): OpenIdKeys {
  const keys = (): readonly PublicKey[] => options.authentication?.tokens?.serviceAccountKeys?.() ?? []
  return {
    configuration: () => ({
      issuer: settings.serviceAccountIssuer, jwks_uri: `https://${settings.advertiseAddress ?? '127.0.0.1'}:${settings.securePort ?? 6443}/openid/v1/jwks`,
      response_types_supported: ['id_token'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: [...new Set(keys().map(jwtAlgorithm))],
    }),
    jwks: () => ({ keys: keys().map(jwk) }),
  }
}

const builtinViews = Object.fromEntries(([
  ['autoscaling/v1/horizontalpodautoscalers', 'autoscaling', 'v1', { group: 'autoscaling', version: 'v2', resource: 'horizontalpodautoscalers' }],
  ['events.k8s.io/v1/events', 'events.k8s.io', 'v1', { group: '', version: 'v1', resource: 'events' }],
] as const).map(([path, group, version, storedAs]) => [path, {
  storedAs,
  view: { toStorage: (object: Parameters<typeof convertObject>[0]) => convertObject(object, storedAs.group, storedAs.version), fromStorage: (object: Parameters<typeof convertObject>[0]) => convertObject(object, group, version) },
}]))

function isEnabled(name: string, byDefault: boolean, options: ApiServerOptions): boolean {
  if (options.enableAdmissionPlugins?.includes(name)) return true
  return byDefault && !options.disableAdmissionPlugins?.includes(name)
}

function authorizerOf(modes: readonly string[], services: Omit<ServerServices, 'authorizer'>): Authorizer {
  const list = modes.flatMap((mode) => authorizers.filter((registration) => registration.mode === mode).map((registration) => registration.create(services)))
  const always: Authorizer = { authorize: ({ user }) => (user.groups.includes('system:masters') ? { decision: 'allow', reason: '' } : { decision: 'no-opinion', reason: '' }) }
  return new AuthorizerUnion([always, ...list])
}

/** The first authorizer with an opinion decides. */
class AuthorizerUnion implements Authorizer {
  constructor(private readonly list: readonly Authorizer[]) {}

  authorize(attributes: AuthorizationAttributes): AuthorizationDecision | Promise<AuthorizationDecision> {
    return this.from(0, attributes, [])
  }

  /** Goes on with one of the list; those before had no opinion. */
  private from(index: number, attributes: AuthorizationAttributes, before: readonly AuthorizationDecision[]): AuthorizationDecision | Promise<AuthorizationDecision> {
    const authorizer = this.list[index]
    if (!authorizer) return undecided(before)
    const answer = authorizer.authorize(attributes)
    const next = (decision: AuthorizationDecision): AuthorizationDecision | Promise<AuthorizationDecision> => (decision.decision === 'no-opinion' ? this.from(index + 1, attributes, [...before, decision]) : decision)
    return answer instanceof Promise ? answer.then(next) : next(answer)
  }

  async rulesFor(user: UserInfo, namespace: string): Promise<Awaited<ReturnType<NonNullable<Authorizer['rulesFor']>>>> {
    const all = await Promise.all(this.list.flatMap((authorizer) => (authorizer.rulesFor ? [authorizer.rulesFor(user, namespace)] : [])))
    const error = all.map((rules) => rules.evaluationError).find((text) => text)
    return {
      resourceRules: all.flatMap((rules) => rules.resourceRules), nonResourceRules: all.flatMap((rules) => rules.nonResourceRules),
      incomplete: all.some((rules) => rules.incomplete), ...(error ? { evaluationError: error } : {}),
    }
  }
}

function undecided(decisions: readonly AuthorizationDecision[]): AuthorizationDecision {
  const errors = decisions.flatMap(({ evaluationError }) => evaluationError || [])
  return { decision: 'no-opinion', reason: decisions.flatMap(({ reason }) => reason || []).join('\n'), ...(errors.length > 0 ? { evaluationError: errors.join(', ') } : {}) }
}

function isLongRunning(info: RequestInfo): boolean {
  return info.verb === 'watch' || ['attach', 'exec', 'proxy', 'log', 'portforward'].includes(info.subresource)
}

/** Each event that is told is counted. */
function counted({ policy, sink }: Auditing, metrics: Metrics): Auditing {
  return {
    policy,
    sink: (event) => {
      metrics.add('apiserver_audit_event_total', {})
      sink(event)
    },
  }
}

function withHeaders(response: HttpResponse, headers: Readonly<Record<string, string>>): HttpResponse {
  return { ...response, headers: { ...headers, ...response.headers } }
}

const noWayOut: Dialer = {
  service: () => Promise.reject(new Error('connection refused')),
  url: () => Promise.reject(new Error('connection refused')),
  kubelet: () => Promise.reject(new Error('connection refused')),
  endpoint: () => Promise.reject(new Error('connection refused')),
}
