/** A program threw: expected errors end it with a message, others are a fault of ours and are told to the host. */
import { encodeUtf8 } from '#engine/base/bytes'
import { Errno, ProcessKilled } from '#engine/linux/abi/errno'
import type { Kernel } from '#engine/linux/kernel/kernel'
import type { Task } from '#engine/linux/kernel/task'

export function reportCrash(kernel: Kernel, task: Task, error: unknown): void {
  if (error instanceof ProcessKilled) return task.terminate({ kind: 'signaled', signal: 'SIGKILL', coreDumped: false })
  if (error instanceof Errno) {
    if (!task.table.files.has(2)) kernel.options.onProgramError(task.argv.join(' ') || task.command, error)
    say(task, `${task.command}: ${error.subject === undefined ? '' : `${error.subject}: `}${error.message}\n`)
    return task.terminate({ kind: 'exited', code: 1 })
  }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  say(task, `${task.command}: program error: ${text}\n`)
  kernel.log.add(`${task.command}[${task.pids.global}]: segfault at 0 ip 0000000000000000 sp 0000000000000000 error 4`)
  kernel.options.onProgramError(task.argv.join(' ') || task.command, error)
  task.terminate({ kind: 'signaled', signal: 'SIGSEGV', coreDumped: false })
}

function say(task: Task, line: string): void {
  try {
    task.table.files.get(2)?.writeNow?.(encodeUtf8(line))
  } catch {
    // Nobody listens any more: the host is still told.
  }
}
