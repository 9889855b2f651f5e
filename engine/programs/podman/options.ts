/** Flags of podman run, create and pod create as options of a container. */
import { parseSizeText } from './sizes'
import type { OciResources } from '#engine/cri/containerd/oci'
import type { NamedMount, PortMapping, RestartPolicy } from '#engine/cri/podman/model'
import { PodmanError } from '#engine/cri/podman/model'
import { jsonArray } from '#engine/cri/build/dockerfile/instruction'
import type { Session } from './session'

export const runFlags = [
  'add-host= annotation= attach,a= authfile= blkio-weight= cap-add= cap-drop= cgroup-parent= cgroupns= cgroups= cidfile= conmon-pidfile= cpu-period= cpu-quota= cpu-shares,c= cpus= cpuset-cpus= cpuset-mems= detach,d detach-keys= device= dns= dns-option= dns-search=',
  'entrypoint= env,e= env-file= env-host expose= group-add= health-cmd= health-interval= health-retries= health-start-period= health-timeout= hostname,h= http-proxy image-volume= init init-path= interactive,i ip= ipc= label,l= label-file= log-driver= log-opt= mac-address= memory,m=',
  'memory-reservation= memory-swap= memory-swappiness= mount= name= network,net= network-alias= no-healthcheck no-hosts oom-kill-disable oom-score-adj= os= arch= passwd personality= pid= pidfile= pids-limit= platform= pod= pod-id-file= preserve-fds= privileged publish,p= publish-all,P pull= quiet,q read-only read-only-tmpfs',
  'replace requires= restart= rm rmi rootfs secret= security-opt= shm-size= sig-proxy stop-signal= stop-timeout= subgidname= subuidname= sysctl= systemd= timeout= tls-verify tmpfs= tty,t tz= ulimit= umask= unsetenv= user,u= userns= uts= variant= volume,v= volumes-from= workdir,w=',
].join(' ')

export function portsOf(specs: readonly string[], expose: Readonly<Record<string, object>> = {}, publishAll = false, freePort: () => number = () => 0): PortMapping[] {
  const out = specs.flatMap(portsFrom)
  if (publishAll) for (const port of Object.keys(expose)) out.push({ hostIp: '', hostPort: freePort(), containerPort: Number.parseInt(port, 10), protocol: port.split('/')[1] ?? 'tcp' })
  return out.map((port) => (port.hostPort === 0 ? { ...port, hostPort: freePort() } : port))
}

function portsFrom(text: string): PortMapping[] {
  const [body = '', protocol = 'tcp'] = text.split('/')
  const parts = body.split(':')
  if (parts.length > 3) throw new PodmanError(`cannot parse ${JSON.stringify(text)} as port: invalid port format`)
  const container = parts.pop() ?? ''
  const host = parts.pop() ?? ''
  const hostIp = parts.pop() ?? ''
  if (!['tcp', 'udp', 'sctp'].includes(protocol)) throw new PodmanError(`unrecognized protocol ${JSON.stringify(protocol)} in port mapping`)
  const [from, to] = range(container, 'container')
  const [hostFrom] = host === '' ? [0] : range(host, 'host')
  return Array.from({ length: to - from + 1 }, (_, index) => ({ hostIp, hostPort: (hostFrom ?? 0) === 0 ? 0 : (hostFrom ?? 0) + index, containerPort: from + index, protocol }))
}

