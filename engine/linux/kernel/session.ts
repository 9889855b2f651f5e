/** Sessions, process groups and their terminal. */
import { Errno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import { unbound } from '#engine/linux/kernel/boundfile'
import type { Pid } from '#engine/linux/kernel/pid'
import { deliver } from '#engine/linux/kernel/signals'
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

/** A background group may not read its terminal: SIGTTIN stops it until it is brought forward. */
export async function mayReadTerminal(task: Task, file: OpenFile): Promise<void> {
  if (!(file instanceof TtySlave)) return
  const { device } = file
  while (device.session === task.sessionPid && device.foreground !== task.group && !device.hungUp) {
    if (task.handlers.get('SIGTTIN') === 'ignore') throw new Errno('EIO')
    for (const member of [...task.group.group]) deliver(member, 'SIGTTIN', undefined)
    if (!task.waits.stopped) throw new Errno('EIO')
    await task.waits.pay(0)
  }
}
