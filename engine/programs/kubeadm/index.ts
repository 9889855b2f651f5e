/** kubeadm's command tree. */
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { string } from '#engine/programs/common/cobra/flags'
import type { Command } from '#engine/programs/common/cobra/command'
import { runCommand } from '#engine/programs/common/cobra/run'
import { certsCommand } from './certs'
import { initCommand } from './commands/init'
import { joinCommand, resetCommand } from './commands/join'
import { kubeconfigCommand } from './commands/kubeconfig'
import { configCommand, versionCommand } from './config'
import { goMessage } from './session'
import { tokenCommand } from './token'
import { upgradeCommand } from './upgrade'

const root: Command = {
  use: 'kubeadm',
  short: 'kubeadm: easily bootstrap a secure Kubernetes cluster',
  persistentFlags: [string('rootfs', 'The path to the real host root filesystem.'), string('v,v', 'number for the log level verbosity', { typeName: 'Level' }), string('vmodule', 'comma-separated list of pattern=N settings for file-filtered logging', { hidden: true })],
  commands: [initCommand, joinCommand, resetCommand, tokenCommand, certsCommand, configCommand, kubeconfigCommand, upgradeCommand, versionCommand],
}

export const kubeadm: Program = {
  name: 'kubeadm',
  unsupported: 'external etcd, feature gates, discovery by URL, dry runs of init, join and upgrade, configuration files and skipped phases of upgrade',
  run: (process) => runCommand(process, root, { onUsageError: fail, onError: fail }),
}

export const kubeadmPrograms: readonly Program[] = [kubeadm]

/** kubeadm ends every failure the same way, whatever it was. */
async function fail(error: Error, process: Process): Promise<number> {
  await process.stderr.write(`error: ${goMessage(error)}\nTo see the stack trace of this error execute with --v=5 or higher\n`)
  return 1
}
