/** The checks of the baseline level. */
import { allContainers } from '#engine/apiserver/admission/shared/pods'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { containersText, plural, quoted, sorted } from './words'
import type { Finding } from './words'

export interface Check {
  readonly id: string
  readonly since: number
  /** Undefined when there is nothing to say. */
  run(metadata: Free, spec: Free, minor: number): Finding | undefined
}

const namesWhere = (spec: Free, test: (container: Free) => boolean): string[] => allContainers(spec).filter(test).map((container) => container.name as string)

const defaultCapabilities = new Set(['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'])

/** Who sets something, in the words `pod and containers "a"`. */
function setters(pod: boolean, containers: readonly string[], first = 'pod'): string {
  return [...(pod ? [first] : []), ...(containers.length > 0 ? [containersText(containers)] : [])].join(' and ')
}

function appArmorProfile(metadata: Free, spec: Free): Finding | undefined {
  const wrong = (context: Free): boolean => context?.appArmorProfile && !['RuntimeDefault', 'Localhost'].includes(context.appArmorProfile.type as string)
  const values = new Set<string>()
  const pod = wrong(spec.securityContext)
  if (pod) values.add(spec.securityContext.appArmorProfile.type as string)
  const names = namesWhere(spec, (container) => {
    if (!wrong(container.securityContext)) return false
    values.add(container.securityContext.appArmorProfile.type as string)
    return true
  })
  const key = 'container.apparmor.security.beta.kubernetes.io/'
  const annotations = Object.entries((metadata?.annotations ?? {}) as Record<string, string>).filter(([name, value]) => name.startsWith(key) && value !== '' && value !== 'runtime/default' && !value.startsWith('localhost/')).map(([name, value]) => `${name}=${JSON.stringify(value)}`).sort()
  const who = [setters(pod, names), ...(annotations.length > 0 ? [plural('annotation', 'annotations', annotations.length)] : [])].filter((item) => item !== '').join(' and ')
  if (who === '') return undefined
  const list = [...sorted(values), ...annotations]
  return { reason: plural('forbidden AppArmor profile', 'forbidden AppArmor profiles', list.length), detail: `${who} must not set AppArmor profile type to ${quoted(list)}` }
}

function capabilities(_metadata: Free, spec: Free): Finding | undefined {
  const added = new Set<string>()
  const names = namesWhere(spec, (container) => {
    const extra = (listOf(container.securityContext?.capabilities?.add) as string[]).filter((item) => !defaultCapabilities.has(item))
    for (const item of extra) added.add(item)
    return extra.length > 0
  })
  return names.length === 0 ? undefined : { reason: 'non-default capabilities', detail: `${containersText(names)} must not include ${quoted(sorted(added))} in securityContext.capabilities.add` }
}

function hostNamespaces(_metadata: Free, spec: Free): Finding | undefined {
  const used = ['hostNetwork', 'hostPID', 'hostIPC'].filter((field) => spec[field] === true)
  return used.length === 0 ? undefined : { reason: 'host namespaces', detail: used.map((field) => `${field}=true`).join(', ') }
}

function hostPathVolumes(_metadata: Free, spec: Free): Finding | undefined {
  const names = listOf(spec.volumes).filter((volume) => volume.hostPath).map((volume) => volume.name as string)
  return names.length === 0 ? undefined : { reason: 'hostPath volumes', detail: `${plural('volume', 'volumes', names.length)} ${quoted(names)}` }
}

function hostPorts(_metadata: Free, spec: Free): Finding | undefined {
  const ports = new Set<string>()
  const names = namesWhere(spec, (container) => {
    const used = listOf(container.ports).filter((port) => (port.hostPort ?? 0) !== 0)
    for (const port of used) ports.add(String(port.hostPort))
    return used.length > 0
  })
  if (names.length === 0) return undefined
  const list = sorted(ports)
  return { reason: 'hostPort', detail: `${containersText(names)} ${plural('uses', 'use', names.length)} ${plural('hostPort', 'hostPorts', list.length)} ${list.join(', ')}` }
}

function hostProbes(_metadata: Free, spec: Free): Finding | undefined {
  const hosts = new Set<string>()
  const names = namesWhere(spec, (container) => {
    const handlers = [container.livenessProbe, container.readinessProbe, container.startupProbe, container.lifecycle?.postStart, container.lifecycle?.preStop]
    const used = handlers.flatMap((handler) => [handler?.httpGet?.host, handler?.tcpSocket?.host]).filter((host): host is string => typeof host === 'string' && host !== '')
    for (const host of used) hosts.add(host)
    return used.length > 0
  })
  if (names.length === 0) return undefined
  const list = sorted(hosts)
  return { reason: 'probe or lifecycle host', detail: `${containersText(names)} ${plural('uses', 'use', names.length)} probe or lifecycle ${plural('host', 'hosts', list.length)} ${quoted(list)}` }
}

