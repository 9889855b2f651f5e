/** bash's own arguments. */
import { Options } from '#engine/shell/state/options'

export interface Invocation {
  readonly name: string
  readonly operands: readonly string[]
  readonly command: string | undefined
  readonly interactive: boolean
  readonly login: boolean
  /** `-s`. */
  readonly readInput: boolean
  readonly posixShell: boolean
  readonly set: readonly (readonly [string, boolean])[]
  readonly shopt: readonly (readonly [string, boolean])[]
  readonly profile: boolean
  readonly rc: boolean
  readonly rcFile: string | undefined
}

export interface InvocationEnd {
  readonly message: string
  readonly status: number
}

const versionText = `GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)
Copyright (C) 2022 Free Software Foundation, Inc.
License GPLv3+: GNU GPL version 3 or later <http://gnu.org/licenses/gpl.html>

This is free software; you are free to change and redistribute it.
There is NO WARRANTY, to the extent permitted by law.
`

type Draft = { -readonly [K in keyof Invocation]: Invocation[K] } & { set: (readonly [string, boolean])[]; shopt: (readonly [string, boolean])[] }

export function parseInvocation(argv: readonly string[], posixShell: boolean): Invocation | InvocationEnd {
  const called = argv[0] ?? 'bash'
  const draft: Draft = { name: called, operands: [], command: undefined, interactive: false, login: called.startsWith('-'), readInput: false, posixShell, set: [], shopt: [], profile: true, rc: true, rcFile: undefined }
  const options = parseOptions(draft, argv)
  if ('message' in options) return options
  const operands = argv.slice(options.end)
  if (!options.wantsCommand) return { ...draft, operands }
  if (operands[0] === undefined) return { message: `${draft.name}: -c: option requires an argument\n`, status: 2 }
  return { ...draft, command: operands[0], operands: operands.slice(1) }
}

function parseOptions(draft: Draft, argv: readonly string[]): { end: number; wantsCommand: boolean } | InvocationEnd {
  let wantsCommand = false
  let i = 1
  for (; i < argv.length; i++) {
    const arg = argv[i] as string
    if (arg === '--' || arg === '-') return { end: i + 1, wantsCommand }
    if (!/^[-+]./.test(arg)) break
    const last = arg.startsWith('--') ? longOption(draft, arg, argv, i) : letters(draft, arg, argv, i)
    if (typeof last === 'object') return last
    if (/^-[^-o]*c/.test(arg)) wantsCommand = true
    i = last
  }
  return { end: i, wantsCommand }
}

const longOptions = ['debug', 'debugger', 'dump-po-strings', 'dump-strings', 'help', 'init-file', 'login', 'noediting', 'noprofile', 'norc', 'posix', 'pretty-print', 'rcfile', 'restricted', 'verbose', 'version']

function usageText(name: string): string {
  return `Usage:\t${name} [GNU long option] [option] ...\n\t${name} [GNU long option] [option] script-file ...\nGNU long options:\n${longOptions.map((option) => `\t--${option}\n`).join('')}Shell options:\n\t-ilrsD or -c command or -O shopt_option\t\t(invocation only)\n\t-abefhkmnptuvxBCEHPT or -o option\n`
}

const moreHelp = `Type \`bash -c "help set"' for more information about shell options.
Type \`bash -c help' for more information about shell builtin commands.
Use the \`bashbug' command to report bugs.

bash home page: <http://www.gnu.org/software/bash>
General help using GNU software: <http://www.gnu.org/gethelp/>
`

const switches: Readonly<Record<string, (draft: Draft) => void>> = {
  '--login': (draft) => { draft.login = true },
  '--noprofile': (draft) => { draft.profile = false },
  '--norc': (draft) => { draft.rc = false },
  '--posix': (draft) => void draft.set.push(['posix', true]),
  '--verbose': (draft) => void draft.set.push(['verbose', true]),
  '--noediting': () => undefined,
  '--restricted': () => undefined,
  '--debugger': () => undefined,
}

/** The index of the last argument used. */
function longOption(draft: Draft, arg: string, argv: readonly string[], at: number): number | InvocationEnd {
  if (arg === '--version') return { message: versionText, status: 0 }
  if (arg === '--help') return { message: `GNU bash, version 5.2.15(1)-release-(x86_64-pc-linux-gnu)\n${usageText(draft.name)}${moreHelp}`, status: 0 }
  if (arg === '--rcfile' || arg === '--init-file') {
    draft.rcFile = argv[at + 1]
    return at + 1
  }
  const change = Object.hasOwn(switches, arg) ? switches[arg] : undefined
  if (!change) return { message: `${draft.name}: ${arg}: invalid option\n${usageText(draft.name)}`, status: 2 }
  change(draft)
  return at
}

const letterSwitches: Readonly<Record<string, (draft: Draft) => void>> = {
  c: () => undefined,
  i: (draft) => { draft.interactive = true },
  l: (draft) => { draft.login = true },
  s: (draft) => { draft.readInput = true },
  r: () => undefined,
  D: () => undefined,
}

/** The index of the last argument used. */
function letters(draft: Draft, arg: string, argv: readonly string[], at: number): number | InvocationEnd {
  const on = arg.startsWith('-')
  const names = new Options()
  let index = at
  for (const letter of arg.slice(1)) {
    const change = letterSwitches[letter]
    const name = letter === 'o' || letter === 'O' ? undefined : names.nameOf(letter)
    if (change) change(draft)
    else if (letter === 'o' || letter === 'O') {
      const end = namedOption(draft, letter, argv[++index], on, names)
      if (end) return end
    } else if (name === undefined) return { message: `${draft.name}: ${arg.charAt(0)}${letter}: invalid option\n${usageText(draft.name)}`, status: 2 }
    else draft.set.push([name, on])
  }
  return index
}

/** `-o NAME` of `set`, `-O NAME` of `shopt`. */
function namedOption(draft: Draft, letter: 'o' | 'O', name: string | undefined, on: boolean, names: Options): InvocationEnd | undefined {
  if (name === undefined) return { message: `${draft.name}: -${letter}: option requires an argument\n`, status: 2 }
  const known = letter === 'o' ? names.has(name) : names.shopt.has(name)
  if (!known) return { message: `${draft.name}: line 0: ${draft.name}: ${name}: invalid ${letter === 'O' ? 'shell ' : ''}option name\n`, status: 2 }
  ;(letter === 'o' ? draft.set : draft.shopt).push([name, on])
  return undefined
}
