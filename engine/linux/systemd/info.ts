/** What the manager tells of a unit to those who ask over its socket: plain data. */
import type { ExitStatus } from '#engine/linux/abi/signals'
import type { Manager } from '#engine/linux/systemd/manager'
import { triggeredBy } from '#engine/linux/systemd/timer'
import type { RanProcess, Unit } from '#engine/linux/systemd/unit'
import { loadUnitFile } from '#engine/linux/systemd/unitfile'

export interface UnitInfo {
  readonly name: string
  readonly description: string
  readonly type: string
  readonly loadState: string
  readonly activeState: string
  readonly subState: string
  readonly result: string
  readonly fragmentPath: string | undefined
  readonly dropIns: readonly string[]
  readonly documentation: readonly string[]
  readonly needsReload: boolean
  readonly stateChangedMs: number
  readonly activeEnterMs: number
  readonly activeExitMs: number
  readonly inactiveEnterMs: number
  readonly inactiveExitMs: number
  readonly invocationId: string
  readonly mainPid: number
  readonly mainCommand: string
  readonly ran: readonly RanProcess[]
  readonly restarts: number
  readonly statusText: string
  readonly cgroup: string
  readonly slice: string
  readonly cpuMs: number
  readonly transient: boolean
  readonly triggers: string | undefined
  readonly triggeredBy: readonly string[]
  readonly nextElapseMs: number | undefined
  readonly lastTriggerMs: number | undefined
  readonly conditionMet: boolean
  readonly lastStatus: ExitStatus | undefined
  /** All settings, as loaded: `Service.Restart`. */
  readonly settings: Readonly<Record<string, readonly string[]>>
}

export function describeUnit(manager: Manager, unit: Unit): UnitInfo {
  const { file } = unit
  const settings: Record<string, readonly string[]> = {}
  for (const [section, values] of file.sections) for (const [key, list] of values) settings[`${section}.${key}`] = list
  return {
    name: unit.name,
    description: unit.description,
    type: file.type,
    loadState: file.loadState,
    activeState: unit.active,
    subState: unit.sub,
    result: unit.result,
    fragmentPath: file.fragmentPath,
    dropIns: file.dropIns,
    documentation: unit.list('Documentation'),
    needsReload: needsReload(manager, unit),
    stateChangedMs: unit.stateChangedMs,
    activeEnterMs: unit.activeEnterMs,
    activeExitMs: unit.activeExitMs,
    inactiveEnterMs: unit.inactiveEnterMs,
    inactiveExitMs: unit.inactiveExitMs,
    invocationId: unit.invocationId,
    ...mainOf(unit),
    ran: unit.ran,
    restarts: unit.restarts,
    statusText: unit.statusText,
    cgroup: hasGroup(unit) ? unit.cgroup : '',
    slice: file.type === 'service' ? unit.slice : '',
    cpuMs: manager.cpuMs(unit) - unit.cpuBeforeMs,
    transient: unit.transient,
    triggers: file.type === 'timer' ? triggeredBy(unit) : undefined,
    triggeredBy: timersOf(manager, unit),
    nextElapseMs: unit.nextElapseMs,
    lastTriggerMs: unit.lastTriggerMs,
    conditionMet: unit.conditionMet,
    lastStatus: unit.ran.filter((each) => each.phase === 'ExecStart').at(-1)?.status,
    settings,
  }
}

function timersOf(manager: Manager, unit: Unit): string[] {
  return [...manager.units.values()].filter((each) => each.file.type === 'timer' && triggeredBy(each) === unit.name).map((each) => each.name)
}

function mainOf(unit: Unit): { mainPid: number; mainCommand: string } {
  return { mainPid: unit.main?.pid ?? 0, mainCommand: unit.main?.command ?? '' }
}

function hasGroup(unit: Unit): boolean {
  if (unit.file.type === 'slice') return true
  return unit.file.type === 'service' && (unit.isUp || unit.active === 'activating' || unit.active === 'deactivating')
}

/** True when a file of the unit on disk is another one than what was loaded. */
function needsReload(manager: Manager, unit: Unit): boolean {
  if (unit.transient || unit.file.loadState === 'not-found') return false
  const fresh = loadUnitFile(manager.process.files, unit.name, manager.process.uname().nodename)
  return fresh.newestMs !== unit.file.newestMs || fresh.fragmentPath !== unit.file.fragmentPath || fresh.dropIns.join() !== unit.file.dropIns.join() || fresh.loadState !== unit.file.loadState
}

/** A setting of a described unit. */
export function settingOf(info: UnitInfo, key: string): string | undefined {
  return info.settings[key]?.at(-1)
}

