/** Networks by CNI configuration files, and namespaces that outlive the call that made them. */
import { Cni, CniError, type CniResult, type NetworkList, type SandboxNetwork } from '../containerd/cni'
import { pinNamespace, unpinNamespace } from '../containerd/netns'
import type { Library } from './library'
import { type AttachedNetwork, type ContainerNetwork, type ContainerRecord, PodmanError } from './model'

export const networkDirectory = '/etc/cni/net.d'
const pluginDirectories = ['/usr/lib/cni', '/opt/cni/bin']
export const defaultNetwork = 'podman'

export interface NetworkFile { readonly path: string; readonly name: string; readonly id: string; readonly list: NetworkList; readonly subnet: string; readonly gateway: string; readonly bridge: string; readonly internal: boolean; readonly labels: Readonly<Record<string, string>> }

interface BridgePlugin { readonly type: string; readonly bridge?: string; readonly isGateway?: boolean; readonly ipam?: { readonly ranges?: readonly (readonly { readonly subnet?: string; readonly gateway?: string }[])[] } }

export function networks(library: Library): NetworkFile[] {
  const { files } = library
  if (!files.exists(networkDirectory)) return []
  const names = files.readDirectory(networkDirectory).map((entry) => entry.name).filter((name) => name.endsWith('.conflist')).sort()
  return names.map((name) => readNetwork(library, `${networkDirectory}/${name}`)).sort((a, b) => (a.name < b.name ? -1 : 1))
}

function readNetwork(library: Library, path: string): NetworkFile {
  const json = JSON.parse(library.files.readText(path)) as { name: string; cniVersion: string; plugins: (BridgePlugin & Record<string, unknown>)[]; args?: { podman_labels?: Record<string, string> } }
  const bridge = json.plugins.find((plugin) => plugin.type === 'bridge')
  const range = bridge?.ipam?.ranges?.[0]?.[0]
  return {
    path, name: json.name, id: networkId(json.name), list: { ...json, path } as unknown as NetworkList, subnet: range?.subnet ?? '', gateway: range?.gateway ?? '', bridge: bridge?.bridge ?? '',
    internal: bridge?.isGateway !== true, labels: json.args?.podman_labels ?? {},
  }
}

/** podman's own: the default network has a known id, others one made from their name. */
export function networkId(name: string): string {
  if (name === defaultNetwork) return '2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9'
  let text = ''
  for (let round = 0; text.length < 64; round++) {
    let hash = 2166136261 ^ round
    for (const char of name) hash = Math.imul(hash ^ char.charCodeAt(0), 16777619) >>> 0
    text += hash.toString(16).padStart(8, '0')
  }
  return text.slice(0, 64)
}

export function networkNamed(library: Library, text: string): NetworkFile | undefined {
  return networks(library).find((network) => network.name === text || (text.length >= 3 && network.id.startsWith(text)))
}

/** Networks of a container's own. */
export function ownNetworks(record: ContainerRecord): string[] {
  return record.networks.filter((name) => !['host', 'none', 'private'].includes(name) && !/^(?:container|ns):/.test(name)).map((name) => (name === 'bridge' ? defaultNetwork : name))
}

export async function connect(library: Library, record: ContainerRecord): Promise<ContainerNetwork> {
  const netns = `/run/netns/cni-${library.process.random.uuid()}`
  if (!(await pinNamespace(library.process, netns))) throw new PodmanError(`creating network namespace: failed to mount ns at ${netns}`)
  const attached: AttachedNetwork[] = []
  try {
    for (const [index, name] of ownNetworks(record).entries()) attached.push(await attach(library, record, netns, name, index))
    if (attached.length === 0) await loopback(library, record, netns)
  } catch (error) {
    unpinNamespace(library.files, netns)
    if (error instanceof CniError) throw new PodmanError(`configuring network namespace for container ${record.id}: ${error.message}`)
    throw error
  }
  return { netns, attached }
}

async function attach(library: Library, record: ContainerRecord, netns: string, name: string, index: number): Promise<AttachedNetwork> {
  const network = networkNamed(library, name)
  if (!network) throw new PodmanError(`unable to find network with name or ID ${name}: network not found`)
  const result = await cniFor(library, network).add(sandbox(record, netns, index), `eth${index}`)
  const ip = result.ips?.[0]
  const [address = '', prefix = '16'] = (ip?.address ?? '').split('/')
  const mac = result.interfaces?.find((each) => each.sandbox)?.mac ?? ''
  return { name: network.name, interface: `eth${index}`, address, prefix: Number(prefix), gateway: ip?.gateway ?? '', mac, result }
}

async function loopback(library: Library, record: ContainerRecord, netns: string): Promise<void> {
  const cni = new Cni(library.process, networkDirectory, pluginDirectories)
  cni.use({ name: 'none', cniVersion: '0.4.0', plugins: [{ type: 'loopback' }], path: '' })
  await cni.add(sandbox(record, netns, 1), 'lo').catch((error: unknown) => {
    if (!(error instanceof CniError)) throw error
  })
}

function cniFor(library: Library, network: NetworkFile): Cni {
  const cni = new Cni(library.process, networkDirectory, pluginDirectories)
  cni.use(network.list)
  return cni
}

function sandbox(record: ContainerRecord, netns: string, index: number): SandboxNetwork {
  const portMappings = index > 0 ? [] : record.ports.filter((port) => port.hostPort > 0).map((port) => ({ hostPort: port.hostPort, containerPort: port.containerPort, protocol: port.protocol.toUpperCase() as 'TCP', hostIp: port.hostIp }))
  return { containerId: record.id, netns, podName: record.name, podNamespace: record.name, podUid: '', portMappings }
}

export async function disconnect(library: Library, record: ContainerRecord, network: ContainerNetwork): Promise<void> {
  for (const [index, attached] of network.attached.entries()) {
    const found = networkNamed(library, attached.name)
    if (!found) continue
    await cniFor(library, found).remove(sandbox(record, network.netns, index), attached.result as CniResult, attached.interface).catch((error: unknown) => {
      if (!(error instanceof CniError)) throw error
    })
  }
  unpinNamespace(library.files, network.netns)
}

/** A configuration file as podman writes it. */
export function networkText(name: string, bridge: string, subnet: string, gateway: string, options: { internal?: boolean; labels?: Readonly<Record<string, string>> } = {}): string {
  const plugins = [
    { type: 'bridge', bridge, isGateway: !options.internal, ipMasq: !options.internal, hairpinMode: true, ipam: { type: 'host-local', routes: options.internal ? [] : [{ dst: '0.0.0.0/0' }], ranges: [[{ subnet, gateway }]] } },
    { type: 'portmap', capabilities: { portMappings: true } },
  ]
  const labels = Object.keys(options.labels ?? {}).length > 0 ? { args: { podman_labels: options.labels } } : {}
  return `${JSON.stringify({ ...labels, cniVersion: '0.4.0', name, plugins }, null, 2)}\n`
}
