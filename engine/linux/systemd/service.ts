/** The life of a service: conditions, ExecStartPre to ExecStopPost, types, time limits, restarts. */
import type { ChildProcess } from '#engine/linux/abi/process'
import type { ExitStatus, Signal } from '#engine/linux/abi/signals'
import type { ExecCommand } from '#engine/linux/systemd/command'
import { describeExit, isClean } from '#engine/linux/systemd/exitstatus'
import { listenForNotify, type NotifySocket } from '#engine/linux/systemd/notify'
import { prepareUnit, spawnCommand, SpawnFailure, unitEnvironment } from '#engine/linux/systemd/spawn'
import type { RanProcess, UnitResult } from '#engine/linux/systemd/unit'
import { isTrue, parseSpan } from '#engine/linux/systemd/unitfile'
import { commandName, resultOf, UnitProcesses } from '#engine/linux/systemd/unitprocesses'

const defaultTimeoutMs = 90_000
const defaultRestartMs = 100

export type StartResult = 'done' | 'failed' | 'condition' | 'canceled'

export class ServiceRunner extends UnitProcesses {
  /** Grows with every start and stop: what belongs to an earlier run no longer counts. */
  private run = 0
  private notify: NotifySocket | undefined

  async start(again = false): Promise<StartResult> {
    const { unit, context } = this
    if (!this.withinStartLimit()) return this.startRefused()
    const run = ++this.run
    if (!again) unit.restarts = 0
    this.begin()
    const type = unit.service('Type') ?? 'simple'
    if (type !== 'simple' && type !== 'exec') context.log(unit, `Starting ${unit.label}...`)
    this.enter('activating', 'start-pre')
    try {
      return await this.startPhases(type, run)
    } catch (error) {
      if (error instanceof SpawnFailure) return this.spawnFailed(error)
      if (!isExpected(error)) throw error
      context.log(unit, `Failed to load environment files: ${error.message}`, 4)
      context.log(unit, `Failed to run 'start' task: ${error.message}`, 4)
      return this.fail('resources', false)
    }
  }

  private async startPhases(type: string, run: number): Promise<StartResult> {
    const { unit, context } = this
    unitEnvironment(context.process, unit)
    prepareUnit(context.process, unit)
    for (const phase of ['ExecCondition', 'ExecStartPre'] as const) {
      const result = await this.runAll(phase, this.startTimeoutMs(type))
      if (run !== this.run) return 'canceled'
      if (result !== 'success') return this.fail(result, phase === 'ExecCondition')
    }
    return type === 'oneshot' ? this.startOneshot(run) : this.startMain(type, run)
  }

  async stop(): Promise<void> {
    const { unit, context } = this
    if (unit.active === 'inactive' || unit.active === 'failed') return
    const wasWaiting = unit.sub === 'auto-restart'
    const run = ++this.run
    unit.stopping = true
    if (wasWaiting) return this.settle('inactive', 'dead')
    context.log(unit, `Stopping ${unit.label}...`)
    this.enter('deactivating', 'stop')
    if (unit.main || unit.sub === 'exited') await this.runAll('ExecStop', this.stopTimeoutMs())
    if (run !== this.run) return
    const timedOut = await this.killAll(this.signal('KillSignal', 'SIGTERM'))
    await this.runAll('ExecStopPost', this.stopTimeoutMs())
    if (run !== this.run) return
    this.finishStop(timedOut)
  }

  async reload(): Promise<'done' | 'failed'> {
    this.enter('reloading', 'reload')
    const result = await this.runAll('ExecReload', this.startTimeoutMs('simple'))
    this.enter('active', this.unit.main ? 'running' : 'exited')
    this.context.log(this.unit, result === 'success' ? `Reloaded ${this.unit.label}.` : `Reload failed for ${this.unit.label}.`)
    return result === 'success' ? 'done' : 'failed'
  }

