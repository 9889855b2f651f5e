import { string } from '#engine/programs/common/cobra/flags'
import type { KubeObject } from '#engine/api/object'
import { dryRunFlag, fieldManagerFlag, filenameFlags, printFlags, saveConfigFlag } from '#engine/programs/kubectl/flagsets'
import { build } from '#engine/programs/kubectl/resources/builder'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { dryRunOf, services, type Session } from '#engine/programs/kubectl/session/session'
import { applyOverrides } from '../overrides'
import { verb } from '../verb'
import { createObject, resultPrinter, withLastApplied } from '../write'
import { completeTypes } from '../completion/resources'
import { record, recordFlag } from '../record'

export const expose = verb({
  use: 'expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type]',
  short: 'Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service',
  long: 'Expose a resource as a new Kubernetes service.\n\n Looks up a deployment, service, replica set, replication controller or pod by name and uses the selector for that resource as the selector for a new service on the specified port. A deployment or replica set will be exposed as a service only if its selector is convertible to a selector that service supports, i.e. when the selector contains only the matchLabels component. Note that if no port is specified via --port and the exposed resource has multiple ports, all will be re-used by the new service. Also if no labels are specified, the new service will re-use the labels from the resource it exposes.\n\n Possible resources include (case insensitive):\n\n pod (po), service (svc), replicationcontroller (rc), deployment (deploy), replicaset (rs)',
  example: '# A service for a replicated nginx that serves on port 80 and connects to the containers on port 8000\nkubectl expose rc nginx --port=80 --target-port=8000\n\n# For a pod\nkubectl expose pod valid-pod --port=444 --name=frontend',
  group: 'Basic Commands (Beginner):',
  flags: [
    recordFlag,
    ...printFlags, ...filenameFlags('identifying the resource to expose a service'), dryRunFlag, fieldManagerFlag('kubectl-expose'), saveConfigFlag,
    string('cluster-ip', "ClusterIP to be assigned to the service. Leave empty to auto-allocate, or set to 'None' to create a headless service."),
    string('external-ip', 'Additional external IP address (not managed by Kubernetes) to accept for the service.'),
    string('labels,l', 'Labels to apply to the service created by this call.'),
    string('load-balancer-ip', 'IP to assign to the LoadBalancer. If empty, an ephemeral IP will be created and used (cloud-provider specific).'),
    string('name', 'The name for the newly created object.'),
    string('override-type', 'The method used to override the generated object: json, merge, or strategic.', { default: 'merge' }),
    string('overrides', 'An inline JSON override for the generated object.'),
    string('port', 'The port that the service should serve on. Copied from the resource being exposed, if unspecified'),
    string('protocol', "The network protocol for the service to be created. Default is 'TCP'."),
    string('selector', 'A label selector to use for this service. Only equality-based selector requirements are supported. If empty (the default) infer the selector from the replication controller or replica set.)'),
    string('session-affinity', "If non-empty, set the session affinity for the service to this; legal values: 'None', 'ClientIP'"),
    string('target-port', 'Name or number for the port on the container that the service should direct traffic to. Optional.'),
    string('type', "Type for this service: ClusterIP, NodePort, LoadBalancer, or ExternalName. Default is 'ClusterIP'."),
  ],
  complete: completeTypes('pod', 'service', 'replicationcontroller', 'deployment', 'replicaset'),
  run: runExpose,
})

async function runExpose(session: Session): Promise<void> {
  const { flags } = session
  const dryRun = await dryRunOf(session)
  const printer = resultPrinter(session, 'exposed', dryRun, { made: dryRun === 'client' })
  const built = await build(session, { typed: true, args: session.args, filenames: flags.list('filename'), kustomize: flags.string('kustomize'), recursive: flags.bool('recursive') })
  await built.visit(async (info) => {
    const object = info.object as KubeObject
    if (!exposable(object)) throw new CliError(`cannot expose a ${info.mapping.kind}${info.mapping.group === '' ? '' : `.${info.mapping.group}`}`)
    const service = await applyOverrides(session, makeService(session, object))
    record(session, service)
    if (dryRun === 'client') return await session.out(printer.print(session.namespaceGiven ? { ...service, metadata: { ...service.metadata, namespace: session.namespace } } : service))
    await session.out(printer.print(await createObject(session, services, session.namespace, flags.bool('save-config') ? withLastApplied(service) : service, { dryRun, fieldManager: flags.string('field-manager') })))
  })
}

const kinds = ['v1/ReplicationController', 'v1/Service', 'v1/Pod', 'apps/v1/Deployment', 'apps/v1/ReplicaSet']

function exposable(object: KubeObject): boolean {
  return kinds.includes(`${object.apiVersion}/${object.kind}`)
}

interface Spec {
  readonly selector?: unknown
  readonly ports?: readonly { port: number; protocol?: string }[]
  readonly template?: { readonly spec?: { readonly containers?: readonly ContainerPorts[] } }
  readonly containers?: readonly ContainerPorts[]
}

interface ContainerPorts {
  readonly ports?: readonly { containerPort: number; protocol?: string }[]
}

