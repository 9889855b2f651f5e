/** Sessions, process groups and their terminal. */
import { Errno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import { unbound } from '#engine/linux/kernel/boundfile'
import type { Pid } from '#engine/linux/kernel/pid'
import type { Task } from '#engine/linux/kernel/task'
import { TtySlave } from '#engine/linux/tty/tty'

export function joinGroup(task: Task, group: Pid): void {
  const before = task.group
  before.group.delete(task)
  task.group = group
  group.group.add(task)
  before.freeIfUnused(false)
}

/** setpgid(2) by a process for itself or a child. */
export function setGroup(by: Task, pid: number, processGroup: number): void {
  const task = pid === 0 ? by : by.namespaces.pid.tasks.get(pid)
  if (!task || (task !== by && task.parent !== by)) throw new Errno('ESRCH')
  const group = processGroup === 0 ? task.pids : by.namespaces.pid.pids.get(processGroup)
  if (!group || task.sessionPid === task.pids) throw new Errno('EPERM')
  joinGroup(task, group)
}

/** The task becomes leader of a session of its own, with a terminal if one is given. */
export function leadSession(task: Task, terminal: OpenFile | undefined): void {
  task.sessionPid.sessionMembers.delete(task)
  task.sessionPid.freeIfUnused(false)
  task.sessionPid = task.pids
  task.pids.sessionMembers.add(task)
  joinGroup(task, task.pids)
  const slave = terminal && unbound(terminal)
  if (!(slave instanceof TtySlave)) return
  task.pids.terminal = slave.device
  slave.device.session = task.pids
  slave.device.foreground = task.pids
}
