/** The plugins of the DNS server in the order of their chain, and those of the real one that this one does not have. */
import { Client } from '#engine/client/client'
import { type ClientConfig, clientConfigFromFile, inClusterConfig } from '#engine/client/config'
import { dialTransport } from '#engine/client/dial'
import { parseV4 } from '#engine/linux/net/address'
import { parseHosts } from '#engine/linux/net/dns/resolver'
import type { DnsRecord } from '#engine/linux/net/dns/message'
import { type Directive, reverseZone } from '#engine/network/dns/corefile'
import { forward } from '#engine/network/dns/forward'
import { KubernetesNames, type KubernetesOptions } from '#engine/network/dns/kubernetes'
import { type DnsAnswer, empty, inZone, type Plugin, type Setup, type SetupContext, SetupError, setupError } from '#engine/network/dns/plugin'
import { rewrite } from '#engine/network/dns/rewrite'
import { template } from '#engine/network/dns/template'

function zones(args: readonly string[], context: SetupContext): string[] {
  const given = args.length > 0 ? args : context.zones
  return given.map((zone) => (zone === '.' ? '.' : `${reverseZone(zone).toLowerCase().replace(/\.$/, '')}.`))
}

const plain = (name: string): Setup => () => ({ name })

const kubernetesProperties = new Set(['pods', 'fallthrough', 'ttl', 'namespaces', 'endpoint_pod_names', 'endpoint', 'tls', 'kubeconfig', 'labels', 'namespace_labels', 'transfer', 'noendpoints', 'ignore', 'upstream', 'resyncperiod', 'startup_timeout', 'apiserver_qps', 'apiserver_burst', 'apiserver_max_inflight'])

const kubernetes: Setup = (directive, context) => {
  const options = kubernetesOptions(directive, context)
  const names = new KubernetesNames(connect(directive, context), context, options)
  return {
    name: 'kubernetes',
    handle: async (query, next) => {
      const answer = names.answer(query)
      if (!answer) return next(query)
      return followAlias(answer, query, next, names)
    },
    start: () => startKubernetes(names, context),
    ready: () => names.synced,
  }
}

/** The target of an ExternalName is looked up too, here or at the next server. */
async function followAlias(answer: DnsAnswer, query: Parameters<NonNullable<Plugin['handle']>>[0], next: Parameters<NonNullable<Plugin['handle']>>[1], names: KubernetesNames): Promise<DnsAnswer> {
  const alias = answer.answers[0]
  if (alias?.type !== 'CNAME' || query.question.type === 'CNAME') return answer
  const target = { ...query, name: alias.data.toLowerCase(), question: { name: alias.data.replace(/\.$/, ''), type: query.question.type } }
  const found = names.answer(target) ?? (await next(target))
  return { ...answer, answers: [...answer.answers, ...(found?.answers ?? [])] }
}

async function startKubernetes(names: KubernetesNames, context: SetupContext): Promise<void> {
  names.start(context.signal)
  context.log('[INFO] plugin/kubernetes: waiting for Kubernetes API before starting server')
  let waiting = true
  const timeout = context.clock.sleep(5000, context.signal).catch(() => undefined).then(() => 'late' as const)
  const outcome = await Promise.race([names.whenSynced().then(() => 'synced' as const), timeout])
  waiting = false
  if (outcome === 'late' && !waiting) context.log('[WARNING] plugin/kubernetes: starting server with unsynced Kubernetes API')
}

function connect(directive: Directive, context: SetupContext): Client {
  const read = (path: string): string => context.process.files.readText(path)
  const kubeconfig = directive.block?.find((line) => line.words[0] === 'kubeconfig')?.words[1]
  let config: ClientConfig
  try {
    config = kubeconfig === undefined ? inClusterConfig(context.process.env, read) : clientConfigFromFile(read, kubeconfig)
  } catch (error) {
    throw new SetupError(`plugin/kubernetes: ${(error as Error).message}`)
  }
  return new Client(dialTransport(config, context.process.net, read, { wordFailures: true }), { userAgent: 'coredns/1.13.1 git_commit:1db4568df' })
}

