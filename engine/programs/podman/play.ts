/** podman play kube: pods, deployments, config maps and claims of a file, run here. */
import { parseYamlStream } from '#engine/base/yaml/parser'
import { createContainer } from '#engine/cri/podman/create'
import { findImage, pullImage, storedName } from '#engine/cri/podman/images'
import { type NamedMount, PodmanError, type PortMapping, type RestartPolicy } from '#engine/cri/podman/model'
import { createPod, removePod, startPod, stopPod } from '#engine/cri/podman/pods'
import { parseSizeText } from './sizes'
import { type Commands, say, type Session } from './session'

interface KubeContainer {
  readonly name: string
  readonly image: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: { readonly configMapKeyRef?: { readonly name: string; readonly key: string } } }[]
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name: string } }[]
  readonly ports?: readonly { readonly containerPort: number; readonly hostPort?: number; readonly protocol?: string; readonly hostIP?: string }[]
  readonly resources?: { readonly limits?: { readonly cpu?: string | number; readonly memory?: string } }
  readonly securityContext?: { readonly privileged?: boolean; readonly runAsUser?: number; readonly runAsGroup?: number; readonly readOnlyRootFilesystem?: boolean; readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] } }
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[]
  readonly workingDir?: string
  readonly tty?: boolean
  readonly stdin?: boolean
  readonly imagePullPolicy?: string
}

interface KubeVolume { readonly name: string; readonly hostPath?: { readonly path: string; readonly type?: string }; readonly persistentVolumeClaim?: { readonly claimName: string }; readonly emptyDir?: object; readonly configMap?: { readonly name: string } }
interface KubePodSpec { readonly containers?: readonly KubeContainer[]; readonly volumes?: readonly KubeVolume[]; readonly restartPolicy?: string; readonly hostname?: string; readonly hostNetwork?: boolean }
interface KubeObject { readonly kind?: string; readonly metadata?: { readonly name?: string; readonly labels?: Record<string, string> }; readonly spec?: KubePodSpec & { readonly replicas?: number; readonly template?: { readonly metadata?: KubeObject['metadata']; readonly spec?: KubePodSpec } }; readonly data?: Record<string, string> }

interface KubePod { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly spec: KubePodSpec }

async function readObjects(session: Session): Promise<KubeObject[]> {
  const { flags, process } = session
  const [path = ''] = flags.operands
  if (path !== '-' && !process.files.exists(path)) throw new PodmanError(`open ${path}: no such file or directory`)
  const text = path === '-' ? await process.stdin.text() : process.files.readText(path)
  try {
    return parseYamlStream(text).filter((object) => object !== null && object !== undefined) as KubeObject[]
  } catch (error) {
    throw new PodmanError(`multi doc yaml could not be split: ${error instanceof Error ? error.message : ''}`)
  }
}

function podsOf(objects: readonly KubeObject[]): KubePod[] {
  return objects.flatMap((object): KubePod[] => {
    const name = object.metadata?.name ?? ''
    if (object.kind === 'Pod') return [{ name, labels: object.metadata?.labels ?? {}, spec: object.spec ?? {} }]
    if (object.kind !== 'Deployment') return []
    return Array.from({ length: object.spec?.replicas ?? 1 }, (_, index) => ({ name: `${name}-pod${(object.spec?.replicas ?? 1) > 1 ? `-${index}` : ''}`, labels: object.spec?.template?.metadata?.labels ?? {}, spec: object.spec?.template?.spec ?? {} }))
  })
}

async function play(session: Session): Promise<number> {
  const objects = await readObjects(session)
  if (session.flags.has('down')) return down(session, objects)
  const { library } = session
  const pods = podsOf(objects)
  const claims = objects.filter((object) => object.kind === 'PersistentVolumeClaim')
  if (pods.length === 0 && claims.length === 0) throw new PodmanError('YAML document does not contain any supported kube kind')
  for (const claim of claims) await playClaim(session, claim)
  if (session.flags.has('replace')) for (const pod of pods) if (library.pod(pod.name)) await removePod(library, library.presentPod(pod.name), true)
  for (const pod of pods) await playPod(session, pod, configMaps(objects))
  return 0
}

