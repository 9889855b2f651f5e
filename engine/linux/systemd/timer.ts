/** Timer units: when they elapse next, and starting what they are for. */
import type { Timer } from '#engine/base/clock'
import { parseCalendar } from '#engine/linux/systemd/calendar'
import type { UnitManager } from '#engine/linux/systemd/context'
import type { Unit } from '#engine/linux/systemd/unit'
import { parseSpan, setting, settings } from '#engine/linux/systemd/unitfile'

const armed = new WeakMap<Unit, Timer>()
/** The clock's own limit: later ones are looked at again then. */
const farMs = 24 * 3_600_000

export function triggeredBy(timer: Unit): string {
  return setting(timer.file, 'Timer', 'Unit') ?? timer.name.replace(/\.timer$/, '.service')
}

export function armTimer(manager: UnitManager, timer: Unit): void {
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

function nextElapse(manager: UnitManager, timer: Unit): number | undefined {
  const now = manager.process.clock.now()
  // Whoever has a timer has what it triggers, too.
  manager.unit(triggeredBy(timer))
  const due = Object.entries(bases).flatMap(([key, baseOf]) => {
    const base = settings(timer.file, 'Timer', key).length === 0 ? 0 : baseOf(manager, timer, now)
    return base === 0 ? [] : relative(timer, key, base, now)
  })
  for (const text of settings(timer.file, 'Timer', 'OnCalendar')) due.push(parseCalendar(text)?.next(Math.max(now, timer.lastTriggerMs ?? 0)) ?? Infinity)
  const next = Math.min(...due)
  return Number.isFinite(next) ? next : undefined
}

/** What the spans of a timer count from; nothing is looked up that no setting of it asks for. */
const bases: Readonly<Record<string, (manager: UnitManager, timer: Unit, now: number) => number>> = {
  OnActiveSec: (_manager, timer, now) => timer.activeEnterMs || now,
  OnBootSec: bootedAt,
  OnStartupSec: bootedAt,
  OnUnitActiveSec(manager, timer) {
    const service = manager.unit(triggeredBy(timer))
    return service.activeEnterMs || service.inactiveExitMs
  },
  OnUnitInactiveSec: (manager, timer) => manager.unit(triggeredBy(timer)).inactiveEnterMs,
}

function bootedAt({ process }: UnitManager): number {
  return Number(process.files.readText('/proc/stat').split('\n').find((line) => line.startsWith('btime '))?.slice(6)) * 1000
}

/** What is still to come, or was missed since the timer last went off. */
function relative(timer: Unit, key: string, base: number, now: number): number[] {
  return settings(timer.file, 'Timer', key).map((text) => {
    const at = base + (parseSpan(text) ?? Infinity)
    return at > now || (timer.lastTriggerMs ?? 0) < at ? Math.max(at, now) : Infinity
  })
}