function kubernetesOptions(directive: Directive, context: SetupContext): KubernetesOptions {
  const bad = directive.block?.find((line) => !kubernetesProperties.has(line.words[0] ?? ''))
  if (bad) throw setupError(context, 'kubernetes', bad.line, `unknown property '${bad.words[0] ?? ''}'`)
  const property = (name: string): readonly string[] | undefined => directive.block?.find((line) => line.words[0] === name)?.words.slice(1)
  const podMode = property('pods')?.[0] ?? 'disabled'
  if (podMode !== 'disabled' && podMode !== 'insecure' && podMode !== 'verified') throw setupError(context, 'kubernetes', directive.line, `wrong value for pods: ${podMode},  must be one of: disabled, verified, insecure`)
  const ttl = Number(property('ttl')?.[0] ?? 5)
  if (Number.isNaN(ttl) || ttl < 0 || ttl > 3600) throw setupError(context, 'kubernetes', directive.line, `ttl must be in range [0, 3600]: ${ttl}`)
  return { zones: zones(directive.args, context), ttl, pods: podMode, fallthrough: property('fallthrough')?.map((zone) => `${zone.replace(/\.$/, '')}.`), namespaces: property('namespaces') ?? [], ignoreEmptyService: property('ignore')?.[0] === 'empty_service', endpointPodNames: property('endpoint_pod_names') !== undefined }
}

const cacheLimit = 9984

/** Keeps what others answered; `disable success|denial ZONES` leaves zones out. */
const cache: Setup = (directive, context) => {
  const hasTtl = /^\d+$/.test(directive.args[0] ?? '')
  const maxTtl = hasTtl ? Number(directive.args[0]) : 3600
  const cached = zones(hasTtl ? directive.args.slice(1) : directive.args, context)
  const disabled = (directive.block ?? []).filter((line) => line.words[0] === 'disable').map((line) => ({ kind: line.words[1] ?? '', zones: zones(line.words.slice(2), context) }))
  const bad = directive.block?.find((line) => !/^(success|denial|prefetch|serve_stale|servfail|disable|keepttl)$/.test(line.words[0] ?? ''))
  if (bad) throw setupError(context, 'cache', bad.line, `Wrong argument count or unexpected line ending after '${bad.words[0] ?? ''}'`)
  const kept = new Map<string, { readonly answer: DnsAnswer; readonly at: number; readonly until: number }>()
  return {
    name: 'cache',
    handle: async (query, next) => {
      if (!cached.some((zone) => inZone(query.name, zone))) return next(query)
      const key = `${query.question.type} ${query.name}`
      const now = context.clock.now()
      const hit = kept.get(key)
      if (hit && hit.until > now) return aged(hit.answer, Math.floor((now - hit.at) / 1000))
      const answer = await next(query)
      const kind = answer?.code === 'NOERROR' && answer.answers.length > 0 ? 'success' : 'denial'
      if (answer && (answer.code === 'NOERROR' || answer.code === 'NXDOMAIN') && !disabled.some((each) => each.kind === kind && each.zones.some((zone) => inZone(query.name, zone)))) {
        const ttl = Math.min(maxTtl, ...[...answer.answers, ...answer.authority].map((record) => record.ttl))
        kept.set(key, { answer, at: now, until: now + Math.max(ttl, 5) * 1000 })
        if (kept.size > cacheLimit) kept.delete(kept.keys().next().value as string)
      }
      return answer
    },
  }
}

function aged(answer: DnsAnswer, by: number): DnsAnswer {
  const older = (records: readonly DnsRecord[]): DnsRecord[] => records.map((record) => ({ ...record, ttl: Math.max(0, record.ttl - by) }))
  return { ...answer, answers: older(answer.answers), authority: older(answer.authority) }
}

