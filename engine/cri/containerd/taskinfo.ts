/** What the kernel tells of a task: its processes and the counters of its control group. */
import { RpcError } from '../rpc'
import type { RuntimeHost } from './host'

function groupOf(host: RuntimeHost, namespace: string, id: string): string {
  const state = host.tasks.state(namespace, id)
  if (!state) throw new RpcError('NotFound', `task ${id} not found: not found`)
  const path = `/proc/${state.pid}/cgroup`
  const { files } = host.process
  return files.exists(path) ? `/sys/fs/cgroup${files.readText(path).trim().split(':').pop() ?? ''}` : ''
}

export function taskPids(host: RuntimeHost, namespace: string, id: string): number[] {
  const path = `${groupOf(host, namespace, id)}/cgroup.procs`
  const { files } = host.process
  return files.exists(path) ? files.readText(path).trim().split('\n').filter(Boolean).map(Number) : []
}

/** Names as ctr prints them, in its order. */
export function taskMetrics(host: RuntimeHost, namespace: string, id: string): [string, number][] {
  const group = groupOf(host, namespace, id)
  const { files } = host.process
  const text = (file: string): string => (files.exists(`${group}/${file}`) ? files.readText(`${group}/${file}`) : '')
  const field = (file: string, name: string): number => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text(file))?.[1] ?? 0)
  const cpu = ['usage_usec', 'user_usec', 'system_usec', 'nr_periods', 'nr_throttled', 'throttled_usec'].map((name): [string, number] => [`cpu.${name}`, field('cpu.stat', name)])
  const memory: [string, number][] = [['memory.usage', Number(text('memory.current').trim() || 0)], ['memory.swap_usage', 0]]
  return [['pids.current', Number(text('pids.current').trim() || 0)], ['pids.limit', Number(text('pids.max').trim()) || 0], ...cpu, ...memory]
}
