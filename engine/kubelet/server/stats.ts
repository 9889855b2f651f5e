/** Figures: /stats/summary, /metrics/resource and the kubelet's own few. */
import { textBody, type HttpResponse } from '#engine/base/http'
import { apiTime } from '#engine/client/time'
import type { PodSandboxStats } from '#engine/cri/api'
import { RpcError } from '#engine/cri/rpc'
import type { Kubelet } from '../kubelet'
import { memoryNow } from '../node/machine'
import { containerNameLabel, podNameLabel, podNamespaceLabel, podUidLabel } from '../runtime/podstatus'
import { json } from './answers'

async function podStats(kubelet: Kubelet): Promise<readonly PodSandboxStats[]> {
  try {
    return (await kubelet.context.cri.runtime.ListPodSandboxStats({})).stats
  } catch (error) {
    if (error instanceof RpcError) return []
    throw error
  }
}

interface NodeUse { readonly cpuNanoCores: number; readonly cpuNanoSeconds: number; readonly memoryBytes: number }

/** The machine's own daemons use something too: a little beside what its pods use. */
function nodeUse(kubelet: Kubelet, pods: readonly PodSandboxStats[]): NodeUse {
  const memory = memoryNow(kubelet.context.process)
  const cpu = pods.reduce((sum, pod) => sum + pod.linux.cpu.usageNanoCores, 0)
  const seconds = pods.reduce((sum, pod) => sum + pod.linux.cpu.usageCoreNanoSeconds, 0)
  return { cpuNanoCores: cpu + 20_000_000, cpuNanoSeconds: seconds + 20_000_000_000, memoryBytes: Math.max(0, memory.total - memory.available) }
}

export async function summary(kubelet: Kubelet): Promise<HttpResponse> {
  const pods = await podStats(kubelet)
  const use = nodeUse(kubelet, pods)
  const { process, nodeName, clock } = kubelet.context
  const time = apiTime(clock.now())
  const disk = process.files.statfs('/')
  const fs = { time, availableBytes: disk.totalBytes - disk.usedBytes, capacityBytes: disk.totalBytes, usedBytes: disk.usedBytes, inodesFree: disk.totalInodes - disk.usedInodes, inodes: disk.totalInodes, inodesUsed: disk.usedInodes }
  const cpu = (stats: { usageNanoCores: number; usageCoreNanoSeconds: number }): object => ({ time, usageNanoCores: stats.usageNanoCores, usageCoreNanoSeconds: stats.usageCoreNanoSeconds })
  const memory = (stats: { workingSetBytes: number; usageBytes: number; rssBytes: number }): object => ({ time, usageBytes: stats.usageBytes, workingSetBytes: stats.workingSetBytes, rssBytes: stats.rssBytes, pageFaults: 0, majorPageFaults: 0 })
  return json({
    node: { nodeName, startTime: time, cpu: { time, usageNanoCores: use.cpuNanoCores, usageCoreNanoSeconds: use.cpuNanoSeconds }, memory: { time, availableBytes: memoryNow(process).available, usageBytes: use.memoryBytes, workingSetBytes: use.memoryBytes, rssBytes: use.memoryBytes, pageFaults: 0, majorPageFaults: 0 }, fs, runtime: { imageFs: fs, containerFs: fs }, rlimit: { time, maxpid: 4_194_304, curproc: process.processes().length } },
    pods: pods.map((pod) => ({
      podRef: { name: pod.attributes.labels[podNameLabel], namespace: pod.attributes.labels[podNamespaceLabel], uid: pod.attributes.labels[podUidLabel] },
      startTime: time,
      containers: pod.linux.containers.map((container) => ({ name: container.attributes.labels[containerNameLabel], startTime: time, cpu: cpu(container.cpu), memory: memory(container.memory), rootfs: { ...fs, usedBytes: container.writableLayer.usedBytes, inodesUsed: container.writableLayer.inodesUsed } })),
      cpu: cpu(pod.linux.cpu),
      memory: memory(pod.linux.memory),
    })),
  })
}

export async function resourceMetrics(kubelet: Kubelet): Promise<HttpResponse> {
  const pods = await podStats(kubelet)
  const use = nodeUse(kubelet, pods)
  const at = Math.floor(kubelet.context.clock.now())
  const lines: string[] = []
  const metric = (name: string, help: string, type: string, rows: readonly string[]): void => {
    if (rows.length > 0) lines.push(`# HELP ${name} [STABLE] ${help}`, `# TYPE ${name} ${type}`, ...rows)
  }
  const containers = pods.flatMap((pod) => pod.linux.containers.map((container) => ({ labels: `container="${container.attributes.labels[containerNameLabel] ?? ''}",namespace="${pod.attributes.labels[podNamespaceLabel] ?? ''}",pod="${pod.attributes.labels[podNameLabel] ?? ''}"`, container })))
  const podRows = (value: (pod: PodSandboxStats) => number): string[] => pods.map((pod) => `NAME{namespace="${pod.attributes.labels[podNamespaceLabel] ?? ''}",pod="${pod.attributes.labels[podNameLabel] ?? ''}"} ${value(pod)} ${at}`)
  const named = (name: string, rows: readonly string[]): string[] => rows.map((row) => row.replace('NAME', name))
  metric('container_cpu_usage_seconds_total', 'Cumulative cpu time consumed by the container in core-seconds', 'counter', containers.map(({ labels, container }) => `container_cpu_usage_seconds_total{${labels}} ${container.cpu.usageCoreNanoSeconds / 1e9} ${at}`))
  metric('container_memory_working_set_bytes', 'Current working set of the container in bytes', 'gauge', containers.map(({ labels, container }) => `container_memory_working_set_bytes{${labels}} ${container.memory.workingSetBytes} ${at}`))
  metric('node_cpu_usage_seconds_total', 'Cumulative cpu time consumed by the node in core-seconds', 'counter', [`node_cpu_usage_seconds_total ${use.cpuNanoSeconds / 1e9} ${at}`])
  metric('node_memory_working_set_bytes', 'Current working set of the node in bytes', 'gauge', [`node_memory_working_set_bytes ${use.memoryBytes} ${at}`])
  metric('pod_cpu_usage_seconds_total', 'Cumulative cpu time consumed by the pod in core-seconds', 'counter', named('pod_cpu_usage_seconds_total', podRows((pod) => pod.linux.cpu.usageCoreNanoSeconds / 1e9)))
  metric('pod_memory_working_set_bytes', 'Current working set of the pod in bytes', 'gauge', named('pod_memory_working_set_bytes', podRows((pod) => pod.linux.memory.workingSetBytes)))
  metric('resource_scrape_error', '1 if there was an error while getting container metrics, 0 otherwise', 'gauge', ['resource_scrape_error 0'])
  return { status: 200, headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, body: textBody(`${lines.join('\n')}\n`) }
}

export function metrics(kubelet: Kubelet): HttpResponse {
  const running = kubelet.store.all().filter((pod) => kubelet.status.get(pod.metadata.uid ?? '')?.phase === 'Running').length
  const text = `# HELP kubelet_node_name [ALPHA] The node's name. The count is always 1.\n# TYPE kubelet_node_name gauge\nkubelet_node_name{node="${kubelet.context.nodeName}"} 1\n# HELP kubelet_running_pods [BETA] Number of pods that have a running pod sandbox\n# TYPE kubelet_running_pods gauge\nkubelet_running_pods ${running}\n`
  return { status: 200, headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, body: textBody(text) }
}
