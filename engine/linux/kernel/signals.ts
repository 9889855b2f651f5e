/** Delivery of signals. */
import { Errno } from '#engine/linux/abi/errno'
import { defaultAction, type Signal } from '#engine/linux/abi/signals'
import type { Pid } from '#engine/linux/kernel/pid'
import type { Task } from '#engine/linux/kernel/task'

/** `sender` is undefined for the kernel itself and the host. */
export function deliver(task: Task, signal: Signal, sender: Task | undefined): void {
  if (task.waits.dead) return
  if (signal === 'SIGKILL' || signal === 'SIGSTOP') return isShielded(task, sender) ? undefined : act(task, signal)
  if (signal === 'SIGCONT') resume(task)
  const handler = task.handlers.get(signal) ?? 'default'
  if (handler === 'ignore') return
  if (handler !== 'default') {
    task.runHandler(handler)
    return
  }
  // Pid 1 of a namespace never dies of what it has no handler for, whoever sent it; only KILL and STOP from outside reach it.
  if (task.pids.namespace.init !== task) act(task, signal)
}

/** Pid 1 is not killed or stopped from its own namespace; that of the machine by nobody. */
function isShielded(task: Task, sender: Task | undefined): boolean {
  if (task.pids.namespace.init !== task) return false
  return task.pids.namespace.level === 0 || (sender !== undefined && isInside(sender, task))
}

function act(task: Task, signal: Signal): void {
  switch (defaultAction(signal)) {
    case 'terminate':
      return task.terminate({ kind: 'signaled', signal, coreDumped: false })
    case 'core':
      return task.terminate({ kind: 'signaled', signal, coreDumped: false })
    case 'stop':
      return stop(task, signal)
    default:
      return
  }
}

function stop(task: Task, signal: Signal): void {
  if (task.waits.stopped) return
  if (signal !== 'SIGSTOP' && isOrphaned(task)) return
  task.waits.stop()
  task.parent?.noteStopped(task, signal)
}

function resume(task: Task): void {
  if (!task.waits.stopped) return
  task.parent?.forgetStopped(task)
  task.waits.resume()
}

/** A group none of whose members has a parent in another group of the session is not stopped by its terminal. */
function isOrphaned(task: Task): boolean {
  for (const member of task.group.group) {
    const { parent } = member
    if (parent && parent.group !== task.group && parent.sessionPid === task.sessionPid) return false
  }
  return true
}

function isInside(sender: Task, task: Task): boolean {
  for (let at: Task['pids']['namespace'] | undefined = sender.pids.namespace; at; at = at.parent) if (at === task.pids.namespace) return true
  return false
}

/** kill(2) by a process: pid > 0, 0 the own group, -1 everybody, -pgid a group. */
export function killFrom(sender: Task, pid: number, signal: Signal | 0): void {
  const targets = targetsOf(sender, pid)
  if (targets.length === 0) throw new Errno('ESRCH')
  const allowed = targets.filter((task) => maySignal(sender, task, signal))
  if (allowed.length === 0) throw new Errno('EPERM')
  if (signal === 0) return
  for (const task of allowed) deliver(task, signal, sender)
}

function targetsOf(sender: Task, pid: number): Task[] {
  const { tasks, pids, init } = sender.pids.namespace
  if (pid > 0) {
    const task = tasks.get(pid)
    return task ? [task] : []
  }
  if (pid === -1) return [...tasks.values()].filter((task) => task !== init && task !== sender)
  const group = pid === 0 ? sender.group : pids.get(-pid)
  return group ? [...group.group] : []
}

function maySignal(sender: Task, task: Task, signal: Signal | 0): boolean {
  const from = sender.credentials
  if (from.capabilities.has('KILL') || from.euid === task.credentials.uid || from.uid === task.credentials.uid) return true
  return signal === 'SIGCONT' && sender.sessionPid === task.sessionPid
}

export function signalGroup(group: Pid, signal: Signal): void {
  for (const task of [...group.group]) deliver(task, signal, undefined)
}
