/** What the rooms of systemd may ask of the manager. */
import type { Process } from '#engine/linux/abi/process'
import type { ExitStatus, Signal } from '#engine/linux/abi/signals'
import type { Unit } from '#engine/linux/systemd/unit'

export type JobResult = 'done' | 'failed' | 'dependency' | 'condition' | 'canceled' | 'not-found' | 'masked' | 'bad-setting' | 'error' | 'inapplicable'

/** What a unit's runner may ask of the manager. */
export interface ManagerContext {
  readonly process: Process
  log(unit: Unit, message: string, priority?: number): void
  /** The unit's state is another one now: to be kept for a snapshot, and told to who waits. */
  changed(unit: Unit): void
  /** A service ended by itself. */
  ended(unit: Unit): void
  pidsIn(cgroup: string): number[]
  kill(pid: number, signal: Signal): void
  cpuMs(unit: Unit): number
  removeGroup(unit: Unit): void
  /** The end of a process that is no direct child, known once pid 1 has inherited it. */
  orphanEnded(pid: number): Promise<ExitStatus>
  nextPid(): number
}

/** What timers, dependencies and units without processes ask of it as well: other units. */
export interface UnitManager extends ManagerContext {
  readonly units: ReadonlyMap<string, Unit>
  unit(name: string): Unit
  start(name: string): Promise<JobResult>
}
