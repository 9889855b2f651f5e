/** The trainer for terminal clients: commands and shells go to the attempt that is open, calls are the command line's. */
import type { SessionHost } from './session-server'
import type { Trainer } from './trainer'

export function trainerSessions(trainer: Trainer): SessionHost {
  const calls: Readonly<Record<string, (params: Readonly<Record<string, unknown>>) => unknown>> = {
    check: () => trainer.check(),
    reset: () => trainer.reset(),
    hint: () => trainer.hint(),
    solution: () => trainer.solution(),
    current: () => trainer.resume(),
    start: ({ labId }) => trainer.start(String(labId)),
    leave: () => trainer.leave(),
  }
  return {
    get cluster() {
      const attempt = trainer.current
      if (!attempt) throw new Error('no lab is open')
      return attempt.cluster
    },
    enter: () => {
      trainer.current?.driver.enter()
      trainer.current?.touch()
    },
    call: async (method, params) => {
      const run = calls[method]
      if (!run) throw new Error(`unknown call: ${method}`)
      return await run((params ?? {}) as Readonly<Record<string, unknown>>)
    },
  }
}
