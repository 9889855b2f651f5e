/** What every action works with. */
import type { HelmSession } from '../cluster/session'
import type { Storage } from '../release/storage'

export interface ActionContext {
  readonly session: HelmSession
  readonly storage: Storage
  /** To standard error, as they come. */
  readonly warn: (text: string) => Promise<void>
  /** Fails once the user gives up. */
  readonly cancelled?: Promise<never>
}

/** Until it is done or the user gives up. */
export async function cancellable({ cancelled }: ActionContext, work: Promise<void>): Promise<void> {
  work.catch(() => undefined)
  await (cancelled ? Promise.race([work, cancelled]) : work)
}

export type DryRun = 'none' | 'client' | 'server'

const dryRuns: Readonly<Record<string, DryRun>> = { '': 'none', false: 'none', none: 'none', true: 'client', client: 'client', server: 'server' }

export function dryRunOf(text: string): DryRun {
  const found = dryRuns[text]
  if (found === undefined) throw new Error('Invalid dry-run flag. Flag must one of the following: false, true, none, client, server')
  return found
}

/** The same error with words before it; the end of the process is let through. */
export function told(words: string, error: unknown): Error {
  return (error as Error).name === 'ProcessKilled' ? (error as Error) : new Error(`${words}: ${(error as Error).message}`)
}

/** Runs; what fails is told with words before it. */
export async function telling<T>(words: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw told(words, error)
  }
}
