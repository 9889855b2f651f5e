/** Health checks: a command at intervals, and what came of the last five. */
import { parseDurationNs } from './durations'
import { RpcError } from '#engine/cri/rpc'
import type { DockerHost } from '../host'
import { timeText } from '../host'
import type { ContainerRecord, HealthState } from '../model'
import { attributesOf } from './create'
import type { Execs } from './exec'

const keptResults = 5
const defaultMs = 30_000
const defaultRetries = 3

export class HealthChecks {
  private readonly stops = new Map<string, () => void>()

  constructor(private readonly host: DockerHost, private readonly execs: Execs) {}

  begin(record: ContainerRecord): void {
    const test = record.config.Healthcheck?.Test ?? []
    if (test.length === 0 || test[0] === 'NONE') return
    const health: HealthState = { Status: 'starting', FailingStreak: 0, Log: [] }
    record.state.health = health
    const stop = new AbortController()
    this.stops.set(record.id, () => stop.abort())
    this.host.process.background(() => this.watch(record, health, stop.signal))
  }

  end(id: string): void {
    this.stops.get(id)?.()
    this.stops.delete(id)
  }

  private async watch(record: ContainerRecord, health: HealthState, signal: AbortSignal): Promise<void> {
    const { clock } = this.host.process
    const interval = parseDurationNs(record.config.Healthcheck?.Interval, defaultMs)
    while (!signal.aborted) {
      try {
        await clock.sleep(interval, signal)
      } catch (error) {
        if (signal.aborted) return
        throw error
      }
      if (record.state.status === 'running') await this.probe(record, health)
    }
  }

  private async probe(record: ContainerRecord, health: HealthState): Promise<void> {
    const { clock } = this.host.process
    const { Test: test = [], Timeout, Retries, StartPeriod } = record.config.Healthcheck ?? {}
    const timeoutMs = parseDurationNs(Timeout, defaultMs)
    const startedAtMs = clock.now()
    const result = await this.run(record, test, timeoutMs)
    const exitCode = result.timedOut ? -1 : result.exitCode
    health.Log.push({ Start: timeText(startedAtMs), End: timeText(clock.now()), ExitCode: exitCode, Output: result.timedOut ? `Health check exceeded timeout (${timeoutMs / 1000}s)` : result.output.slice(0, 4096) })
    if (health.Log.length > keptResults) health.Log.shift()
    const before = health.Status
    if (exitCode === 0) Object.assign(health, { Status: 'healthy', FailingStreak: 0 })
    else if (before !== 'starting' || startedAtMs - record.state.startedAtMs >= parseDurationNs(StartPeriod, 0)) {
      health.FailingStreak++
      if (health.FailingStreak >= (Retries || defaultRetries)) health.Status = 'unhealthy'
    }
    this.host.records.save(record)
    if (health.Status !== before) this.host.events.publish('container', `health_status: ${health.Status}`, record.id, attributesOf(record))
  }

  private async run(record: ContainerRecord, test: readonly string[], timeoutMs: number): Promise<{ exitCode: number; output: string; timedOut: boolean }> {
    const [kind, ...words] = test
    const Cmd = kind === 'CMD-SHELL' ? ['/bin/sh', '-c', words.join(' ')] : words
    try {
      return await this.execs.runOnce(record, { Cmd }, timeoutMs)
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      return { exitCode: -1, output: error.description, timedOut: false }
    }
  }
}