function privileged(_metadata: Free, spec: Free): Finding | undefined {
  const names = namesWhere(spec, (container) => container.securityContext?.privileged === true)
  return names.length === 0 ? undefined : { reason: 'privileged', detail: `${containersText(names)} must not set securityContext.privileged=true` }
}

function procMount(_metadata: Free, spec: Free): Finding | undefined {
  const values = new Set<string>()
  const names = namesWhere(spec, (container) => {
    const value = container.securityContext?.procMount as string | undefined
    if (value === undefined || value === 'Default') return false
    values.add(value)
    return true
  })
  return names.length === 0 ? undefined : { reason: 'procMount', detail: `${containersText(names)} must not set securityContext.procMount to ${quoted(sorted(values))}` }
}

function seLinuxOptions(_metadata: Free, spec: Free, minor: number): Finding | undefined {
  const allowed = new Set(['', 'container_t', 'container_init_t', 'container_kvm_t', ...(minor >= 31 ? ['container_engine_t'] : [])])
  const types = new Set<string>()
  let user = false
  let role = false
  const wrong = (context: Free): boolean => {
    const options = context?.seLinuxOptions
    if (!options) return false
    const badType = !allowed.has((options.type ?? '') as string)
    if (badType) types.add(options.type as string)
    if (options.user) user = true
    if (options.role) role = true
    return badType || Boolean(options.user) || Boolean(options.role)
  }
  const pod = wrong(spec.securityContext)
  const names = namesWhere(spec, (container) => wrong(container.securityContext))
  const who = setters(pod, names)
  if (who === '') return undefined
  const data = [...(types.size > 0 ? [`${plural('type', 'types', types.size)} ${quoted(sorted(types))}`] : []), ...(user ? ['user may not be set'] : []), ...(role ? ['role may not be set'] : [])]
  return { reason: 'seLinuxOptions', detail: `${who} set forbidden securityContext.seLinuxOptions: ${data.join('; ')}` }
}

function seccompProfile(_metadata: Free, spec: Free): Finding | undefined {
  const values = new Set<string>()
  const wrong = (context: Free): boolean => {
    const type = context?.seccompProfile?.type as string | undefined
    if (type === undefined || type === 'RuntimeDefault' || type === 'Localhost') return false
    values.add(type)
    return true
  }
  const pod = wrong(spec.securityContext)
  const who = setters(pod, namesWhere(spec, (container) => wrong(container.securityContext)))
  return who === '' ? undefined : { reason: 'seccompProfile', detail: `${who} must not set securityContext.seccompProfile.type to ${quoted(sorted(values))}` }
}

const safeSysctls: readonly (readonly [since: number, names: readonly string[]])[] = [
  [0, ['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_unprivileged_port_start']],
  [27, ['net.ipv4.ip_local_reserved_ports']],
  [29, ['net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes']],
  [32, ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']],
]

function sysctls(_metadata: Free, spec: Free, minor: number): Finding | undefined {
  const safe = new Set(safeSysctls.filter(([since]) => minor >= since).flatMap(([, names]) => names))
  const names = listOf(spec.securityContext?.sysctls).map((item) => item.name as string).filter((name) => !safe.has(name))
  return names.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: names.join(', ') }
}

function windowsHostProcess(_metadata: Free, spec: Free): Finding | undefined {
  const wrong = (context: Free): boolean => context?.windowsOptions?.hostProcess === true
  const who = setters(wrong(spec.securityContext), namesWhere(spec, (container) => wrong(container.securityContext)))
  return who === '' ? undefined : { reason: 'hostProcess', detail: `${who} must not set securityContext.windowsOptions.hostProcess=true` }
}

/** By id, the order in which findings are told. */
export const baselineChecks: readonly Check[] = [
  { id: 'appArmorProfile', since: 0, run: appArmorProfile },
  { id: 'capabilities_baseline', since: 0, run: capabilities },
  { id: 'hostNamespaces', since: 0, run: hostNamespaces },
  { id: 'hostPathVolumes', since: 0, run: hostPathVolumes },
  { id: 'hostPorts', since: 0, run: hostPorts },
  { id: 'hostProbesAndHostLifecycle', since: 34, run: hostProbes },
  { id: 'privileged', since: 0, run: privileged },
  { id: 'procMount', since: 0, run: procMount },
  { id: 'seLinuxOptions', since: 0, run: seLinuxOptions },
  { id: 'seccompProfile_baseline', since: 19, run: seccompProfile },
  { id: 'sysctls', since: 0, run: sysctls },
  { id: 'windowsHostProcess', since: 0, run: windowsHostProcess },
]
