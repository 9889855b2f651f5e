/** Parents and children: the end of a process, zombies, reaping, orphans, waiting. */
import type { ExitStatus, Signal } from '#engine/linux/abi/signals'
import { deliver } from '#engine/linux/kernel/signals'
import type { Task } from '#engine/linux/kernel/task'

export function endTask(task: Task): void {
  const { kernel } = task
  task.table.closeAll()
  for (const file of task.uninstalled) kernel.releaseUninstalled(file)
  task.uninstalled.clear()
  if (task.sessionPid === task.pids) task.pids.terminal?.hangUp()
  task.cgroup.leave(task)
  task.cgroup.bury(1)
  kernel.noteEnded(task)
  if (task.pids.namespace.init === task) endNamespace(task)
  handOverChildren(task)
  task.ended.wakeAll()
  task.onEnd?.(task.status as ExitStatus)
  const { parent } = task
  if (!parent || parent.waits.dead || parent.handlers.get('SIGCHLD') === 'ignore') return reap(task)
  if (task.reaped) return
  parent.forgetStopped(task)
  if (task.awaited === 0) parent.zombies.push(task)
  deliver(parent, 'SIGCHLD', undefined)
  parent.childChanged.wakeAll()
}

/** Takes a zombie out of the process table. */
export function reap(task: Task): void {
  if (task.reaped) return
  task.reaped = true
  task.cgroup.bury(-1)
  const { parent } = task
  if (parent) {
    parent.children.delete(task)
    const at = parent.zombies.indexOf(task)
    if (at >= 0) parent.zombies.splice(at, 1)
  }
  task.kernel.forget(task)
}

function endNamespace(init: Task): void {
  const { namespace } = init.pids
  namespace.dying = true
  for (const member of [...namespace.tasks.values()]) if (member !== init) member.terminate({ kind: 'signaled', signal: 'SIGKILL', coreDumped: false })
}

function handOverChildren(task: Task): void {
  if (task.children.size === 0) return
  const init = task.pids.namespace.init
  const heir = init && !init.waits.dead && init !== task ? init : undefined
  for (const child of task.children) {
    child.parent = heir
    // A wait of the parent that died is none of the heir's.
    child.awaited = 0
    if (heir) heir.children.add(child)
    if (!child.waits.dead) continue
    if (heir) heir.zombies.push(child)
    else reap(child)
  }
  task.children.clear()
  task.zombies.length = 0
  if (heir && heir.zombies.length > 0) {
    deliver(heir, 'SIGCHLD', undefined)
    heir.childChanged.wakeAll()
  }
}

export type ChildChange = { pid: number; status: ExitStatus } | { pid: number; stopped: Signal }

export async function waitForAny(task: Task, now: boolean): Promise<ChildChange | null | undefined> {
  for (;;) {
    const zombie = task.zombies.find((child) => child.awaited === 0)
    if (zombie) {
      const change = { pid: zombie.pids.in(task.namespaces.pid), status: zombie.status as ExitStatus }
      reap(zombie)
      return change
    }
    const stop = task.stops.shift()
    if (stop) return { pid: stop.task.pids.in(task.namespaces.pid), stopped: stop.signal }
    if (task.children.size === 0) return null
    if (now) return undefined
    await task.waits.block<void>((done) => task.childChanged.add(done))
  }
}

/** Waits for one child and reaps it; once it is reaped, answers at once. */
export async function waitForOne(task: Task, child: Task): Promise<ExitStatus> {
  await task.waits.pay()
  if (!child.status) {
    child.awaited++
    try {
      await task.waits.block<void>((done) => child.ended.add(done))
    } finally {
      if (child.awaited > 0) child.awaited--
    }
  }
  reap(child)
  return child.status as unknown as ExitStatus
}
