/** Pods: containers around an infra container whose namespaces they share. */
import { encodeExecutable } from '#engine/linux/abi/executable'
import { commitImage } from '../archive/commit'
import type { StoredImage } from '../images/store'
import { createContainer, freeName } from './create'
import type { Library } from './library'
import { removeContainer, startContainer, stopContainer } from './lifecycle'
import { type ContainerRecord, PodmanError, type PodRecord, type PortMapping, type RestartPolicy } from './model'

const pauseName = 'localhost/podman-pause:4.3.1-0'

export interface PodOptions {
  readonly name?: string | undefined
  readonly hostname?: string | undefined
  readonly labels?: Readonly<Record<string, string>>
  readonly ports?: readonly PortMapping[]
  readonly networks?: readonly string[]
  readonly dns?: readonly string[]
  readonly hosts?: readonly string[]
  readonly infraName?: string | undefined
  readonly restart?: RestartPolicy
  readonly createCommand: readonly string[]
}

export function createPod(library: Library, options: PodOptions): PodRecord {
  const name = options.name ?? freeName(library)
  if (library.pods().some((pod) => pod.name === name)) throw new PodmanError(`adding pod to state: name ${JSON.stringify(name)} is in use: pod already exists`)
  if (library.containers().some((container) => container.name === name)) throw new PodmanError(`adding pod to state: name ${JSON.stringify(name)} is in use: container already exists`)
  const id = library.newId()
  const pod: PodRecord = { id, name, createdMs: library.now(), labels: options.labels ?? {}, hostname: options.hostname ?? name, infra: '', createCommand: options.createCommand, ...(options.restart ? { restart: options.restart } : {}) }
  const infra = createContainer(library, {
    image: pauseImage(library), imageName: pauseName, args: [], name: options.infraName ?? `${id.slice(0, 12)}-infra`, pod: id, isInfra: true, hostname: pod.hostname, createCommand: options.createCommand,
    ...(options.ports ? { ports: options.ports } : {}), ...(options.networks ? { networks: options.networks } : {}), ...(options.dns ? { dns: options.dns } : {}), ...(options.hosts ? { hosts: options.hosts } : {}),
  })
  pod.infra = infra.id
  library.savePod(pod)
  return pod
}

/** podman builds it from its own catatonit when it is first needed. */
function pauseImage(library: Library): StoredImage {
  const known = library.image(pauseName)
  if (known) return known
  const { upper } = library.store.snapshots.prepare('build pause', '')
  library.files.writeFile(`${upper}/catatonit`, encodeExecutable('pause'), 0o755)
  library.files.chmod(`${upper}/catatonit`, 0o755)
  return commitImage(library, { snapshot: 'build pause', config: { Entrypoint: ['/catatonit', '-P'], Labels: { 'io.buildah.version': '1.28.2' } }, createdBy: '/bin/sh -c #(nop) ENTRYPOINT ["/catatonit", "-P"]', names: [pauseName] })
}

export type PodStatus = 'Created' | 'Running' | 'Degraded' | 'Stopped' | 'Exited' | 'Paused' | 'Dead'

export function podStatus(library: Library, pod: PodRecord): PodStatus {
  const states = library.members(pod).map((member) => library.state(member.id).status)
  const running = states.filter((state) => state === 'running').length
  if (running === states.length && running > 0) return 'Running'
  if (running > 0) return 'Degraded'
  const exited = states.filter((state) => state === 'exited').length
  if (exited === states.length && exited > 0) return 'Exited'
  return exited > 0 ? 'Stopped' : 'Created'
}

function infraFirst(library: Library, pod: PodRecord): ContainerRecord[] {
  return library.members(pod).sort((a, b) => Number(b.isInfra ?? false) - Number(a.isInfra ?? false))
}

export async function startPod(library: Library, pod: PodRecord): Promise<void> {
  for (const member of infraFirst(library, pod)) if (library.state(member.id).status !== 'running') await startContainer(library, member)
}

export async function stopPod(library: Library, pod: PodRecord, timeout?: number): Promise<void> {
  for (const member of infraFirst(library, pod).reverse()) await stopContainer(library, member, timeout)
}

export async function removePod(library: Library, pod: PodRecord, force: boolean, timeout?: number): Promise<void> {
  const members = infraFirst(library, pod).reverse()
  const others = members.filter((member) => !member.isInfra)
  const running = members.find((member) => library.state(member.id).status === 'running')
  if (!force && others.length > 0 && others.some((member) => library.state(member.id).status === 'running')) throw new PodmanError(`pod ${pod.id} has containers that are not ready to be removed: cannot remove container ${others.find((member) => library.state(member.id).status === 'running')?.id ?? ''} as it is running - running or paused containers cannot be removed without force: container state improper`, 2)
  if (running && !force && others.length === 0) await stopContainer(library, running, timeout)
  for (const member of members) await removeContainer(library, member, { force: true, timeout })
  library.forgetPod(pod.id)
}
