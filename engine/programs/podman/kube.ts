/** podman generate kube: manifests of pods and containers. */
import { emitYaml } from '#engine/base/yaml/emit'
import { type ContainerRecord, PodmanError, type PodRecord, type PortMapping } from '#engine/cri/podman/model'
import { type Commands, say, type Session } from './session'

const header = '# Save the output of this file and use kubectl create -f to import\n# it into Kubernetes.\n#\n# Created with podman-4.3.1\n'
const dropped = ['CAP_MKNOD', 'CAP_NET_RAW', 'CAP_AUDIT_WRITE']

async function generate(session: Session): Promise<number> {
  const { flags, library, process } = session
  const objects: object[] = []
  const services: object[] = []
  const loose: ContainerRecord[] = []
  for (const name of flags.operands) {
    const pod = library.pod(name)
    const record = pod ? undefined : library.container(name)
    if (!pod && !record) throw new PodmanError(`name or ID ${JSON.stringify(name)} not found`)
    if (pod) {
      objects.push(podManifest(session, pod))
      if (flags.has('service')) services.push(serviceOf(session, pod.name, podPorts(session, pod), pod.labels))
    } else if (record) loose.push(owned(session, record))
  }
  const [first] = loose
  if (first) {
    objects.push(looseManifest(session, loose))
    if (flags.has('service')) services.push(serviceOf(session, `${first.name}-pod`, first.ports, {}))
  }
  const text = `${header}${[...services, ...objects].map((object) => emitYaml(object)).join('---\n')}`
  const file = flags.value('filename')
  if (file === undefined) return say(session, text)
  if (process.files.exists(file)) throw new PodmanError(`cannot write to ${JSON.stringify(file)}; file exists`)
  process.files.writeFile(file, text, 0o644)
  return 0
}

function owned(session: Session, record: ContainerRecord): ContainerRecord {
  if (record.pod !== undefined) throw new PodmanError(`container ${record.id} is associated with pod ${record.pod}: use generate on the pod itself`)
  return record
}

function podPorts({ library }: Session, pod: PodRecord): readonly PortMapping[] {
  return library.container(pod.infra)?.ports ?? []
}

function podManifest(session: Session, pod: PodRecord): object {
  const { library } = session
  const members = library.members(pod).filter((member) => !member.isInfra)
  const infra = library.container(pod.infra)
  return manifest(session, pod.name, pod.labels, members, infra?.ports ?? [], { sandbox: pod.infra, hostNetwork: infra?.networks.includes('host') ?? false, hostname: pod.hostname })
}

function looseManifest(session: Session, records: readonly ContainerRecord[]): object {
  const first = records[0] as ContainerRecord
  const own = first.hostname === first.id.slice(0, 12) ? {} : { hostname: first.hostname }
  return manifest(session, `${first.name}-pod`, {}, records, undefined, { hostNetwork: first.networks.includes('host'), ...own })
}

interface PodExtras { readonly sandbox?: string; readonly hostNetwork: boolean; readonly hostname?: string }

function manifest(session: Session, name: string, labels: Readonly<Record<string, string>>, members: readonly ContainerRecord[], ports: readonly PortMapping[] | undefined, extras: PodExtras): object {
  const volumes = members.flatMap((member) => member.mounts.map(volumeOf))
  const seen = new Set<string>()
  return {
    apiVersion: 'v1', kind: 'Pod',
    metadata: { annotations: annotationsOf(members, extras.sandbox), creationTimestamp: `${new Date(Math.floor(session.library.now())).toISOString().slice(0, 19)}Z`, labels: { app: name, ...labels }, name },
    spec: {
      automountServiceAccountToken: false, containers: members.map((member, index) => containerOf(session, member, ports === undefined ? member.ports : index === 0 ? ports : [])), enableServiceLinks: false,
      ...(extras.hostname === undefined ? {} : { hostname: extras.hostname }), ...(extras.hostNetwork ? { hostNetwork: true } : {}), restartPolicy: restartPolicy(members),
      ...(volumes.length > 0 ? { volumes: volumes.filter((volume) => !seen.has(volume.name) && seen.add(volume.name)) } : {}),
    },
    status: {},
  }
}

function restartPolicy(members: readonly ContainerRecord[]): string {
  const name = members.map((member) => member.restart.name).find((each) => each !== '')
  if (name === 'always' || name === 'unless-stopped') return 'Always'
  return name === 'on-failure' ? 'OnFailure' : 'Never'
}

