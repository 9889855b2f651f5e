/** `docker volume`. */
import { bool, string, stringArray } from '#engine/programs/common/cobra/flags'
import type { Command } from '#engine/programs/common/cobra/command'
import { humanSize } from '#engine/cri/units'
import { DockerFailure, filterFlag, filtersText } from '../kit/api'
import { type Context, each, group, leaf } from '../kit/command'
import { listOf, printRows, type Row } from '../kit/format'
import { confirmed } from '../container/manage'
import { inspectOf } from '../container/inspect'
import { pairs } from '../container/request'
import { naturally } from './networks'

interface ListedVolume { readonly Name: string; readonly Driver: string; readonly Scope: string; readonly Mountpoint: string; readonly Labels: Record<string, string> | null }

const ls = leaf({
  use: 'ls [OPTIONS]', short: 'List volumes', args: { exactly: 0 }, aliases: ['list'], flags: [bool('cluster', 'Display only cluster volumes, and use cluster volume list formatting'), filterFlag('filter,f', 'Provide filter values (e.g. "dangling=true")'), string('format', 'Format output using a custom template'), bool('quiet,q', 'Only display volume names')],
  async run({ api, flags, process }) {
    const { Volumes } = await api.get<{ Volumes: ListedVolume[] | null }>('/volumes', { filters: filtersText(flags.list('filter')) })
    const rows = (Volumes ?? []).sort((a, b) => naturally(a.Name, b.Name)).map((volume): Row => ({ Availability: 'N/A', Driver: volume.Driver, Group: 'N/A', Labels: listOf(volume.Labels), Links: 'N/A', Mountpoint: volume.Mountpoint, Name: volume.Name, Scope: volume.Scope, Size: 'N/A', Status: 'N/A', Label: (name: unknown) => volume.Labels?.[String(name)] ?? '' }))
    const columns = { Name: 'VOLUME NAME', Driver: 'DRIVER', Scope: 'SCOPE', Mountpoint: 'MOUNTPOINT', Labels: 'LABELS', Links: 'LINKS', Size: 'SIZE', Status: 'STATUS', Availability: 'AVAILABILITY', Group: 'GROUP' }
    return printRows(process, { type: '*volume.volumeContext', columns, table: 'table {{.Driver}}\t{{.Name}}', quiet: '{{.Name}}' }, rows, { format: flags.string('format'), quiet: flags.bool('quiet') })
  },
})

const create = leaf({
  use: 'create [OPTIONS] [VOLUME]', short: 'Create a volume', args: { atMost: 1 },
  flags: [string('driver,d', 'Specify volume driver name', { default: 'local' }), stringArray('label', 'Set metadata for a volume', { typeName: 'list' }), string('name', 'Specify volume name', { hidden: true }), stringArray('opt,o', 'Set driver specific options', { typeName: 'map' })],
  async run({ api, args: [given], flags, process }) {
    if (given !== undefined && flags.string('name') !== '') throw new DockerFailure('conflicting options: cannot specify a volume name through both --name and as a positional arg')
    const { Name } = await api.json<{ Name: string }>('POST', '/volumes/create', { json: { Name: given ?? flags.string('name'), Driver: flags.string('driver'), DriverOpts: pairs(flags.list('opt')), Labels: pairs(flags.list('label')) } })
    await process.stdout.write(`${Name}\n`)
    return 0
  },
})

const rm = leaf({
  use: 'rm [OPTIONS] VOLUME [VOLUME...]', short: 'Remove one or more volumes', args: { atLeast: 1 }, aliases: ['remove'], flags: [bool('force,f', 'Force the removal of one or more volumes')],
  run: (context) => each(context, async (name) => (await context.api.request('DELETE', `/volumes/${encodeURIComponent(name)}`, { query: { force: context.flags.bool('force') || undefined } }), name)),
})

const prune = leaf({
  use: 'prune [OPTIONS]', short: 'Remove unused local volumes', args: { exactly: 0 }, flags: [bool('all,a', 'Remove all unused volumes, not just anonymous ones'), filterFlag('filter', 'Provide filter values (e.g. "label=<label>")'), bool('force,f', 'Do not prompt for confirmation')],
  async run(context) {
    const { flags, process } = context
    if (flags.bool('all')) throw new DockerFailure('"--all" requires API version 1.42, but the Docker daemon API version is 1.41')
    if (!(await confirmed(context, 'WARNING! This will remove all local volumes not used by at least one container.\n'))) return 0
    const { text, reclaimed } = await pruneVolumes(context)
    await process.stdout.write(`${text}Total reclaimed space: ${humanSize(reclaimed)}\n`)
    return 0
  },
})

export async function pruneVolumes({ api, flags }: Context): Promise<{ text: string; reclaimed: number }> {
  const { VolumesDeleted, SpaceReclaimed } = await api.json<{ VolumesDeleted: string[] | null; SpaceReclaimed: number }>('POST', '/volumes/prune', { query: { filters: filtersText(flags.list('filter')) } })
  return { text: VolumesDeleted ? `Deleted Volumes:\n${VolumesDeleted.map((name) => `${name}\n`).join('')}\n` : '', reclaimed: SpaceReclaimed }
}

export const volumeGroup: Command = group('volume', 'Manage volumes', [ls, create, inspectOf('volume', 'inspect [OPTIONS] VOLUME [VOLUME...]', 'Display detailed information on one or more volumes'), rm, prune])
