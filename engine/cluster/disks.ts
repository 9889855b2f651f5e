/** Fresh disks: Debian, and on nodes what kubeadm needs, with the images of a control plane already pulled. */
import { certificatePem } from '#engine/base/pki/certificate'
import type { Clock } from '#engine/base/clock'
import { SeededRandom } from '#engine/base/random'
import type { ImageDefinition } from '#engine/cri/images/definition'
import { preloadImages } from '#engine/cri/images/preload'
import { controlPlaneImages } from '#engine/images/control-plane/images'
import { installProgram, machineIdOf, writeRootFileSystem } from '#engine/linux/distribution/rootfs'
import { TreeFileSystem, type TreeSnapshot } from '#engine/linux/fs/cow/tree'
import type { Files } from '#engine/linux/abi/files'
import { Machine } from '#engine/linux/machine'
import { Fabric } from '#engine/linux/net/fabric'
import { MachineNetwork } from '#engine/linux/net/machine'
import { authorize, knowHosts, makeHostKey, writeHostKey, writeIdentity } from '#engine/programs/system/ssh/trust'
import { publicLine } from '#engine/programs/system/ssh/keys'
import { programTable } from '#engine/programs/table'
import { allPrograms } from './programs'
import { internetAuthority } from './authority'
import { containerTools, writeContainerTools } from './container-tools'
import { writeDeskFiles } from './desk-files'
import { writeCniConfiguration, writeNodeFiles, writePodRoutes } from './node-files'
import type { ClusterProfile, MachineProfile } from './profiles'

const gibibyte = 1024 ** 3
/** Programs that live elsewhere than in /usr/bin and /usr/sbin, or only in images and on nodes. */
const notOnEveryMachine = new Set([
  'kubeadm', 'kubelet', 'kubectl', 'helm', 'containerd', 'containerd-shim-runc-v2', 'runc', 'ctr', 'crictl', 'nerdctl', 'etcd', 'etcdctl', 'etcdutl', 'kube-apiserver',
  'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'coredns', 'metrics-server', 'pause', 'nginx', 'httpd', 'redis-server', 'redis-cli', 'busybox', 'sftp-server', 'docker', 'dockerd', 'docker-proxy', 'docker-init',
])

export async function freshDisk(profile: ClusterProfile, machine: MachineProfile, clock: Clock, seed: string): Promise<TreeSnapshot> {
  const random = new SeededRandom(`${seed}/disk ${machine.name}`)
  const disk = new TreeFileSystem(() => clock.now(), { type: 'ext4', source: '/dev/vda1', totalBytes: 40 * gibibyte, totalInodes: 2_621_440 })
  let installed: () => void = () => undefined
  let failed: (error: unknown) => void = () => undefined
  const done = new Promise<void>((resolve, reject) => {
    installed = resolve
    failed = reject
  })
  const installer = new Machine({
    name: machine.name, clock, random, programs: allPrograms, network: new MachineNetwork(new Fabric(clock, random), machine.name), disk: disk.snapshot(),
    init: async (process) => {
      try {
        install(process.files, profile, machine, random, seed)
        installed()
      } catch (error) {
        failed(error)
      }
      return await new Promise<number>(() => undefined)
    },
  })
  installer.boot()
  await done
  const { disk: written } = installer.snapshot()
  installer.powerOff()
  return written
}

function install(files: Files, profile: ClusterProfile, machine: MachineProfile, random: SeededRandom, seed: string): void {
  const everywhere = [...programTable.keys()].filter((name) => !notOnEveryMachine.has(name) && !containerTools.has(name) && !name.startsWith('cni-'))
  writeRootFileSystem(files, {
    hostname: machine.name,
    machineId: machineIdOf(random.bytes(16)),
    hosts: profile.machines.map((one) => [one.address, one.name] as const),
    nameserver: profile.gateway,
  }, everywhere)
  files.writeFile('/etc/ssl/certs/ca-certificates.crt', certificatePem(internetAuthority().certificate), 0o644)
  trustEachOther(files, profile, machine, seed)
  if (machine.role !== 'worker') installProgram(files, 'helm', '/usr/local/bin/helm')
  if (machine.role === 'desk') {
    writeDeskFiles(files)
    return writeContainerTools(files)
  }
  writeNodeFiles(files, programTable, profile.kubernetesVersion)
  const nodes = profile.machines.filter((one) => one.role !== 'desk')
  const podCidr = (index: number): string => profile.podSubnet.replace(/(\d+)\.0\/\d+$/, (_, third: string) => `${Number(third) + index}.0/24`)
  writeCniConfiguration(files, podCidr(nodes.indexOf(machine)))
  writePodRoutes(files, nodes.flatMap((node, index) => (node === machine ? [] : [{ cidr: podCidr(index), via: node.address }])))
  preloadImages(files, imagesOf(profile), { namespace: 'k8s.io' })
}

/** The desk's key opens every machine, and every machine knows the others' host keys: `ssh NAME` asks nothing. */
function trustEachOther(files: Files, profile: ClusterProfile, machine: MachineProfile, seed: string): void {
  const keyOf = (name: string): HostKey => hostKeyOf(`${seed}/ssh ${name}`)
  writeHostKey(files, keyOf(machine.name), machine.name)
  knowHosts(files, profile.machines.map((one) => ({ names: [one.name, one.address], key: keyOf(one.name) })))
  const desk = profile.machines.find((one) => one.role === 'desk')
  if (!desk) return
  const deskKey = keyOf(`${desk.name} identity`)
  if (machine === desk) writeIdentity(files, deskKey, desk.name)
  else authorize(files, publicLine(deskKey, `root@${desk.name}`))
}

/** The images that kubeadm's pre-pull would have brought, and those of the add-ons. */
function imagesOf({ kubernetesVersion: version, addons }: ClusterProfile): ImageDefinition[] {
  const tags: Readonly<Record<string, string>> = { etcd: '3.6.6-0', coredns: 'v1.13.1', pause: '3.10.1' }
  const wanted = (name: string, image: ImageDefinition): boolean => addons.some((addon) => addon.image === name) || image.tags.includes(tags[name] ?? version)
  return controlPlaneImages.filter((image) => wanted(image.repository.split('/').pop() ?? '', image))
}

type HostKey = ReturnType<typeof makeHostKey>

/** Every machine of a cluster asks for the keys of all. */
const hostKeys = new Map<string, HostKey>()
const mostHostKeys = 64

function hostKeyOf(seed: string): HostKey {
  const known = hostKeys.get(seed)
  if (known) return known
  const made = makeHostKey(new SeededRandom(seed))
  if (hostKeys.size >= mostHostKeys) hostKeys.clear()
  hostKeys.set(seed, made)
  return made
}
