/** create service, create ingress. */
import type { KubeObject } from '#engine/api/object'
import type { Command } from '#engine/programs/common/cobra/command'
import { int, string, stringArray, strings } from '#engine/programs/common/cobra/flags'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { builtin, services, type Session } from '#engine/programs/kubectl/session/session'
import { group } from '../verb'
import { generator } from './generator'

interface Port {
  readonly port: number
  readonly targetPort: number | string
}

function parsePort(text: string): Port {
  const [first = '', target] = text.split(':')
  if (!/^\d+$/.test(first)) throw new CliError(`strconv.ParseUint: parsing ${JSON.stringify(first)}: invalid syntax`)
  if (Number(first) > 65535) throw new CliError(`strconv.ParseUint: parsing ${JSON.stringify(first)}: value out of range`)
  return { port: Number(first), targetPort: target === undefined ? Number(first) : parseTarget(target) }
}

function parseTarget(target: string): number | string {
  if (/^[-+]?\d+$/.test(target)) {
    if (Number(target) < 1 || Number(target) > 65535) throw new CliError('must be between 1 and 65535, inclusive')
    return Number(target)
  }
  const problems: string[] = []
  if (target.length > 15) problems.push('must be no more than 15 characters')
  if (!/^[-a-z0-9]+$/.test(target)) problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(target)) problems.push('must contain at least one letter (a-z)')
  if (target.includes('--')) problems.push('must not contain consecutive hyphens')
  if (target.startsWith('-') || target.endsWith('-')) problems.push('must not begin or end with a hyphen')
  if (problems.length > 0) throw new CliError(problems.join(','))
  return target
}

function makeService(session: Session, name: string, type: string, needsPorts: boolean): KubeObject {
  const { flags } = session
  const nodePort = flags.has('node-port') ? flags.number('node-port') : 0
  const clusterIp = flags.has('clusterip') ? flags.string('clusterip') : ''
  const tcp = flags.list('tcp')
  if (tcp.length === 0 && needsPorts && clusterIp !== 'None') throw new CliError('at least one tcp port specifier must be provided')
  const ports = tcp.map((text) => {
    const { port, targetPort } = parsePort(text)
    return { name: text.replaceAll(':', '-'), protocol: 'TCP', port, targetPort, ...(nodePort > 0 ? { nodePort } : {}) }
  })
  const labels = { app: name }
  return { kind: 'Service', apiVersion: 'v1', metadata: { name, labels }, spec: { ...(ports.length > 0 ? { ports } : {}), selector: labels, ...(clusterIp === '' ? {} : { clusterIP: clusterIp }), type, ...(type === 'ExternalName' ? { externalName: flags.string('external-name') } : {}) }, status: { loadBalancer: {} } }
}

const tcpFlag = strings('tcp', "Port pairs can be specified as '<port>:<targetPort>'.")

const clusterIp = generator({
  use: 'clusterip NAME [--tcp=<port>:<targetPort>] [--dry-run=server|client|none]', short: 'Create a ClusterIP service', example: '# A ClusterIP service named my-cs\nkubectl create service clusterip my-cs --tcp=5678:8080\n\n# A headless one\nkubectl create service clusterip my-cs --clusterip="None"',
  flags: [tcpFlag, string('clusterip', "Assign your own ClusterIP or set to 'None' for a 'headless' service (no loadbalancing).")], mapping: services, failure: 'failed to create ClusterIP service: ',
  make: (session, name) => makeService(session, name, 'ClusterIP', true),
})

const nodePort = generator({
  use: 'nodeport NAME [--tcp=port:targetPort] [--dry-run=server|client|none]', short: 'Create a NodePort service', example: '# A NodePort service named my-ns\nkubectl create service nodeport my-ns --tcp=5678:8080',
  flags: [tcpFlag, int('node-port', 'Port used to expose the service on each node in a cluster.')], mapping: services, failure: 'failed to create NodePort service: ',
  make: (session, name) => makeService(session, name, 'NodePort', true),
})

const loadBalancer = generator({
  use: 'loadbalancer NAME [--tcp=port:targetPort] [--dry-run=server|client|none]', short: 'Create a LoadBalancer service', example: '# A LoadBalancer service named my-lbs\nkubectl create service loadbalancer my-lbs --tcp=5678:8080',
  flags: [tcpFlag], mapping: services, failure: 'failed to create LoadBalancer service: ',
  make: (session, name) => makeService(session, name, 'LoadBalancer', true),
})

const externalName = generator({
  use: 'externalname NAME --external-name external.name [--dry-run=server|client|none]', short: 'Create an ExternalName service', example: '# An ExternalName service named my-ns\nkubectl create service externalname my-ns --external-name bar.com',
  flags: [tcpFlag, string('external-name', 'External name of service', { required: true })], mapping: services, failure: 'failed to create ExternalName service: ',
  make(session, name) {
    const external = session.flags.string('external-name')
    if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(external)) throw new CliError(`invalid service external name ${external}`)
    return makeService(session, name, 'ExternalName', false)
  },
})