function annotationsOf(members: readonly ContainerRecord[], sandbox: string | undefined): Record<string, string> {
  const out: Record<string, string> = {}
  const flag = (value: boolean): string => (value ? 'TRUE' : 'FALSE')
  for (const member of members) {
    if (sandbox !== undefined) {
      out[`io.kubernetes.cri-o.ContainerType/${member.name}`] = 'container'
      out[`io.kubernetes.cri-o.SandboxID/${member.name}`] = sandbox.slice(0, 63)
      out[`io.kubernetes.cri-o.TTY/${member.name}`] = String(member.terminal)
    }
    out[`io.podman.annotations.autoremove/${member.name}`] = flag(member.autoRemove)
    out[`io.podman.annotations.init/${member.name}`] = 'FALSE'
    out[`io.podman.annotations.privileged/${member.name}`] = flag(member.privileged)
    out[`io.podman.annotations.publish-all/${member.name}`] = 'FALSE'
    if (sandbox === undefined) out[`io.kubernetes.cri-o.TTY/${member.name}`] = String(member.terminal)
  }
  return Object.fromEntries(Object.entries(out).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function containerOf({ library }: Session, record: ContainerRecord, ports: readonly PortMapping[]): object {
  const image = library.imageById(record.imageId)?.config.config
  const own = [...(image?.Entrypoint ?? []), ...(image?.Cmd ?? [])].join(' ')
  const usesEntrypoint = (image?.Entrypoint ?? []).length > 0 && record.entrypoint.join(' ') === (image?.Entrypoint ?? []).join(' ')
  const line = [...record.entrypoint, ...record.command].join(' ')
  const words = line === own ? {} : usesEntrypoint ? { args: record.command } : { command: [...record.entrypoint, ...record.command] }
  const env = record.env.map((entry) => ({ name: entry.split('=')[0] ?? '', value: entry.slice(entry.indexOf('=') + 1) }))
  const mounts = record.mounts.map((mount) => ({ mountPath: mount.destination, name: volumeOf(mount).name, ...(mount.options.includes('ro') ? { readOnly: true } : {}) }))
  return {
    ...words, ...(env.length > 0 ? { env } : {}), image: record.imageName, name: record.name, ...(ports.length > 0 ? { ports: ports.map((port) => ({ containerPort: port.containerPort, hostPort: port.hostPort, ...(port.protocol === 'tcp' ? {} : { protocol: port.protocol.toUpperCase() }) })) } : {}),
    resources: resourcesOf(record), securityContext: security(record, image), ...(record.interactive ? { stdin: true } : {}), ...(record.terminal ? { tty: true } : {}), ...(mounts.length > 0 ? { volumeMounts: mounts } : {}),
    ...(record.cwd === (image?.WorkingDir ?? '/') || record.cwd === '/' ? {} : { workingDir: record.cwd }),
  }
}

function resourcesOf(record: ContainerRecord): object {
  const limits = { ...(record.nanoCpus > 0 ? { cpu: `${record.nanoCpus / 1e6}m` } : {}), ...(record.resources.memoryLimit === undefined ? {} : { memory: binary(record.resources.memoryLimit) }) }
  return Object.keys(limits).length > 0 ? { limits } : {}
}

function binary(bytes: number): string {
  for (const [power, suffix] of [[30, 'Gi'], [20, 'Mi'], [10, 'Ki']] as const) if (bytes % 2 ** power === 0) return `${bytes / 2 ** power}${suffix}`
  return String(bytes)
}

function security(record: ContainerRecord, image: { User?: string } | undefined): object {
  const [user = '', group] = record.user.split(':')
  return {
    capabilities: { ...(record.capAdd.length > 0 ? { add: record.capAdd.map((name) => `CAP_${name.toUpperCase().replace(/^CAP_/, '')}`) } : {}), drop: [...dropped, ...record.capDrop.map((name) => `CAP_${name.toUpperCase().replace(/^CAP_/, '')}`)] },
    ...(record.privileged ? { privileged: true } : {}), ...(record.readonly ? { readOnlyRootFilesystem: true } : {}), ...(record.user !== (image?.User ?? '') && /^\d+$/.test(user) ? { runAsUser: Number(user) } : {}), ...(group !== undefined && /^\d+$/.test(group) ? { runAsGroup: Number(group) } : {}),
  }
}

function volumeOf(mount: ContainerRecord['mounts'][number]): { name: string; [kind: string]: unknown } {
  if (mount.type === 'volume') return { name: `${mount.source}-pvc`, persistentVolumeClaim: { claimName: mount.source } }
  return { hostPath: { path: mount.source, type: 'Directory' }, name: `${mount.source.replace(/^\//, '').replace(/\//g, '-')}-host-${0}` }
}

function serviceOf({ process }: Session, name: string, ports: readonly PortMapping[], labels: Readonly<Record<string, string>>): object {
  const nodePort = (): number => 30_000 + (((process.random.bytes(1)[0] ?? 0) * 256 + (process.random.bytes(1)[0] ?? 0)) % 2767)
  return {
    apiVersion: 'v1', kind: 'Service', metadata: { creationTimestamp: null, labels: { app: name, ...labels }, name },
    spec: { ports: ports.map((port) => ({ name: String(port.containerPort), nodePort: nodePort(), port: port.containerPort, targetPort: port.containerPort })), selector: { app: name }, type: 'NodePort' }, status: { loadBalancer: {} },
  }
}

export const kubeCommands: Commands = {
  'generate kube': { flags: 'filename,f= service,s', operands: [1, 99], run: generate },
}
