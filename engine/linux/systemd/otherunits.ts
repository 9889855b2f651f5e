/** Units without processes: targets, slices, mounts, timers, sockets, paths; and conditions of all units. */
import { Errno } from '#engine/linux/abi/errno'
import type { JobResult, UnitManager } from '#engine/linux/systemd/context'
import { applyResources } from '#engine/linux/systemd/spawn'
import { armSocket } from '#engine/linux/systemd/socket'
import { armTimer } from '#engine/linux/systemd/timer'
import type { Unit } from '#engine/linux/systemd/unit'
import { setting } from '#engine/linux/systemd/unitfile'

const upStates: Readonly<Record<string, string>> = { target: 'active', slice: 'active', mount: 'mounted', timer: 'waiting', socket: 'listening', path: 'waiting', scope: 'running', swap: 'active', device: 'plugged', automount: 'waiting' }

export function startOther(manager: UnitManager, unit: Unit): JobResult {
  if (!conditionsHold(manager, unit)) return 'condition'
  const { type } = unit.file
  if (type === 'slice') {
    const path = `/sys/fs/cgroup${unit.cgroup}`
    if (!manager.process.files.exists(path)) manager.process.files.mkdirAll(path)
    applyResources(manager.process, unit)
  }
  if (type === 'mount' && !mount(manager, unit)) return 'failed'
  if (type === 'timer') armTimer(manager, unit)
  if (type === 'socket') armSocket(manager, unit)
  if (type === 'swap') {
    manager.log(unit, `Swap is not supported on this machine.`, 3)
    return 'failed'
  }
  unit.setState('active', upStates[type] ?? 'active', manager.process.clock.now())
  manager.changed(unit)
  manager.log(unit, startedMessage(unit))
  return 'done'
}

export function stopOther(manager: UnitManager, unit: Unit): void {
  if (!unit.isUp) return
  unit.setState('inactive', 'dead', manager.process.clock.now())
  manager.changed(unit)
  manager.log(unit, unit.file.type === 'target' ? `Stopped target ${unit.label}.` : `Stopped ${unit.label}.`)
}

function startedMessage(unit: Unit): string {
  switch (unit.file.type) {
    case 'target':
      return `Reached target ${unit.label}.`
    case 'slice':
      return `Created slice ${unit.label}.`
    case 'mount':
      return `Mounted ${unit.label}.`
    case 'socket':
      return `Listening on ${unit.label}.`
    default:
      return `Started ${unit.label}.`
  }
}

function mount(manager: UnitManager, unit: Unit): boolean {
  const what = setting(unit.file, 'Mount', 'What')
  const where = setting(unit.file, 'Mount', 'Where')
  if (what === undefined || where === undefined) return true
  try {
    manager.process.files.mkdirAll(where)
    manager.process.files.mount({ source: what, target: where, type: setting(unit.file, 'Mount', 'Type') ?? 'bind', options: (setting(unit.file, 'Mount', 'Options') ?? '').split(',').filter(Boolean) })
    return true
  } catch (error) {
    if (!(error instanceof Errno)) throw error
    manager.log(unit, `Failed to mount ${unit.label}.`, 3)
    unit.result = 'exit-code'
    unit.setState('failed', 'failed', manager.process.clock.now())
    return false
  }
}

const checks: Readonly<Record<string, (manager: UnitManager, value: string) => boolean>> = {
  PathExists: (manager, value) => manager.process.files.exists(value) !== undefined,
  PathIsDirectory: (manager, value) => manager.process.files.exists(value)?.type === 'directory',
  FileNotEmpty: (manager, value) => (manager.process.files.exists(value)?.size ?? 0) > 0,
  FileIsExecutable: (manager, value) => ((manager.process.files.exists(value)?.mode ?? 0) & 0o111) !== 0,
  DirectoryNotEmpty: (manager, value) => manager.process.files.exists(value)?.type === 'directory' && manager.process.files.readDirectory(value).length > 0,
  Host: (manager, value) => manager.process.uname().nodename === value,
}

export function conditionsHold(manager: UnitManager, unit: Unit): boolean {
  for (const [key, values] of unit.file.sections.get('Unit') ?? []) {
    const check = key.startsWith('Condition') ? checks[key.slice('Condition'.length)] : undefined
    if (!check) continue
    for (const value of values) {
      const negated = value.startsWith('!')
      if (check(manager, value.replace(/^[!|]+/, '')) !== negated) continue
      unit.conditionMet = false
      manager.log(unit, `${unit.label} was skipped because of an unmet condition check (${key}=${value}).`)
      return false
    }
  }
  unit.conditionMet = true
  return true
}
