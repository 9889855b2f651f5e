/** A unit in memory: its settings as loaded, and what became of it. */
import type { ExitStatus } from '#engine/linux/abi/signals'
import { setting, settings, type UnitFile, words } from '#engine/linux/systemd/unitfile'

export type ActiveState = 'inactive' | 'activating' | 'active' | 'reloading' | 'deactivating' | 'failed'
export type UnitResult = 'success' | 'exit-code' | 'signal' | 'core-dump' | 'timeout' | 'start-limit-hit' | 'resources' | 'protocol' | 'oom-kill' | 'condition'

/** A process that a unit ran, for the `Process:` lines of its status. */
export interface RanProcess {
  readonly phase: string
  readonly text: string
  readonly pid: number
  readonly startedAtMs: number
  endedAtMs: number | undefined
  status: ExitStatus | undefined
}

export interface MainProcess {
  readonly pid: number
  readonly command: string
  readonly startedAtMs: number
}

export class Unit {
  active: ActiveState = 'inactive'
  sub = 'dead'
  result: UnitResult = 'success'
  stateChangedMs = 0
  activeEnterMs = 0
  activeExitMs = 0
  inactiveEnterMs = 0
  inactiveExitMs = 0
  invocationId = ''
  main: MainProcess | undefined
  /** The main process of the last run, while it runs and afterwards. */
  ran: RanProcess[] = []
  restarts = 0
  startTimes: number[] = []
  statusText = ''
  conditionMet = true
  /** Processor time its group had used when this run began. */
  cpuBeforeMs = 0
  /** Asked to stop: no restart. */
  stopping = false
  /** Made by systemd-run: gone when it ends. */
  transient = false
  nextElapseMs: number | undefined
  lastTriggerMs: number | undefined

  constructor(
    readonly name: string,
    public file: UnitFile,
  ) {}

  get description(): string {
    return setting(this.file, 'Unit', 'Description') ?? this.name
  }

  /** `demo.service - Demo web`, as the journal and status name it. */
  get label(): string {
    return this.description === this.name ? this.name : `${this.name} - ${this.description}`
  }

  get isUp(): boolean {
    return this.active === 'active' || this.active === 'reloading'
  }

  get slice(): string {
    const given = setting(this.file, 'Service', 'Slice')
    if (given) return given
    const template = /^([^@]+)@/.exec(this.name)
    return template ? `system-${(template[1] ?? '').replace(/-/g, '\\x2d')}.slice` : 'system.slice'
  }

  get cgroup(): string {
    if (this.file.type === 'slice') return slicePath(this.name)
    return `${slicePath(this.slice)}/${this.name}`
  }

  list(key: string): string[] {
    return words(this.file, 'Unit', key)
  }

  service(key: string): string | undefined {
    return setting(this.file, 'Service', key)
  }

  serviceAll(key: string): readonly string[] {
    return settings(this.file, 'Service', key)
  }

  setState(active: ActiveState, sub: string, nowMs: number): void {
    if (this.active === active && this.sub === sub) return
    const before = this.active
    this.active = active
    this.sub = sub
    this.stateChangedMs = nowMs
    const isDown = (state: ActiveState): boolean => state === 'inactive' || state === 'failed'
    if (isDown(before) && !isDown(active)) this.inactiveExitMs = nowMs
    if (!isDown(before) && isDown(active)) this.inactiveEnterMs = nowMs
    if (before !== 'active' && active === 'active') this.activeEnterMs = nowMs
    if (before === 'active' && active !== 'active' && active !== 'reloading') this.activeExitMs = nowMs
  }
}

/** `system-sshd.slice` lies in `system.slice`: /system.slice/system-sshd.slice. */
export function slicePath(slice: string): string {
  if (slice === '-.slice') return ''
  const parts = slice.replace(/\.slice$/, '').split('-')
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('-')}.slice`).join('')
}
