/** The flags of run and create as a request of the Engine API. */
import type { Process } from '#engine/linux/abi/process'
import type { Flags } from '#engine/programs/common/cobra/flags'
import { DockerFailure } from '../kit/api'
import { parseNanoseconds, parseSize } from '../kit/sizes'
import { unsupportedRunFlags } from './flags.table'
import { cleanPath, mountOf } from './mountflag'
import { portsOf } from './ports'

export interface CreateRequest { readonly Image: string; readonly HostConfig: Record<string, unknown>; readonly [key: string]: unknown }

export function requestOf(process: Process, flags: Flags, image: string, command: readonly string[], attached: { stdin: boolean; stdout: boolean; stderr: boolean }): CreateRequest {
  for (const name of unsupportedRunFlags) if (flags.changed(name)) throw new DockerFailure(`--${name} is not supported on this machine`)
  const ports = portsOf(flags.list('publish'), flags.list('expose'))
  const volumes = flags.list('volume')
  const entrypoint = flags.changed('entrypoint') ? { Entrypoint: flags.string('entrypoint') === '' ? [''] : [flags.string('entrypoint')] } : {}
  const health = healthOf(flags)
  return {
    Hostname: flags.string('hostname'), Domainname: flags.string('domainname'), User: flags.string('user'), AttachStdin: attached.stdin, AttachStdout: attached.stdout, AttachStderr: attached.stderr, ...(Object.keys(ports.exposed).length > 0 ? { ExposedPorts: ports.exposed } : {}),
    Tty: flags.bool('tty'), OpenStdin: flags.bool('interactive'), StdinOnce: flags.bool('interactive') && attached.stdin, Env: environmentOf(process, flags), Cmd: command.length > 0 ? command : null, Image: image,
    Volumes: Object.fromEntries(volumes.filter((volume) => !volume.includes(':')).map((volume) => [volume, {}])), WorkingDir: flags.string('workdir'), ...entrypoint, ...(health ? { Healthcheck: health } : {}),
    Labels: labelsOf(process, flags), ...(flags.changed('stop-signal') ? { StopSignal: flags.string('stop-signal') } : {}), ...(flags.changed('stop-timeout') ? { StopTimeout: flags.number('stop-timeout') } : {}),
    HostConfig: hostConfigOf(process, flags, ports.bindings, volumes), NetworkingConfig: { EndpointsConfig: networksOf(flags) },
  }
}

function hostConfigOf(process: Process, flags: Flags, bindings: Record<string, unknown>, volumes: readonly string[]): Record<string, unknown> {
  const size = (name: string): number => (flags.string(name) === '-1' ? -1 : (parseSize(flags.string(name)) ?? 0))
  const some = (name: string): readonly string[] | null => (flags.list(name).length > 0 ? flags.list(name) : null)
  const binds = volumes.filter((volume) => volume.includes(':')).map((volume) => (/^\.{1,2}(\/|:)/.test(volume) ? `${cleanPath(process.cwd(), volume.split(':')[0] ?? '')}${volume.slice(volume.indexOf(':'))}` : volume))
  return {
    Binds: binds.length > 0 ? binds : null, NetworkMode: networkNames(flags)[0]?.name ?? 'default', PortBindings: bindings, RestartPolicy: restartOf(flags.string('restart')), AutoRemove: flags.bool('rm'), CapAdd: some('cap-add'), CapDrop: some('cap-drop'),
    Dns: flags.list('dns'), DnsOptions: flags.list('dns-option'), DnsSearch: flags.list('dns-search'), ExtraHosts: flags.list('add-host').length > 0 ? flags.list('add-host').map((entry) => entry.replace(/[=:]/, ':')) : null, GroupAdd: some('group-add'), IpcMode: flags.string('ipc'), Links: some('link'), OomScoreAdj: flags.number('oom-score-adj'),
    PidMode: flags.string('pid'), Privileged: flags.bool('privileged'), PublishAllPorts: flags.bool('publish-all'), ReadonlyRootfs: flags.bool('read-only'), SecurityOpt: some('security-opt'), UTSMode: flags.string('uts'), ShmSize: size('shm-size'), Runtime: flags.string('runtime'),
    CgroupParent: flags.string('cgroup-parent'), CgroupnsMode: flags.string('cgroupns'), CpuPeriod: flags.number('cpu-period'), CpuQuota: flags.number('cpu-quota'), CpuShares: flags.number('cpu-shares'), NanoCpus: Math.round(Number(flags.string('cpus') || 0) * 1e9),
    Memory: size('memory'), MemoryReservation: size('memory-reservation'), MemorySwap: size('memory-swap'), OomKillDisable: flags.bool('oom-kill-disable'), VolumesFrom: some('volumes-from'),
    ...(flags.changed('pids-limit') ? { PidsLimit: flags.number('pids-limit') } : {}), ...(flags.bool('init') ? { Init: true } : {}), ...(flags.list('sysctl').length > 0 ? { Sysctls: pairs(flags.list('sysctl')) } : {}),
    ...(flags.list('tmpfs').length > 0 ? { Tmpfs: Object.fromEntries(flags.list('tmpfs').map((text) => [text.split(':')[0] ?? '', text.includes(':') ? text.slice(text.indexOf(':') + 1) : ''])) } : {}),
    ...(flags.list('mount').length > 0 ? { Mounts: flags.list('mount').map(mountOf) } : {}), LogConfig: { Type: flags.string('log-driver'), Config: pairs(flags.list('log-opt')) },
  }
}

