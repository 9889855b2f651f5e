/** options, completion, plugin, alpha. */
import { bashCompletionScript } from '#engine/programs/common/cobra/bash'
import { type Command, findCommand, rootCommand } from '#engine/programs/common/cobra/command'
import { bool } from '#engine/programs/common/cobra/flags'
import { isErrno } from '#engine/linux/abi/errno'
import { flagUsages } from '#engine/programs/kubectl/help'
import { PlainError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { group, verb } from '../verb'

export const options = verb({
  use: 'options',
  short: 'Print the list of flags inherited by all commands',
  long: 'Print the list of flags inherited by all commands',
  example: '# Print flags inherited by all commands\nkubectl options',
  run: async (session) => {
    let top = session.invocation.command
    while (top.parent) top = top.parent
    await session.out(`The following options can be passed to any command:\n\n${flagUsages(top.spec.persistentFlags ?? [])}`)
  },
})

const license = '\n# Copyright 2016 The Kubernetes Authors.\n#\n# Licensed under the Apache License, Version 2.0 (the "License");\n# you may not use this file except in compliance with the License.\n# You may obtain a copy of the License at\n#\n#     http://www.apache.org/licenses/LICENSE-2.0\n#\n# Unless required by applicable law or agreed to in writing, software\n# distributed under the License is distributed on an "AS IS" BASIS,\n# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.\n# See the License for the specific language governing permissions and\n# limitations under the License.\n'

export const completion = verb({
  use: 'completion SHELL',
  short: 'Output shell completion code for the specified shell (bash, zsh, fish, or powershell)',
  long: 'Output shell completion code for the specified shell (bash, zsh, fish, or powershell). The shell must evaluate it, which a line in .bashrc or .bash_profile can do, to complete kubectl commands interactively.',
  example: '# Load the kubectl completion code for bash into the current shell\nsource <(kubectl completion bash)\n\n# Write bash completion code to a file and source it from .bash_profile\nkubectl completion bash > ~/.kube/completion.bash.inc',
  group: 'Settings Commands:',
  complete: (session) => ({ candidates: session.args.length > 0 ? [] : ['bash', 'fish', 'powershell', 'zsh'] }),
  run: async (session) => {
    const [shell] = session.args
    if (shell === undefined) throw session.usage('Shell not specified.')
    if (session.args.length > 1) throw session.usage('Too many arguments. Expected only the shell type.')
    if (shell !== 'bash') throw session.usage(`Unsupported shell type ${JSON.stringify(shell)}.`)
    await session.out(license + bashCompletionScript('kubectl'))
  },
})

const pluginList = verb({
  use: 'list',
  noFlagsInUsage: false,
  short: "List all visible plugin executables on a user's PATH",
  long: "List all available plugin files on a user's PATH. Plugin files are executable, lie anywhere on the user's PATH, and begin with \"kubectl-\".",
  example: '# List all available plugins\nkubectl plugin list\n\n# List only binary names of available plugins without paths\nkubectl plugin list --name-only',
  flags: [bool('name-only', 'If true, display only the binary name of each plugin, rather than its full path')],
  run: listPlugins,
})

async function listPlugins(session: Session): Promise<void> {
  const plugins = await findPlugins(session)
  if (plugins.length === 0) throw new PlainError('error: unable to find any kubectl plugins in your PATH\n')
  await session.out('The following compatible plugins are available:\n\n')
  const seen = new Map<string, string>()
  let warnings = 0
  for (const path of plugins) {
    await session.out(`${session.flags.bool('name-only') ? baseName(path) : path}\n`)
    for (const warning of warningsOf(session, path, seen)) {
      await session.err(`  - ${warning}\n`)
      warnings++
    }
  }
  if (warnings > 0) throw new PlainError(warnings === 1 ? 'error: one plugin warning was found\n' : `error: ${warnings} plugin warnings were found\n`)
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

async function findPlugins(session: Session): Promise<string[]> {
  const found: string[] = []
  for (const directory of new Set((session.process.env.get('PATH') ?? '').split(':'))) {
    if (directory.trim() === '') continue
    try {
      for (const entry of session.process.files.readDirectory(directory)) if (entry.type !== 'directory' && entry.name.startsWith('kubectl-')) found.push(`${directory.replace(/\/$/, '')}/${entry.name}`)
    } catch (error) {
      if (!isErrno(error)) throw error
      await session.err(`Unable to read directory ${JSON.stringify(directory)} from your PATH: open ${directory}: ${error.message.toLowerCase()}. Skipping...\n`)
    }
  }
  return found
}

function warningsOf(session: Session, path: string, seen: Map<string, string>): string[] {
  const name = baseName(path)
  const out: string[] = []
  if (!session.process.files.access(path, { execute: true })) out.push(`warning: ${path} identified as a kubectl plugin, but it is not executable`)
  const before = seen.get(name)
  if (before !== undefined) out.push(`warning: ${path} is overshadowed by a similarly named plugin: ${before}`)
  else seen.set(name, path)
  let top = session.invocation.command
  while (top.parent) top = top.parent
  const words = name.split('-').slice(1)
  const { command } = findCommand(rootCommand(top.spec), words)
  if (command.parent) out.push(`warning: ${name} overwrites existing command: ${JSON.stringify(command.path)}`)
  return out
}

export const plugin = group({
  use: 'plugin [flags]',
  short: 'Provides utilities for interacting with plugins',
  long: 'Provides utilities for interacting with plugins.\n\n Plugins add commands that are no part of the distribution: executables named kubectl-NAME on the PATH.',
  example: '# List all available plugins\nkubectl plugin list\n\n# List only binary names of available plugins without paths\nkubectl plugin list --name-only',
  commands: [pluginList],
})

const kuberc = verb({
  use: 'kuberc SUBCOMMAND',
  short: 'Manage kuberc configuration files',
  long: 'Manage kuberc configuration files. Not supported here.',
  run: () => Promise.reject(new PlainError('error: kuberc is not supported here')),
})

export const alpha: Command = {
  use: 'alpha',
  short: 'Commands for features in alpha',
  long: 'These commands correspond to alpha features that are not enabled in Kubernetes clusters by default.',
  commands: [kuberc],
}