function range(text: string, side: string): [number, number] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text)
  if (!match) throw new PodmanError(text === '' ? `must provide a non-empty ${side} port to publish` : `error parsing ${side} port: cannot parse ${JSON.stringify(text)} as an integer: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
  const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])]
  if (from > 65_535 || (side === 'container' && from < 1)) throw new PodmanError(`port numbers must be between 1 and 65535 (inclusive), got ${from}`)
  return [from, to]
}

export function mountsOf(session: Session): NamedMount[] {
  const { flags } = session
  const out = flags.all('volume').map((text) => volumeOf(session, text))
  for (const text of flags.all('mount')) out.push(mountOf(session, text))
  for (const text of flags.all('tmpfs')) {
    const [destination = '', options = ''] = text.split(':')
    out.push({ type: 'tmpfs', source: 'tmpfs', destination, options: options === '' ? [] : options.split(',') })
  }
  const seen = new Set<string>()
  for (const mount of out) {
    if (seen.has(mount.destination)) throw new PodmanError(`${mount.destination}: duplicate mount destination`)
    seen.add(mount.destination)
  }
  return out
}

function volumeOf(session: Session, text: string): NamedMount {
  const [first = '', second, options = ''] = text.split(':')
  if (text.split(':').length > 3) throw new PodmanError(`incorrect volume format ${JSON.stringify(text)}, should be [host-dir|named-volume:]container-dir[:options]: invalid argument`)
  const destination = second ?? first
  if (!destination.startsWith('/')) throw new PodmanError(`invalid container path ${JSON.stringify(destination)}, must be an absolute path`)
  const source = second === undefined ? '' : first
  const list = options === '' ? [] : options.split(',')
  if (!/^[./]/.test(source)) return { type: 'volume', source, destination, options: list }
  return { type: 'bind', source: source.startsWith('/') ? source : session.process.files.realpath(source), destination, options: list }
}

function mountOf(session: Session, text: string): NamedMount {
  const fields = new Map(text.split(',').map((part) => [part.split('=')[0] ?? '', part.includes('=') ? part.slice(part.indexOf('=') + 1) : 'true']))
  const field = (...names: string[]): string => names.map((name) => fields.get(name)).find((value) => value !== undefined) ?? ''
  const type = field('type') === '' ? 'volume' : field('type')
  const destination = field('target', 'destination', 'dst')
  if (destination === '') throw new PodmanError(`must set volume destination: mount requires a destination`)
  const options = ['ro', 'readonly'].some((name) => fields.get(name) === 'true') ? ['ro'] : []
  if (type === 'tmpfs') return { type: 'tmpfs', source: 'tmpfs', destination, options }
  if (type !== 'bind' && type !== 'volume') throw new PodmanError(`invalid filesystem type ${JSON.stringify(type)}`)
  const source = field('source', 'src')
  return { type, source: type === 'bind' && !source.startsWith('/') ? session.process.files.realpath(source) : source, destination, options }
}

export function environment(session: Session): string[] {
  const { flags, process } = session
  const own = (text: string): string[] => {
    if (text.includes('=')) return [text]
    const value = process.env.get(text)
    return value === undefined ? [] : [`${text}=${value}`]
  }
  const files = flags.all('env-file').flatMap((path) => {
    if (!process.files.exists(path)) throw new PodmanError(`open ${path}: no such file or directory`)
    return process.files.readText(path).split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#')).flatMap(own)
  })
  const host = flags.has('env-host') ? [...process.env].map(([name, value]) => `${name}=${value}`) : []
  return [...host, ...files, ...flags.all('env').flatMap(own)]
}

export function pairs(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map((text) => [text.split('=')[0] ?? '', text.includes('=') ? text.slice(text.indexOf('=') + 1) : '']))
}

export function resourcesOf(session: Session): { resources: OciResources; nanoCpus: number } {
  const { flags } = session
  const memory = flags.value('memory')
  const cpus = flags.value('cpus')
  const number = (name: string): number | undefined => (flags.value(name) === undefined ? undefined : Number(flags.value(name)))
  const quota = cpus === undefined ? number('cpu-quota') : Math.round(Number(cpus) * 100_000)
  if (cpus !== undefined && Number.isNaN(Number(cpus))) throw new PodmanError(`invalid argument ${JSON.stringify(cpus)} for "--cpus" flag: strconv.ParseFloat: parsing ${JSON.stringify(cpus)}: invalid syntax`)
  const resources: OciResources = {
    ...(memory === undefined ? {} : { memoryLimit: parseSizeText(memory, 'memory') }), ...(quota === undefined ? {} : { cpuQuota: quota, cpuPeriod: number('cpu-period') ?? 100_000 }),
    ...(number('cpu-shares') === undefined ? {} : { cpuShares: number('cpu-shares') ?? 0 }), ...(number('pids-limit') === undefined ? { pids: 2048 } : { pids: number('pids-limit') ?? 0 }),
  }
  return { resources, nanoCpus: cpus === undefined ? 0 : Math.round(Number(cpus) * 1e9) }
}

export function restartOf(text: string | undefined): RestartPolicy {
  if (text === undefined || text === '') return { name: '', retries: 0 }
  const [name = '', retries] = text.split(':')
  if (!['no', 'always', 'on-failure', 'unless-stopped'].includes(name)) throw new PodmanError(`restart policy ${JSON.stringify(name)} is not supported: invalid argument`)
  if (retries !== undefined && name !== 'on-failure') throw new PodmanError(`cannot set restart policy retries unless policy is "on-failure": invalid argument`)
  if (retries !== undefined && !/^\d+$/.test(retries)) throw new PodmanError(`parsing restart policy retry count: strconv.Atoi: parsing ${JSON.stringify(retries)}: invalid syntax`)
  return { name, retries: Number(retries ?? 0) }
}

export function entrypointOf(text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined
  return text === '' ? [] : (jsonArray(text) ?? [text])
}
