import { bashCompletionScript } from '#engine/programs/common/cobra/bash'
import { fishCompletionScript, powershellCompletionScript, zshCompletionScript } from '#engine/programs/common/cobra/shells'
import { verb } from '../verb'

const license = '\n# Copyright 2016 The Kubernetes Authors.\n#\n# Licensed under the Apache License, Version 2.0 (the "License");\n# you may not use this file except in compliance with the License.\n# You may obtain a copy of the License at\n#\n#     http://www.apache.org/licenses/LICENSE-2.0\n#\n# Unless required by applicable law or agreed to in writing, software\n# distributed under the License is distributed on an "AS IS" BASIS,\n# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.\n# See the License for the specific language governing permissions and\n# limitations under the License.\n'

const scripts: Readonly<Record<string, (program: string) => string>> = { powershell: powershellCompletionScript, bash: bashCompletionScript, zsh: zshCompletionScript, fish: fishCompletionScript }

/** zsh reads only the first line for what a file completes. */
const zshHead = '#compdef kubectl\ncompdef _kubectl kubectl\n'

export const completion = verb({
  use: 'completion SHELL',
  short: 'Output shell completion code for the specified shell (bash, zsh, fish, or powershell)',
  long: 'Output shell completion code for the specified shell (bash, zsh, fish, or powershell). The shell must evaluate it, which a line in .bashrc or .bash_profile can do, to complete kubectl commands interactively.',
  example: '# Load the kubectl completion code for bash into the current shell\nsource <(kubectl completion bash)\n\n# Write bash completion code to a file and source it from .bash_profile\nkubectl completion bash > ~/.kube/completion.bash.inc',
  group: 'Settings Commands:',
  validArgs: Object.keys(scripts),
  run: async (session) => {
    const [shell] = session.args
    if (shell === undefined) throw session.usage('Shell not specified.')
    if (session.args.length > 1) throw session.usage('Too many arguments. Expected only the shell type.')
    const script = scripts[shell]?.('kubectl')
    if (script === undefined) throw session.usage(`Unsupported shell type ${JSON.stringify(shell)}.`)
    await session.out(shell === 'zsh' ? zshHead + license + script : license + script)
  },
})