  /** After a snapshot: the main process is started again under its old pid, in its control group with its limits. */
  resume(): void {
    const { unit, context } = this
    const main = unit.main
    const command = this.commands('ExecStart')[0]
    if (!main || !command) return
    const ran = unit.ran.find((each) => each.pid === main.pid)
    try {
      if (unit.service('Type') === 'notify') this.openNotify()
      const child = spawnCommand(context.process, unit, command, { env: this.notifyEnv(), resume: { pid: main.pid, startedAtMs: main.startedAtMs } })
      this.watchMain(child, ran ?? this.note('ExecStart', command, child), ++this.run)
    } catch (error) {
      if (!(error instanceof SpawnFailure)) throw error
      unit.main = undefined
      void this.fail('exit-code', false)
    }
  }

  kill(signal: Signal, who: 'all' | 'main'): void {
    const pids = who === 'main' ? (this.unit.main ? [this.unit.main.pid] : []) : this.pids()
    for (const pid of pids) this.sendTo(pid, signal)
  }

  private begin(): void {
    const { unit, context } = this
    unit.stopping = false
    unit.result = 'success'
    unit.ran = []
    unit.statusText = ''
    unit.invocationId = context.process.random.uuid().replace(/-/g, '')
    unit.cpuBeforeMs = context.cpuMs(unit)
  }

  private async startOneshot(run: number): Promise<StartResult> {
    const { unit, context } = this
    this.enter('activating', 'start')
    const result = await this.runAll('ExecStart', this.startTimeoutMs('oneshot'))
    if (run !== this.run) return 'canceled'
    if (result !== 'success') return this.fail(result, false)
    await this.runAll('ExecStartPost', defaultTimeoutMs)
    if (isTrue(unit.service('RemainAfterExit'), false)) this.enter('active', 'exited')
    else this.settle('inactive', 'dead', true)
    context.log(unit, `Finished ${unit.label}.`)
    return 'done'
  }

  private async startMain(type: string, run: number): Promise<StartResult> {
    const { unit, context } = this
    const command = this.commands('ExecStart')[0] as ExecCommand
    if (type === 'notify') this.openNotify()
    const child = spawnCommand(context.process, unit, command, { env: this.notifyEnv() })
    const ran = this.note('ExecStart', command, child)
    unit.main = { pid: child.pid, command: commandName(command), startedAtMs: ran.startedAtMs }
    if (type === 'forking') return this.startForking(child, ran, run)
    this.watchMain(child, ran, run)
    if (type === 'notify' && !(await this.becomesReady(run))) return run === this.run && unit.active === 'activating' ? this.fail('timeout', false) : 'failed'
    if (run !== this.run) return 'canceled'
    const post = await this.runAll('ExecStartPost', defaultTimeoutMs)
    if (run !== this.run) return 'canceled'
    if (post !== 'success') return this.fail(post, false)
    if (unit.main) this.enter('active', 'running')
    context.log(unit, `Started ${unit.label}.`)
    return 'done'
  }

  private async startForking(child: ChildProcess, ran: RanProcess, run: number): Promise<StartResult> {
    const { unit, context } = this
    this.enter('activating', 'start')
    const status = await child.wait()
    ran.status = status
    ran.endedAtMs = context.process.clock.now()
    unit.main = undefined
    if (!isClean(status)) {
      context.log(unit, `Control process exited, ${describeExit(status, true)}`, 5)
      return this.fail(resultOf(status), false)
    }
    const pid = this.pidFromFile() ?? this.pids()[0]
    const entry = pid === undefined ? undefined : context.process.processes().find((each) => each.pid === pid)
    if (entry) {
      unit.main = { pid: entry.pid, command: entry.command, startedAtMs: entry.startedAtMs }
      this.mainEnded = context.orphanEnded(entry.pid).then((end) => this.onMainEnd(this.noteOrphan(entry.pid, entry.argv.join(' ')), end, run))
    }
    this.enter('active', entry ? 'running' : 'exited')
    context.log(unit, `Started ${unit.label}.`)
    return 'done'
  }

  private watchMain(child: ChildProcess, ran: RanProcess, run: number): void {
    this.mainEnded = child.wait().then((status) => this.onMainEnd(ran, status, run))
    const ended = this.mainEnded
    this.context.process.background(() => ended)
  }

