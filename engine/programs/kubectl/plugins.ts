/** `kubectl-NAME` executables in the PATH are commands too. */
import type { Process } from '#engine/linux/abi/process'
import { exitCodeOf } from '#engine/linux/abi/signals'
import { allFlags, type Command, findCommand, rootCommand, withoutFlags } from '../common/cobra/command'

const reserved = ['help', '__complete', '__completeNoDesc']

/** Runs the plugin the words name; undefined where a command of our own is meant or none is found. */
export async function tryPlugin(process: Process, root: Command): Promise<number | undefined> {
  const args = process.argv.slice(1)
  const least = leastWords(root, args)
  if (least === undefined) return undefined
  const end = args.findIndex((arg) => arg.startsWith('-'))
  const words = (end < 0 ? args : args.slice(0, end)).map((word) => word.replaceAll('-', '_'))
  if (words.length === 0) {
    await process.stderr.write(`Error: flags cannot be placed before plugin name: ${args[0] as string}\n`)
    return 1
  }
  for (let count = words.length; count >= least; count--) {
    const path = findExecutable(process, `kubectl-${words.slice(0, count).join('-')}`)
    if (path === undefined) continue
    return exitCodeOf(await process.spawn(path, [path, ...args.slice(count)]).wait())
  }
  return undefined
}

/** How many words a plugin's name has at the least; undefined where it is none's turn. `create` alone may be given further subcommands. */
function leastWords(root: Command, args: readonly string[]): number | undefined {
  const { command, args: rest } = findCommand(rootCommand(root), args)
  const [word] = withoutFlags(rest, allFlags(command))
  if (!command.parent) return word === undefined || reserved.includes(args.find((arg) => !arg.startsWith('-')) ?? '') ? undefined : 1
  const [next] = rest
  return command.name === 'create' && next !== undefined && !next.startsWith('-') ? args.length - rest.length + 1 : undefined
}

export function findExecutable(process: Process, name: string): string | undefined {
  for (const directory of (process.env.get('PATH') ?? '').split(':')) {
    const path = `${directory === '' ? '.' : directory}/${name}`
    const stat = process.files.exists(path)
    if (stat && stat.type !== 'directory' && process.files.access(path, { execute: true })) return path
  }
  return undefined
}
