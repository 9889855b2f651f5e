/** `docker version`, `info`, `events`, `system`. */
import { bool, string } from '#engine/programs/common/cobra/flags'
import type { Command } from '#engine/programs/common/cobra/command'
import { humanSize, binarySize } from '#engine/cri/units'
import { DockerFailure, filterFlag, filtersText, jsonLines } from '../kit/api'
import { type Context, group, leaf } from '../kit/command'
import { documentText, printRows } from '../kit/format'
import { instantOf } from '../kit/times'
import { confirmed } from '../container/manage'
import { pruneNetworks } from './networks'
import { pruneVolumes } from './volumes'

export const clientVersion = '28.2.2'
const clientBuild = '28.2.2-0ubuntu1'
const formatFlag = string('format,f', "Format output using a custom template:\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates")

interface ServerVersion { readonly Version: string; readonly ApiVersion: string; readonly MinAPIVersion: string; readonly GitCommit: string; readonly GoVersion: string; readonly Os: string; readonly Arch: string; readonly BuildTime: string; readonly Components: readonly { readonly Name: string; readonly Version: string; readonly Details: Readonly<Record<string, string>> }[] }

export const versionCommand: Command = leaf({
  use: 'version [OPTIONS]', short: 'Show the Docker version information', args: { exactly: 0 }, flags: [formatFlag],
  async run({ api, flags, process }) {
    const client = { Version: clientVersion, ApiVersion: '1.41', DefaultAPIVersion: '1.50', GitCommit: clientBuild, GoVersion: 'go1.23.1', Os: 'linux', Arch: 'amd64', BuildTime: 'Wed Sep 10 14:16:39 2025', Context: 'default' }
    let server: ServerVersion | undefined
    let failure: DockerFailure | undefined
    try {
      server = await api.get<ServerVersion>('/version')
    } catch (error) {
      if (!(error instanceof DockerFailure)) throw error
      failure = error
    }
    const format = flags.string('format')
    if (format !== '') await process.stdout.write(`${format === 'json' ? JSON.stringify({ Client: client, Server: server ?? null }) : documentText({ Client: client, Server: server ? { ...server, Platform: { Name: '' } } : null }, format)}\n`)
    else await process.stdout.write(`${clientText(client)}${server ? serverText(server) : ''}`)
    if (failure) throw failure
    return 0
  },
})

function clientText(client: Readonly<Record<string, string>>): string {
  const line = (name: string, value = ''): string => ` ${`${name}:`.padEnd(18)}${value}\n`
  return `Client:\n${line('Version', client['Version'])}${line('API version', `${client['ApiVersion'] ?? ''} (downgraded from ${client['DefaultAPIVersion'] ?? ''})`)}${line('Go version', client['GoVersion'])}${line('Git commit', client['GitCommit'])}${line('Built', client['BuildTime'])}${line('OS/Arch', 'linux/amd64')}${line('Context', client['Context'])}`
}

function serverText(server: ServerVersion): string {
  const parts = server.Components.map(({ Name, Version, Details }) => {
    const line = (name: string, value = ''): string => `  ${`${name}:`.padEnd(17)}${value}\n`
    const head = ` ${Name}:\n${line('Version', Version)}`
    if (Name !== 'Engine') return `${head}${line('GitCommit', Details['GitCommit'])}`
    return `${head}${line('API version', `${Details['ApiVersion'] ?? ''} (minimum version ${Details['MinAPIVersion'] ?? ''})`)}${line('Go version', Details['GoVersion'])}${line('Git commit', Details['GitCommit'])}${line('Built', Details['BuildTime'])}${line('OS/Arch', 'linux/amd64')}${line('Experimental', 'false')}`
  })
  return `\nServer:\n${parts.join('')}`
}

type Info = Readonly<Record<string, unknown>> & { readonly ServerVersion?: string }

export const infoCommand = (use: string): Command => leaf({
  use, short: 'Display system-wide information', args: { exactly: 0 }, flags: [formatFlag], ways: ['docker system info', 'docker info'],
  async run({ api, flags, process }) {
    const format = flags.string('format')
    let info: Info = {}
    let failure: DockerFailure | undefined
    try {
      info = await api.get<Info>('/info')
    } catch (error) {
      if (!(error instanceof DockerFailure)) throw error
      failure = error
    }
    const full = { ...info, ClientInfo: { Debug: false, Version: clientVersion, GitCommit: clientBuild, Context: 'default', Plugins: [], Warnings: null } }
    if (failure && format !== '') throw failure
    if (format !== '') await process.stdout.write(`${format === 'json' ? JSON.stringify(full) : documentText(full, format)}\n`)
    else await process.stdout.write(`Client:\n Version:    ${clientVersion}\n Context:    default\n Debug Mode: false\n\nServer:\n${failure ? '' : serverInfo(info)}`)
    if (failure) {
      await process.stderr.write(`${failure.message}\nerrors pretty printing info\n`)
      return 1
    }
    return 0
  },
})

