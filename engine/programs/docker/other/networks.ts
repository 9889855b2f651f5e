/** `docker network`. */
import { bool, string, stringArray } from '#engine/programs/common/cobra/flags'
import type { Command } from '#engine/programs/common/cobra/command'
import { DockerFailure, filterFlag, filtersText } from '../kit/api'
import { type Context, group, leaf } from '../kit/command'
import { listOf, printRows, type Row, shortened } from '../kit/format'
import { confirmed } from '../container/manage'
import { goTime } from '../container/list'
import { inspectOf } from '../container/inspect'
import { pairs } from '../container/request'

interface ListedNetwork { readonly Id: string; readonly Name: string; readonly Driver: string; readonly Scope: string; readonly EnableIPv6: boolean; readonly Internal: boolean; readonly Created: string; readonly Labels: Record<string, string> | null }

const list = (names: string, usage: string): ReturnType<typeof stringArray> => stringArray(names, usage, { typeName: 'list' })
const at = (name: string): string => `/networks/${encodeURIComponent(name)}`

const ls = leaf({
  use: 'ls [OPTIONS]', short: 'List networks', args: { exactly: 0 }, aliases: ['list'], flags: [filterFlag('filter,f', 'Provide filter values (e.g. "driver=bridge")'), string('format', 'Format output using a custom template'), bool('no-trunc', 'Do not truncate the output'), bool('quiet,q', 'Only display network IDs')],
  async run({ api, flags, process }) {
    const networks = await api.get<ListedNetwork[]>('/networks', { filters: filtersText(flags.list('filter')) })
    const rows = networks.sort((a, b) => naturally(a.Name, b.Name)).map((network): Row => ({
      CreatedAt: goTime(Date.parse(network.Created)), Driver: network.Driver, ID: shortened(network.Id, flags.bool('no-trunc')), IPv4: 'true', IPv6: String(network.EnableIPv6), Internal: String(network.Internal), Labels: listOf(network.Labels), Name: network.Name, Scope: network.Scope, Label: (name: unknown) => network.Labels?.[String(name)] ?? '',
    }))
    const columns = { ID: 'NETWORK ID', Name: 'NAME', Driver: 'DRIVER', Scope: 'SCOPE', IPv6: 'IPV6', Internal: 'INTERNAL', Labels: 'LABELS', CreatedAt: 'CREATED AT' }
    return printRows(process, { type: '*network.networkContext', columns, table: 'table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}' }, rows, { format: flags.string('format'), quiet: flags.bool('quiet') })
  },
})

