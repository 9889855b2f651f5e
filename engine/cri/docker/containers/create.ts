/** A request for a container becomes a record: defaults, what the image says, and what is refused. */
import type { ImageConfig } from '#engine/cri/images/definition'
import type { StoredImage } from '#engine/cri/images/store'
import type { DockerHost } from '../host'
import { mobyNamespace, newId, shortId } from '../host'
import { badParameter, conflict, type ContainerConfig, type ContainerRecord, type EndpointSettings, type HealthConfig, type HostConfig, notFound } from '../model'
import { adjectives, surnames } from '../names.table'
import { emptyEndpoint, primaryOf, sharedWith } from '../network/connections'
import type { Networks } from '../network/networks'
import type { Volumes } from '../volumes'
import { mountPoints } from './mounts'

export interface CreateBody extends Partial<ContainerConfig> {
  readonly HostConfig?: Partial<HostConfig>
  readonly NetworkingConfig?: { readonly EndpointsConfig?: Record<string, Partial<EndpointSettings>> | null } | null
}

export interface CreateParts { readonly host: DockerHost; readonly networks: Networks; readonly volumes: Volumes }

export function createContainer({ host, networks, volumes }: CreateParts, name: string, body: CreateBody): ContainerRecord {
  const image = findImage(host, body.Image ?? '')
  const id = newId(host)
  const own = takeName(host, name, id)
  const hostConfig = withDefaults(host, body.HostConfig ?? {})
  checkHostConfig(hostConfig)
  if (body.WorkingDir && !body.WorkingDir.startsWith('/')) throw badParameter(`the working directory '${body.WorkingDir}' is invalid, it needs to be an absolute path`)
  const config = mergeConfig(host, body, image?.config.config ?? {}, id, hostConfig)
  if ((config.Entrypoint ?? []).length + (config.Cmd ?? []).length === 0 || (config.Entrypoint ?? config.Cmd)?.[0] === '') throw badParameter('No command specified')
  const record: ContainerRecord = {
    id, name: own, createdMs: host.process.clock.now(), imageId: image?.id ?? '', config, hostConfig, networks: {}, mounts: [],
    state: { status: 'created', pid: 0, exitCode: 0, error: '', oomKilled: false, startedAtMs: 0, finishedAtMs: 0 }, restartCount: 0, stoppedByHand: false, hasStarted: false, netns: '',
  }
  record.mounts.push(...mountPoints(host, volumes, record))
  if (sharedWith(record) === undefined) addNetworks(record, networks, body.NetworkingConfig?.EndpointsConfig ?? {})
  if (image) host.images.snapshots.prepare(id, host.images.rootKey(image))
  host.records.save(record)
  host.events.publish('container', 'create', id, attributesOf(record))
  return record
}

export function attributesOf(record: ContainerRecord, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { ...record.config.Labels, ...more, image: record.config.Image, name: record.name }
}

function findImage(host: DockerHost, reference: string): StoredImage | undefined {
  if (reference === '') throw badParameter('no image specified')
  const image = host.images.find(mobyNamespace, reference)
  if (!image) throw notFound(`No such image: ${/[:@]/.test(reference.split('/').pop() ?? '') || reference.startsWith('sha256:') ? reference : `${reference}:latest`}`)
  return image
}

const namePattern = /^\/?[a-zA-Z0-9][a-zA-Z0-9_.-]+$/

