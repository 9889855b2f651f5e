/** `docker ps`. */
import { bool, int, string } from '#engine/programs/common/cobra/flags'
import type { Command } from '#engine/programs/common/cobra/command'
import { humanDuration, humanSize } from '#engine/cri/units'
import { filterFlag, filtersText } from '../kit/api'
import { type Context, leaf } from '../kit/command'
import { type Listing, listOf, printRows, type Row, shortened } from '../kit/format'

export interface ListedContainer {
  readonly Id: string
  readonly Names: readonly string[]
  readonly Image: string
  readonly ImageID: string
  readonly Command: string
  readonly Created: number
  readonly Ports: readonly { readonly IP?: string; readonly PrivatePort: number; readonly PublicPort?: number; readonly Type: string }[] | null
  readonly Labels: Readonly<Record<string, string>> | null
  readonly State: string
  readonly Status: string
  readonly SizeRw?: number
  readonly SizeRootFs?: number
  readonly NetworkSettings?: { readonly Networks: Readonly<Record<string, unknown>> }
  readonly Mounts?: readonly { readonly Name?: string; readonly Source: string }[]
}

const columns = { ID: 'CONTAINER ID', Image: 'IMAGE', Command: 'COMMAND', RunningFor: 'CREATED', CreatedAt: 'CREATED AT', Status: 'STATUS', State: 'STATE', Ports: 'PORTS', Names: 'NAMES', Size: 'SIZE', Labels: 'LABELS', Mounts: 'MOUNTS', Networks: 'NETWORKS', LocalVolumes: 'LOCAL VOLUMES', Platform: 'PLATFORM' }
const table = 'table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}'

export const psCommand: Command = leaf({
  use: 'ps [OPTIONS]', short: 'List containers', args: { exactly: 0 }, ways: ['docker container ls', 'docker container list', 'docker container ps', 'docker ps'],
  flags: [
    bool('all,a', 'Show all containers (default shows just running)'), filterFlag('filter,f', 'Filter output based on conditions provided'), string('format', 'Format output using a custom template'),
    int('last,n', 'Show n last created containers (includes all states)', { default: -1 }), bool('latest,l', 'Show the latest created container (includes all states)'), bool('no-trunc', "Don't truncate output"), bool('quiet,q', 'Only display container IDs'), bool('size,s', 'Display total file sizes'),
  ],
  run: list,
})

async function list({ api, flags, process }: Context): Promise<number> {
  const limit = flags.bool('latest') ? 1 : flags.number('last')
  const format = flags.string('format')
  const size = flags.bool('size') || (!flags.bool('quiet') && /\.Size/.test(format))
  const containers = await api.get<ListedContainer[]>('/containers/json', { all: flags.bool('all') || undefined, limit: limit > 0 ? limit : undefined, size: size || undefined, filters: filtersText(flags.list('filter')) })
  const listing: Listing = { type: '*formatter.ContainerContext', columns, table: flags.bool('size') ? `${table}\t{{.Size}}` : table }
  return printRows(process, listing, containers.map((container) => rowOf(container, process.clock.now(), flags.bool('no-trunc'))), { format, quiet: flags.bool('quiet') })
}

function rowOf(container: ListedContainer, nowMs: number, noTrunc: boolean): Row {
  const names = container.Names.map((name) => name.replace(/^\//, '')).filter((name) => noTrunc || !name.includes('/'))
  const image = container.Image === '' ? '<no image>' : noTrunc || !container.Image.startsWith('sha256:') ? container.Image : shortened(container.Image, false)
  return {
    Command: JSON.stringify(noTrunc ? container.Command : ellipsis(container.Command, 20)), CreatedAt: goTime(container.Created * 1000), ID: shortened(container.Id, noTrunc), Image: image, Labels: listOf(container.Labels), LocalVolumes: String((container.Mounts ?? []).filter((mount) => mount.Name !== undefined).length),
    Mounts: (container.Mounts ?? []).map((mount) => (noTrunc ? (mount.Name ?? mount.Source) : ellipsis(mount.Name ?? mount.Source, 15))).join(','), Names: names.join(','), Networks: Object.keys(container.NetworkSettings?.Networks ?? {}).join(','), Platform: null, Ports: portsText(container.Ports ?? []),
    RunningFor: `${humanDuration(nowMs - container.Created * 1000)} ago`, Size: sizeText(container), State: container.State, Status: container.Status, Label: (name: unknown) => container.Labels?.[String(name)] ?? '',
  }
}

export function ellipsis(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}

function sizeText({ SizeRw = 0, SizeRootFs = 0 }: ListedContainer): string {
  return SizeRootFs > 0 ? `${humanSize(SizeRw, 3)} (virtual ${humanSize(SizeRootFs, 3)})` : humanSize(SizeRw, 3)
}

/** As Go prints a local time. */
export function goTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`
}

type Port = NonNullable<ListedContainer['Ports']>[number]

/** Neighbours are drawn together: `80-81/tcp`, `0.0.0.0:8000-8001->80-81/tcp`. */
export function portsText(ports: readonly Port[]): string {
  const sorted = [...ports].sort((a, b) => a.PrivatePort - b.PrivatePort || byText(a.IP ?? '', b.IP ?? '') || (a.PublicPort ?? 0) - (b.PublicPort ?? 0) || byText(a.Type, b.Type))
  const groups = new Map<string, { first: number; last: number }>()
  const order: string[] = []
  const single: string[] = []
  for (const port of sorted) {
    if (port.IP !== undefined && port.IP !== '' && port.PublicPort !== port.PrivatePort) {
      single.push(`${hostPart(port.IP)}:${port.PublicPort ?? 0}->${port.PrivatePort}/${port.Type}`)
      continue
    }
    const key = `${port.IP ?? ''}|${port.Type}`
    const known = groups.get(key)
    if (known && known.last === port.PrivatePort - 1) known.last = port.PrivatePort
    else if (known && known.last === port.PrivatePort) continue
    else {
      if (known) single.push(groupText(key, known))
      else order.push(key)
      groups.set(key, { first: port.PrivatePort, last: port.PrivatePort })
    }
  }
  return [...order.map((key) => groupText(key, groups.get(key) as { first: number; last: number })), ...single].join(', ')
}

function groupText(key: string, { first, last }: { first: number; last: number }): string {
  const [ip = '', type = ''] = key.split('|')
  const range = first === last ? String(first) : `${first}-${last}`
  return ip === '' ? `${range}/${type}` : `${hostPart(ip)}:${range}->${range}/${type}`
}

function hostPart(ip: string): string {
  return ip.includes(':') ? `[${ip}]` : ip
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
