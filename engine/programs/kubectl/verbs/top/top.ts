import { bool, string } from '#engine/programs/common/cobra/flags'
import { alignTabs, tableTabs } from '#engine/programs/common/tabwriter/tabwriter'
import type { KubeObject } from '#engine/api/object'
import { addQuantities, compareQuantities, parseQuantity, type Quantity, quantityMilliValue, quantityValue, zeroQuantity } from '#engine/api/quantity'
import { query } from '#engine/client/client'
import { allNamespacesFlag, fieldSelectorFlag, selectorFlag } from '#engine/programs/kubectl/flagsets'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { builtin, nodes, pods, resourcePath, type Session } from '#engine/programs/kubectl/session/session'
import { group, verb } from '../verb'
import { completeName } from '../completion/resources'

const nodeMetrics = builtin('metrics.k8s.io', 'v1beta1', 'nodes', 'NodeMetrics', false)
const podMetrics = builtin('metrics.k8s.io', 'v1beta1', 'pods', 'PodMetrics')
/** A pod older than this should have metrics. */
const creationDelayMs = 120_000
const mebibyte = 1024 * 1024

const sharedFlags = [
  selectorFlag,
  bool('no-headers', 'If present, print output without headers'),
  bool('show-swap', 'Print resources related to swap memory.'),
  string('sort-by', "If non-empty, sort the list using specified field. The field can be either 'cpu' or 'memory'."),
  bool('use-protocol-buffers', 'Enables using protocol-buffers to access Metrics API.', { default: true }),
]

const node = verb({
  use: 'node [NAME | -l label]',
  aliases: ['nodes', 'no'],
  short: 'Display resource (CPU/memory) usage of nodes',
  long: 'Display resource (CPU/memory) usage of nodes.\n\n The top-node command allows you to see the resource consumption of nodes.',
  example: '# Show metrics for all nodes\nkubectl top node\n\n# Show metrics for a given node\nkubectl top node NODE_NAME',
  flags: [...sharedFlags, bool('show-capacity', 'Print node resources based on Capacity instead of Allocatable(default) of the nodes.')],
  complete: completeName('nodes'),
  run: topNodes,
})

const pod = verb({
  use: 'pod [NAME | -l label]',
  aliases: ['pods', 'po'],
  short: 'Display resource (CPU/memory) usage of pods',
  long: "Display resource (CPU/memory) usage of pods.\n\n The 'top pod' command allows you to see the resource consumption of pods.\n\n Due to the metrics pipeline delay, they may be unavailable for a few minutes since pod creation.",
  example: '# Show metrics for all pods in the default namespace\nkubectl top pod\n\n# Show metrics for all pods in the given namespace\nkubectl top pod --namespace=NAMESPACE',
  flags: [...sharedFlags, allNamespacesFlag, fieldSelectorFlag, bool('containers', 'If present, print usage of containers within a pod.'), bool('sum', 'Print the sum of the resource usage')],
  complete: completeName('pods'),
  run: topPods,
})

export const top = group({
  use: 'top',
  noFlagsInUsage: false,
  short: 'Display resource (CPU/memory) usage',
  long: 'Display resource (CPU/memory) usage.\n\n This command provides a view of recent resource consumption for nodes and pods. It fetches metrics from the Metrics Server, which aggregates this data from the kubelet on each node. The Metrics Server must be installed and running in the cluster for this command to work.',
  group: 'Cluster Management Commands:',
  commands: [node, pod],
})

interface Usage {
  readonly cpu: Quantity
  readonly memory: Quantity
}

interface Metrics extends KubeObject {
  readonly usage?: Readonly<Record<string, string>>
  readonly containers?: readonly { readonly name: string; readonly usage: Readonly<Record<string, string>> }[]
}

function usageOf(usage: Readonly<Record<string, string>> | undefined): Usage {
  return { cpu: parseQuantity(usage?.['cpu'] ?? '0'), memory: parseQuantity(usage?.['memory'] ?? '0') }
}