export function takeName(host: DockerHost, name: string, id: string): string {
  if (name === '') return randomName(host)
  if (!namePattern.test(name)) throw badParameter(`Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`)
  const own = name.replace(/^\//, '')
  const other = host.records.named(own)
  if (other && other.id !== id) throw conflict(`Conflict. The container name "/${own}" is already in use by container "${other.id}". You have to remove (or rename) that container to be able to reuse that name.`)
  return own
}

function randomName(host: DockerHost): string {
  const { random } = host.process
  for (let tried = 0; tried < 50; tried++) {
    const name = `${adjectives[random.integer(adjectives.length)] ?? ''}_${surnames[random.integer(surnames.length)] ?? ''}${tried > 5 ? random.integer(10) : ''}`
    if (!host.records.named(name) && name !== 'boring_wozniak') return name
  }
  return shortId(newId(host))
}

function withDefaults(host: DockerHost, given: Partial<HostConfig>): HostConfig {
  const base: HostConfig = {
    Binds: null, ContainerIDFile: '', LogConfig: { Type: host.config.logDriver, Config: { ...host.config.logOpts } }, NetworkMode: 'default', PortBindings: {}, RestartPolicy: { Name: 'no', MaximumRetryCount: 0 }, AutoRemove: false, VolumeDriver: '',
    VolumesFrom: null, CapAdd: null, CapDrop: null, CgroupnsMode: 'private', Dns: [], DnsOptions: [], DnsSearch: [], ExtraHosts: null, GroupAdd: null, IpcMode: 'private', Links: null, OomScoreAdj: 0, PidMode: '', Privileged: false,
    PublishAllPorts: false, ReadonlyRootfs: false, SecurityOpt: null, UTSMode: '', ShmSize: 67_108_864, Runtime: 'runc', CpuShares: 0, Memory: 0, NanoCpus: 0, CgroupParent: '', CpuPeriod: 0, CpuQuota: 0, CpusetCpus: '', CpusetMems: '',
    MemoryReservation: 0, MemorySwap: 0, OomKillDisable: false, PidsLimit: null,
  }
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null && value !== ''))
  const merged = { ...base, ...set } as HostConfig
  if (!merged.RestartPolicy.Name) merged.RestartPolicy = { Name: 'no', MaximumRetryCount: 0 }
  if (!merged.LogConfig.Type) merged.LogConfig = { ...merged.LogConfig, Type: host.config.logDriver }
  if (merged.ShmSize === 0) merged.ShmSize = base.ShmSize
  if (merged.Memory > 0 && merged.MemorySwap === 0) merged.MemorySwap = merged.Memory * 2
  return merged
}

const mib = 1024 * 1024

/** What is refused, and how it is said. */
type Rule = readonly [refused: (config: HostConfig) => boolean, message: (config: HostConfig) => string]
const said = (text: string) => (): string => text

const rules: readonly Rule[] = [
  [({ RestartPolicy: { Name } }) => !['no', 'always', 'unless-stopped', 'on-failure'].includes(Name), ({ RestartPolicy: { Name } }) => `invalid restart policy '${Name}'`],
  [({ RestartPolicy: policy }) => policy.Name !== 'on-failure' && policy.MaximumRetryCount !== 0, ({ RestartPolicy: { Name } }) => `maximum retry count cannot be used with restart policy '${Name}'`],
  [({ RestartPolicy: policy }) => policy.MaximumRetryCount < 0, said('maximum retry count cannot be negative')],
  [(config) => config.AutoRemove && config.RestartPolicy.Name !== 'no', said("can't create 'AutoRemove' container with restart policy")],
  [({ Memory }) => Memory !== 0 && Memory < 6 * mib, said('Minimum memory limit allowed is 6MB')],
  [(config) => config.MemorySwap > 0 && config.Memory === 0, said('You should always set the Memory limit when using Memoryswap limit, see usage')],
  [(config) => config.MemorySwap > 0 && config.MemorySwap < config.Memory, said('Minimum memoryswap limit should be larger than memory limit, see usage')],
  [(config) => config.MemoryReservation > 0 && config.Memory > 0 && config.Memory < config.MemoryReservation, said('Minimum memory limit can not be less than memory reservation limit, see usage')],
  [(config) => config.NanoCpus > 0 && config.CpuPeriod > 0, said('Conflicting options: Nano CPUs and CPU Period cannot both be set')],
  [(config) => config.NanoCpus > 0 && config.CpuQuota > 0, said('Conflicting options: Nano CPUs and CPU Quota cannot both be set')],
  [({ NanoCpus }) => NanoCpus < 0 || NanoCpus > 2e9, said('Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available')],
  [({ CpuPeriod }) => CpuPeriod !== 0 && (CpuPeriod < 1000 || CpuPeriod > 1_000_000), said('CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)')],
  [({ CpuQuota }) => CpuQuota > 0 && CpuQuota < 1000, said('CPU cfs quota can not be less than 1ms (i.e. 1000)')],
  [({ OomScoreAdj }) => OomScoreAdj < -1000 || OomScoreAdj > 1000, ({ OomScoreAdj }) => `Invalid value ${OomScoreAdj}, range for oom score adj is [-1000, 1000]`],
  [({ LogConfig: { Type } }) => Type === 'journald' || Type === 'local', ({ LogConfig: { Type } }) => `log driver ${Type} is not supported on this machine; use json-file or none`],
  [({ LogConfig: { Type } }) => Type !== 'json-file' && Type !== 'none', ({ LogConfig: { Type } }) => `logger: no log driver named '${Type}' is registered`],
  [({ Runtime }) => Runtime !== 'runc' && Runtime !== 'io.containerd.runc.v2', ({ Runtime }) => `Unknown runtime specified ${Runtime}`],
]

