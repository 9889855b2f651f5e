import { expect, it } from 'vitest'
import { children, type ResolvedCommand, rootCommand } from '../common/cobra/command'
import type { Flag } from '../common/cobra/flags'
import { commandsTable } from './commands.table'
import { defaultText, usageLine } from './help'
import { globalFlags, root } from './root'

interface Expected {
  readonly path: string
  readonly usage: string
  readonly flags: readonly string[]
}

function expectedCommands(): Expected[] {
  return commandsTable.trim().split(/^## /m).filter((part) => part !== '').map((part) => {
    const [path = '', usage = '', ...flags] = part.trim().split('\n')
    return { path, usage: usage.replace(/^usage: /, ''), flags: flags.map((line) => line.trim()) }
  })
}

function find(path: string): ResolvedCommand | undefined {
  let at: ResolvedCommand | undefined = rootCommand(root)
  for (const word of path.split(' ').slice(1)) at = at && children(at).find((child) => child.name === word)
  return at
}

/** As help prints a flag, without its text. */
const flagLine = (flag: Flag): string => `${flag.shorthand ? `-${flag.shorthand}, ` : ''}--${flag.name}=${defaultText(flag)}`

function linesOf(flags: readonly Flag[]): string[] {
  return flags.filter((flag) => !flag.hidden).map(flagLine).sort()
}

const everywhere = 'kubectl (every command)'

it.each(expectedCommands().filter(({ path }) => path !== everywhere))('$path has the usage line, the flags and the defaults of the real command', ({ path, usage, flags }) => {
  const command = find(path)
  expect(command, path).toBeDefined()
  if (!command) return
  if (command.spec.run) expect(usageLine(command)).toBe(usage)
  expect(linesOf(command.spec.flags ?? [])).toEqual([...flags].sort())
})

it('every command takes the flags of the real client with their defaults', () => {
  const expected = expectedCommands().find(({ path }) => path === everywhere)
  expect(linesOf(globalFlags)).toEqual([expected?.usage, ...(expected?.flags ?? [])].map((line) => line?.trim()).sort())
})
