/** How many arguments a command takes, in helm's words: complaint, empty line, usage. */
import type { Command } from '#engine/programs/common/cobra/command'

type Check = NonNullable<Command['args']>

const plural = (count: number): string => (count === 1 ? 'argument' : 'arguments')

/** `use` is the command's own, so that the usage line can be told: `create NAME`. */
function refusal(use: string, path: string, complaint: string): string {
  const rest = use.includes(' ') ? use.slice(use.indexOf(' ')) : ''
  const line = `${path}${rest}`
  return `${JSON.stringify(path)} ${complaint}\n\nUsage:  ${line.includes('[flags]') ? line : `${line} [flags]`}`
}

export function noArguments(use: string): Check {
  return (args, path) => (args.length === 0 ? undefined : refusal(use, path, 'accepts no arguments'))
}

export function exactly(use: string, count: number): Check {
  return (args, path) => (args.length === count ? undefined : refusal(use, path, `requires ${count} ${plural(count)}`))
}

export function atLeast(use: string, count: number): Check {
  return (args, path) => (args.length >= count ? undefined : refusal(use, path, `requires at least ${count} ${plural(count)}`))
}

export function atMost(use: string, count: number): Check {
  return (args, path) => (args.length <= count ? undefined : refusal(use, path, `accepts at most ${count} ${plural(count)}`))
}
