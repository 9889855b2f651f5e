/** The manager's memory in /run: it survives a snapshot of the machine, not a reboot. */
import { encodeUtf8 } from '#engine/base/bytes'
import type { Manager } from '#engine/linux/systemd/manager'
import { armSocket } from '#engine/linux/systemd/socket'
import { armTimer } from '#engine/linux/systemd/timer'
import type { Unit } from '#engine/linux/systemd/unit'
import { UnitFolders } from '#engine/linux/systemd/unitfile'

const path = '/run/systemd/units.json'
const kept = ['active', 'sub', 'result', 'stateChangedMs', 'activeEnterMs', 'activeExitMs', 'inactiveEnterMs', 'inactiveExitMs', 'invocationId', 'main', 'ran', 'restarts', 'startTimes', 'statusText', 'conditionMet', 'stopping', 'lastTriggerMs'] as const

/** Encoded only when somebody takes a snapshot. */
export function keepState(manager: Manager): void {
  let queued = false
  manager.onChanged = () => {
    if (queued) return
    queued = true
    queueMicrotask(() => {
      queued = false
      if (manager.process.dying.aborted) return
      manager.process.files.writeLazy(path, { bytes: () => encodeUtf8(JSON.stringify(state(manager))) })
    })
  }
}

function state(manager: Manager): Record<string, unknown> {
  const units: Record<string, unknown> = {}
  for (const unit of manager.units.values()) if (unit.active !== 'inactive' || unit.ran.length > 0) units[unit.name] = Object.fromEntries(kept.map((key) => [key, unit[key]]))
  return units
}

/** What waits for a time or for a caller waits on. */
function arm(manager: Manager, unit: Unit): void {
  if (unit.file.type === 'timer') armTimer(manager, unit)
  if (unit.file.type === 'socket') armSocket(manager, unit)
}

/** Takes up what ran when the snapshot was made. */
export function resumeState(manager: Manager): void {
  if (!manager.process.files.exists(path)) return
  const saved = JSON.parse(manager.process.files.readText(path)) as Record<string, Partial<Unit>>
  const services: Unit[] = []
  const folders = new UnitFolders(manager.process.files)
  for (const [name, values] of Object.entries(saved)) {
    const unit = manager.unit(name, folders)
    Object.assign(unit, values)
    if (unit.isUp) arm(manager, unit)
    if (unit.file.type === 'service') services.push(unit)
  }
  for (const unit of services.sort((a, b) => (a.main?.startedAtMs ?? 0) - (b.main?.startedAtMs ?? 0))) {
    if (unit.main && unit.isUp) manager.runner(unit).resume()
    else if (unit.active === 'activating' || unit.active === 'deactivating') {
      const wanted = unit.active === 'activating'
      unit.active = 'inactive'
      unit.sub = 'dead'
      unit.main = undefined
      if (wanted) manager.process.background(async () => void (await manager.start(unit.name)))
    }
  }
}
