/** What commands that work with releases begin with. */
import type { Invocation } from '#engine/programs/common/cobra/command'
import type { ActionContext } from '../actions/context'
import { HelmSession } from '../cluster/session'
import { Storage } from '../release/storage'

/** `allNamespaces`: releases of all of them. */
export function contextOf(invocation: Invocation, allNamespaces = false): ActionContext {
  const session = new HelmSession(invocation)
  return { session, storage: new Storage(session, allNamespaces ? '' : session.namespace), warn: (text) => invocation.process.stderr.write(text) }
}

/** The same, and given up at SIGINT or SIGTERM. */
export function cancellableContext(invocation: Invocation, name: string): ActionContext {
  const { process } = invocation
  const cancelled = new Promise<never>((_, reject) => {
    let given = false
    const giveUp = (): void => {
      if (given) return
      given = true
      process.background(async () => {
        await process.stdout.write(`Release ${name} has been cancelled.\n`)
        reject(new Error('context canceled'))
      })
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.handle(signal, giveUp)
  })
  cancelled.catch(() => undefined)
  return { ...contextOf(invocation), cancelled }
}

export async function print({ process }: Pick<Invocation, 'process'>, text: string): Promise<number> {
  await process.stdout.write(text)
  return 0
}

export async function warning({ process }: Pick<Invocation, 'process'>, text: string): Promise<void> {
  await process.stderr.write(`WARNING: ${text}\n`)
}
