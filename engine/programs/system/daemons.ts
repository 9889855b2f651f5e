/** Daemons of the base system that have nothing to do here but to be there. */
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import type { Task } from '#engine/linux/kernel/task'
import { logind } from './machine/logind'

function idle(name: string, memoryMiB: number, unsupported: string, begin?: (process: Process) => (() => void) | undefined): Program {
  return {
    name,
    unsupported,
    async run(process) {
      process.setMemory(memoryMiB * 1024 * 1024)
      const end = begin?.(process)
      const signalled = new Promise<number>((resolve) => {
        for (const signal of ['SIGTERM', 'SIGINT'] as const) process.handle(signal, () => resolve(0))
      })
      process.handle('SIGHUP', () => undefined)
      const code = await signalled
      end?.()
      return code
    },
  }
}

export const daemons: readonly Program[] = [
  idle('systemd-journald', 12, 'forwarding, rate limits, namespaces', (process) => {
    const { journal } = (process as Task).kernel
    journal.receiving = true
    if (!process.resumed) journal.append({ PRIORITY: '6', SYSLOG_FACILITY: '3', SYSLOG_IDENTIFIER: 'systemd-journald', _TRANSPORT: 'driver', _PID: String(process.pid), _UID: '0', _COMM: 'systemd-journal', _SYSTEMD_UNIT: 'systemd-journald.service', MESSAGE: 'Journal started' })
    return () => (journal.receiving = false)
  }),
  idle('systemd-udevd', 5, 'devices never change'),
  logind,
  idle('systemd-timesyncd', 6, 'the clock is always right'),
  idle('dbus-daemon', 5, 'no message bus'),
  idle('agetty', 2, 'logins on consoles'),
]