  private onMainEnd(ran: RanProcess, status: ExitStatus, run: number): void {
    const { unit, context } = this
    ran.status = status
    ran.endedAtMs = context.process.clock.now()
    unit.main = undefined
    const clean = this.isGood(status)
    if (!clean) context.log(unit, `Main process exited, ${describeExit(status, true)}`, 5)
    if (run !== this.run) return void (unit.result = clean || unit.result !== 'success' ? unit.result : resultOf(status))
    const result: UnitResult = clean ? 'success' : resultOf(status)
    context.process.background(() => this.afterMain(result, status, run))
  }

  private async afterMain(result: UnitResult, status: ExitStatus, run: number): Promise<void> {
    const { unit } = this
    const wasStarting = unit.active === 'activating'
    unit.result = result
    if (result === 'success' && !wasStarting && isTrue(unit.service('RemainAfterExit'), false)) return this.enter('active', 'exited')
    this.enter('deactivating', 'stop-sigterm')
    if ((unit.service('KillMode') ?? 'control-group') === 'control-group') await this.killAll('SIGTERM')
    await this.runAll('ExecStopPost', this.stopTimeoutMs())
    if (run !== this.run) return
    this.settleAfterMain(wasStarting && result === 'success' && unit.service('Type') === 'notify' ? 'protocol' : result)
    if (wasStarting) this.context.log(unit, `Failed to start ${unit.label}.`, 3)
    this.considerRestart(result, status)
  }

  private settleAfterMain(result: UnitResult): void {
    const good = result === 'success'
    this.settle(good ? 'inactive' : 'failed', good ? 'dead' : 'failed', true, result)
  }

  /** The restart that Restart= asks for. */
  private considerRestart(result: UnitResult, status: ExitStatus | undefined): void {
    const { unit, context } = this
    if (unit.stopping || !wantsRestart(unit.service('Restart') ?? 'no', result, status)) return
    if (status?.kind === 'exited' && unit.serviceAll('RestartPreventExitStatus').some((text) => text.split(/\s+/).includes(String(status.code)))) return
    const delay = parseSpan(unit.service('RestartSec') ?? '') ?? defaultRestartMs
    this.enter('activating', 'auto-restart')
    const run = ++this.run
    context.process.background(async () => {
      await context.process.clock.sleep(delay)
      if (run !== this.run) return
      unit.restarts++
      context.log(unit, `Scheduled restart job, restart counter is at ${unit.restarts}.`)
      context.log(unit, `Stopped ${unit.label}.`)
      await this.start(true)
    })
  }

  private async becomesReady(run: number): Promise<boolean> {
    this.enter('activating', 'start')
    const { clock } = this.context.process
    const ready = this.notify?.ready ?? Promise.resolve(true)
    const timeout = this.startTimeoutMs('notify')
    const result = await Promise.race([ready, this.mainEnded.then(() => false), ...(Number.isFinite(timeout) ? [clock.sleep(timeout).then(() => undefined)] : [])])
    if (result === undefined && run === this.run) {
      this.context.log(this.unit, 'start operation timed out. Terminating.', 4)
      await this.killAll('SIGTERM')
    }
    return result === true && this.unit.main !== undefined
  }

  private openNotify(): void {
    const { unit, context } = this
    this.notify?.close()
    this.notify = listenForNotify(context.process, unit.name, (key, value) => {
      if (key === 'STATUS') unit.statusText = value
      if (key === 'STOPPING') unit.stopping = unit.stopping || false
    })
  }

  private notifyEnv(): [string, string][] {
    return this.notify ? [['NOTIFY_SOCKET', this.notify.path]] : []
  }

  private pidFromFile(): number | undefined {
    const path = this.unit.service('PIDFile')
    if (path === undefined) return undefined
    const full = path.startsWith('/') ? path : `/run/${path}`
    const pid = this.context.process.files.exists(full) ? Number.parseInt(this.context.process.files.readText(full), 10) : NaN
    return Number.isInteger(pid) ? pid : undefined
  }

