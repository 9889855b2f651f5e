/** How a verb is declared: a cobra command whose run gets a session. */
import type { Command, Completer, Completion, Invocation } from '#engine/programs/common/cobra/command'
import { kubectlHelp } from '../help'
import { CliError, ExitError } from '../session/errors'
import { Session } from '../session/session'

type SessionCompleter = (session: Session, toComplete: string) => Promise<Completion> | Completion

export interface VerbSpec extends Omit<Command, 'run' | 'complete' | 'completeFlags'> {
  readonly run: (session: Session) => Promise<number | undefined | void>
  readonly complete?: SessionCompleter
  readonly completeFlags?: Readonly<Record<string, SessionCompleter>>
}

export function verb(spec: VerbSpec): Command {
  const { run, complete, completeFlags, ...rest } = spec
  return {
    noFlagsInUsage: true,
    ...rest,
    run: (invocation: Invocation) => runVerb(run, new Session(invocation)),
    ...(complete ? { complete: withSession(complete) } : {}),
    ...(completeFlags ? { completeFlags: Object.fromEntries(Object.entries(completeFlags).map(([flag, completer]) => [flag, withSession(completer)])) } : {}),
  }
}

function withSession(completer: SessionCompleter): Completer {
  return (invocation, toComplete) => completer(new Session(invocation), toComplete)
}

/** Nothing is measured here, and that is said. */
function refuseProfile(name: string): void {
  if (name === 'none' || name === '') return
  if (!['cpu', 'heap', 'goroutine', 'threadcreate', 'block', 'mutex', 'trace'].includes(name)) throw new CliError(`unknown profile '${name}'`)
  throw new CliError(`--profile=${name} is not supported here`)
}

async function runVerb(run: VerbSpec['run'], session: Session): Promise<number> {
  const { flags } = session
  if (flags.has('profile') && session.invocation.command.name !== 'debug') refuseProfile(flags.string('profile'))
  if (flags.has('match-server-version') && flags.bool('match-server-version')) await session.requireSameVersion()
  const code = (await run(session)) ?? 0
  const { warnings } = session
  if (warnings > 0 && flags.has('warnings-as-errors') && flags.bool('warnings-as-errors')) throw new CliError(`${warnings} warning${warnings === 1 ? '' : 's'} received`)
  return code
}

/** A command that only holds others: alone it shows its help, on standard error where that is a failure. */
export function group(spec: Omit<VerbSpec, 'run'>, stream: 'err' | 'out' = 'err'): Command {
  return verb({
    ...spec,
    run: async (session) => {
      if (session.args.length > 0 && stream === 'err') throw session.usage(`unknown command ${JSON.stringify(session.args.join(' '))}`)
      const text = kubectlHelp(session.invocation.command)
      if (stream === 'out') return await session.out(text)
      await session.err(text)
      throw new ExitError(1)
    },
  })
}
