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

export async function print({ process }: Pick<Invocation, 'process'>, text: string): Promise<number> {
  await process.stdout.write(text)
  return 0
}

export async function warning({ process }: Pick<Invocation, 'process'>, text: string): Promise<void> {
  await process.stderr.write(`WARNING: ${text}\n`)
}