export function checkHostConfig(config: HostConfig): void {
  const broken = rules.find(([refused]) => refused(config))
  if (broken) throw badParameter(broken[1](config))
}

const plain: Omit<ContainerConfig, 'Hostname' | 'Image' | 'Labels' | 'Cmd' | 'Entrypoint' | 'Volumes'> = { Domainname: '', User: '', AttachStdin: false, AttachStdout: false, AttachStderr: false, Tty: false, OpenStdin: false, StdinOnce: false, Env: [], WorkingDir: '', OnBuild: null }

type ImageSettings = ImageConfig & { readonly Healthcheck?: HealthConfig }

/** What was asked for, over what the image says. */
function mergeConfig(host: DockerHost, body: CreateBody, image: ImageSettings, id: string, hostConfig: HostConfig): ContainerConfig {
  const { HostConfig: _host, NetworkingConfig: _networking, ...given } = body
  const told = Object.fromEntries(Object.entries({ ...given }).filter(([, value]) => value !== undefined && value !== null && value !== ''))
  const ofImage = { ...(image.User ? { User: image.User } : {}), ...(image.WorkingDir ? { WorkingDir: image.WorkingDir } : {}), ...(image.StopSignal ? { StopSignal: image.StopSignal } : {}), ...(image.Healthcheck ? { Healthcheck: image.Healthcheck } : {}) }
  const ports = { ...image.ExposedPorts, ...given.ExposedPorts }
  const volumes = { ...image.Volumes, ...given.Volumes }
  return {
    ...plain, ...ofImage, ...told, ...commandOf(given, image), Env: mergedEnv(given.Env ?? [], image.Env ?? []), Image: given.Image ?? '', Labels: { ...image.Labels, ...given.Labels }, Volumes: nullIfEmpty(volumes),
    Hostname: given.Hostname || (hostConfig.NetworkMode === 'host' ? host.process.uname().nodename : shortId(id)), ...(Object.keys(ports).length > 0 ? { ExposedPorts: ports } : {}),
  }
}

/** An entrypoint of one's own leaves the image's command behind; an empty one is none. */
function commandOf(given: Partial<ContainerConfig>, image: ImageConfig): Pick<ContainerConfig, 'Cmd' | 'Entrypoint'> {
  const own = given.Entrypoint && given.Entrypoint.length > 0 ? given.Entrypoint : undefined
  const Cmd = given.Cmd && given.Cmd.length > 0 ? given.Cmd : own ? null : image.Cmd ? [...image.Cmd] : null
  return { Cmd, Entrypoint: own ? (own[0] === '' ? null : own) : image.Entrypoint ? [...image.Entrypoint] : null }
}

function mergedEnv(given: readonly string[], ofImage: readonly string[]): string[] {
  const keys = new Set(given.map((entry) => entry.split('=')[0]))
  return [...given.filter((entry) => entry.includes('=')), ...ofImage.filter((entry) => !keys.has(entry.split('=')[0]))]
}

function nullIfEmpty(set: Record<string, object>): Record<string, object> | null {
  return Object.keys(set).length > 0 ? set : null
}

/** A network that is not there yet is looked for again at the start. */
function addNetworks(record: ContainerRecord, networks: Networks, given: Record<string, Partial<EndpointSettings>>): void {
  const primary = primaryOf(record)
  const names = [...new Set([primary, ...Object.keys(given).filter((name) => name !== 'default')])]
  if (names.length > 1) throw badParameter(`Container cannot be connected to network endpoints: ${names.join(', ')}`)
  for (const name of names) {
    const known = networks.all().find((network) => network.name === name || network.id === name)
    record.networks[known?.name ?? name] = emptyEndpoint(known ?? { id: '', name }, given[name] ?? given['default'] ?? {}, record.id)
  }
}
