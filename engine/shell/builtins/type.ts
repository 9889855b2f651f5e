/** What a command name is. */
import { searchPath } from '#engine/shell/interpreter/lookup'
import { builtinHelp } from '#engine/shell/builtins/help.table'
import type { Shell } from '#engine/shell/state/shell'

export const keywords = ['if', 'then', 'else', 'elif', 'fi', 'case', 'esac', 'for', 'select', 'while', 'until', 'do', 'done', 'in', 'function', 'time', '{', '}', '!', '[[', ']]', 'coproc']

export interface DescribeOptions {
  readonly all: boolean
  /** Words as `type -t`. */
  readonly kind?: boolean
  readonly skipFunctions?: boolean
}

/** Lines of `type`, or kinds; none where nothing is known. */
export function describeCommand(shell: Shell, name: string, options: DescribeOptions): string[] {
  const out: string[] = []
  const add = (kind: string, line: string): void => {
    out.push(options.kind ? kind : line)
  }
  const alias = shell.aliases.get(name)
  if (alias !== undefined && shell.options.shopt.get('expand_aliases')) add('alias', `${name} is aliased to \`${alias}'`)
  if (keywords.includes(name)) add('keyword', `${name} is a shell keyword`)
  const definition = options.skipFunctions ? undefined : shell.functions.get(name)
  if (definition) add('function', `${name} is a function\n${definition.text}`)
  if (isBuiltin(shell, name)) add('builtin', `${name} is a shell builtin`)
  if (out.length > 0 && !options.all) return out.slice(0, 1)
  for (const path of files(shell, name, options.all)) add('file', path.hashed ? `${name} is hashed (${path.path})` : `${name} is ${path.path}`)
  return options.all ? out : out.slice(0, 1)
}

export function isBuiltin(shell: Shell, name: string): boolean {
  return Object.hasOwn(builtinHelp, name) && !shell.disabledBuiltins.has(name)
}

function files(shell: Shell, name: string, all: boolean): { path: string; hashed: boolean }[] {
  if (name.includes('/')) return shell.files.exists(name)?.type === 'file' && shell.files.access(name, { execute: true }) ? [{ path: name, hashed: false }] : []
  const known = shell.hashed.get(name)
  if (known && !all) return [{ path: known.path, hashed: true }]
  return searchPath(shell, name).map((path) => ({ path, hashed: false }))
}