async function playClaim(session: Session, claim: KubeObject): Promise<void> {
  const name = claim.metadata?.name ?? ''
  if (session.library.volumes().some((volume) => volume.name === name)) throw new PodmanError(`volume with name ${name} already exists: volume already exists`)
  session.library.saveVolume({ name, createdMs: session.library.now(), labels: claim.metadata?.labels ?? {}, options: {}, anonymous: false })
  await say(session, `Volume:\n${name}\n`)
}

type ConfigMaps = ReadonlyMap<string, Readonly<Record<string, string>>>

function configMaps(objects: readonly KubeObject[]): ConfigMaps {
  return new Map(objects.filter((object) => object.kind === 'ConfigMap').map((object) => [object.metadata?.name ?? '', object.data ?? {}]))
}

async function playPod(session: Session, pod: KubePod, maps: ConfigMaps): Promise<void> {
  const { library, flags, process } = session
  if (pod.name === '') throw new PodmanError('pod does not have a name')
  const containers = pod.spec.containers ?? []
  for (const container of containers) if (container.name === pod.name) throw new PodmanError(`got same name ${container.name} for the pod and the container: naming pod and container the same is not supported`)
  const ports = containers.flatMap((container) => (container.ports ?? []).filter((port) => port.hostPort !== undefined).map((port): PortMapping => ({ hostIp: port.hostIP ?? '', hostPort: port.hostPort ?? 0, containerPort: port.containerPort, protocol: (port.protocol ?? 'TCP').toLowerCase() })))
  const networks = pod.spec.hostNetwork ? ['host'] : flags.all('network')
  const made = createPod(library, { name: pod.name, hostname: pod.spec.hostname ?? pod.name, labels: pod.labels, ports, ...(networks.length > 0 ? { networks } : {}), createCommand: process.argv })
  const ids: string[] = []
  try {
    for (const container of containers) ids.push(await playContainer(session, pod, made.id, container, maps))
    await say(session, `Pod:\n${made.id}\n${ids.length === 1 ? 'Container' : 'Containers'}:\n${ids.map((id) => `${id}\n`).join('')}\n`)
    if (!flags.given('start') || flags.has('start')) await startPod(library, made)
  } catch (error) {
    if (ids.length < containers.length) await removePod(library, made, true)
    throw error
  }
}

async function playContainer(session: Session, pod: KubePod, podId: string, container: KubeContainer, maps: ConfigMaps): Promise<string> {
  const { library, process } = session
  const image = (container.imagePullPolicy === 'Always' ? undefined : findImage(library, container.image)) ?? (await pullImage(library, container.image, async (text) => process.stderr.write(text), { quiet: session.flags.has('quiet') }))
  const security = container.securityContext ?? {}
  const user = security.runAsUser === undefined ? undefined : `${security.runAsUser}${security.runAsGroup === undefined ? '' : `:${security.runAsGroup}`}`
  const own = image.config.config
  const record = createContainer(library, {
    image, imageName: storedName(library, container.image) ?? container.image, name: `${pod.name}-${container.name}`, pod: podId, isKube: true, hostname: pod.spec.hostname ?? pod.name, user, labels: pod.labels,
    entrypoint: container.command ?? own.Entrypoint ?? [], args: container.args ?? (container.command ? [] : (own.Cmd ?? [])), env: environment(container, maps), cwd: container.workingDir, mounts: mountsOf(session, pod, container, maps),
    terminal: container.tty ?? false, interactive: container.stdin ?? false, privileged: security.privileged ?? false, readonly: security.readOnlyRootFilesystem ?? false, capAdd: security.capabilities?.add ?? [], capDrop: security.capabilities?.drop ?? [],
    ...limits(container), restart: restartOf(pod.spec.restartPolicy), createCommand: process.argv,
  })
  return record.id
}

