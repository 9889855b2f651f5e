/** How a verb is declared: a cobra command whose run gets a session. */
import type { Command, Completion, Invocation } from '#engine/programs/common/cobra/command'
import { kubectlHelp } from '../help'
import { ExitError } from '../session/errors'
import { Session } from '../session/session'
import { completeResources } from './completion/resources'

export interface VerbSpec extends Omit<Command, 'run' | 'complete'> {
  readonly run: (session: Session) => Promise<number | undefined | void>
  readonly complete?: (session: Session, toComplete: string) => Promise<Completion> | Completion
  /** Arguments are resource types and names. */
  readonly completesResources?: boolean | string
}

export function verb(spec: VerbSpec): Command {
  const { run, complete, completesResources, ...rest } = spec
  const completer = complete ?? (completesResources ? (session: Session, toComplete: string) => completeResources(session, toComplete, typeof completesResources === 'string' ? completesResources : undefined) : undefined)
  return {
    noFlagsInUsage: true,
    ...rest,
    run: async (invocation: Invocation) => (await run(new Session(invocation))) ?? 0,
    ...(completer ? { complete: (invocation: Invocation, toComplete: string) => completer(new Session(invocation), toComplete) } : { complete: () => ({ candidates: [] }) }),
  }
}

/** A command that only holds others: alone it shows its help and fails. */
export function group(spec: Omit<VerbSpec, 'run'>, stream: 'err' | 'out' = 'err'): Command {
  return verb({
    ...spec,
    run: async (session) => {
      if (session.args.length > 0) throw session.usage(`unknown command ${JSON.stringify(session.args.join(' '))}`)
      await (stream === 'err' ? session.err(kubectlHelp(session.invocation.command)) : session.out(kubectlHelp(session.invocation.command)))
      throw new ExitError(1)
    },
  })
}
