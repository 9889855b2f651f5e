/** What a builtin is, and what they share: options and their complaints. */
import { builtinHelp } from '#engine/shell/builtins/help.table'
import type { PreparedAssignment } from '#engine/shell/interpreter/assignment'
import { BuiltinError } from '#engine/shell/state/signals'
import type { Shell } from '#engine/shell/state/shell'

export interface BuiltinCall {
  readonly shell: Shell
  readonly name: string
  readonly args: readonly string[]
  /** Arguments of declaration builtins that are assignments, by index. */
  readonly assignments: ReadonlyMap<number, PreparedAssignment>
}

export interface Builtin {
  run(call: BuiltinCall): Promise<number> | number
}

export function usageOf(name: string): string {
  return builtinHelp[name]?.usage ?? name
}

export function usageError(name: string, message: string): BuiltinError {
  return new BuiltinError(message, 2, usageOf(name))
}

export interface ParsedOptions {
  readonly flags: ReadonlyMap<string, string | true>
  readonly rest: readonly string[]
  /** How many arguments the options took. */
  readonly taken: number
}

/** getopt as bash's builtins do it: `spec` like `ab:c`. `--help` shows the help and ends the builtin with 2. */
export function parseOptions(call: BuiltinCall, spec: string): ParsedOptions {
  const flags = new Map<string, string | true>()
  let i = 0
  for (; i < call.args.length; i++) {
    const arg = call.args[i] as string
    if (arg === '--') {
      i++
      break
    }
    if (arg === '--help') throw new HelpWanted()
    if (!arg.startsWith('-') || arg === '-') break
    for (let at = 1; at < arg.length; at++) {
      const letter = arg.charAt(at)
      const where = letter === ':' ? -1 : spec.indexOf(letter)
      if (where < 0) throw usageError(call.name, `-${letter}: invalid option`)
      if (spec[where + 1] !== ':') {
        flags.set(letter, true)
        continue
      }
      const value = at + 1 < arg.length ? arg.slice(at + 1) : call.args[++i]
      if (value === undefined) throw usageError(call.name, `-${letter}: option requires an argument`)
      flags.set(letter, value)
      break
    }
  }
  return { flags, rest: call.args.slice(i), taken: i }
}

export class HelpWanted {}

export function write(call: BuiltinCall, text: string): Promise<void> {
  return call.shell.write(1, text)
}

export function builtin(run: (call: BuiltinCall) => Promise<number> | number): Builtin {
  return { run }
}