function restartOf(policy: string | undefined): RestartPolicy {
  if (policy === 'Never') return { name: '', retries: 0 }
  return policy === 'OnFailure' ? { name: 'on-failure', retries: 0 } : { name: 'always', retries: 0 }
}

function limits(container: KubeContainer): object {
  const { cpu, memory } = container.resources?.limits ?? {}
  const cores = cpu === undefined ? 0 : String(cpu).endsWith('m') ? Number(String(cpu).slice(0, -1)) / 1000 : Number(cpu)
  return { nanoCpus: cores * 1e9, resources: { ...(memory === undefined ? {} : { memoryLimit: parseSizeText(memory, 'memory') }), ...(cores > 0 ? { cpuQuota: cores * 100_000, cpuPeriod: 100_000 } : {}) } }
}

function environment(container: KubeContainer, maps: ConfigMaps): string[] {
  const from = (container.envFrom ?? []).flatMap((source) => Object.entries(maps.get(source.configMapRef?.name ?? '') ?? {}).map(([name, value]) => `${name}=${value}`))
  const own = (container.env ?? []).map((entry) => {
    const reference = entry.valueFrom?.configMapKeyRef
    if (!reference) return `${entry.name}=${entry.value ?? ''}`
    const value = maps.get(reference.name)?.[reference.key]
    if (value === undefined) throw new PodmanError(`cannot set env ${entry.name}: configmap ${reference.name} not found`)
    return `${entry.name}=${value}`
  })
  return [...from, ...own]
}

function mountsOf(session: Session, pod: KubePod, container: KubeContainer, maps: ConfigMaps): NamedMount[] {
  return (container.volumeMounts ?? []).map((mount) => {
    const volume = (pod.spec.volumes ?? []).find((each) => each.name === mount.name)
    if (!volume) throw new PodmanError(`volume mount ${mount.name} specified for container but not configured in volumes`)
    const options = mount.readOnly ? ['ro'] : []
    if (volume.hostPath) {
      if (volume.hostPath.type === 'DirectoryOrCreate') session.process.files.mkdirAll(volume.hostPath.path, 0o755)
      return { type: 'bind', source: volume.hostPath.path, destination: mount.mountPath, options }
    }
    if (volume.configMap) return { type: 'volume', source: mapVolume(session, volume.configMap.name, maps), destination: mount.mountPath, options }
    if (volume.emptyDir) return { type: 'volume', source: `${pod.name}-${volume.name}`, destination: mount.mountPath, options }
    return { type: 'volume', source: volume.persistentVolumeClaim?.claimName ?? volume.name, destination: mount.mountPath, options }
  })
}

function mapVolume({ library }: Session, name: string, maps: ConfigMaps): string {
  const data = maps.get(name)
  if (!data) throw new PodmanError(`no such ConfigMap ${JSON.stringify(name)}`)
  if (!library.volumes().some((volume) => volume.name === name)) library.saveVolume({ name, createdMs: library.now(), labels: {}, options: {}, anonymous: false })
  for (const [key, value] of Object.entries(data)) library.files.writeFile(`${library.volumePath(name)}/${key}`, value, 0o644)
  return name
}

async function down(session: Session, objects: readonly KubeObject[]): Promise<number> {
  const { library } = session
  const known = podsOf(objects).map((pod) => library.presentPod(pod.name))
  for (const pod of known) await stopPod(library, pod)
  await say(session, `Pods stopped:\n${known.map((pod) => `${pod.id}\n`).join('')}`)
  for (const pod of known) await removePod(library, pod, true)
  await say(session, `Pods removed:\n${known.map((pod) => `${pod.id}\n`).join('')}`)
  return 0
}

const flags = 'annotation= authfile= build cert-dir= configmap= context-dir= creds= down ip= log-driver= log-opt= mac-address= network= no-hosts quiet,q replace seccomp-profile-root= service-container start tls-verify userns='

export const playCommands: Commands = {
  'play kube': { flags, operands: [1, 1], run: play },
  'kube play': { flags, operands: [1, 1], run: play },
  'kube down': { flags: '', operands: [1, 1], run: async (session) => down(session, await readObjects(session)) },
}