export const service: Command = group({ use: 'service', aliases: ['svc'], short: 'Create a service using a specified subcommand', commands: [clusterIp, externalName, loadBalancer, nodePort], noFlagsInUsage: false })

interface IngressRule {
  host?: string
  http: { paths: unknown[] }
}

const rulePattern = /^[^/]*\/[^=]*=[\w-]+:[\w-]+/

export const ingress = generator({
  use: 'ingress NAME --rule=host/path=service:port[,tls[=secret]] ', aliases: ['ing'], short: 'Create an ingress with the specified name',
  example: '# Requests for foo.com/bar go to svc1:8080, with a TLS secret "my-cert"\nkubectl create ingress simple --rule="foo.com/bar=svc1:8080,tls=my-cert"\n\n# All paths, through class "otheringress"\nkubectl create ingress catch-all --class=otheringress --rule="/path=svc:port"',
  flags: [stringArray('annotation', 'Annotation to insert in the ingress object, in the format annotation=value'), string('class', 'Ingress Class to be used'), string('default-backend', 'Default service for backend, in format of svcname:port'), stringArray('rule', "Rule in format host/path=service:port[,tls=secretname]. Paths containing the leading character '*' are considered pathType=Prefix. tls argument is optional.")],
  mapping: builtin('networking.k8s.io', 'v1', 'ingresses', 'Ingress'), failure: 'failed to create ingress: ',
  make(session, name) {
    const { flags } = session
    const rules = flags.list('rule')
    const fallback = flags.string('default-backend')
    refuseIngress(rules, fallback, flags.list('annotation'))
    const annotations = Object.fromEntries(flags.list('annotation').map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]))
    const tls = tlsOf(rules)
    const spec = { ...(flags.string('class') === '' ? {} : { ingressClassName: flags.string('class') }), ...(fallback === '' ? {} : { defaultBackend: backend(fallback) }), ...(tls.length > 0 ? { tls } : {}), ...(rules.length > 0 ? { rules: rulesOf(rules) } : {}) }
    return { kind: 'Ingress', apiVersion: 'networking.k8s.io/v1', metadata: { name, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) }, spec, status: { loadBalancer: {} } }
  },
})

function refuseIngress(rules: readonly string[], fallback: string, annotations: readonly string[]): void {
  if (fallback === '' && rules.length === 0) throw new CliError('not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)')
  for (const rule of rules) if (!rulePattern.test(rule)) throw new CliError(`rule ${rule} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`)
  for (const annotation of annotations) if (!annotation.includes('=')) throw new CliError(`annotation ${annotation} is invalid and should be in format key=[value]`)
  if (fallback !== '' && fallback.split(':').length !== 2) throw new CliError('default-backend should be in format servicename:serviceport')
}

function backend(text: string): Record<string, unknown> {
  const [name = '', port = ''] = text.split(':')
  return { service: { name, port: /^\d+$/.test(port) ? { number: Number(port) } : { name: port } } }
}

function rulesOf(rules: readonly string[]): IngressRule[] {
  const out: IngressRule[] = []
  for (const rule of rules) {
    const plain = rule.split(',')[0] as string
    const slash = plain.indexOf('/')
    const host = plain.slice(0, slash)
    const [rawPath = '', target = ''] = plain.slice(slash + 1).split('=')
    const prefix = `/${rawPath}`.endsWith('*')
    const path = { path: prefix ? `/${rawPath}`.slice(0, -1) : `/${rawPath}`, pathType: prefix ? 'Prefix' : 'Exact', backend: backend(target) }
    const known = out.find((entry) => (entry.host ?? '') === host)
    if (known) known.http.paths.push(path)
    else out.push({ ...(host === '' ? {} : { host }), http: { paths: [path] } })
  }
  return out
}

function tlsOf(rules: readonly string[]): { hosts?: string[]; secretName?: string }[] {
  const out: { hosts?: string[]; secretName?: string }[] = []
  const seen = new Set<string>()
  for (const rule of rules) {
    const parts = rule.split(',')
    if (parts.length !== 2) continue
    const host = rule.split('/')[0] as string
    const secret = (parts[1] as string).split('=')[1] ?? ''
    if (seen.has(host)) continue
    seen.add(host)
    const known = out.find((entry) => (entry.secretName ?? '') === secret)
    if (known) known.hosts = [...(known.hosts ?? []), host]
    else if (host !== '' || secret !== '') out.push({ ...(host === '' ? {} : { hosts: [host] }), ...(secret === '' ? {} : { secretName: secret }) })
  }
  return out
}
