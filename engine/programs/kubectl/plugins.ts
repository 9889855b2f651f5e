/** `kubectl-NAME` executables in the PATH are commands too. */
import type { Process } from '#engine/linux/abi/process'
import { exitCodeOf } from '#engine/linux/abi/signals'
import { type Command, commandName } from '../common/cobra/command'

/** Runs the plugin the words name; undefined where a command of our own is meant or none is found. */
export async function tryPlugin(process: Process, root: Command): Promise<number | undefined> {
  const words: string[] = []
  for (const arg of process.argv.slice(1)) {
    if (arg.startsWith('-')) break
    words.push(arg.replaceAll('-', '_'))
  }
  const first = process.argv[1]
  if (words.length === 0 || first === undefined || first.startsWith('__complete') || first === 'help') return undefined
  if (root.commands?.some((command) => commandName(command) === first || command.aliases?.includes(first))) return undefined
  for (let count = words.length; count > 0; count--) {
    const path = findExecutable(process, `kubectl-${words.slice(0, count).join('-')}`)
    if (path === undefined) continue
    return exitCodeOf(await process.spawn(path, [path, ...process.argv.slice(1 + count)]).wait())
  }
  return undefined
}

export function findExecutable(process: Process, name: string): string | undefined {
  for (const directory of (process.env.get('PATH') ?? '').split(':')) {
    const path = `${directory === '' ? '.' : directory}/${name}`
    const stat = process.files.exists(path)
    if (stat && stat.type !== 'directory' && process.files.access(path, { execute: true })) return path
  }
  return undefined
}
