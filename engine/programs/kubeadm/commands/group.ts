/** A command that only holds others: alone it prints its help and fails, a wrong word is named. */
import { noArgs, type Command, type ResolvedCommand } from '#engine/programs/common/cobra/command'
import { cobraHelp } from '#engine/programs/common/cobra/help'
import { KubeadmError } from '../session'

export function group(command: Command): Command {
  return {
    ...command,
    args: noArgs,
    async run(invocation) {
      await invocation.process.stdout.write(cobraHelp(invocation.command))
      throw new KubeadmError('subcommand is required')
    },
  }
}

/** The path of a phase below its `phase` command: `certs/apiserver`. */
export function phasePath(command: ResolvedCommand): string {
  const names: string[] = []
  for (let at: ResolvedCommand | undefined = command; at && at.name !== 'phase'; at = at.parent) names.unshift(at.name)
  return names.join('/')
}

