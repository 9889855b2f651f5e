/** From a container's record, what its runtime is asked to start. */
import { containerConfiguration, environmentOf, userFilesOf } from '../build/container'
import type { CreateTaskRequest } from '../containerd/shim/protocol'
import type { OciMount, OciSpec } from '../containerd/oci'
import type { StoredImage } from '../images/store'
import type { Library } from './library'
import { type ContainerNetwork, type ContainerRecord, PodmanError } from './model'

/** podman's default; docker's has three more. */
export const podmanCapabilities = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT']

/** Made only to mount something on. */
export const mountPoints: ReadonlySet<string> = new Set(['etc/hostname', 'etc/hosts', 'etc/resolv.conf', 'run/.containerenv', 'run', 'dev', 'proc', 'sys'])

export function snapshotKey(id: string): string {
  return `container ${id}`
}

export function taskRequest(library: Library, record: ContainerRecord, network: ContainerNetwork | undefined, foreground: boolean): CreateTaskRequest {
  const image = library.imageById(record.imageId)
  const { lower, upper, work } = library.store.snapshots.mounts(snapshotKey(record.id))
  const bundle = library.bundle(record.id)
  const rootPath = `${upper.replace(/\/fs$/, '')}/merged`
  return {
    id: record.id, bundle, rootfs: { overlay: { lower, upper, work } }, logPath: library.logPath(record.id), stdin: record.interactive, stopSignal: record.stopSignal, holdOutput: foreground,
    spec: specOf(library, record, image, network, rootPath),
  }
}

function specOf(library: Library, record: ContainerRecord, image: StoredImage | undefined, network: ContainerNetwork | undefined, rootPath: string): OciSpec {
  const users = { root: library.store.snapshots.lower(image ? library.store.rootKey(image) : undefined) }
  const env = environmentOf(image?.config.config ?? {}, ['container=podman', ...(record.terminal ? ['TERM=xterm'] : []), ...record.env, `HOSTNAME=${record.hostname}`, ...(record.env.some((each) => each.startsWith('HOME=')) ? [] : [`HOME=${record.user === '' || /^(?:0|root)(?::|$)/.test(record.user) ? '/root' : '/'}`])])
  const layer = users.root.find((directory) => library.files.exists(`${directory}/etc/passwd`))
  return containerConfiguration({
    rootPath, args: [...record.entrypoint, ...record.command], env, cwd: record.cwd, user: record.user, hostname: record.hostname, namespaces: namespacesOf(library, record, network), mounts: mountsOf(library, record),
    cgroupsPath: `${record.pod === undefined ? '/machine.slice' : `/machine.slice/machine-libpod_pod_${record.pod}.slice`}/libpod-${record.id}.scope`, terminal: record.terminal, privileged: record.privileged,
    capAdd: record.capAdd, capDrop: record.capDrop, readonly: record.readonly, resources: record.resources,
  }, userFilesOf(library.files, layer ?? '/nonexistent'), podmanCapabilities)
}

function namespacesOf(library: Library, record: ContainerRecord, network: ContainerNetwork | undefined): OciSpec['linux']['namespaces'] {
  const pod = record.pod === undefined || record.isInfra ? undefined : library.presentPod(record.pod)
  if (pod) {
    const pid = library.state(pod.infra).pid
    return { pid: 'new', network: { pid }, ipc: { pid }, uts: { pid } }
  }
  const other = record.networks.find((name) => name.startsWith('container:'))
  if (other !== undefined) {
    const { pid, status } = library.state(library.presentContainer(other.slice('container:'.length)).id)
    if (status !== 'running') throw new PodmanError(`cannot join the network of a container that is not running: container state improper`)
    return { pid: 'new', ipc: 'new', uts: { pid }, network: { pid } }
  }
  if (record.networks.includes('host')) return { pid: 'new', ipc: 'new', uts: 'new' }
  return { pid: 'new', ipc: 'new', uts: 'new', ...(network ? { network: { path: network.netns } } : { network: 'new' as const }) }
}

function mountsOf(library: Library, record: ContainerRecord): OciMount[] {
  const pod = record.pod === undefined || record.isInfra ? undefined : library.presentPod(record.pod)
  const directory = library.bundle(pod ? pod.infra : record.id)
  const bind = (destination: string, source: string): OciMount => ({ destination, type: 'bind', source, options: ['rbind', 'rprivate', 'rw'] })
  const own = ['hostname', 'hosts', 'resolv.conf'].map((name) => bind(`/etc/${name}`, `${directory}/${name}`))
  const given = record.mounts.map((mount): OciMount => {
    if (mount.type === 'tmpfs') return { destination: mount.destination, type: 'tmpfs', source: 'tmpfs', options: ['rw', 'nosuid', 'nodev', ...mount.options.filter((option) => option.startsWith('size='))] }
    const source = mount.type === 'volume' ? library.volumePath(mount.source) : mount.source
    return { destination: mount.destination, type: 'bind', source, options: ['rbind', 'rprivate', mount.options.includes('ro') ? 'ro' : 'rw'] }
  })
  const taken = new Set(given.map((mount) => mount.destination))
  return [...own.filter((mount) => !taken.has(mount.destination)), bind('/run/.containerenv', `${directory}/.containerenv`), ...given]
}

/** hosts, hostname and resolv.conf of a container that has them to itself. */
export function writeNames(library: Library, record: ContainerRecord, network: ContainerNetwork | undefined): void {
  const { files } = library
  const directory = library.bundle(record.id)
  files.mkdirAll(directory, 0o700)
  const addresses = network?.attached.map((each) => `${each.address}\t${record.hostname} ${record.name}\n`).join('') ?? ''
  const gateway = network?.attached[0]?.gateway
  const extra = record.hosts.map((entry) => `${entry.slice(entry.indexOf(':') + 1)}\t${entry.slice(0, entry.indexOf(':'))}\n`).join('')
  files.writeFile(`${directory}/hosts`, `${extra}${files.exists('/etc/hosts') ? files.readText('/etc/hosts') : '127.0.0.1\tlocalhost\n'}${addresses}${gateway === undefined ? '' : `${gateway}\thost.containers.internal\n`}`)
  files.writeFile(`${directory}/hostname`, `${record.hostname}\n`)
  const servers = record.dns.map((server) => `nameserver ${server}\n`).join('')
  files.writeFile(`${directory}/resolv.conf`, servers === '' ? (files.exists('/etc/resolv.conf') ? files.readText('/etc/resolv.conf') : '') : servers)
  files.writeFile(`${directory}/.containerenv`, `engine="podman-4.3.1"\nname=${JSON.stringify(record.name)}\nid=${JSON.stringify(record.id)}\nimage=${JSON.stringify(record.imageName)}\nimageid=${JSON.stringify(record.imageId.slice(7))}\nrootless=0\n`)
}