function plus(a: Usage, b: Usage): Usage {
  return { cpu: addQuantities(a.cpu, b.cpu), memory: addQuantities(a.memory, b.memory) }
}

const cpuText = (usage: Usage): string => `${quantityMilliValue(usage.cpu)}m`
const memoryText = (usage: Usage): string => `${Math.floor(quantityValue(usage.memory) / mebibyte)}Mi`

/** By usage, greatest first, or by name. */
function order(sortBy: string, a: Usage, b: Usage): number {
  if (sortBy === 'cpu') return compareQuantities(b.cpu, a.cpu)
  return sortBy === 'memory' ? compareQuantities(b.memory, a.memory) : 0
}

async function prepare(session: Session, selectorWord: string): Promise<{ name: string; sortBy: string }> {
  const { flags } = session
  if (session.args.length > 1) throw session.usage(`${session.invocation.command.spec.use}`)
  const sortBy = flags.string('sort-by')
  if (!['', 'cpu', 'memory'].includes(sortBy)) throw new CliError('--sort-by accepts only cpu or memory')
  if (session.args.length > 0 && (flags.string('selector') !== '' || (flags.has('field-selector') && flags.string('field-selector') !== ''))) throw new CliError(`only one of NAME or ${selectorWord} can be provided`)
  session.forgetDiscovery()
  if (!(await session.discovery()).groups.some((entry) => entry.name === 'metrics.k8s.io' && entry.versions.some((version) => !version.stale))) throw new CliError('Metrics API not available')
  return { name: session.args[0] ?? '', sortBy }
}

/** Columns of --show-swap: no machine has any. */
function swap({ flags }: Session, cells: readonly string[]): readonly string[] {
  return flags.bool('show-swap') ? cells : []
}

/** A cell and a tab each, as the real printer writes rows. */
function table(session: Session, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = session.flags.bool('no-headers') ? rows : [head, ...rows]
  return alignTabs(lines.map((cells) => `${cells.map((cell) => `${cell}\t`).join('')}\n`).join(''), tableTabs)
}

async function topNodes(session: Session): Promise<void> {
  const { name, sortBy } = await prepare(session, '--selector')
  const labelSelector = session.flags.string('selector') || undefined
  const metrics = name === '' ? ((await session.list(nodeMetrics, '', { labelSelector })).items as Metrics[]) : [await session.get<Metrics>(nodeMetrics, '', name)]
  if (metrics.length === 0) throw new CliError('metrics not available yet')
  const known = name === '' ? (await session.list(nodes, '', { labelSelector })).items : [await session.get(nodes, '', name)]
  const measured = metrics.map((entry) => ({ name: entry.metadata.name ?? '', usage: usageOf(entry.usage) })).sort((a, b) => order(sortBy, a.usage, b.usage) || (a.name < b.name ? -1 : 1))
  const rows = measured.map((entry) => nodeRow(session, entry.name, entry.usage, known.find((object) => object.metadata.name === entry.name)))
  const silent = known.filter((object) => !metrics.some((entry) => entry.metadata.name === object.metadata.name)).map((object) => [object.metadata.name ?? '', ...Array<string>(4).fill('<unknown>'), ...swap(session, ['<unknown>', '<unknown>'])])
  await session.out(table(session, ['NAME', 'CPU(cores)', 'CPU(%)', 'MEMORY(bytes)', 'MEMORY(%)', ...swap(session, ['SWAP(bytes)', 'SWAP(%)'])], [...rows, ...silent]))
}

