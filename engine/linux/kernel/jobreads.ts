/** Job control of reads: only the foreground group reads a terminal. */
import { Errno } from '#engine/linux/abi/errno'
import { deliver } from '#engine/linux/kernel/signals'
import type { Task } from '#engine/linux/kernel/task'
import type { TtySlave } from '#engine/linux/tty/tty'

/** A background group may not read its terminal: SIGTTIN stops it until it is brought forward. */
export async function mayReadTerminal(task: Task, { device }: TtySlave): Promise<void> {
  while (device.session === task.sessionPid && device.foreground !== task.group && !device.hungUp) {
    if (task.handlers.get('SIGTTIN') === 'ignore') throw new Errno('EIO')
    for (const member of [...task.group.group]) deliver(member, 'SIGTTIN', undefined)
    if (!task.waits.stopped) throw new Errno('EIO')
    await task.waits.pay(0)
  }
}
