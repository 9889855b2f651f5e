/** The tree of helm's commands. */
import type { Command } from '#engine/programs/common/cobra/command'
import { localCommands } from '#engine/programs/helm/local/index'
import { completionCommand, envCommand, pluginCommand, versionCommand } from './about'
import { getCommand, statusCommand } from './get'
import { globalFlags } from './globals'
import { installCommand } from './install'
import { historyCommand, listCommand } from './list'
import { pullCommand } from './pull'
import { pushCommand, registryCommand } from './registry'
import { repoCommand } from './repo'
import { rollbackCommand, uninstallCommand } from './revert'
import { searchCommand } from './search'
import { testCommand } from './test'
import { upgradeCommand } from './upgrade'

const long = `The Kubernetes package manager.

A chart is a directory or archive of templates and values. Installed, it becomes a release, which has revisions: each upgrade makes a new one, and
a rollback makes an earlier one the newest. Releases are kept in Secrets of their namespace.

Common ways to begin:

- helm search repo:  search the repositories that were added
- helm pull:         fetch a chart to look at it
- helm install:      put a chart into the cluster
- helm list:         see which releases there are

Variables: HELM_NAMESPACE, HELM_KUBECONTEXT, HELM_DRIVER (secret, configmap), HELM_MAX_HISTORY, HELM_DEBUG, HELM_CACHE_HOME,
HELM_CONFIG_HOME, HELM_DATA_HOME, HELM_REPOSITORY_CACHE, HELM_REPOSITORY_CONFIG, KUBECONFIG; \`helm env\` shows them.`

export const root: Command = {
  use: 'helm', short: 'The Helm package manager for Kubernetes.', long, persistentFlags: globalFlags,
  commands: [
    ...localCommands, completionCommand, envCommand, getCommand, historyCommand, installCommand, listCommand, pluginCommand, pullCommand, pushCommand, registryCommand, repoCommand, rollbackCommand, searchCommand, statusCommand, testCommand, uninstallCommand,
    upgradeCommand, versionCommand,
  ],
}