export function naturally(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const create = leaf({
  use: 'create [OPTIONS] NETWORK', short: 'Create a network', args: { exactly: 1 },
  flags: [
    bool('attachable', 'Enable manual container attachment'), list('aux-address', 'Auxiliary IPv4 or IPv6 addresses used by Network driver'), string('driver,d', 'Driver to manage the Network', { default: 'bridge' }), list('gateway', 'IPv4 or IPv6 Gateway for the master subnet'), bool('ingress', 'Create swarm routing-mesh network'),
    bool('internal', 'Restrict external access to the network'), list('ip-range', 'Allocate container ip from a sub-range'), string('ipam-driver', 'IP Address Management Driver', { default: 'default' }), list('ipam-opt', 'Set IPAM driver specific options'), bool('ipv6', 'Enable or disable IPv6 address assignment'), list('label', 'Set metadata on a network'),
    list('opt,o', 'Set driver specific options'), string('scope', "Control the network's scope"), list('subnet', 'Subnet in CIDR format that represents a network segment'),
  ],
  async run({ api, args: [Name = ''], flags, process }) {
    const [subnet, gateway, range] = [flags.list('subnet')[0], flags.list('gateway')[0], flags.list('ip-range')[0]]
    if (subnet === undefined && (gateway !== undefined || range !== undefined)) throw new DockerFailure('every ip-range or gateway must have a corresponding subnet')
    if (flags.bool('ipv6')) throw new DockerFailure('--ipv6 is not supported')
    const Config = subnet === undefined ? [] : [{ Subnet: subnet, ...(gateway === undefined ? {} : { Gateway: gateway }), ...(range === undefined ? {} : { IPRange: range }) }]
    const json = { Name, Driver: flags.string('driver'), Internal: flags.bool('internal'), Attachable: flags.bool('attachable'), IPAM: { Driver: 'default', Config }, Options: pairs(flags.list('opt')), Labels: pairs(flags.list('label')), CheckDuplicate: true }
    const { Id } = await api.json<{ Id: string }>('POST', '/networks/create', { json })
    await process.stdout.write(`${Id}\n`)
    return 0
  },
})

const connect = leaf({
  use: 'connect [OPTIONS] NETWORK CONTAINER', short: 'Connect a container to a network', args: { exactly: 2 },
  flags: [list('alias', 'Add network-scoped alias for the container'), list('driver-opt', 'driver options for the network'), string('ip', 'IPv4 address (e.g., "172.30.100.104")'), string('ip6', 'IPv6 address'), list('link', 'Add link to another container'), list('link-local-ip', 'Add a link-local address for the container')],
  async run({ api, args: [network = '', Container = ''], flags }) {
    const ip = flags.string('ip')
    const aliases = flags.list('alias')
    await api.post(`${at(network)}/connect`, { json: { Container, EndpointConfig: { ...(aliases.length > 0 ? { Aliases: aliases } : {}), ...(ip === '' ? {} : { IPAMConfig: { IPv4Address: ip } }) } } })
    return 0
  },
})

const disconnect = leaf({
  use: 'disconnect [OPTIONS] NETWORK CONTAINER', short: 'Disconnect a container from a network', args: { exactly: 2 }, flags: [bool('force,f', 'Force the container to disconnect from a network')],
  run: async ({ api, args: [network = '', Container = ''], flags }) => (await api.post(`${at(network)}/disconnect`, { json: { Container, Force: flags.bool('force') } }), 0),
})

/** Each failure is told at once; the end only says that there was one. */
const rm = leaf({
  use: 'rm NETWORK [NETWORK...]', short: 'Remove one or more networks', args: { atLeast: 1 }, aliases: ['remove'], flags: [bool('force,f', 'Do not error if the network does not exist')],
  async run({ api, args, flags, process }) {
    let failed = false
    for (const name of args) {
      try {
        await api.request('DELETE', at(name))
        await process.stdout.write(`${name}\n`)
      } catch (error) {
        if (!(error instanceof DockerFailure)) throw error
        if (flags.bool('force') && error.status === 404) continue
        await process.stderr.write(`${error.message}\n`)
        failed = true
      }
    }
    if (failed) throw new DockerFailure('exit status 1')
    return 0
  },
})

const prune = leaf({
  use: 'prune [OPTIONS]', short: 'Remove all unused networks', args: { exactly: 0 }, flags: [filterFlag('filter', 'Provide filter values (e.g. "until=<timestamp>")'), bool('force,f', 'Do not prompt for confirmation')],
  async run(context) {
    if (!(await confirmed(context, 'WARNING! This will remove all custom networks not used by at least one container.\n'))) return 0
    const text = await pruneNetworks(context)
    await context.process.stdout.write(text)
    return 0
  },
})

export async function pruneNetworks({ api, flags }: Context): Promise<string> {
  const { NetworksDeleted } = await api.json<{ NetworksDeleted: string[] | null }>('POST', '/networks/prune', { query: { filters: filtersText(flags.list('filter')) } })
  return NetworksDeleted ? `Deleted Networks:\n${NetworksDeleted.map((name) => `${name}\n`).join('')}\n` : ''
}

export const networkGroup: Command = group('network', 'Manage networks', [ls, create, connect, disconnect, inspectOf('network', 'inspect [OPTIONS] NETWORK [NETWORK...]', 'Display detailed information on one or more networks', [bool('verbose,v', 'Verbose output for diagnostics')]), rm, prune])
