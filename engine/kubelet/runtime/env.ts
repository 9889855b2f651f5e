/** Environment of a container: services, envFrom, env with references and `$(NAME)`. */
import type { ConfigMap, Container, Pod, Secret, Service } from '#engine/api/kinds'
import { decodeUtf8, fromBase64 } from '#engine/base/bytes'
import type { KeyValue } from '#engine/cri/api'
import { containerResource, podField } from './fieldref'

/** The container cannot be configured: CreateContainerConfigError, with this message. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

export interface EnvSources {
  /** Throws with the API's words where it is not there. */
  configMap(namespace: string, name: string): Promise<ConfigMap>
  secret(namespace: string, name: string): Promise<Secret>
  /** Undefined while the services are not known yet. */
  services(): readonly Service[]
  readonly allocatable: Readonly<Record<string, string>>
  hostIp(): string
  hostIps(): readonly string[]
  podIps(): readonly string[]
}

export async function containerEnvironment(pod: Pod, container: Container, sources: EnvSources): Promise<KeyValue[]> {
  const namespace = pod.metadata.namespace ?? ''
  const services = serviceEnvironment(sources.services(), namespace, pod.spec?.enableServiceLinks ?? true)
  const out = new Map<string, string>()
  for (const source of container.envFrom ?? []) for (const [key, value] of await fromSource(source, namespace, sources)) out.set(key, value)
  for (const entry of container.env ?? []) {
    const value = await valueOf(entry, pod, container, sources, new Map([...services, ...out]))
    if (value !== undefined) out.set(entry.name, value)
  }
  for (const [key, value] of services) if (!out.has(key)) out.set(key, value)
  return [...out].map(([key, value]) => ({ key, value }))
}

type EnvFrom = NonNullable<Container['envFrom']>[number]
type EnvVar = NonNullable<Container['env']>[number]

async function fromSource(source: EnvFrom, namespace: string, sources: EnvSources): Promise<[string, string][]> {
  const reference = source.configMapRef ?? source.secretRef
  if (!reference) return []
  const prefix = source.prefix ?? ''
  let data: [string, string][]
  try {
    data = source.configMapRef
      ? Object.entries((await sources.configMap(namespace, reference.name ?? '')).data ?? {})
      : Object.entries((await sources.secret(namespace, reference.name ?? '')).data ?? {}).map(([key, value]): [string, string] => [key, decodeUtf8(fromBase64(value))])
  } catch (error) {
    if (reference.optional && isNotFound(error)) return []
    throw new ConfigError((error as Error).message)
  }
  return data.map(([key, value]) => [`${prefix}${key}`, value])
}

async function valueOf(entry: EnvVar, pod: Pod, container: Container, sources: EnvSources, known: ReadonlyMap<string, string>): Promise<string | undefined> {
  const from = entry.valueFrom
  if (!from) return expand(entry.value ?? '', known)
  if (from.fieldRef) return podField(pod, from.fieldRef.fieldPath, sources)
  if (from.resourceFieldRef) return containerResource(pod, from.resourceFieldRef, container, sources.allocatable)
  if (from.configMapKeyRef) return keyOf('configmap', pod, from.configMapKeyRef, async (name) => (await sources.configMap(pod.metadata.namespace ?? '', name)).data ?? {})
  if (from.secretKeyRef) return keyOf('secret', pod, from.secretKeyRef, async (name) => (await sources.secret(pod.metadata.namespace ?? '', name)).data ?? {}, (value) => decodeUtf8(fromBase64(value)))
  return ''
}

async function keyOf(kind: string, pod: Pod, reference: { name?: string; key: string; optional?: boolean }, read: (name: string) => Promise<Readonly<Record<string, string>>>, decode = (value: string): string => value): Promise<string | undefined> {
  const name = reference.name ?? ''
  let data: Readonly<Record<string, string>>
  try {
    data = await read(name)
  } catch (error) {
    if (reference.optional && isNotFound(error)) return undefined
    throw new ConfigError((error as Error).message)
  }
  const value = data[reference.key]
  if (value !== undefined) return decode(value)
  if (reference.optional) return undefined
  throw new ConfigError(`couldn't find key ${reference.key} in ${kind === 'configmap' ? 'ConfigMap' : 'Secret'} ${pod.metadata.namespace ?? ''}/${name}`)
}

function isNotFound(error: unknown): boolean {
  return (error as { status?: { reason?: string } }).status?.reason === 'NotFound'
}

/** `$(NAME)` where the name is known, `$$` for a dollar; anything else stays as it stands. */
export function expand(text: string, known: ReadonlyMap<string, string>): string {
  return text.replace(/\$\$|\$\(([^()$]*)\)/g, (whole, name: string | undefined) => (whole === '$$' ? '$' : (known.get(name ?? '') ?? whole)))
}

/** Variables of services, as Docker links had them: of the pod's namespace, and always of `kubernetes`. */
export function serviceEnvironment(services: readonly Service[], namespace: string, links: boolean): Map<string, string> {
  const chosen = new Map<string, Service>()
  for (const service of services) {
    const { name = '', namespace: own = '' } = service.metadata
    if (!hasAddress(service)) continue
    if (own === namespace && links) chosen.set(name, service)
    else if (own === 'default' && name === 'kubernetes' && !chosen.has(name)) chosen.set(name, service)
  }
  const out = new Map<string, string>()
  for (const [name, service] of [...chosen].sort(([a], [b]) => (a < b ? -1 : 1))) addService(out, name, service)
  return out
}

function hasAddress({ spec }: Service): boolean {
  return spec?.clusterIP !== undefined && spec.clusterIP !== '' && spec.clusterIP !== 'None'
}

function addService(out: Map<string, string>, name: string, service: Service): void {
  const prefix = name.toUpperCase().replace(/-/g, '_')
  const ip = service.spec?.clusterIP ?? ''
  const ports = service.spec?.ports ?? []
  const first = ports[0]
  if (!first) return
  out.set(`${prefix}_SERVICE_HOST`, ip)
  out.set(`${prefix}_SERVICE_PORT`, String(first.port))
  for (const port of ports) if (port.name) out.set(`${prefix}_SERVICE_PORT_${port.name.toUpperCase().replace(/-/g, '_')}`, String(port.port))
  for (const [index, port] of ports.entries()) {
    const protocol = (port.protocol ?? 'TCP').toLowerCase()
    const url = `${protocol}://${ip}:${port.port}`
    if (index === 0) out.set(`${prefix}_PORT`, url)
    const base = `${prefix}_PORT_${port.port}_${protocol.toUpperCase()}`
    out.set(base, url)
    out.set(`${base}_PROTO`, protocol)
    out.set(`${base}_PORT`, String(port.port))
    out.set(`${base}_ADDR`, ip)
  }
}
