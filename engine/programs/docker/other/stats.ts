/** `docker stats`. */
import { bool, string } from '#engine/programs/common/cobra/flags'
import type { Command } from '#engine/programs/common/cobra/command'
import { binarySize, humanSize } from '#engine/cri/units'
import { type Api, DockerFailure } from '../kit/api'
import { type Context, leaf } from '../kit/command'
import { type Listing, type Row, rowsText, shortened } from '../kit/format'
import type { ListedContainer } from '../container/list'

interface CpuUse { readonly cpu_usage: { readonly total_usage: number }; readonly system_cpu_usage: number; readonly online_cpus: number }
interface Stats { readonly read: string; readonly name: string; readonly id: string; readonly pids_stats: { readonly current: number }; readonly cpu_stats: CpuUse; readonly precpu_stats: CpuUse; readonly memory_stats: { readonly usage: number; readonly limit: number }; readonly networks: Readonly<Record<string, { readonly rx_bytes: number; readonly tx_bytes: number }>> }

const listing: Listing = {
  type: '*container.statsContext', table: 'table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}',
  columns: { Container: 'CONTAINER', ID: 'CONTAINER ID', Name: 'NAME', CPUPerc: 'CPU %', MemUsage: 'MEM USAGE / LIMIT', MemPerc: 'MEM %', NetIO: 'NET I/O', BlockIO: 'BLOCK I/O', PIDs: 'PIDS' },
}

export const statsCommand: Command = leaf({
  use: 'stats [OPTIONS] [CONTAINER...]', short: 'Display a live stream of container(s) resource usage statistics', args: { atLeast: 0 }, ways: ['docker container stats', 'docker stats'],
  flags: [bool('all,a', 'Show all containers (default shows just running)'), string('format', 'Format output using a custom template'), bool('no-stream', 'Disable streaming stats and only pull the first result'), bool('no-trunc', 'Do not truncate output')],
  run: show,
})

async function show(context: Context): Promise<number> {
  const { flags, process } = context
  for (;;) {
    const rows = await rowsNow(context)
    const text = rowsText(listing, rows, { format: flags.string('format') })
    if (flags.bool('no-stream')) {
      await process.stdout.write(text)
      return 0
    }
    await process.stdout.write(`\u001b[H\u001b[J${text}`)
    await process.clock.sleep(500, process.dying)
  }
}

async function rowsNow({ api, args, flags }: Context): Promise<Row[]> {
  const names = args.length > 0 ? args : (await api.get<ListedContainer[]>('/containers/json', { all: flags.bool('all') || undefined })).map((container) => container.Id)
  const rows: Row[] = []
  const failures: string[] = []
  for (const name of names) {
    try {
      rows.push(rowOf(name, await statsOf(api, name), flags.bool('no-trunc')))
    } catch (error) {
      if (!(error instanceof DockerFailure)) throw error
      failures.push(error.message)
    }
  }
  if (failures.length > 0) throw new DockerFailure(failures.join('\n'))
  return rows
}

function statsOf(api: Api, name: string): Promise<Stats> {
  return api.get<Stats>(`/containers/${encodeURIComponent(name)}/stats`, { stream: false })
}

function rowOf(container: string, stats: Stats, noTrunc: boolean): Row {
  const base = { Container: container, ID: shortened(stats.id, noTrunc), Name: stats.name.replace(/^\//, '') }
  if (stats.read.startsWith('0001')) return { ...base, CPUPerc: '0.00%', MemUsage: '0B / 0B', MemPerc: '0.00%', NetIO: '0B / 0B', BlockIO: '0B / 0B', PIDs: '0' }
  const cpu = stats.cpu_stats.cpu_usage.total_usage - stats.precpu_stats.cpu_usage.total_usage
  const system = stats.cpu_stats.system_cpu_usage - stats.precpu_stats.system_cpu_usage
  const { usage, limit } = stats.memory_stats
  const total = (key: 'rx_bytes' | 'tx_bytes'): number => Object.values(stats.networks).reduce((sum, device) => sum + device[key], 0)
  return {
    ...base, CPUPerc: `${(system > 0 && cpu > 0 ? (cpu / system) * stats.cpu_stats.online_cpus * 100 : 0).toFixed(2)}%`, MemUsage: `${binarySize(usage, 4)} / ${binarySize(limit, 4)}`, MemPerc: `${((usage / Math.max(1, limit)) * 100).toFixed(2)}%`,
    NetIO: `${humanSize(total('rx_bytes'), 3)} / ${humanSize(total('tx_bytes'), 3)}`, BlockIO: '0B / 0B', PIDs: String(stats.pids_stats.current),
  }
}
