/** `time` and `times`. The processor's share is what the processes were accounted for. */
import type { Shell } from '#engine/shell/state/shell'

export interface Timing {
  readonly startedMs: number
}

export function startTime(shell: Shell): Timing {
  return { startedMs: shell.process.clock.now() }
}

export async function reportTime(shell: Shell, timing: Timing, posix: boolean): Promise<void> {
  const real = (shell.process.clock.now() - timing.startedMs) / 1000
  const format = shell.vars.find('TIMEFORMAT')?.scalar()
  if (posix) return shell.complain(`real ${real.toFixed(2)}\nuser 0.00\nsys 0.00`)
  if (format === undefined) return shell.complain(`\nreal\t${clock(real)}\nuser\t0m0.000s\nsys\t0m0.000s`)
  if (format === '') return
  const wrong = /%(?:[0-3]?l?[RUSP]|%)|%[0-3]?l?(.?)/g
  for (const match of format.matchAll(wrong)) if (match[1] !== undefined) return shell.error(`TIMEFORMAT: \`${match[1]}': invalid format character`)
  return shell.complain(format.replace(/%([0-3]?)(l?)([RUSP%])/g, (_, digits: string, long: string, what: string) => {
    if (what === '%') return '%'
    const seconds = what === 'R' ? real : 0
    return long ? clock(seconds) : seconds.toFixed(what === 'P' ? 2 : Number(digits || 3))
  }))
}

export function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}m${(seconds % 60).toFixed(3)}s`
}