const hosts: Setup = (directive, context) => {
  const path = directive.args[0]?.startsWith('/') ? directive.args[0] : undefined
  const served = zones(path === undefined ? directive.args : directive.args.slice(1), context)
  const lines = directive.block ?? []
  const fallthrough = lines.find((line) => line.words[0] === 'fallthrough')?.words.slice(1)
  const ttl = Number(lines.find((line) => line.words[0] === 'ttl')?.words[1] ?? 3600)
  const inline = parseHosts(lines.filter((line) => parseV4(line.words[0] ?? '') !== undefined || (line.words[0] ?? '').includes(':')).map((line) => line.words.join(' ')).join('\n'))
  const bad = lines.find((line) => !/^(fallthrough|ttl|reload|no_reverse)$/.test(line.words[0] ?? '') && parseV4(line.words[0] ?? '') === undefined && !(line.words[0] ?? '').includes(':'))
  if (bad) throw setupError(context, 'hosts', bad.line, `unknown property "${bad.words[0] ?? ''}"`)
  const entries = (): typeof inline => [...inline, ...(path ?? (lines.length === 0 ? '/etc/hosts' : undefined) ? readHostsFile(context, path ?? '/etc/hosts') : [])]
  return {
    name: 'hosts',
    handle: (query, next) => {
      if (!served.some((zone) => inZone(query.name, zone))) return next(query)
      const name = query.name.replace(/\.$/, '')
      const found = entries().filter((entry) => entry.names.some((each) => each.toLowerCase() === name))
      const falls = fallthrough !== undefined && (fallthrough.length === 0 || fallthrough.some((zone) => inZone(query.name, `${zone.replace(/\.$/, '')}.`)))
      if (found.length === 0) return falls ? next(query) : Promise.resolve(undefined)
      const type = query.question.type
      const answers = found.filter((entry) => (type === 'A') === !entry.address.includes(':') && (type === 'A' || type === 'AAAA')).map((entry): DnsRecord => ({ name: query.question.name, type, ttl, data: entry.address }))
      return Promise.resolve({ code: 'NOERROR', authoritative: true, answers, authority: [], additional: [] })
    },
  }
}

function readHostsFile(context: SetupContext, path: string): ReturnType<typeof parseHosts> {
  return context.process.files.exists(path) ? parseHosts(context.process.files.readText(path)) : []
}

const loadbalance: Setup = (_directive, context) => ({
  name: 'loadbalance',
  handle: async (query, next) => {
    const answer = await next(query)
    if (!answer || answer.answers.length < 2) return answer
    const aliases = answer.answers.filter((record) => record.type === 'CNAME')
    const rest = answer.answers.filter((record) => record.type !== 'CNAME')
    const turn = context.random.integer(rest.length)
    return { ...answer, answers: [...aliases, ...rest.slice(turn), ...rest.slice(0, turn)] }
  },
})

const whoami: Setup = () => ({
  name: 'whoami',
  handle: (query) => Promise.resolve({ ...empty('NOERROR'), additional: [{ name: query.question.name, type: 'A', ttl: 0, data: query.from.address }, { name: `_${query.transport}.${query.question.name}`, type: 'SRV', ttl: 0, data: `0 0 ${query.from.port} .` }] }),
})

const acl: Setup = (directive, context) => {
  throw setupError(context, directive.name, directive.line, `the ${directive.name} plugin is not supported in this simulation`)
}

/** In the order in which a query passes them; `undefined` are plugins of the real server that are not here. */
export const pluginTable: readonly (readonly [string, Setup | undefined])[] = [
  ['root', undefined], ['metadata', plain('metadata')], ['geoip', undefined], ['cancel', plain('cancel')], ['tls', undefined], ['quic', undefined], ['grpc_server', undefined], ['https', undefined], ['https3', undefined], ['timeouts', plain('timeouts')], ['multisocket', plain('multisocket')],
  ['reload', plain('reload')], ['nsid', plain('nsid')], ['bufsize', plain('bufsize')], ['bind', plain('bind')], ['debug', plain('debug')], ['trace', undefined], ['ready', plain('ready')], ['health', plain('health')], ['pprof', plain('pprof')], ['prometheus', plain('prometheus')],
  ['errors', plain('errors')], ['log', plain('log')], ['dnstap', undefined], ['local', plain('local')], ['dns64', undefined], ['acl', acl], ['any', plain('any')], ['chaos', plain('chaos')], ['loadbalance', loadbalance], ['tsig', undefined], ['cache', cache], ['rewrite', rewrite], ['header', plain('header')],
  ['dnssec', undefined], ['autopath', undefined], ['minimal', plain('minimal')], ['template', template], ['transfer', undefined], ['hosts', hosts], ['route53', undefined], ['azure', undefined], ['clouddns', undefined], ['k8s_external', undefined], ['kubernetes', kubernetes], ['file', undefined], ['auto', undefined], ['secondary', undefined],
  ['etcd', undefined], ['loop', plain('loop')], ['forward', forward], ['grpc', undefined], ['erratic', undefined], ['whoami', whoami], ['on', undefined], ['sign', undefined], ['view', undefined], ['nomad', undefined],
]
