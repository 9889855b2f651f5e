/** `ctr containers` and `ctr tasks`: what is there, and what runs of it. */
import type { ContainerSummary } from '#engine/cri/containerd/summaries'
import { closedTable, table } from '#engine/cri/units'
import { CtrError, isQuiet, labelsGiven, labelText, log, print, type Context, type Run } from './session'

async function all(context: Context): Promise<ContainerSummary[]> {
  const { containers } = await context.call<{ containers: ContainerSummary[] }>('Containers')
  return [...containers].sort((a, b) => (a.id < b.id ? -1 : 1))
}

async function one(context: Context): Promise<ContainerSummary> {
  const [id] = context.operands
  if (id === undefined) throw new CtrError('container id must be provided')
  const found = (await all(context)).find((item) => item.id === id)
  if (!found) throw new CtrError(`container ${JSON.stringify(id)} in namespace ${JSON.stringify(context.namespace)}: not found`)
  return found
}

async function task(context: Context): Promise<ContainerSummary> {
  const found = await one(context)
  if (found.status === 'created') throw new CtrError(`no running task found: task ${found.id} not found: not found`)
  return found
}

async function list(context: Context): Promise<number> {
  const containers = await all(context)
  if (isQuiet(context)) return print(context, containers.map((item) => `${item.id}\n`).join(''))
  return print(context, closedTable([['CONTAINER', 'IMAGE', 'RUNTIME'], ...containers.map((item) => [item.id, item.image === '' ? '-' : item.image, item.runtime])], 4, 4))
}

async function info(context: Context): Promise<number> {
  if (context.operands.length === 0) throw new CtrError('container id must be provided: invalid argument')
  const found = await one(context)
  if (context.flags.has('spec')) return print(context, `${JSON.stringify(found.spec ?? {}, null, 4)}\n`)
  const created = new Date(Math.floor(found.createdMs)).toISOString()
  return print(context, `${JSON.stringify({ ID: found.id, Labels: found.labels, Image: found.image, Runtime: { Name: found.runtime, Options: {} }, SnapshotKey: found.id, Snapshotter: 'overlayfs', CreatedAt: created, UpdatedAt: created, Extensions: {}, SandboxID: '', ...(found.spec ? { Spec: found.spec } : {}) }, null, 4)}\n`)
}

async function label(context: Context): Promise<number> {
  const [id, ...given] = context.operands
  if (id === undefined) throw new CtrError('container id must be provided')
  const found = await one(context)
  if (given.length > 0) throw new CtrError('setting labels of containers is not supported by this ctr')
  const labels = { ...found.labels, ...labelsGiven(given) }
  return print(context, `${labelText(labels).replace(/^-$/, '')}\n`)
}

async function remove(context: Context): Promise<number> {
  if (context.operands.length === 0) throw new CtrError('must specify at least one container to delete: invalid argument')
  let failed: CtrError | undefined
  for (const id of context.operands) {
    try {
      const found = await one({ ...context, operands: [id] })
      if (found.status === 'running') throw new CtrError('cannot delete a non stopped container: {running 0 0001-01-01 00:00:00 +0000 UTC}')
      await context.call('Delete', { id })
    } catch (error) {
      if (!(error instanceof CtrError)) throw error
      failed ??= error
      await log(context, 'error', `failed to delete container ${JSON.stringify(id)}`, error.message)
    }
  }
  if (failed) throw failed
  return 0
}

async function tasks(context: Context): Promise<number> {
  const running = (await all(context)).filter((item) => item.status !== 'created')
  if (isQuiet(context)) return print(context, running.map((item) => `${item.id}\n`).join(''))
  return print(context, closedTable([['TASK', 'PID', 'STATUS'], ...running.map((item) => [item.id, String(item.pid), item.status.toUpperCase()])], 4, 4))
}

async function kill(context: Context): Promise<number> {
  const found = await task(context)
  const all_ = context.flags.has('all') || context.flags.has('a')
  await context.call('Kill', { id: found.id, signal: context.values.get('signal') ?? context.values.get('s') ?? 'SIGTERM', all: all_ })
  return 0
}

/** Ends with the code that the task ended with. */
async function removeTask(context: Context): Promise<number> {
  let code = 0
  for (const id of context.operands) {
    const found = await task({ ...context, operands: [id] })
    if (found.status === 'running' && !context.flags.has('force') && !context.flags.has('f')) throw new CtrError('task must be stopped before deletion: running: failed precondition')
    await context.call('DeleteTask', { id })
    code = found.exitCode
  }
  return code
}

async function start(context: Context): Promise<number> {
  const found = await one(context)
  await context.call('Start', { id: found.id })
  if (context.flags.has('d') || context.flags.has('detach')) return 0
  return (await context.call<{ exitCode: number }>('Wait', { id: found.id })).exitCode
}

async function exec(context: Context): Promise<number> {
  const [id, ...cmd] = context.operands
  if (id === undefined) throw new CtrError('container id must be provided')
  if (!context.values.has('exec-id')) throw new CtrError('exec-id must be provided')
  await task({ ...context, operands: [id] })
  const result = await context.call<{ exitCode: number; stdout: string; stderr: string }>('Exec', { id, cmd })
  await context.process.stdout.write(result.stdout)
  await context.process.stderr.write(result.stderr)
  return result.exitCode
}

async function ps(context: Context): Promise<number> {
  const found = await task(context)
  const { pids } = await context.call<{ pids: number[] }>('Pids', { id: found.id })
  return print(context, table([['PID', 'INFO'], ...pids.map((pid) => [String(pid), '-'])], 1, 4))
}

async function metrics(context: Context): Promise<number> {
  const found = await task(context)
  const { values } = await context.call<{ values: [string, number][] }>('Metrics', { id: found.id })
  if (context.values.get('format') === 'json') return print(context, `${JSON.stringify(Object.fromEntries(values))}\n`)
  const now = new Date(Math.floor(context.process.clock.now())).toISOString().replace('T', ' ').replace('Z', '000000 +0000 UTC')
  return print(context, `${table([['ID', 'TIMESTAMP', ''], [found.id, now, '']], 1, 4)}\n${table([['METRIC', 'VALUE', ''], ...values.map(([name, value]) => [name, String(value), ''])], 1, 4)}`)
}

const unsupported = (what: string): Run => () => Promise.reject(new CtrError(`tasks ${what} is not supported by this ctr`))

export const containerCommands: Readonly<Record<string, Run>> = { ls: list, list, info, label, rm: remove, remove, delete: remove, del: remove }
export const taskCommands: Readonly<Record<string, Run>> = {
  ls: tasks, list: tasks, kill, exec, rm: removeTask, remove: removeTask, delete: removeTask, del: removeTask, start, ps, metrics, metric: metrics,
  attach: unsupported('attach'), checkpoint: unsupported('checkpoint'), pause: unsupported('pause'), resume: unsupported('resume'),
}
