/** `kubectl help [COMMAND]`. */
import { children, type Completion, findCommand, isAvailable, type ResolvedCommand } from '#engine/programs/common/cobra/command'
import { kubectlHelp, kubectlUsage } from '#engine/programs/kubectl/help'
import type { Session } from '#engine/programs/kubectl/session/session'
import { verb } from '../verb'

export const help = verb({
  use: 'help [command]',
  noFlagsInUsage: false,
  short: 'Help about any command',
  long: 'Help provides help for any command in the application.\nSimply type kubectl help [path to command] for full details.',
  complete: completeHelp,
  run: runHelp,
})

async function runHelp(session: Session): Promise<void> {
  const top = topOf(session)
  const { command } = findCommand(top, session.args)
  if (command.parent || session.args.length === 0) return await session.out(kubectlHelp(command))
  await session.err(`Unknown help topic [${session.args.map((arg) => `\`${arg}\``).join(' ')}]\n${kubectlUsage(top)}`)
}

function completeHelp(session: Session, toComplete: string): Completion {
  const { command } = findCommand(topOf(session), session.args)
  const below = children(command).filter((child) => isAvailable(child) && child.name.startsWith(toComplete))
  return { candidates: below.map(({ name, spec }) => `${name}\t${spec.short}`).sort() }
}

function topOf(session: Session): ResolvedCommand {
  let top = session.invocation.command
  while (top.parent) top = top.parent
  return top
}