  private finishStop(timedOut: boolean): void {
    const { unit, context } = this
    const result: UnitResult = timedOut ? 'timeout' : unit.result
    const failed = result !== 'success'
    unit.result = result
    if (failed) context.log(unit, `Failed with result '${result}'.`, 4)
    else context.log(unit, 'Deactivated successfully.')
    this.enter(failed ? 'failed' : 'inactive', failed ? 'failed' : 'dead')
    context.log(unit, `Stopped ${unit.label}.`)
    this.reportCpu()
    this.cleanUp()
  }

  private settle(active: 'inactive' | 'failed', sub: string, report = false, result?: UnitResult): void {
    const { unit, context } = this
    if (result) unit.result = result
    this.enter(active, sub)
    if (report) {
      if (active === 'failed') context.log(unit, `Failed with result '${unit.result}'.`, 4)
      else context.log(unit, 'Deactivated successfully.')
      this.reportCpu()
    }
    this.cleanUp()
    context.ended(unit)
  }

  private reportCpu(): void {
    const used = this.context.cpuMs(this.unit) - this.unit.cpuBeforeMs
    if (used >= 1000) this.context.log(this.unit, `Consumed ${(used / 1000).toFixed(3)}s CPU time.`)
  }

  private cleanUp(): void {
    this.notify?.close()
    this.notify = undefined
    this.context.removeGroup(this.unit)
  }

  private async fail(result: UnitResult, isCondition: boolean): Promise<StartResult> {
    const { unit, context } = this
    await this.killAll('SIGTERM')
    await this.runAll('ExecStopPost', this.stopTimeoutMs())
    if (isCondition) {
      this.settle('inactive', 'dead')
      return 'condition'
    }
    this.settle('failed', 'failed', true, result)
    context.log(unit, `Failed to start ${unit.label}.`, 3)
    this.considerRestart(result, undefined)
    return 'failed'
  }

  private spawnFailed(error: SpawnFailure): Promise<StartResult> {
    const { unit, context } = this
    const now = context.process.clock.now()
    const command = this.commands('ExecStart')[0]
    unit.ran.push({ phase: 'ExecStart', text: command?.text ?? error.path, pid: context.nextPid(), startedAtMs: now, endedAtMs: now, status: { kind: 'exited', code: error.code } })
    if (error.step === 'EXEC') context.log(unit, `Failed to locate executable ${error.path}: ${error.reason}`, 3)
    context.log(unit, error.message, 3)
    context.log(unit, `Main process exited, code=exited, status=${error.code}/${error.step}`, 5)
    return this.fail('exit-code', false)
  }

  private startRefused(): StartResult {
    const { unit, context } = this
    context.log(unit, 'Start request repeated too quickly.', 4)
    if (unit.result === 'success') unit.result = 'start-limit-hit'
    this.enter('failed', 'failed')
    context.log(unit, `Failed with result '${unit.result}'.`, 4)
    context.log(unit, `Failed to start ${unit.label}.`, 3)
    return 'failed'
  }

  private withinStartLimit(): boolean {
    const { unit, context } = this
    const read = (key: string): string | undefined => unit.file.sections.get('Unit')?.get(key)?.at(-1) ?? unit.service(key)
    const interval = parseSpan(read('StartLimitIntervalSec') ?? read('StartLimitInterval') ?? '10s') ?? 10_000
    const burst = Number(read('StartLimitBurst') ?? 5)
    if (interval === 0 || burst === 0) return true
    const now = context.process.clock.now()
    unit.startTimes = unit.startTimes.filter((at) => at > now - interval)
    if (unit.startTimes.length >= burst) return false
    unit.startTimes.push(now)
    return true
  }

}

function wantsRestart(policy: string, result: UnitResult, status: ExitStatus | undefined): boolean {
  switch (policy) {
    case 'always':
      return true
    case 'on-success':
      return result === 'success'
    case 'on-failure':
      return result !== 'success'
    case 'on-abnormal':
      return result !== 'success' && (status === undefined || status.kind === 'signaled')
    case 'on-abort':
      return status?.kind === 'signaled' && result !== 'success'
    default:
      return false
  }
}

function isExpected(error: unknown): error is Error {
  return error instanceof Error && error.name === 'Errno'
}

