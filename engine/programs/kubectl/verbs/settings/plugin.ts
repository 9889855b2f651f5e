import { findCommand, rootCommand } from '#engine/programs/common/cobra/command'
import { bool } from '#engine/programs/common/cobra/flags'
import { isErrno } from '#engine/linux/abi/errno'
import { PlainError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { group, verb } from '../verb'

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
