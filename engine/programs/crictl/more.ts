/** crictl update, runtime-config, events and attach. */
import type { ContainerEvent, LinuxResources } from '#engine/cri/api'
import { Fatal, flag, has, type Options, protoJson, render, type Session } from './session'
import { stream } from './actions'

const numbers: Readonly<Record<string, keyof LinuxResources>> = { 'cpu-period': 'cpuPeriod', 'cpu-quota': 'cpuQuota', 'cpu-share': 'cpuShares', memory: 'memoryLimitInBytes' }

export async function update(session: Session, options: Options): Promise<number> {
  if (options.operands.length === 0) throw new Fatal('ID cannot be empty')
  const cri = await session.cri()
  const linux: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(numbers)) {
    const given = flag(options, name)
    if (given === undefined) continue
    if (!/^-?\d+$/.test(given)) throw new Fatal(`invalid value ${JSON.stringify(given)} for flag -${name}: parse error`)
    linux[field] = Number(given)
  }
  for (const [name, field] of [['cpuset-cpus', 'cpusetCpus'], ['cpuset-mems', 'cpusetMems']] as const) {
    const given = flag(options, name)
    if (given !== undefined) linux[field] = given
  }
  for (const id of options.operands) {
    await session.call(`updating container resources for ${JSON.stringify(id)}`, 'UpdateContainerResources', { containerID: id }, () => cri.runtime.UpdateContainerResources({ containerId: id, linux: linux as LinuxResources }))
    await session.out(`${id}\n`)
  }
  return 0
}

export async function runtimeConfig(session: Session): Promise<number> {
  const cri = await session.cri()
  const { linux } = await session.call('call RuntimeConfig RPC', 'RuntimeConfig', {}, () => cri.runtime.RuntimeConfig({}))
  await session.out(`cgroup driver: ${linux.cgroupDriver}\n`)
  return 0
}

/** One line an event, until somebody ends it. */
export async function events(session: Session, options: Options): Promise<number> {
  const format = flag(options, 'output', 'o') ?? 'json'
  const template = flag(options, 'template')
  if (!['json', 'yaml', 'go-template'].includes(format)) throw new Fatal(`don't support ${JSON.stringify(format)} format`)
  if (format === 'go-template' && template === undefined) throw new Fatal('template string is empty')
  const cri = await session.cri()
  for await (const event of cri.events(session.process.dying)) await session.out(format === 'json' ? `${JSON.stringify(shown(event))}\n` : (render(shown(event), format, template) ?? ''))
  return 0
}

function shown(event: ContainerEvent): unknown {
  return protoJson({ containerId: event.containerId, containerEventType: event.containerEventType, createdAt: event.createdAt, podSandboxStatus: event.podSandboxStatus, containersStatuses: event.containersStatuses })
}

export async function attach(session: Session, options: Options): Promise<number> {
  const [id] = options.operands
  if (id === undefined) throw new Fatal('ID cannot be empty')
  const cri = await session.cri()
  const tty = has(options, 'tty', 't')
  const stdin = has(options, 'stdin', 'i')
  const { url } = await session.call('attaching running container', 'Attach', { containerID: id }, () => cri.runtime.Attach({ containerId: id, tty, stdin, stdout: true, stderr: !tty }))
  return stream(session, url, stdin, tty)
}
