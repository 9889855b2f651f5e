/** systemd-run: a service made of a command line, gone when it has ended. */
import type { ExitStatus } from '#engine/linux/abi/signals'
import type { Manager } from '#engine/linux/systemd/manager'
import { Unit } from '#engine/linux/systemd/unit'

export interface TransientRequest {
  readonly name: string
  readonly description: string
  readonly argv: readonly string[]
  readonly properties: readonly (readonly [string, string])[]
  readonly wait: boolean
}

export interface TransientResult {
  readonly name: string
  readonly started: boolean
  readonly error?: 'exists'
  readonly result: string
  readonly status: ExitStatus | undefined
  readonly runtimeMs: number
  readonly cpuMs: number
}

export async function runTransient(manager: Manager, request: TransientRequest): Promise<TransientResult> {
  const existing = manager.units.get(request.name)
  if (existing && (existing.active !== 'inactive' || existing.file.loadState === 'loaded')) return { name: request.name, started: false, error: 'exists', result: '', status: undefined, runtimeMs: 0, cpuMs: 0 }
  const service = new Map<string, string[]>([['ExecStart', [request.argv.map(quoted).join(' ')]]])
  for (const [key, value] of request.properties) service.set(key, [...(service.get(key) ?? []), value])
  const unit = new Unit(request.name, {
    name: request.name, type: 'service', loadState: 'loaded', fragmentPath: `/run/systemd/transient/${request.name}`, dropIns: [], warnings: [], newestMs: 0, instance: undefined,
    sections: new Map([['Unit', new Map([['Description', [request.description]]])], ['Service', service]]),
  })
  unit.transient = true
  manager.units.set(request.name, unit)
  const startedAt = manager.process.clock.now()
  const result = await manager.runner(unit).start()
  if (request.wait) while (unit.active !== 'inactive' && unit.active !== 'failed') await manager.process.clock.sleep(5)
  const ran = unit.ran.at(-1)
  return { name: request.name, started: result !== 'failed', result: unit.result, status: ran?.status, runtimeMs: (ran?.endedAtMs ?? manager.process.clock.now()) - startedAt, cpuMs: manager.cpuMs(unit) }
}

function quoted(word: string): string {
  return `"${word.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/\$/g, '$$$$')}"`
}