function serverInfo(info: Info): string {
  const text = (name: string): string => String(info[name] ?? '')
  const plugins = info['Plugins'] as { Volume: string[]; Network: string[]; Log: string[] }
  const runtimes = Object.keys(info['Runtimes'] as object).sort().join(' ')
  const commit = (name: string): string => (info[name] as { ID: string }).ID
  const registry = info['RegistryConfig'] as { InsecureRegistryCIDRs: string[]; IndexConfigs: Record<string, { Name: string; Secure: boolean }> }
  const insecure = [...Object.values(registry.IndexConfigs).filter((index) => !index.Secure).map((index) => index.Name), ...registry.InsecureRegistryCIDRs]
  const status = (info['DriverStatus'] as [string, string][]).map(([name, value]) => `  ${name}: ${value}\n`).join('')
  return [
    ` Containers: ${text('Containers')}\n  Running: ${text('ContainersRunning')}\n  Paused: ${text('ContainersPaused')}\n  Stopped: ${text('ContainersStopped')}\n Images: ${text('Images')}\n Server Version: ${text('ServerVersion')}\n Storage Driver: ${text('Driver')}\n${status}`,
    ` Logging Driver: ${text('LoggingDriver')}\n Cgroup Driver: ${text('CgroupDriver')}\n Cgroup Version: ${text('CgroupVersion')}\n Plugins:\n  Volume: ${plugins.Volume.join(' ')}\n  Network: ${plugins.Network.join(' ')}\n  Log: ${plugins.Log.join(' ')}\n Swarm: inactive\n Runtimes: ${runtimes}\n`,
    ` Default Runtime: ${text('DefaultRuntime')}\n Init Binary: ${text('InitBinary')}\n containerd version: ${commit('ContainerdCommit')}\n runc version: ${commit('RuncCommit')}\n init version: ${commit('InitCommit')}\n Security Options:\n  seccomp\n   Profile: default\n  cgroupns\n`,
    ` Kernel Version: ${text('KernelVersion')}\n Operating System: ${text('OperatingSystem')}\n OSType: ${text('OSType')}\n Architecture: ${text('Architecture')}\n CPUs: ${text('NCPU')}\n Total Memory: ${binarySize(Number(info['MemTotal']), 4)}\n Name: ${text('Name')}\n ID: ${text('ID')}\n Docker Root Dir: ${text('DockerRootDir')}\n`,
    ` Debug Mode: ${text('Debug')}\n Experimental: ${text('ExperimentalBuild')}\n Insecure Registries:\n${insecure.map((name) => `  ${name}\n`).join('')} Live Restore Enabled: ${text('LiveRestoreEnabled')}\n\n`,
  ].join('')
}

interface EventLine { readonly Type: string; readonly Action: string; readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> }; readonly timeNano: number }

