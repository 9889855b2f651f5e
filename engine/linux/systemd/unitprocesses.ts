/** The processes of one unit: running its commands in turn, counting them, ending them. */
import type { ChildProcess } from '#engine/linux/abi/process'
import { type ExitStatus, parseSignal, type Signal } from '#engine/linux/abi/signals'
import { type ExecCommand, parseCommand } from '#engine/linux/systemd/command'
import type { ManagerContext } from '#engine/linux/systemd/context'
import { describeExit, isClean } from '#engine/linux/systemd/exitstatus'
import { spawnCommand, SpawnFailure } from '#engine/linux/systemd/spawn'
import type { RanProcess, Unit, UnitResult } from '#engine/linux/systemd/unit'
import { parseSpan } from '#engine/linux/systemd/unitfile'

const defaultTimeoutMs = 90_000

export abstract class UnitProcesses {
  /** Settled once the main process of the last run is gone and its end has been looked at. */
  protected mainEnded: Promise<void> = Promise.resolve()

  constructor(
    protected readonly context: ManagerContext,
    readonly unit: Unit,
  ) {}

  /** Runs the commands of a phase one after the other. */
  protected async runAll(phase: string, timeoutMs: number): Promise<UnitResult> {
    const { unit, context } = this
    for (const command of this.commands(phase)) {
      if (phase !== 'ExecStart' && unit.active === 'activating') this.enter('activating', 'start-pre')
      const child = this.spawnControl(phase, command)
      if (!child) {
        if (command.ignoreFailure) continue
        return 'exit-code'
      }
      const ran = this.note(phase, command, child)
      if (phase === 'ExecStart') unit.main = { pid: child.pid, command: commandName(command), startedAtMs: ran.startedAtMs }
      const status = await this.waitAtMost(child, timeoutMs)
      if (phase === 'ExecStart') unit.main = undefined
      ran.status = status
      ran.endedAtMs = context.process.clock.now()
      if (!status) return 'timeout'
      if (this.isGood(status) || command.ignoreFailure) continue
      context.log(unit, `${labelOf(phase)} process exited, ${describeExit(status, true)}`, 5)
      return resultOf(status)
    }
    return 'success'
  }

  /** A clean end, or one of SuccessExitStatus=. */
  protected isGood(status: ExitStatus): boolean {
    return isClean(status, this.unit.serviceAll('SuccessExitStatus').flatMap((text) => text.split(/\s+/)))
  }

  protected spawnControl(phase: string, command: ExecCommand): ChildProcess | undefined {
    const { unit, context } = this
    const env: [string, string][] = unit.main ? [['MAINPID', String(unit.main.pid)]] : []
    try {
      return spawnCommand(context.process, unit, command, { env })
    } catch (error) {
      if (!(error instanceof SpawnFailure)) throw error
      context.log(unit, `Failed to locate executable ${command.path}: ${error.reason}`, 3)
      context.log(unit, error.message, 3)
      unit.ran.push({ phase, text: command.text, pid: 0, startedAtMs: context.process.clock.now(), endedAtMs: context.process.clock.now(), status: { kind: 'exited', code: error.code } })
      context.log(unit, `${labelOf(phase)} process exited, code=exited, status=${error.code}/${error.step}`, 5)
      return undefined
    }
  }

  protected async waitAtMost(child: ChildProcess, timeoutMs: number): Promise<ExitStatus | undefined> {
    if (!Number.isFinite(timeoutMs)) return child.wait()
    const { clock } = this.context.process
    const controller = new AbortController()
    const timeout = clock.sleep(timeoutMs, controller.signal).then(() => undefined, () => undefined)
    const status = await Promise.race([child.wait(), timeout])
    controller.abort()
    if (!status) child.kill('SIGKILL')
    return status
  }

  /** Ends what is left in the group; true when it had to be by force. */
  protected async killAll(signal: Signal): Promise<boolean> {
    const { process } = this.context
    const mode = this.unit.service('KillMode') ?? 'control-group'
    if (mode === 'none') return false
    const targets = (): number[] => (mode === 'process' ? (this.unit.main ? [this.unit.main.pid] : []) : this.pids())
    const first = mode === 'mixed' && this.unit.main ? [this.unit.main.pid] : targets()
    for (const pid of first) this.sendTo(pid, signal)
    if (!(await this.gone(targets, this.stopTimeoutMs()))) {
      this.context.log(this.unit, `State 'stop-sigterm' timed out. Killing.`, 4)
      for (const pid of targets()) this.sendTo(pid, 'SIGKILL')
      await this.gone(targets, 10_000)
      return true
    }
    if (process.dying.aborted) return false
    await this.mainEnded
    return false
  }

  protected async gone(targets: () => number[], limitMs: number): Promise<boolean> {
    const { clock } = this.context.process
    const until = clock.now() + limitMs
    for (let pause = 1; targets().length > 0; pause = Math.min(pause * 2, 100)) {
      if (clock.now() >= until) return false
      await clock.sleep(pause)
    }
    return true
  }

  protected pids(): number[] {
    return this.context.pidsIn(this.unit.cgroup)
  }

  protected sendTo(pid: number, signal: Signal): void {
    this.context.kill(pid, signal)
  }

  protected commands(phase: string): ExecCommand[] {
    return this.unit.serviceAll(phase).flatMap((line) => parseCommand(line) ?? [])
  }

  protected note(phase: string, command: ExecCommand, child: ChildProcess): RanProcess {
    const ran: RanProcess = { phase, text: command.text, pid: child.pid, startedAtMs: this.context.process.clock.now(), endedAtMs: undefined, status: undefined }
    this.unit.ran.push(ran)
    return ran
  }

  protected noteOrphan(pid: number, text: string): RanProcess {
    const ran: RanProcess = { phase: 'ExecStart', text, pid, startedAtMs: this.context.process.clock.now(), endedAtMs: undefined, status: undefined }
    this.unit.ran.push(ran)
    return ran
  }

  protected enter(active: Unit['active'], sub: string): void {
    this.unit.setState(active, sub, this.context.process.clock.now())
    this.context.changed(this.unit)
  }

  protected signal(key: string, otherwise: Signal): Signal {
    return parseSignal(this.unit.service(key) ?? otherwise) ?? otherwise
  }

  protected startTimeoutMs(type: string): number {
    const given = this.unit.service('TimeoutStartSec') ?? this.unit.service('TimeoutSec')
    return given === undefined ? (type === 'oneshot' ? Infinity : defaultTimeoutMs) : positive(parseSpan(given))
  }

  protected stopTimeoutMs(): number {
    const given = this.unit.service('TimeoutStopSec') ?? this.unit.service('TimeoutSec')
    return given === undefined ? defaultTimeoutMs : positive(parseSpan(given))
  }
}

function positive(ms: number | undefined): number {
  return ms === undefined ? defaultTimeoutMs : ms === 0 ? Infinity : ms
}

export function resultOf(status: ExitStatus): UnitResult {
  return status.kind === 'exited' ? 'exit-code' : status.coreDumped ? 'core-dump' : 'signal'
}

/** What the process table calls the program of a command. */
export function commandName(command: ExecCommand): string {
  return (command.path.split('/').pop() ?? '').slice(0, 15)
}

function labelOf(phase: string): string {
  return phase === 'ExecStart' ? 'Main' : 'Control'
}
