/** What containers of a pod get from the kubelet: environment sources, mounts, names, DNS. */
import type { Container, Pod, Service } from '#engine/api/kinds'
import type { Mount, PodSandboxConfig } from '#engine/cri/api'
import { isErrno } from '#engine/linux/abi/errno'
import type { KubeletContext } from './context'
import type { MachineFacts } from './node/machine'
import { uidOf } from './pods/names'
import { ConfigError, type EnvSources } from './runtime/env'
import { type FieldSources, podField } from './runtime/fieldref'
import { hostsFile, podDns, readOptional } from './runtime/files'
import type { PodInputs } from './runtime/manager'
import { podReference } from './runtime/reference'
import type { VolumeManager } from './volumes/manager'
import type { ObjectCache } from './volumes/objects'

export interface InputParts {
  readonly objects: ObjectCache
  readonly machine: MachineFacts
  services(): readonly Service[]
  volumes(): VolumeManager
  allocatable(): Readonly<Record<string, string>>
  podIps(pod: Pod): readonly string[]
}

const maxHostname = 63

export class KubeletInputs implements PodInputs {
  readonly nodeMemoryBytes: number

  constructor(
    private readonly context: KubeletContext,
    private readonly parts: InputParts,
  ) {
    this.nodeMemoryBytes = parts.machine.memoryBytes
  }

  fields(pod: Pod): FieldSources {
    return { hostIp: () => this.context.nodeIps[0] ?? '', hostIps: () => this.context.nodeIps, podIps: () => this.parts.podIps(pod) }
  }

  env(pod: Pod, podIps: readonly string[]): EnvSources {
    const { objects } = this.parts
    return {
      configMap: (_namespace, name) => objects.configMap(pod, name),
      secret: (_namespace, name) => objects.secret(pod, name),
      services: () => this.parts.services(),
      allocatable: this.parts.allocatable(),
      hostIp: () => this.context.nodeIps[0] ?? '',
      hostIps: () => this.context.nodeIps,
      podIps: () => podIps,
    }
  }

  mounts(pod: Pod, container: Container, podIps: readonly string[]): readonly Mount[] {
    const own = this.parts.volumes().mountsOf(pod, container, literalEnv(pod, container, this.fields(pod)))
    const taken = new Set(own.map((mount) => mount.containerPath))
    const extra: Mount[] = []
    if (!taken.has('/etc/hosts')) extra.push({ containerPath: '/etc/hosts', hostPath: this.writeHosts(pod, podIps), readonly: container.securityContext?.readOnlyRootFilesystem ?? false })
    const log = container.terminationMessagePath ?? '/dev/termination-log'
    if (log !== '') extra.push({ containerPath: log, hostPath: this.terminationLog(pod, container) })
    return [...own, ...extra]
  }

  dns(pod: Pod): PodSandboxConfig['dnsConfig'] {
    const { config } = this.context
    const inputs = { clusterDNS: config.clusterDNS, clusterDomain: config.clusterDomain, resolvConf: config.resolvConf === '' ? '' : this.resolverConfig() }
    return podDns(pod, inputs, (reason, message) => this.context.events.event(podReference(pod), 'Warning', reason, message))
  }

  private resolverConfig(): string {
    const { config, process, klog } = this.context
    try {
      return process.files.readText(config.resolvConf)
    } catch (error) {
      if (!isErrno(error)) throw error
      const why = `open ${config.resolvConf}: ${error.message.toLowerCase()}`
      klog.error('dns.go:289', why, 'Could not open resolv conf file.', { path: config.resolvConf })
      throw new ConfigError(why)
    }
  }

  hostname(pod: Pod): string {
    const override = (pod.spec as { hostnameOverride?: string } | undefined)?.hostnameOverride
    const name = override ?? (pod.spec?.hostname || (pod.metadata.name ?? ''))
    const short = name.slice(0, maxHostname).replace(/[-.]+$/, '')
    const domain = this.domain(pod)
    return pod.spec?.setHostnameAsFQDN && domain !== '' ? `${short}.${domain}` : short
  }

  supplementalGroups(_pod: Pod): readonly number[] {
    return []
  }

  async runtimeHandler(pod: Pod): Promise<string> {
    const name = pod.spec?.runtimeClassName
    if (!name) return ''
    try {
      const found = await this.context.client?.json<{ handler?: string }>('GET', `/apis/node.k8s.io/v1/runtimeclasses/${name}`)
      return found?.handler ?? ''
    } catch (error) {
      throw new ConfigError(`failed to get runtime handler for pod: ${(error as Error).message}`)
    }
  }

  private domain(pod: Pod): string {
    const { clusterDomain } = this.context.config
    return pod.spec?.subdomain ? `${pod.spec.subdomain}.${pod.metadata.namespace ?? ''}.svc.${clusterDomain}` : ''
  }

  private writeHosts(pod: Pod, podIps: readonly string[]): string {
    const { files } = this.context.process
    const directory = `${this.context.flags.rootDirectory}/pods/${uidOf(pod)}`
    const path = `${directory}/etc-hosts`
    files.mkdirAll(directory, 0o750)
    files.writeFile(path, hostsFile(pod, { hostname: this.hostname(pod), domain: this.domain(pod), podIps, hostFile: pod.spec?.hostNetwork ? readOptional(files, '/etc/hosts') : '' }), 0o644)
    return path
  }

  private terminationLog(pod: Pod, container: Container): string {
    const { files, random } = this.context.process
    const directory = `${this.context.flags.rootDirectory}/pods/${uidOf(pod)}/containers/${container.name}`
    files.mkdirAll(directory, 0o755)
    const path = `${directory}/${random.suffix(8)}`
    files.writeFile(path, '', 0o666)
    files.chmod(path, 0o666)
    return path
  }
}

/** For subPathExpr: variables with plain values or of the downward API are enough for what it is used for. */
function literalEnv(pod: Pod, container: Container, fields: FieldSources): ReadonlyMap<string, string> {
  const out = new Map<string, string>()
  for (const entry of container.env ?? []) {
    const path = entry.valueFrom?.fieldRef?.fieldPath
    if (entry.value !== undefined) out.set(entry.name, entry.value)
    else if (path !== undefined) out.set(entry.name, podField(pod, path, fields))
  }
  return out
}