export const eventsCommand = (use: string): Command => leaf({
  use, short: 'Get real time events from the server', args: { exactly: 0 }, ways: ['docker system events', 'docker events'],
  flags: [filterFlag('filter,f', 'Filter output based on conditions provided'), string('format', 'Format output using a custom template'), string('since', 'Show all events created since timestamp'), string('until', 'Stream events until this timestamp')],
  async run({ api, flags, process }) {
    const now = process.clock.now()
    const at = (name: string): string | undefined => (flags.string(name) === '' ? undefined : (instantOf(flags.string(name), now, name) / 1000).toFixed(6))
    const answer = await api.request('GET', '/events', { query: { since: at('since'), until: at('until'), filters: filtersText(flags.list('filter')) }, signal: process.dying })
    const format = flags.string('format')
    for await (const event of jsonLines<EventLine>(answer.body)) {
      const attributes = Object.entries(event.Actor.Attributes).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}=${value}`).join(', ')
      const plain = `${new Date(event.timeNano / 1e6).toISOString().slice(0, 19)}.${String(event.timeNano % 1e9).padStart(9, '0')}Z ${event.Type} ${event.Action} ${event.Actor.ID}${attributes === '' ? '' : ` (${attributes})`}`
      await process.stdout.write(`${format === '' ? plain : format === 'json' ? JSON.stringify(event) : documentText(event, format)}\n`)
    }
    return 0
  },
})

interface DiskUse { readonly LayersSize: number; readonly Images: { readonly Containers: number; readonly Size: number }[] | null; readonly Containers: { readonly State: string; readonly SizeRw?: number }[] | null; readonly Volumes: { readonly UsageData: { readonly RefCount: number; readonly Size: number } }[] | null }

const df = leaf({
  use: 'df [OPTIONS]', short: 'Show docker disk usage', args: { exactly: 0 }, flags: [string('format', 'Format output using a custom template'), bool('verbose,v', 'Show detailed information on space usage')],
  async run({ api, flags, process }) {
    if (flags.bool('verbose')) throw new DockerFailure('--verbose is not supported')
    const use = await api.get<DiskUse>('/system/df')
    const [images, containers, volumes] = [use.Images ?? [], use.Containers ?? [], use.Volumes ?? []]
    const running = containers.filter((container) => ['running', 'paused', 'restarting'].includes(container.State))
    const sum = (list: readonly { readonly size: number }[]): number => list.reduce((total, item) => total + item.size, 0)
    const sizes = (all: readonly number[]): number => sum(all.map((size) => ({ size })))
    const reclaimable = (free: number, total: number): string => (total > 0 ? `${humanSize(free, 4)} (${Math.floor((free * 100) / total)}%)` : humanSize(free, 4))
    const rwAll = sizes(containers.map((container) => container.SizeRw ?? 0))
    const rwFree = rwAll - sizes(running.map((container) => container.SizeRw ?? 0))
    const volumeAll = sizes(volumes.map((volume) => volume.UsageData.Size))
    const volumeFree = sizes(volumes.filter((volume) => volume.UsageData.RefCount === 0).map((volume) => volume.UsageData.Size))
    const imageFree = use.LayersSize - sizes(images.filter((image) => image.Containers > 0).map((image) => image.Size))
    const row = (Type: string, TotalCount: number, Active: number, total: number, Reclaimable: string) => ({ Active: String(Active), Reclaimable, Size: humanSize(total, 4), TotalCount: String(TotalCount), Type })
    const rows = [
      row('Images', images.length, images.filter((image) => image.Containers > 0).length, use.LayersSize, reclaimable(Math.max(0, imageFree), use.LayersSize)), row('Containers', containers.length, running.length, rwAll, reclaimable(rwFree, rwAll)),
      row('Local Volumes', volumes.length, volumes.filter((volume) => volume.UsageData.RefCount > 0).length, volumeAll, reclaimable(volumeFree, volumeAll)), row('Build Cache', 0, 0, 0, '0B'),
    ]
    return printRows(process, { type: '*formatter.diskUsageContext', columns: { Type: 'TYPE', TotalCount: 'TOTAL', Active: 'ACTIVE', Size: 'SIZE', Reclaimable: 'RECLAIMABLE' }, table: 'table {{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}' }, rows, { format: flags.string('format') })
  },
})

const prune = leaf({
  use: 'prune [OPTIONS]', short: 'Remove unused data', args: { exactly: 0 }, flags: [bool('all,a', 'Remove all unused images not just dangling ones'), filterFlag('filter', 'Provide filter values (e.g. "label=<key>=<value>")'), bool('force,f', 'Do not prompt for confirmation'), bool('volumes', 'Prune anonymous volumes')],
  run: pruneAll,
})

async function pruneAll(context: Context): Promise<number> {
  const { api, flags, process } = context
  const all = flags.bool('all')
  const items = ['all stopped containers', 'all networks not used by at least one container', ...(flags.bool('volumes') ? ['all anonymous volumes not used by at least one container'] : []), all ? 'all images without at least one container associated to them' : 'all dangling images', all ? 'all build cache' : 'unused build cache']
  if (!(await confirmed(context, `WARNING! This will remove:\n${items.map((item) => `  - ${item}\n`).join('')}\n`))) return 0
  const filters = filtersText(flags.list('filter'))
  const containers = await api.json<{ ContainersDeleted: string[] | null; SpaceReclaimed: number }>('POST', '/containers/prune', { query: { filters } })
  if (containers.ContainersDeleted) await process.stdout.write(`Deleted Containers:\n${containers.ContainersDeleted.map((id) => `${id}\n`).join('')}\n`)
  await process.stdout.write(await pruneNetworks(context))
  const volumes = flags.bool('volumes') ? await pruneVolumes(context) : { text: '', reclaimed: 0 }
  await process.stdout.write(volumes.text)
  const images = await api.json<{ ImagesDeleted: { Untagged?: string; Deleted?: string }[] | null; SpaceReclaimed: number }>('POST', '/images/prune', { query: { filters: filtersText([`dangling=${String(!all)}`, ...flags.list('filter')]) } })
  if (images.ImagesDeleted) await process.stdout.write(`Deleted Images:\n${images.ImagesDeleted.map((item) => (item.Deleted === undefined ? `untagged: ${item.Untagged ?? ''}\n` : `deleted: ${item.Deleted}\n`)).join('')}\n`)
  await process.stdout.write(`Total reclaimed space: ${humanSize(containers.SpaceReclaimed + volumes.reclaimed + images.SpaceReclaimed)}\n`)
  return 0
}

export const systemGroup: Command = group('system', 'Manage Docker', [df, eventsCommand('events [OPTIONS]'), infoCommand('info [OPTIONS]'), prune])
