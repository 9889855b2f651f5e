/** helm as a program: finds the command, runs it, and words what fails. */
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { runCommand } from '#engine/programs/common/cobra/run'
import { root } from './cli/root'

export const helm: Program = {
  name: 'helm',
  unsupported: 'plugins, provenance and verification, post renderers, starters, the hub, credential plugins of kubeconfigs',
  run: runHelm,
}

async function runHelm(process: Process): Promise<number> {
  return await runCommand(process, root, { silenceUsage: true })
}
