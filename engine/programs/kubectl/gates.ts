/** Features that the environment turns on: alpha flags are there only then. */
import type { Process } from '#engine/linux/abi/process'
import { type Command, commandName } from '../common/cobra/command'
import { root } from './root'
import { applySetFlags } from './verbs/apply/apply'

export function isEnabled(process: Process, variable: string): boolean {
  return process.env.get(variable)?.toLowerCase() === 'true'
}

/** The commands as this environment has them. */
export function gatedRoot(process: Process): Command {
  const out = process.env.get('KUBECTL_KUBERC')?.toLowerCase() === 'false' ? { ...root, persistentFlags: (root.persistentFlags ?? []).filter(({ name }) => name !== 'kuberc') } : root
  if (!isEnabled(process, 'KUBECTL_APPLYSET')) return out
  const commands = (root.commands ?? []).map((command) => (commandName(command) === 'apply' ? { ...command, flags: [...(command.flags ?? []), ...applySetFlags] } : command))
  return { ...out, commands }
}
