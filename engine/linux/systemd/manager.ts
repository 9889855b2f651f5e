/** The manager: which units there are, and the jobs that bring them up and down in order. */
import { Errno, isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { ExitStatus, Signal } from '#engine/linux/abi/signals'
import type { Task } from '#engine/linux/kernel/task'
import type { JobResult, UnitManager } from '#engine/linux/systemd/context'
import { afterOf, requirementsOf, type Requirements } from '#engine/linux/systemd/dependencies'
import { conditionsHold, startOther, stopOther } from '#engine/linux/systemd/otherunits'
import { ServiceRunner } from '#engine/linux/systemd/service'
import { disarmSocket } from '#engine/linux/systemd/socket'
import { armTimer, disarmTimer } from '#engine/linux/systemd/timer'
import { Unit } from '#engine/linux/systemd/unit'
import { loadUnitFile, UnitFolders } from '#engine/linux/systemd/unitfile'

export class Manager implements UnitManager {
  readonly units = new Map<string, Unit>()
  private readonly runners = new Map<string, ServiceRunner>()
  /** Jobs under way, by unit. */
  readonly jobs = new Map<string, { readonly kind: 'start' | 'stop'; readonly done: Promise<JobResult> }>()
  private readonly orphans = new Map<number, (status: ExitStatus) => void>()
  startedUp = false
  onChanged: (() => void) | undefined

  constructor(readonly process: Process) {}

  unit(name: string, folders?: UnitFolders): Unit {
    const known = this.units.get(name)
    if (known) {
      if (known.file.loadState !== 'loaded' && known.active !== 'active') this.reloadUnit(known)
      return known
    }
    const unit = new Unit(name, loadUnitFile(this.process.files, name, this.process.uname().nodename, folders))
    this.units.set(name, unit)
    for (const warning of unit.file.warnings) this.logPlain(warning, 4)
    return unit
  }

  /** Drops a unit that does nothing and that nobody refers to: its file then counts as it is now. */
  forgetIdle(name: string): void {
    const unit = this.units.get(name)
    if (unit && this.jobs.size === 0 && this.isForgettable(unit)) this.units.delete(name)
  }

  private isForgettable(unit: Unit): boolean {
    if (unit.active !== 'inactive' || this.jobs.has(unit.name) || unit.transient) return false
    if (unit.file.loadState !== 'loaded') return true
    for (const each of this.units.values()) {
      if (!each.isUp || each === unit) continue
      if (each.list('Wants').includes(unit.name) || each.list('Requires').includes(unit.name)) return false
      if (this.pulledIn(each, unit.name)) return false
    }
    return true
  }

  private pulledIn(by: Unit, name: string): boolean {
    return by.file.type === 'target' && ['/etc/systemd/system', '/lib/systemd/system'].some((directory) => ['wants', 'requires'].some((kind) => this.linkExists(`${directory}/${by.name}.${kind}/${name}`)))
  }

  private linkExists(path: string): boolean {
    try {
      return this.process.files.lstat(path) !== undefined
    } catch (error) {
      if (isErrno(error)) return false
      throw error
    }
  }

  /** Reads all unit files anew; what runs goes on running. */
  daemonReload(): void {
    this.logPlain('Reloading.')
    const folders = new UnitFolders(this.process.files)
    for (const unit of this.units.values()) this.reloadUnit(unit, folders)
    for (const [name, unit] of this.units) if (unit.file.loadState === 'not-found' && (unit.active === 'inactive')) this.units.delete(name)
    for (const unit of this.units.values()) if (unit.file.type === 'timer' && unit.isUp) armTimer(this, unit)
  }

  private reloadUnit(unit: Unit, folders?: UnitFolders): void {
    if (unit.transient) return
    const before = unit.file
    unit.file = loadUnitFile(this.process.files, unit.name, this.process.uname().nodename, folders)
    if (before.loadState !== unit.file.loadState || before.newestMs !== unit.file.newestMs) for (const warning of unit.file.warnings) this.logPlain(warning, 4)
  }

  async start(name: string): Promise<JobResult> {
    const unit = this.unit(name)
    if (unit.file.loadState !== 'loaded') return unit.file.loadState
    const members = this.collect(unit)
    const jobs = new Map<Unit, Promise<JobResult>>()
    let begin: () => void = () => undefined
    const gathered = new Promise<void>((resolve) => (begin = resolve))
    for (const [member, after] of order(members, (each) => afterOf(this, each))) {
      const running = this.jobs.get(member.name)
      if (running?.kind === 'start') {
        jobs.set(member, running.done)
        continue
      }
      const job = gathered.then(() => this.startInOrder(member, after, jobs))
      this.track(member.name, 'start', job)
      jobs.set(member, job)
    }
    begin()
    return jobs.get(unit) ?? 'done'
  }

  async stop(name: string): Promise<JobResult> {
    const unit = this.unit(name)
    const dependents = [...this.units.values()].filter((each) => each !== unit && each.isUp && requirementsOf(this, each).strong.includes(name))
    const partners = [...this.units.values()].filter((each) => each.isUp && each.list('PartOf').includes(name))
    const job = (async (): Promise<JobResult> => {
      await Promise.all([...new Set([...dependents, ...partners])].map((each) => this.stop(each.name)))
      await this.stopOne(unit)
      return 'done'
    })()
    return this.track(name, 'stop', job)
  }

  async restart(name: string): Promise<JobResult> {
    const unit = this.unit(name)
    if (unit.file.loadState !== 'loaded') return unit.file.loadState
    const followers = [...this.units.values()].filter((each) => each.isUp && each !== unit && (each.list('PartOf').includes(name) || requirementsOf(this, each).strong.includes(name))).map((each) => each.name)
    if (unit.active !== 'inactive' && unit.active !== 'failed') await this.stop(name)
    const result = await this.start(name)
    for (const follower of followers) this.process.background(async () => void (await this.start(follower)))
    return result
  }

  async reload(name: string): Promise<JobResult> {
    const unit = this.unit(name)
    if (unit.file.loadState !== 'loaded') return unit.file.loadState
    if (unit.serviceAll('ExecReload').length === 0 || unit.file.type !== 'service') return 'inapplicable'
    if (!unit.isUp) return 'failed'
    return this.runner(unit).reload()
  }

  /** Stops what the new target does not want (isolate). */
  async isolate(name: string): Promise<JobResult> {
    const keep = new Set([...this.collect(this.unit(name))].map((unit) => unit.name))
    const result = await this.start(name)
    for (const unit of [...this.units.values()]) if (unit.isUp && !keep.has(unit.name) && unit.file.type !== 'slice' && unit.file.type !== 'mount') await this.stop(unit.name)
    return result
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.units.values()].filter((unit) => unit.file.type === 'service' && unit.active !== 'inactive').map((unit) => this.stop(unit.name)))
  }

  kill(pid: number, signal: Signal): void {
    try {
      this.process.kill(pid, signal)
    } catch (error) {
      if (!isErrno(error, 'ESRCH')) throw error
    }
  }

  killUnit(unit: Unit, signal: Signal, who: 'all' | 'main'): void {
    this.runner(unit).kill(signal, who)
  }

  resetFailed(name?: string): void {
    for (const unit of this.units.values()) {
      if (name !== undefined && unit.name !== name) continue
      unit.startTimes = []
      unit.restarts = 0
      if (unit.active !== 'failed') continue
      unit.result = 'success'
      unit.setState('inactive', 'dead', this.process.clock.now())
      if (unit.file.loadState === 'not-found') this.units.delete(unit.name)
    }
    this.onChanged?.()
  }

  runner(unit: Unit): ServiceRunner {
    let runner = this.runners.get(unit.name)
    if (runner?.unit !== unit) this.runners.set(unit.name, (runner = new ServiceRunner(this, unit)))
    return runner as ServiceRunner
  }

  // What runners ask for.

  log(unit: Unit, message: string, priority = 6): void {
    const text = message.includes(unit.name) ? message : `${unit.name}: ${message}`
    this.write(text, priority, { UNIT: unit.name, ...(unit.invocationId === '' ? {} : { INVOCATION_ID: unit.invocationId }) })
  }

  logPlain(message: string, priority = 6): void {
    this.write(message, priority, {})
  }

  changed(_unit: Unit): void {
    this.onChanged?.()
  }

  ended(unit: Unit): void {
    if (unit.transient && unit.active === 'inactive') this.units.delete(unit.name)
    for (const timer of this.units.values()) if (timer.file.type === 'timer' && timer.isUp) armTimer(this, timer)
  }

  pidsIn(cgroup: string): number[] {
    const path = `/sys/fs/cgroup${cgroup}`
    if (!this.process.files.exists(path)) return []
    const below = this.process.files.readDirectory(path).filter((entry) => entry.type === 'directory')
    const own = this.process.files.readText(`${path}/cgroup.procs`).split('\n').filter(Boolean).map(Number)
    return [...own, ...below.flatMap((entry) => this.pidsIn(`${cgroup}/${entry.name}`))]
  }

  cpuMs(unit: Unit): number {
    return (this.process as Task).kernel.cgroups.find(unit.cgroup)?.cpuMs() ?? 0
  }

  removeGroup(unit: Unit): void {
    try {
      this.process.files.removeAll(`/sys/fs/cgroup${unit.cgroup}/init.scope`)
      if (this.process.files.exists(`/sys/fs/cgroup${unit.cgroup}`)) this.process.files.rmdir(`/sys/fs/cgroup${unit.cgroup}`)
    } catch (error) {
      if (!(error instanceof Errno)) throw error
    }
  }

  orphanEnded(pid: number): Promise<ExitStatus> {
    return new Promise((resolve) => this.orphans.set(pid, resolve))
  }

  noteReaped(pid: number, status: ExitStatus): void {
    this.orphans.get(pid)?.(status)
    this.orphans.delete(pid)
  }

  nextPid(): number {
    return (this.process as Task).kernel.pidNamespace.lastPid + 1
  }

  private write(message: string, priority: number, fields: Record<string, string>): void {
    const { kernel, credentials } = this.process as Task
    kernel.journal.append({ PRIORITY: String(priority), SYSLOG_FACILITY: '3', SYSLOG_IDENTIFIER: 'systemd', _TRANSPORT: 'journal', _PID: '1', _UID: String(credentials.uid), _GID: '0', _COMM: 'systemd', _EXE: '/usr/lib/systemd/systemd', _CMDLINE: '/sbin/init', _SYSTEMD_UNIT: 'init.scope', _SYSTEMD_CGROUP: '/init.scope', ...fields, MESSAGE: message })
  }

  private track(name: string, kind: 'start' | 'stop', done: Promise<JobResult>): Promise<JobResult> {
    const entry = { kind, done }
    this.jobs.set(name, entry)
    const settled = done.finally(() => {
      if (this.jobs.get(name) === entry) this.jobs.delete(name)
    })
    return settled
  }

  /** A unit with all that it pulls in, directly and indirectly. */
  private collect(top: Unit): Set<Unit> {
    const members = new Set<Unit>([top])
    for (const member of members) {
      const { strong, weak } = requirementsOf(this, member)
      for (const name of [...strong, ...weak]) {
        const unit = this.unit(name)
        if (unit.file.loadState === 'loaded' && !(unit.isUp && unit !== top)) members.add(unit)
      }
    }
    return members
  }

  private async startInOrder(unit: Unit, after: readonly Unit[], jobs: ReadonlyMap<Unit, Promise<JobResult>>): Promise<JobResult> {
    const results = new Map<string, JobResult>()
    for (const before of after) {
      const job = jobs.get(before)
      if (job) results.set(before.name, await job)
    }
    const requirements: Requirements = requirementsOf(this, unit)
    for (const name of requirements.strong) {
      const required = this.unit(name)
      const failed = required.file.loadState !== 'loaded' || results.get(name) === 'failed' || results.get(name) === 'dependency'
      if (!failed || name.endsWith('.slice') || name.endsWith('.mount')) continue
      this.log(unit, `Dependency failed for ${unit.label}.`, 4)
      this.log(unit, `Job ${unit.name}/start failed with result 'dependency'.`)
      return 'dependency'
    }
    for (const name of unit.list('Conflicts')) if (this.units.get(name)?.isUp) await this.stop(name)
    return this.startOne(unit)
  }

  private async startOne(unit: Unit): Promise<JobResult> {
    if (unit.isUp) return 'done'
    if (unit.file.type !== 'service') return startOther(this, unit)
    if (!conditionsHold(this, unit)) return 'condition'
    return this.runner(unit).start()
  }

  private async stopOne(unit: Unit): Promise<void> {
    if (unit.file.type === 'service') return this.runner(unit).stop()
    if (unit.file.type === 'timer') disarmTimer(unit)
    if (unit.file.type === 'socket') disarmSocket(unit)
    stopOther(this, unit)
  }
}

/** Members in an order that respects `After`, each with those of its predecessors that are members. Cycles are cut. */
function order(members: ReadonlySet<Unit>, afterOfUnit: (unit: Unit) => readonly Unit[]): [Unit, Unit[]][] {
  const out: [Unit, Unit[]][] = []
  const state = new Map<Unit, 'open' | 'done'>()
  const visit = (unit: Unit): void => {
    state.set(unit, 'open')
    const before: Unit[] = []
    for (const each of afterOfUnit(unit)) {
      if (!members.has(each) || state.get(each) === 'open') continue
      if (!state.has(each)) visit(each)
      before.push(each)
    }
    state.set(unit, 'done')
    out.push([unit, before])
  }
  for (const unit of members) if (!state.has(unit)) visit(unit)
  return out
}