function selectorOf(object: KubeObject): string {
  const fail = (message: string): CliError => new CliError(`couldn't retrieve selectors via --selector flag or introspection: ${message}`)
  const text = (map: Record<string, string> | undefined): string => Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}=${value}`).join(',')
  const spec = object['spec'] as Spec
  if (object.kind === 'Pod') {
    if (Object.keys(object.metadata.labels ?? {}).length === 0) throw fail('the pod has no labels and cannot be exposed')
    return text(object.metadata.labels)
  }
  if (object.kind === 'Service' || object.kind === 'ReplicationController') {
    if (!spec.selector) throw fail(object.kind === 'Service' ? 'the service has no pod selector set' : 'the replication controller has no pod selector set')
    return text(spec.selector as Record<string, string>)
  }
  const selector = spec.selector as { matchLabels?: Record<string, string>; matchExpressions?: { key: string; operator: string; values?: string[] }[] } | undefined
  if (selector?.matchExpressions?.length) throw fail(`couldn't convert expressions - "[${selector.matchExpressions.map(({ key, operator, values = [] }) => `{Key:${key} Operator:${operator} Values:[${values.join(' ')}]}`).join(' ')}]" to map-based selector format`)
  return text(selector?.matchLabels)
}

function portsOf(object: KubeObject): { port: string; protocol: string }[] {
  const spec = object['spec'] as Spec
  if (object.kind === 'Service') return (spec.ports ?? []).map((entry) => ({ port: String(entry.port), protocol: entry.protocol ?? 'TCP' }))
  const containers = object.kind === 'Pod' ? spec.containers : spec.template?.spec?.containers
  return (containers ?? []).flatMap((container) => (container.ports ?? []).map((entry) => ({ port: String(entry.containerPort), protocol: entry.protocol ?? 'TCP' })))
}

function parseMap(text: string): Record<string, string> {
  const out: Record<string, string> = {}
  for (const spec of text.split(',')) {
    const parts = spec.split('=')
    if (parts.length !== 2) throw new CliError(`unexpected label spec: ${spec}`)
    if (parts[0] === '') throw new CliError('unexpected empty label key')
    out[parts[0] as string] = parts[1] as string
  }
  return out
}

function makeService(session: Session, object: KubeObject): KubeObject {
  const { flags } = session
  const selector = flags.string('selector') || selectorOf(object)
  const found = portsOf(object)
  const wanted = wantedPorts(session, found)
  if (selector === '') throw new CliError('selector must be specified')
  const labels = flags.string('labels') === '' ? object.metadata.labels : parseMap(flags.string('labels'))
  const name = flags.string('name') || (object.metadata.name ?? '').slice(0, 63)
  const ports = wanted === '' ? [] : servicePorts(session, wanted, found)
  const spec = { ...(ports.length > 0 ? { ports } : {}), selector: parseMap(selector), ...givenFields(session) }
  return { kind: 'Service', apiVersion: 'v1', metadata: { name, ...(labels && Object.keys(labels).length > 0 ? { labels } : {}) }, spec, status: { loadBalancer: {} } }
}

/** Numbers, comma separated; none for a headless service. */
function wantedPorts({ flags }: Session, found: readonly { port: string }[]): string {
  if (flags.string('port') !== '') return flags.string('port')
  if (found.length === 0 && flags.string('cluster-ip') !== 'None') throw new CliError("couldn't find port via --port flag or introspection")
  return [...new Set(found.map((entry) => entry.port))].join(',')
}

/** What flags say of the service's spec, in the order of its fields. */
function givenFields({ flags }: Session): Record<string, unknown> {
  const affinity = flags.string('session-affinity')
  if (affinity !== '' && affinity !== 'None' && affinity !== 'ClientIP') throw new CliError(`unknown session affinity: ${affinity}`)
  const external = flags.string('external-ip')
  const fields = {
    clusterIP: flags.string('cluster-ip'), type: flags.string('type'), externalIPs: external === '' ? '' : [external], sessionAffinity: affinity,
    loadBalancerIP: flags.string('type') === 'LoadBalancer' ? flags.string('load-balancer-ip') : '',
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''))
}

function servicePorts(session: Session, text: string, found: readonly { port: string; protocol: string }[]): Record<string, unknown>[] {
  const { flags } = session
  const targetText = flags.string('target-port')
  const parts = text.split(',')
  const out: Record<string, unknown>[] = []
  parts.forEach((part, index) => {
    if (!/^[-+]?\d+$/.test(part)) throw new CliError(`strconv.Atoi: parsing ${JSON.stringify(part)}: invalid syntax`)
    const port = Number(part)
    const targetPort = targetText === '' ? port : /^\d+$/.test(targetText) ? Number(targetText) : targetText
    const given = flags.string('protocol')
    const protocols = given !== '' ? [given] : [...new Set(found.filter((entry) => entry.port === part).map((entry) => entry.protocol))]
    const name = parts.length > 1 ? `port-${index + 1}` : ''
    if (protocols.length > 1) for (const protocol of protocols) out.push({ name: `port-${index + 1}-${protocol.toLowerCase()}`, protocol, port, targetPort })
    else out.push({ ...(name === '' ? {} : { name }), protocol: protocols[0] ?? 'TCP', port, targetPort })
  })
  return out
}