function restartOf(text: string): { Name: string; MaximumRetryCount: number } {
  const [name = '', count, ...rest] = text.split(':')
  if (rest.length > 0) throw new DockerFailure('invalid restart policy format')
  if (name === '' && count !== undefined) throw new DockerFailure('invalid restart policy format: no policy provided before colon')
  if (count !== undefined && !/^-?\d+$/.test(count)) throw new DockerFailure('invalid restart policy format: maximum retry count must be an integer')
  return { Name: name, MaximumRetryCount: Number(count ?? 0) }
}

interface NetworkWish { readonly name: string; readonly aliases: readonly string[]; readonly ip: string }

/** `--network name` or `--network name=web,alias=api,ip=...`. */
function networkNames(flags: Flags): NetworkWish[] {
  const given = [...flags.list('network'), ...flags.list('net')]
  return given.map((text) => {
    if (!text.includes('=')) return { name: text, aliases: flags.list('network-alias'), ip: flags.string('ip') }
    const fields = text.split(',').map((field) => field.split('=') as [string, string])
    const get = (key: string): string[] => fields.filter(([name]) => name === key).map(([, value]) => value)
    return { name: get('name')[0] ?? '', aliases: get('alias'), ip: get('ip')[0] ?? '' }
  })
}

function networksOf(flags: Flags): Record<string, object> {
  const wishes = networkNames(flags)
  const named = wishes.length === 0 && (flags.list('network-alias').length > 0 || flags.string('ip') !== '') ? [{ name: 'default', aliases: flags.list('network-alias'), ip: flags.string('ip') }] : wishes
  return Object.fromEntries(named.map(({ name, aliases, ip }) => [name, { ...(aliases.length > 0 ? { Aliases: aliases } : {}), ...(ip === '' ? {} : { IPAMConfig: { IPv4Address: ip } }) }]))
}

function environmentOf(process: Process, flags: Flags): string[] {
  const fromFiles = flags.list('env-file').flatMap((path) => linesOf(process, path)).map((line) => {
    const name = line.split('=')[0] ?? ''
    if (/\s/.test(name)) throw new DockerFailure(`poorly formatted environment: variable '${name}' contains whitespaces`)
    if (name === '') throw new DockerFailure(`poorly formatted environment: no variable name on line '${line}'`)
    return line
  })
  return [...fromFiles, ...flags.list('env')].flatMap((entry) => {
    if (entry.includes('=')) return [entry]
    const value = process.env.get(entry)
    return value === undefined ? [] : [`${entry}=${value}`]
  })
}

function labelsOf(process: Process, flags: Flags): Record<string, string> {
  return pairs([...flags.list('label-file').flatMap((path) => linesOf(process, path)), ...flags.list('label')])
}

export function linesOf(process: Process, path: string): string[] {
  if (!process.files.exists(path)) throw new DockerFailure(`open ${path}: no such file or directory`)
  return process.files.readText(path).split('\n').map((line) => line.trimStart().replace(/\r$/, '')).filter((line) => line !== '' && !line.startsWith('#'))
}

export function pairs(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(entries.map((entry) => (entry.includes('=') ? [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)] : [entry, ''])))
}

function healthOf(flags: Flags): object | undefined {
  const names = ['health-cmd', 'health-interval', 'health-retries', 'health-start-period', 'health-timeout']
  if (flags.bool('no-healthcheck')) {
    if (names.some((name) => flags.changed(name))) throw new DockerFailure('--no-healthcheck conflicts with --health-* options')
    return { Test: ['NONE'] }
  }
  if (!names.some((name) => flags.changed(name))) return undefined
  const span = (name: string): number => {
    const text = flags.string(name)
    const value = text === '' ? 0 : parseNanoseconds(text)
    if (value === undefined) throw new DockerFailure(`invalid argument "${text}" for "--${name}" flag: time: invalid duration "${text}"`, 125)
    return value
  }
  const command = flags.string('health-cmd')
  return { ...(command === '' ? {} : { Test: ['CMD-SHELL', command] }), Interval: span('health-interval'), Timeout: span('health-timeout'), StartPeriod: span('health-start-period'), Retries: flags.number('health-retries') }
}
