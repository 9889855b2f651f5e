/** Timer units: when they elapse next, and starting what they are for. */
import type { Timer } from '#engine/base/clock'
import { parseCalendar } from '#engine/linux/systemd/calendar'
import type { Manager } from '#engine/linux/systemd/manager'
import type { Unit } from '#engine/linux/systemd/unit'
import { parseSpan, setting, settings } from '#engine/linux/systemd/unitfile'

const armed = new WeakMap<Unit, Timer>()
/** The clock's own limit: later ones are looked at again then. */
const farMs = 24 * 3_600_000

export function triggeredBy(timer: Unit): string {
  return setting(timer.file, 'Timer', 'Unit') ?? timer.name.replace(/\.timer$/, '.service')
}

export function armTimer(manager: Manager, timer: Unit): void {
  disarmTimer(timer)
  const next = nextElapse(manager, timer)
  timer.nextElapseMs = next
  if (next === undefined) return
  const now = manager.process.clock.now()
  armed.set(
    timer,
    manager.process.clock.after(Math.min(next - now, farMs), () => {
      if (!timer.isUp) return
      if (manager.process.clock.now() < next) return armTimer(manager, timer)
      timer.lastTriggerMs = manager.process.clock.now()
      manager.process.background(async () => void (await manager.start(triggeredBy(timer))))
      armTimer(manager, timer)
    }),
  )
}

export function disarmTimer(timer: Unit): void {
  armed.get(timer)?.cancel()
  armed.delete(timer)
  timer.nextElapseMs = undefined
}

function nextElapse(manager: Manager, timer: Unit): number | undefined {
  const now = manager.process.clock.now()
  const service = manager.unit(triggeredBy(timer))
  const bootedAt = Number(manager.process.files.readText('/proc/stat').split('\n').find((line) => line.startsWith('btime '))?.slice(6)) * 1000
  const due: number[] = []
  for (const text of settings(timer.file, 'Timer', 'OnCalendar')) {
    const at = parseCalendar(text)?.next(Math.max(now, timer.lastTriggerMs ?? 0))
    if (at !== undefined) due.push(at)
  }
  const relative: readonly (readonly [string, number | undefined])[] = [
    ['OnActiveSec', timer.activeEnterMs || now], ['OnBootSec', bootedAt], ['OnStartupSec', bootedAt], ['OnUnitActiveSec', service.activeEnterMs || service.inactiveExitMs || undefined], ['OnUnitInactiveSec', service.inactiveEnterMs || undefined],
  ]
  for (const [key, base] of relative)
    for (const text of settings(timer.file, 'Timer', key)) {
      const at = base === undefined ? undefined : base + (parseSpan(text) ?? Infinity)
      if (at === undefined || !Number.isFinite(at)) continue
      if (at > now || (timer.lastTriggerMs ?? 0) < at) due.push(Math.max(at, now))
    }
  return due.length === 0 ? undefined : Math.min(...due)
}
