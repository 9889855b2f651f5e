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
  const draft: Draft = { name: called.replace(/^-/, ''), operands: [], command: undefined, interactive: false, login: called.startsWith('-'), readInput: false, posixShell, set: [], shopt: [], profile: true, rc: true, rcFile: undefined }
  let wantsCommand = false
  let i = 1
  for (; i < argv.length; i++) {
    const arg = argv[i] as string
    if (arg === '--' || arg === '-') {
      i++
      break
    }
    if (arg.startsWith('--')) {
      const taken = longOption(draft, arg, argv[i + 1])
      if (typeof taken !== 'number') return taken
      i += taken
      continue
    }
    if (!/^[-+]./.test(arg)) break
    const outcome = letters(draft, arg, argv, i)
    if (typeof outcome === 'object') return outcome
    if (arg.startsWith('-') && arg.includes('c') && !/o/.test(arg.slice(0, arg.indexOf('c')))) wantsCommand = true
    i = outcome
  }
  const operands = argv.slice(i)
  if (!wantsCommand) return { ...draft, operands }
  if (operands[0] === undefined) return { message: `${draft.name}: -c: option requires an argument\n`, status: 2 }
  return { ...draft, command: operands[0], operands: operands.slice(1) }
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

function longOption(draft: Draft, arg: string, next: string | undefined): number | InvocationEnd {
  switch (arg) {
    case '--version': return { message: versionText, status: 0 }
    case '--help': return { message: `GNU bash, version 5.2.15(1)-release-(x86_64-pc-linux-gnu)\n${usageText(draft.name)}${moreHelp}`, status: 0 }
    case '--login': draft.login = true; return 0
    case '--noprofile': draft.profile = false; return 0
    case '--norc': draft.rc = false; return 0
    case '--posix': draft.set.push(['posix', true]); return 0
    case '--verbose': draft.set.push(['verbose', true]); return 0
    case '--noediting': case '--restricted': case '--debugger': return 0
    case '--rcfile': case '--init-file': draft.rcFile = next; return 1
    default: return { message: `${draft.name}: ${arg}: invalid option\n${usageText(draft.name)}`, status: 2 }
  }
}

/** The index of the last argument used. */
function letters(draft: Draft, arg: string, argv: readonly string[], at: number): number | InvocationEnd {
  const on = arg.startsWith('-')
  const names = new Options()
  let index = at
  for (const letter of arg.slice(1)) {
    if (letter === 'c') continue
    if (letter === 'i') draft.interactive = true
    else if (letter === 'l') draft.login = true
    else if (letter === 's') draft.readInput = true
    else if (letter === 'r' || letter === 'D') continue
    else if (letter === 'o' || letter === 'O') {
      const name = argv[++index]
      if (name === undefined) return { message: `${draft.name}: -${letter}: option requires an argument\n`, status: 2 }
      if (letter === 'o' ? !names.has(name) : !names.shopt.has(name)) return { message: `${draft.name}: line 0: ${draft.name}: ${name}: invalid ${letter === 'O' ? 'shell ' : ''}option name\n`, status: 2 }
      ;(letter === 'o' ? draft.set : draft.shopt).push([name, on])
    } else {
      const name = names.nameOf(letter)
      if (name === undefined) return { message: `${draft.name}: ${arg.charAt(0)}${letter}: invalid option\n${usageText(draft.name)}`, status: 2 }
      draft.set.push([name, on])
    }
  }
  return index
}
