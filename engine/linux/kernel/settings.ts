/** What a process may set of others and of its machine: setpriority(2), sethostname(2). */
import { Errno } from '#engine/linux/abi/errno'
import type { Task } from '#engine/linux/kernel/task'

export function changeNice(caller: Task, pid: number, wanted: number): number {
  caller.enter()
  const task = caller.pids.namespace.tasks.get(pid)
  if (!task) throw new Errno('ESRCH')
  const { euid, capabilities } = caller.credentials
  const free = capabilities.has('SYS_NICE')
  if (!free && euid !== task.credentials.uid && euid !== task.credentials.euid) throw new Errno('EPERM')
  const nice = Math.max(-20, Math.min(19, wanted))
  if (!free && nice < task.nice) throw new Errno('EACCES')
  const before = task.nice
  task.nice = nice
  return before
}

export function changeHostname(caller: Task, name: string): void {
  caller.enter()
  if (!caller.credentials.capabilities.has('SYS_ADMIN')) throw new Errno('EPERM')
  if (name.length > 64) throw new Errno('EINVAL')
  caller.namespaces.uts.hostname = name
}
