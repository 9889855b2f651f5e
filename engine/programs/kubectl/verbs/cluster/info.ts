import { bool, string, strings } from '#engine/programs/common/cobra/flags'
import type { KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { query } from '#engine/client/client'
import { ConnectionError } from '#engine/client/errors'
import { allowMissingFlag, managedFieldsFlag, outputFlag, podTimeoutFlag, templateFlag } from '#engine/programs/kubectl/flagsets'
import { printerFor } from '#engine/programs/kubectl/printers/printer'
import { builtin, coreEvents, namespaces, nodes, pods, replicaSets, resourcePath, services, type Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'

interface ServicePort {
  readonly name?: string
  readonly port: number
}

const dump = verb({
  use: 'dump',
  noFlagsInUsage: false,
  short: 'Dump relevant information for debugging and diagnosis',
  long: "Dump cluster information out suitable for debugging and diagnosing cluster problems.  By default, dumps everything to stdout. You can optionally specify a directory with --output-directory.  If you specify a directory, Kubernetes will build a set of files in that directory.  By default, only dumps things in the current namespace and 'kube-system' namespace, but you can switch to a different namespace with the --namespaces flag, or specify --all-namespaces to dump all namespaces.\n\n The command also dumps the logs of all of the pods in the cluster; these logs are dumped into different directories based on namespace and pod name.",
  example: '# Dump current cluster state to stdout\nkubectl cluster-info dump\n\n# Dump current cluster state to /path/to/cluster-state\nkubectl cluster-info dump --output-directory=/path/to/cluster-state',
  flags: [
    allowMissingFlag, outputFlag('json'), managedFieldsFlag, templateFlag, podTimeoutFlag(20_000),
    bool('all-namespaces,A', 'If true, dump all namespaces.  If true, --namespaces is ignored.'),
    strings('namespaces', 'A comma separated list of namespaces to dump.'),
    string('output-directory', "Where to output the files.  If empty or '-' uses stdout, otherwise creates a directory hierarchy in that directory"),
  ],
  run: runDump,
})

export const clusterInfo = verb({
  use: 'cluster-info',
  noFlagsInUsage: false,
  short: 'Display cluster information',
  long: "Display addresses of the control plane and services with label kubernetes.io/cluster-service=true. To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.",
  example: '# Print the address of the control plane and cluster services\nkubectl cluster-info',
  group: 'Cluster Management Commands:',
  commands: [dump],
  run: runInfo,
})

async function runInfo(session: Session): Promise<void> {
  const { server } = session.connect().config
  const list = await clusterServices(session)
  const lines = [`Kubernetes control plane is running at ${server}`]
  for (const service of list.items) lines.push(`${service.metadata.labels?.['kubernetes.io/name'] ?? service.metadata.name} is running at ${linkOf(service, server)}`)
  await session.out(`${lines.join('\n')}\n${hint}`)
}

const hint = "\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n"

async function clusterServices(session: Session): Promise<{ items: KubeObject[] }> {
  try {
    await session.discovery()
    return await session.list(services, 'kube-system', { labelSelector: 'kubernetes.io/cluster-service=true' })
  } catch (error) {
    if (error instanceof ConnectionError) await session.out(hint)
    throw error
  }
}

function linkOf(service: KubeObject, server: string): string {
  const { ports = [], externalIPs = [] } = service['spec'] as { ports?: ServicePort[]; externalIPs?: string[] }
  const ingress = (service['status'] as { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } } | undefined)?.loadBalancer?.ingress?.[0]
  const host = ingress?.ip ?? ingress?.hostname ?? externalIPs[0]
  if (host !== undefined && ingress) return ports.map((port) => `http://${host}:${port.port} `).join('')
  const [first] = ports
  const scheme = first?.name === 'https' || first?.port === 443 ? 'https:' : ''
  const suffix = ports.length > 0 && first?.name ? `:${first.name}` : ''
  return `${server}/api/v1/namespaces/${service.metadata.namespace ?? ''}/services/${scheme}${service.metadata.name}${suffix}/proxy`
}

interface Dumped {
  readonly file: string
  readonly mapping: ReturnType<typeof builtin>
}

const perNamespace: readonly Dumped[] = [
  { file: 'events', mapping: coreEvents },
  { file: 'replication-controllers', mapping: builtin('', 'v1', 'replicationcontrollers', 'ReplicationController') },
  { file: 'services', mapping: services },
  { file: 'daemonsets', mapping: builtin('apps', 'v1', 'daemonsets', 'DaemonSet') },
  { file: 'deployments', mapping: builtin('apps', 'v1', 'deployments', 'Deployment') },
  { file: 'replicasets', mapping: replicaSets },
  { file: 'pods', mapping: pods },
]

async function runDump(session: Session): Promise<void> {
  const { flags } = session
  const directory = flags.string('output-directory')
  const toFiles = directory !== '' && directory !== '-'
  const write = async (name: string, text: string): Promise<void> => {
    if (!toFiles) return session.out(text)
    const path = `${directory}/${name}`
    session.process.files.mkdirAll(path.slice(0, path.lastIndexOf('/')))
    session.process.files.writeFile(path, text)
  }
  const extension = flags.string('output') === 'yaml' ? 'yaml' : 'json'
  const print = async (name: string, mapping: Dumped['mapping'], namespace: string): Promise<KubeObject[]> => {
    const list = await session.list(mapping, namespace)
    await write(`${name}.${extension}`, printerFor(session, { made: true }).print(typedList(list as unknown as KubeObject, mapping)))
    return list.items
  }
  await print('nodes', nodes, '')
  for (const namespace of await dumpedNamespaces(session)) {
    let found: KubeObject[] = []
    for (const { file, mapping } of perNamespace) found = await print(`${namespace}/${file}`, mapping, namespace)
    for (const pod of found) for (const container of (pod['spec'] as { containers: { name: string }[] }).containers) await write(`${namespace}/${pod.metadata.name}/logs.txt`, await logsOf(session, pod, container.name))
  }
  if (toFiles) await session.out(`Cluster info dumped to ${directory}\n`)
}

async function dumpedNamespaces(session: Session): Promise<string[]> {
  if (session.flags.bool('all-namespaces')) return (await session.list(namespaces, '')).items.map((item) => item.metadata.name ?? '')
  const named = session.flags.list('namespaces')
  return named.length > 0 ? [...named] : ['kube-system', session.namespace]
}

async function logsOf(session: Session, pod: KubeObject, container: string): Promise<string> {
  const mark = (word: string): string => `==== ${word} logs for container ${container} of pod ${pod.metadata.namespace ?? ''}/${pod.metadata.name} ====\n`
  let text: string
  try {
    const response = await session.exchange('GET', resourcePath(pods, pod.metadata.namespace, pod.metadata.name, 'log') + query({ container }))
    text = await response.body.text()
  } catch (error) {
    if (!isReason(error, 'BadRequest')) throw error
    text = `Request log error: ${error.message}\n`
  }
  return `${mark('START')}${text}${mark('END')}`
}

/** Items with their types, in the order of fields that typed objects have. */
function typedList(list: KubeObject, mapping: Dumped['mapping']): KubeObject {
  const apiVersion = mapping.group === '' ? mapping.version : `${mapping.group}/${mapping.version}`
  return { ...list, kind: `${mapping.kind}List`, apiVersion, items: (list['items'] as KubeObject[]).map((item) => ({ ...item, kind: mapping.kind, apiVersion })) }
}