function nodeRow(session: Session, name: string, usage: Usage, object: KubeObject | undefined): string[] {
  const status = (object?.['status'] ?? {}) as { allocatable?: Record<string, string>; capacity?: Record<string, string> }
  const room = usageOf(session.flags.bool('show-capacity') ? status.capacity : status.allocatable)
  const percent = (used: Quantity, all: Quantity): string => {
    const total = quantityMilliValue(all)
    return total === 0 ? '<unknown>' : `${Math.floor((quantityMilliValue(used) / total) * 100)}%`
  }
  return [name, cpuText(usage), percent(usage.cpu, room.cpu), memoryText(usage), percent(usage.memory, room.memory), ...swap(session, ['<unknown>', '<unknown>'])]
}

interface MeasuredPod {
  readonly name: string
  readonly namespace: string
  readonly usage: Usage
  readonly containers: readonly { readonly name: string; readonly usage: Usage }[]
}

async function topPods(session: Session): Promise<void> {
  const { name, sortBy } = await prepare(session, 'selector')
  const { flags } = session
  const everywhere = flags.bool('all-namespaces')
  const namespace = everywhere ? '' : session.namespace
  const fields = { labelSelector: flags.string('selector') || undefined, fieldSelector: flags.string('field-selector') || undefined }
  const list = name === '' ? (await session.request<{ items: Metrics[] }>('GET', resourcePath(podMetrics, namespace) + query(fields))).items : [await session.get<Metrics>(podMetrics, namespace, name)]
  if (list.length === 0) return await tellOfNone(session, namespace, fields)
  const measured = list.map(measure).sort((a, b) => order(sortBy, a.usage, b.usage) || (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1))
  await session.out(podTable(session, measured, everywhere))
}

function measure(entry: Metrics): MeasuredPod {
  const containers = (entry.containers ?? []).map((container) => ({ name: container.name, usage: usageOf(container.usage) }))
  const usage = containers.reduce((sum, container) => plus(sum, container.usage), { cpu: zeroQuantity, memory: zeroQuantity })
  return { name: entry.metadata.name ?? '', namespace: entry.metadata.namespace ?? '', usage, containers }
}

function podTable(session: Session, measured: readonly MeasuredPod[], everywhere: boolean): string {
  const { flags } = session
  const perContainer = flags.bool('containers')
  const head = [...(everywhere ? ['NAMESPACE'] : []), ...(perContainer ? ['POD'] : []), 'NAME', 'CPU(cores)', 'MEMORY(bytes)', ...swap(session, ['SWAP(bytes)'])]
  const noSwap = swap(session, ['0Mi'])
  const rows = measured.flatMap((entry) => {
    const prefix = everywhere ? [entry.namespace] : []
    if (!perContainer) return [[...prefix, entry.name, cpuText(entry.usage), memoryText(entry.usage), ...noSwap]]
    return entry.containers.map((container) => [...prefix, entry.name, container.name, cpuText(container.usage), memoryText(container.usage), ...noSwap])
  })
  if (!flags.bool('sum')) return table(session, head, rows)
  const total = measured.reduce((sum, entry) => plus(sum, entry.usage), { cpu: zeroQuantity, memory: zeroQuantity })
  const blanks = Array<string>(head.length - 2 - noSwap.length).fill('')
  return table(session, head, [...rows, [...blanks, '________', '________', ...swap(session, ['________'])], [...blanks, cpuText(total), memoryText(total), ...noSwap]])
}

/** Whether there are no pods, or none that have been measured yet. */
async function tellOfNone(session: Session, namespace: string, fields: Record<string, unknown>): Promise<void> {
  const found = (await session.list(pods, namespace, fields)).items
  if (found.length === 0) return await session.err(namespace === '' ? 'No resources found\n' : `No resources found in ${namespace} namespace.\n`)
  for (const entry of found) {
    const age = session.now() - Date.parse(entry.metadata.creationTimestamp ?? '')
    if (age > creationDelayMs) throw new CliError(`Metrics not available for pod ${entry.metadata.namespace ?? ''}/${entry.metadata.name}, age: ${Math.floor(age / 1000)}s`)
  }
  throw new CliError('metrics not available yet')
}
