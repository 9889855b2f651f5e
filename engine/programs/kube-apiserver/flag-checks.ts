/** What the values of flags must be, beyond their types: in the order and the words in which the server complains. */
import { admissionPlugins } from '#engine/apiserver/admission/plugins'
import { authorizers } from '#engine/apiserver/authorization/authorizers'
import { builtinDiscovery } from '#engine/apiserver/catalog'
import { parseNetwork } from '#engine/api/validation/addresses'
import type { Flags } from '#engine/programs/common/cobra/flags'
import { componentVersionProblem, featureGateProblem } from '#engine/programs/common/component/feature-gates'
import { StartError } from './files'

type Check = (flags: Flags) => readonly string[]

/** Throws StartError. */
export function checkVersions(flags: Flags, warn: (line: string) => void): void {
  const wrong = componentVersionProblem(flags.list('emulated-version')) ?? componentVersionProblem(flags.list('min-compatibility-version')) ?? featureGateProblem(flags, warn)
  if (wrong !== undefined) throw new StartError(wrong)
}

/** Throws StartError. */
export function checkFlags(flags: Flags): void {
  for (const name of unsupported) if (flags.changed(name)) throw new StartError(`--${name} is not supported by this simulated server`)
  const problems = checks.flatMap((check) => check(flags))
  if (problems.length > 0) throw new StartError(problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`)
}

export function modes(flags: Flags): readonly string[] {
  const given = flags.list('authorization-mode')
  return given.length === 0 ? ['AlwaysAllow'] : given
}

/** Flags whose promise this server cannot keep. */
const unsupported = [
  'authentication-token-webhook-config-file', 'authorization-webhook-config-file', 'authorization-policy-file', 'audit-webhook-config-file', 'egress-selector-config-file', 'oidc-issuer-url', 'oidc-client-id',
  'service-account-signing-endpoint', 'tracing-config-file', 'etcd-servers-overrides', 'debug-socket-path',
]

const checks: readonly Check[] = [storage, limits, network, serving, authentication, authorization, audit, admission, groups]

function storage(flags: Flags): string[] {
  const out: string[] = []
  if (flags.list('etcd-servers').length === 0) out.push('--etcd-servers must be specified')
  const backend = flags.string('storage-backend')
  if (backend !== '' && backend !== 'etcd3') out.push("--storage-backend invalid, allowed values: etcd3. If not specified, it will default to 'etcd3'")
  const media = flags.string('storage-media-type')
  const known = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
  if (!known.includes(media)) out.push(`--storage-media-type ${JSON.stringify(media)} invalid, allowed values: ${[...known].sort().join(', ')}`)
  if (flags.bool('encryption-provider-config-automatic-reload') && flags.string('encryption-provider-config') === '') out.push('--encryption-provider-config-automatic-reload must be set with --encryption-provider-config')
  return out
}

function limits(flags: Flags): string[] {
  const negative = ['max-requests-inflight', 'max-mutating-requests-inflight', 'min-request-timeout', 'request-timeout', 'shutdown-delay-duration', 'livez-grace-period'].filter((name) => flags.number(name) < 0)
  const chance = flags.number('goaway-chance')
  return [...negative.map((name) => `--${name} can not be negative value`), ...(chance < 0 || chance > 0.02 ? ['--goaway-chance can not be less than 0 or greater than 0.02'] : [])]
}

function network(flags: Flags): string[] {
  const out: string[] = []
  const ranges = flags.string('service-cluster-ip-range').split(',').filter((item) => item !== '')
  for (const [index, range] of ranges.entries()) if (!parseNetwork(range.trim())) return [`service-cluster-ip-range[${index}] is not a valid cidr`]
  if (ranges.length > 2) out.push('--service-cluster-ip-range must not contain more than two entries')
  if (ranges.length === 2 && (ranges[0] ?? '').includes(':') === (ranges[1] ?? '').includes(':')) out.push('--service-cluster-ip-range and --secondary-service-cluster-ip-range must be of different IP family')
  const port = flags.number('kubernetes-service-node-port')
  if (port < 0 || port > 65535) out.push(`--kubernetes-service-node-port ${port} must be between 0 and 65535, inclusive. If 0, the Kubernetes master service will be of type ClusterIP`)
  return out
}

const tlsVersions = ['VersionTLS10', 'VersionTLS11', 'VersionTLS12', 'VersionTLS13']

function serving(flags: Flags): string[] {
  const out: string[] = []
  const port = flags.number('secure-port')
  if (port < 1 || port > 65535) out.push(`--secure-port ${port} must be between 1 and 65535, inclusive. It cannot be turned off with 0`)
  if ((flags.string('tls-cert-file') === '') !== (flags.string('tls-private-key-file') === '')) out.push('--tls-cert-file and --tls-private-key-file must be specified together')
  const version = flags.string('tls-min-version')
  if (version !== '' && !tlsVersions.includes(version)) out.push(`unknown tls version ${JSON.stringify(version)}`)
  const cipher = flags.list('tls-cipher-suites').find((name) => !/^TLS_[A-Z0-9_]+$/.test(name))
  if (cipher !== undefined) out.push(`Cipher suite ${cipher} not supported or doesn't exist`)
  return out
}

function authentication(flags: Flags): string[] {
  const out: string[] = []
  const issuers = flags.list('service-account-issuer')
  for (const issuer of issuers) if (issuer.includes(':') && !URL.canParse(issuer)) out.push(`service-account-issuer ${JSON.stringify(issuer)} contained a ':' but was not a valid URL: parse ${JSON.stringify(issuer)}: first path segment in URL cannot contain colon`)
  if (issuers.length === 0) out.push('service-account-issuer is a required flag')
  if (flags.string('service-account-signing-key-file') === '') out.push('service-account-signing-key-file and service-account-issuer are required flags')
  if (flags.list('service-account-key-file').length === 0 && flags.string('service-account-signing-key-file') === '') out.push('service-account-key-file is a required flag')
  const max = flags.number('service-account-max-token-expiration')
  if (max !== 0 && (max < 3_600_000 || max > 2 ** 32 * 1000)) out.push('the service-account-max-token-expiration must be between 1 hour and 2^32 seconds')
  return out
}

function authorization(flags: Flags): string[] {
  if (flags.string('authorization-config') !== '') return flags.changed('authorization-mode') ? ['--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined'] : []
  const out: string[] = []
  for (const mode of modes(flags)) {
    if (mode === 'Webhook' || mode === 'ABAC') out.push(`authorization-mode ${mode} is not supported by this simulated server`)
    else if (!authorizers.some((registration) => registration.mode === mode)) out.push(`authorization-mode ${JSON.stringify(mode)} is not a valid mode`)
  }
  const repeated = modes(flags).find((mode, index) => modes(flags).indexOf(mode) < index)
  if (repeated !== undefined) out.push(`authorization-mode ${JSON.stringify(modes(flags))} has mode specified more than once`)
  return out
}

function audit(flags: Flags): string[] {
  const out: string[] = []
  const format = flags.string('audit-log-format')
  if (!['legacy', 'json'].includes(format)) out.push(`invalid audit log format ${format}, allowed formats are "legacy,json"`)
  const mode = flags.string('audit-log-mode')
  if (!['batch', 'blocking', 'blocking-strict'].includes(mode)) out.push(`invalid audit log mode ${mode}, allowed modes are "batch,blocking,blocking-strict"`)
  for (const name of ['audit-log-maxage', 'audit-log-maxbackup', 'audit-log-maxsize']) if (flags.number(name) < 0) out.push(`--${name} ${flags.number(name)} can't be a negative number`)
  return out
}

function admission(flags: Flags): string[] {
  const names = (flag: string): string[] => flags.list(flag).filter((name) => !admissionPlugins.some((plugin) => plugin.name === name)).map((name) => `${flag} plugin ${JSON.stringify(name)} is unknown`)
  const both = flags.list('enable-admission-plugins').filter((name) => flags.list('disable-admission-plugins').includes(name))
  return [...names('enable-admission-plugins'), ...names('disable-admission-plugins'), ...(both.length > 0 ? [`[${both.join(' ')}] in enable-admission-plugins and disable-admission-plugins overlapped`] : [])]
}

/** --runtime-config: `apps/v1=false`, `api/all=false`. */
function groups(flags: Flags): string[] {
  const known = new Set(['', 'api', ...builtinDiscovery().map((group) => group.metadata.name ?? ''), 'internal.apiserver.k8s.io', 'storagemigration.k8s.io'])
  const unknown: string[] = []
  for (const item of flags.list('runtime-config')) {
    const [key = '', value = 'true'] = item.split('=')
    if (!/^(?:true|false|1|0|t|f|T|F|TRUE|FALSE|True|False)$/.test(value)) return [`invalid value ${key}=${value}: strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`]
    const [group = '', version] = key.split('/')
    if (version === undefined && key !== 'v1') return [`runtime-config invalid key ${key}`]
    if (!known.has(group) && key !== 'v1') unknown.push(group)
  }
  return unknown.length > 0 ? [`unknown api groups ${unknown.join(',')}`] : []
}

/** Versions that would not be served if the flag did not name them. */
export function requestedVersions(flags: Flags): (group: string, version: string) => boolean {
  const named = new Map(flags.list('runtime-config').map((item) => [item.split('=')[0] ?? '', !/^(?:0|f|false)$/i.test(item.split('=')[1] ?? 'true')]))
  return (group, version) => named.get(`${group}/${version}`) ?? named.get(/alpha/.test(version) ? 'api/alpha' : 'api/beta') ?? named.get('api/all') ?? false
}

/** Which versions of the groups are served. */
export function runtimeConfig(flags: Flags): (group: string, version: string) => boolean {
  const given = new Map(flags.list('runtime-config').map((item) => [item.split('=')[0] ?? '', !/^(?:0|f|false)$/i.test(item.split('=')[1] ?? 'true')]))
  return (group, version) => given.get(group === '' ? `api/${version}` : `${group}/${version}`) ?? (group === '' ? given.get(version) : undefined) ?? given.get(/alpha/.test(version) ? 'api/alpha' : /beta/.test(version) ? 'api/beta' : 'api/ga') ?? given.get('api/all') ?? true
}
