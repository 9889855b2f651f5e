/** Executables named kubectl-NAME on the PATH as commands: for help and for completion. */
import type { Process } from '#engine/linux/abi/process'
import type { Command, Completion, Invocation } from '#engine/programs/common/cobra/command'
import { isErrno } from '#engine/linux/abi/errno'
import { findExecutable } from '#engine/programs/kubectl/plugins'
import { capture } from '#engine/programs/kubectl/session/capture'

/** Those whose first word is no command of our own. */
export function pluginCommands(process: Process, taken: ReadonlySet<string>): Command[] {
  const names = [...new Set(executables(process))].map((name) => name.split('-').slice(1).map((word) => word.replaceAll('_', '-'))).filter(([first]) => first !== undefined && !taken.has(first))
  return commandsOf(names, [])
}

function executables(process: Process): string[] {
  return (process.env.get('PATH') ?? '').split(':').filter((directory) => directory !== '').flatMap((directory) => {
    try {
      const names = process.files.readDirectory(directory).filter((entry) => entry.type !== 'directory' && entry.name.startsWith('kubectl-')).map((entry) => entry.name)
      return names.filter((name) => process.files.access(`${directory}/${name}`, { execute: true }))
    } catch (error) {
      if (isErrno(error)) return []
      throw error
    }
  })
}

function commandsOf(names: readonly (readonly string[])[], path: readonly string[]): Command[] {
  const firsts = [...new Set(names.map(([first]) => first as string))]
  return firsts.map((first) => {
    const at = [...path, first]
    return {
      use: first, short: `The command ${first} is a plugin installed by the user`, group: 'Subcommands provided by plugins:', rawArguments: true,
      commands: commandsOf(names.filter((name) => name[0] === first && name.length > 1).map((name) => name.slice(1)), at),
      run: () => Promise.resolve(0),
      complete: (invocation: Invocation, toComplete: string) => askPlugin(invocation, at, toComplete),
    }
  })
}

/** `kubectl_complete-NAME` speaks the protocol of `__complete` itself. */
async function askPlugin({ process, args }: Invocation, path: readonly string[], toComplete: string): Promise<Completion> {
  const program = findExecutable(process, `kubectl_complete-${path.map((word) => word.replaceAll('-', '_')).join('-')}`)
  if (program === undefined) return { candidates: [], files: true }
  return parse((await capture(process, program, [program, ...args, toComplete])).text)
}

function parse(text: string): Completion {
  const lines = text.split('\n').filter((line) => line !== '')
  const last = lines.at(-1) ?? ''
  const directive = /^:\d+$/.test(last) ? Number(last.slice(1)) : 0
  return { candidates: directive === 0 && !last.startsWith(':') ? lines : lines.slice(0, -1), files: (directive & 4) === 0, noSpace: (directive & 2) !== 0 }
}
