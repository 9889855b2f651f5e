/** podman network. */
import { defaultNetwork, networkDirectory, type NetworkFile, networkNamed, networks, networkText } from '#engine/cri/podman/network'
import { removeContainer } from '#engine/cri/podman/lifecycle'
import { PodmanError } from '#engine/cri/podman/model'
import { formatRows, podmanTable, tableText } from '#engine/programs/common/containers/report'
import { pairs } from './options'
import { each, type Commands, say, type Session } from './session'

export function networkInspection(network: NetworkFile): object {
  return {
    name: network.name, id: network.id, driver: 'bridge', network_interface: network.bridge, created: '2026-11-21T00:00:00Z', subnets: [{ subnet: network.subnet, gateway: network.gateway }], ipv6_enabled: false, internal: network.internal, dns_enabled: false, ...(Object.keys(network.labels).length > 0 ? { labels: network.labels } : {}), ipam_options: { driver: 'host-local' },
  }
}

async function ls(session: Session): Promise<number> {
  const { flags, library } = session
  const rows = networks(library).filter((network) => flags.all('filter').every((filter) => !filter.startsWith('name=') || network.name.includes(filter.slice(5)))).map((network) => ({ ID: flags.has('no-trunc') ? network.id : network.id.slice(0, 12), Name: network.name, Driver: 'bridge', Labels: Object.entries(network.labels).map(([name, value]) => `${name}=${value}`).join(',') }))
  if (flags.has('quiet')) return say(session, rows.map((row) => `${row.Name}\n`).join(''))
  const format = flags.value('format')
  if (format === 'json') return say(session, `${JSON.stringify(networks(library).map(networkInspection), null, 5)}\n`)
  if (format !== undefined) return say(session, formatRows(format, rows, { ID: 'NETWORK ID', Name: 'NAME', Driver: 'DRIVER' }, podmanTable))
  return say(session, tableText([{ title: 'NETWORK ID', field: 'ID' }, { title: 'NAME', field: 'Name' }, { title: 'DRIVER', field: 'Driver' }], rows, podmanTable))
}

async function create(session: Session): Promise<number> {
  const { flags, library } = session
  const name = flags.operands[0] ?? freeName(session)
  if (networkNamed(library, name)) throw new PodmanError(`network name ${name} already used: network already exists`)
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) throw new PodmanError(`network name ${name} invalid: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument`)
  if (flags.value('driver') !== undefined && flags.value('driver') !== 'bridge') throw new PodmanError(`unsupported driver ${flags.value('driver') ?? ''}: this machine has only bridges`)
  const known = networks(library)
  const subnet = flags.value('subnet') ?? freeSubnet(known)
  if (!/^\d+\.\d+\.\d+\.\d+\/\d+$/.test(subnet)) throw new PodmanError(`invalid CIDR address: ${subnet}`)
  const gateway = flags.value('gateway') ?? subnet.replace(/\d+\/\d+$/, '1')
  const path = `${networkDirectory}/${name}.conflist`
  library.files.mkdirAll(networkDirectory, 0o755)
  library.files.writeFile(path, networkText(name, `cni-podman${freeBridge(known)}`, subnet, gateway, { internal: flags.has('internal'), labels: pairs(flags.all('label')) }), 0o644)
  return say(session, `${name}\n`)
}

function freeName(session: Session): string {
  return `podman${networks(session.library).length}`
}

function freeSubnet(known: readonly NetworkFile[]): string {
  for (let third = 0; ; third++) {
    const subnet = `10.89.${third}.0/24`
    if (!known.some((network) => network.subnet === subnet)) return subnet
  }
}

function freeBridge(known: readonly NetworkFile[]): number {
  for (let number = 1; ; number++) if (!known.some((network) => network.bridge === `cni-podman${number}`)) return number
}

async function rm(session: Session): Promise<number> {
  const { flags, library } = session
  return each(session, flags.operands, async (name) => {
    const network = networkNamed(library, name)
    if (!network) throw new PodmanError(`unable to find network with name or ID ${name}: network not found`, 1)
    if (network.name === defaultNetwork) throw new PodmanError(`default network ${name} cannot be removed`)
    const users = library.containers().filter((record) => record.networks.includes(network.name))
    if (users.length > 0 && !flags.has('force')) throw new PodmanError(`${JSON.stringify(network.name)} has associated containers with it. Use -f to forcibly delete containers and pods: network is being used`, 2)
    for (const user of users) await removeContainer(library, user, { force: true })
    library.files.unlink(network.path)
    await say(session, `${name}\n`)
  })
}

async function prune(session: Session): Promise<number> {
  const { library } = session
  for (const network of networks(library)) {
    if (network.name === defaultNetwork || library.containers().some((record) => record.networks.includes(network.name))) continue
    library.files.unlink(network.path)
    await say(session, `${network.name}\n`)
  }
  return 0
}

export const networkCommands: Commands = {
  'network ls': { flags: 'filter,f= format= no-trunc noheading,n quiet,q', operands: [0, 0], run: ls },
  'network create': { flags: 'disable-dns driver,d= gateway= ignore internal ip-range= ipv6 label= macvlan= opt,o= subnet=', operands: [0, 1], run: create },
  'network rm': { flags: 'force,f time,t=', operands: [1, 99], run: rm },
  'network prune': { flags: 'force,f filter=', operands: [0, 0], run: prune },
  'network exists': { flags: '', operands: [1, 1], run: async (session) => (networkNamed(session.library, session.flags.operands[0] ?? '') ? 0 : 1) },
}
