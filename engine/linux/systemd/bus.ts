/** The manager's socket: requests of systemctl and others, as objects. */
import { encodeUtf8 } from '#engine/base/bytes'
import { type HttpBody, valueBody } from '#engine/base/http'
import type { Process } from '#engine/linux/abi/process'
import { parseSignal } from '#engine/linux/abi/signals'
import { describeUnit, type UnitInfo } from '#engine/linux/systemd/info'
import type { JobResult } from '#engine/linux/systemd/context'
import type { Manager } from '#engine/linux/systemd/manager'
import { runTransient, type TransientRequest, type TransientResult } from '#engine/linux/systemd/transient'
import type { Unit } from '#engine/linux/systemd/unit'
import { applyResources } from '#engine/linux/systemd/spawn'

export const managerSocket = '/run/systemd/private'

export type JobKind = 'start' | 'stop' | 'restart' | 'reload' | 'try-restart' | 'reload-or-restart' | 'try-reload-or-restart' | 'isolate'

export interface JobAnswer {
  readonly name: string
  readonly result: JobResult
  readonly unit: UnitInfo
}

/** The calls there are, with what they take and give. */
export interface ManagerCalls {
  job: { take: { kind: JobKind; units: readonly string[]; wait: boolean }; give: readonly JobAnswer[] }
  show: { take: { units: readonly string[] }; give: readonly UnitInfo[] }
  list: { take: Record<string, never>; give: readonly UnitInfo[] }
  reload: { take: Record<string, never>; give: null }
  kill: { take: { unit: string; signal: string; who: 'all' | 'main' }; give: boolean }
  resetFailed: { take: { unit?: string }; give: null }
  setProperty: { take: { unit: string; properties: readonly (readonly [string, string])[] }; give: null }
  run: { take: TransientRequest; give: TransientResult }
  halt: { take: { how: 'reboot' | 'poweroff' }; give: null }
  state: { take: Record<string, never>; give: { readonly startedUp: boolean; readonly jobs: readonly { name: string; kind: string }[] } }
}

type Handlers = { [K in keyof ManagerCalls]: (manager: Manager, take: ManagerCalls[K]['take']) => Promise<ManagerCalls[K]['give']> }

const handlers: Handlers = {
  job: async (manager, { kind, units, wait }) => {
    for (const name of units) manager.forgetIdle(name)
    const jobs = units.map(async (name): Promise<JobAnswer> => ({ name, result: await perform(manager, kind, name), unit: describeUnit(manager, manager.unit(name)) }))
    if (wait) return Promise.all(jobs)
    for (const job of jobs) manager.process.background(async () => void (await job))
    return units.map((name) => ({ name, result: preliminary(manager, name), unit: describeUnit(manager, manager.unit(name)) }))
  },
  show: async (manager, { units }) => {
    for (const name of units) manager.forgetIdle(name)
    return units.map((name) => describeUnit(manager, manager.unit(name)))
  },
  list: async (manager) => {
    for (const name of [...manager.units.keys()]) manager.forgetIdle(name)
    return [...manager.units.values()].map((unit) => describeUnit(manager, unit))
  },
  reload: async (manager) => {
    manager.daemonReload()
    return null
  },
  kill: async (manager, { unit, signal, who }) => {
    const found = manager.unit(unit)
    const parsed = parseSignal(signal)
    if (!parsed || (!found.isUp && found.active !== 'activating')) return false
    manager.killUnit(found, parsed, who)
    return true
  },
  resetFailed: async (manager, { unit }) => {
    manager.resetFailed(unit)
    return null
  },
  setProperty: async (manager, { unit, properties }) => {
    setProperties(manager, manager.unit(unit), properties)
    return null
  },
  run: (manager, request) => runTransient(manager, request),
  halt: async (manager, { how }) => {
    manager.process.background(async () => {
      await manager.stopAll()
      manager.process.reboot(how)
    })
    return null
  },
  state: async (manager) => ({ startedUp: manager.startedUp, jobs: [...manager.jobs].map(([name, job]) => ({ name, kind: job.kind })) }),
}

export function serveManager(manager: Manager): void {
  manager.process.files.mkdirAll('/run/systemd')
  if (manager.process.files.exists(managerSocket)) manager.process.files.unlink(managerSocket)
  manager.process.net.serveHttp({ unix: managerSocket }, async (request) => {
    const call = request.path.slice(1) as keyof ManagerCalls
    const handler = handlers[call] as ((manager: Manager, take: unknown) => Promise<unknown>) | undefined
    if (!handler) return { status: 404, headers: {}, body: jsonBody(null) }
    return { status: 200, headers: {}, body: jsonBody(await handler(manager, await read(request.body))) }
  })
}

/** Asks pid 1. Throws Errno where it does not answer. */
export async function callManager<K extends keyof ManagerCalls>(process: Process, call: K, take: ManagerCalls[K]['take']): Promise<ManagerCalls[K]['give']> {
  const response = await process.net.request({ unix: managerSocket }, { method: 'POST', path: `/${call}`, headers: {}, body: jsonBody(take) })
  return (await read(response.body)) as ManagerCalls[K]['give']
}

function jsonBody(value: unknown): HttpBody {
  return valueBody(value, (each) => encodeUtf8(JSON.stringify(each)))
}

async function read(body: HttpBody): Promise<unknown> {
  return body.value !== undefined ? body.value : (JSON.parse(await body.text()) as unknown)
}

function preliminary(manager: Manager, name: string): JobResult {
  const { loadState } = manager.unit(name).file
  return loadState === 'loaded' ? 'done' : loadState
}

async function perform(manager: Manager, kind: JobKind, name: string): Promise<JobResult> {
  const unit = manager.unit(name)
  switch (kind) {
    case 'start':
    case 'restart':
    case 'reload':
    case 'isolate':
      return manager[kind](name)
    case 'stop':
      return isUnknown(unit) ? 'not-found' : manager.stop(name)
    case 'reload-or-restart':
      return reloadOrRestart(manager, unit)
    default:
      // The forms with `try` leave alone what is not up.
      if (!unit.isUp) return preliminary(manager, name)
      return kind === 'try-restart' ? manager.restart(name) : reloadOrRestart(manager, unit)
  }
}

function isUnknown(unit: Unit): boolean {
  return unit.file.loadState === 'not-found' && unit.active === 'inactive'
}

function reloadOrRestart(manager: Manager, unit: Unit): Promise<JobResult> {
  return unit.isUp && unit.serviceAll('ExecReload').length > 0 ? manager.reload(unit.name) : manager.restart(unit.name)
}

function setProperties(manager: Manager, unit: Unit, properties: readonly (readonly [string, string])[]): void {
  const section = unit.file.type === 'slice' ? 'Slice' : 'Service'
  const directory = `/etc/systemd/system.control/${unit.name}.d`
  manager.process.files.mkdirAll(directory)
  for (const [name, value] of properties) manager.process.files.writeFile(`${directory}/50-${name}.conf`, `# This is a drop-in unit file extension, created via "systemctl set-property"\n# or an equivalent operation. Do not edit.\n[${section}]\n${name}=${value}\n`)
  manager.daemonReload()
  if (unit.isUp) applyResources(manager.process, unit)
}
