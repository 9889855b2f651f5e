/** alias, unalias, type, hash, let, getopts, umask, times, caller, enable, suspend, bind. */
import { builtin, type BuiltinCall, parseOptions, usageError, usageOf, write } from '#engine/shell/builtins/builtin'
import { builtinHelp } from '#engine/shell/builtins/help.table'
import { specialBuiltins } from '#engine/shell/builtins/names'
import { describeCommand } from '#engine/shell/builtins/type'
import { searchPath } from '#engine/shell/interpreter/lookup'
import { clock } from '#engine/shell/interpreter/timing'
import { singleQuote } from '#engine/shell/expand/quote'
import { arithmetic, assign, isName, lookup, readScalar } from '#engine/shell/state/access'
import { BuiltinError, ExpansionError, OutermostError, VariableError } from '#engine/shell/state/signals'
import type { Shell } from '#engine/shell/state/shell'
import { IndexedArray } from '#engine/shell/state/variables'

export const aliasBuiltin = builtin(async (call) => {
  const { shell } = call
  const { flags, rest } = parseOptions(call, 'p')
  const line = (name: string, value: string): string => `${shell.posixShell ? '' : 'alias '}${name}=${singleQuote(value)}\n`
  if (rest.length === 0 || flags.has('p')) await write(call, [...shell.aliases].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([name, value]) => line(name, value)).join(''))
  let status = 0
  for (const arg of rest) {
    const equals = arg.indexOf('=')
    const name = equals < 1 ? arg : arg.slice(0, equals)
    if (equals < 1) {
      const value = shell.aliases.get(arg)
      if (value !== undefined) await write(call, line(arg, value))
      else {
        await shell.error(`alias: ${arg}: not found`)
        status = 1
      }
    } else if (/[\s$`=/<>|&;()'"\\]/.test(name)) {
      await shell.error(`alias: \`${name}': invalid alias name`)
      status = 1
    } else shell.aliases.set(name, arg.slice(equals + 1))
  }
  return status
})

export const unaliasBuiltin = builtin(async (call) => {
  const { shell } = call
  const { flags, rest } = parseOptions(call, 'a')
  if (flags.has('a')) shell.aliases.clear()
  else if (rest.length === 0) throw new BuiltinError('', 2, usageOf('unalias'))
  let status = 0
  for (const name of rest) {
    if (shell.aliases.delete(name)) continue
    await shell.error(`unalias: ${name}: not found`)
    status = 1
  }
  return status
})

export const typeBuiltin = builtin(async (call) => {
  const { shell } = call
  const { flags, rest } = parseOptions(call, 'aftpP')
  let status = 0
  for (const name of rest) {
    const lines = typeLines(call, name, flags)
    if (lines.length > 0) await write(call, lines.map((line) => `${line}\n`).join(''))
    else if (!(flags.has('p') && describeCommand(shell, name, { all: false }).length > 0)) {
      if (!flags.has('t') && !flags.has('p') && !flags.has('P')) await shell.error(`type: ${name}: not found`)
      status = 1
    }
  }
  return status
})

function typeLines(call: BuiltinCall, name: string, flags: ReadonlyMap<string, string | true>): string[] {
  const { shell } = call
  const all = flags.has('a')
  if (flags.has('P')) return name.includes('/') ? (shell.files.exists(name) ? [name] : []) : searchPath(shell, name).slice(0, all ? undefined : 1)
  if (flags.has('p')) {
    const kinds = describeCommand(shell, name, { all, kind: true })
    return kinds[0] === 'file' || (all && kinds.includes('file')) ? searchPath(shell, name).slice(0, all ? undefined : 1) : []
  }
  return describeCommand(shell, name, { all, kind: flags.has('t'), skipFunctions: flags.has('f') })
}

export const hashBuiltin = builtin(async (call) => {
  const { shell } = call
  const { flags, rest } = parseOptions(call, 'lrp:dt')
  if (flags.has('r')) shell.hashed.clear()
  if (rest.length === 0 && !flags.has('r')) return listHashed(call, flags.has('l'))
  let status = 0
  for (const name of rest) {
    if (await hashOne(call, name, flags, rest.length > 1)) continue
    await shell.error(`hash: ${name}: not found`)
    status = 1
  }
  return status
})

async function listHashed(call: BuiltinCall, asCommands: boolean): Promise<number> {
  const { hashed } = call.shell
  if (hashed.size === 0) await write(call, 'hash: hash table empty\n')
  else if (asCommands) await write(call, [...hashed].map(([name, entry]) => `builtin hash -p ${entry.path} ${name}\n`).join(''))
  else await write(call, `hits\tcommand\n${[...hashed.values()].map((entry) => `${String(entry.hits).padStart(4)}\t${entry.path}\n`).join('')}`)
  return 0
}

/** Forgets, shows or remembers a name; false where there is nothing of that name. */
async function hashOne(call: BuiltinCall, name: string, flags: ReadonlyMap<string, string | true>, several: boolean): Promise<boolean> {
  const { shell } = call
  if (flags.has('d')) return shell.hashed.delete(name)
  const given = flags.get('p')
  const path = typeof given === 'string' ? given : flags.has('t') ? shell.hashed.get(name)?.path : searchPath(shell, name)[0]
  if (path === undefined) return false
  if (flags.has('t')) await write(call, several ? `${name}\t${path}\n` : `${path}\n`)
  else shell.hashed.set(name, { path, hits: 0 })
  return true
}

export const letBuiltin = builtin(async (call) => {
  const args = call.args[0] === '--' ? call.args.slice(1) : call.args
  if (args.length === 0) throw new BuiltinError('expression expected')
  let value = 0n
  for (const arg of args) {
    try {
      value = arithmetic(call.shell, arg)
    } catch (error) {
      if (error instanceof ExpansionError && !error.fatal && !(error instanceof VariableError) && !(error instanceof OutermostError)) throw new BuiltinError(error.message)
      throw error
    }
  }
  return value === 0n ? 1 : 0
})

export const getoptsBuiltin = builtin(async (call) => {
  const { shell } = call
  const { rest } = parseOptions(call, '')
  const [spec, name, ...given] = rest
  if (spec === undefined || name === undefined) {
    await shell.complain(`getopts: usage: ${usageOf('getopts')}`)
    return 2
  }
  const outcome = nextOption(given.length > 0 ? given : shell.positional, spec.replace(/^:/, ''), shell.getopts)
  shell.vars.obtain('OPTIND').value = String(shell.getopts.index)
  if (outcome === undefined) {
    assign(shell, name, '?')
    shell.vars.unset('OPTARG')
    return 1
  }
  const answer = outcome.problem === undefined ? found(shell, outcome) : await wrongOption(shell, outcome, spec.startsWith(':'))
  if (!isName(name)) throw new BuiltinError(`\`${name}': not a valid identifier`)
  assign(shell, name, answer)
  return 0
})

function found(shell: Shell, { letter, argument }: OptionFound): string {
  if (argument === undefined) shell.vars.unset('OPTARG')
  else assign(shell, 'OPTARG', argument)
  return letter
}

/** `silent`: the specification begins with a colon, so OPTARG tells the letter and nothing is said. */
async function wrongOption(shell: Shell, { letter, problem }: OptionFound, silent: boolean): Promise<string> {
  if (silent) {
    assign(shell, 'OPTARG', letter)
    return problem === 'missing' ? ':' : '?'
  }
  shell.vars.unset('OPTARG')
  if (readScalar(shell, 'OPTERR') !== '0') await shell.complain(`${shell.name}: ${problem === 'unknown' ? 'illegal option' : 'option requires an argument'} -- ${letter}`)
  return '?'
}

interface OptionFound {
  readonly letter: string
  readonly argument?: string
  readonly problem?: 'unknown' | 'missing'
}

interface OptionState {
  index: number
  offset: number
}

function nextOption(args: readonly string[], spec: string, state: OptionState): OptionFound | undefined {
  const arg = args[state.index - 1]
  if (arg === undefined || (state.offset === 0 && endsOptions(arg, state))) return undefined
  const at = state.offset || 1
  const letter = arg.charAt(at)
  const where = letter === ':' ? -1 : spec.indexOf(letter)
  const last = at + 1 >= arg.length
  if (where >= 0 && spec[where + 1] === ':') return withArgument(args, state, letter, last ? undefined : arg.slice(at + 1))
  if (last) state.index++
  state.offset = last ? 0 : at + 1
  return where < 0 ? { letter, problem: 'unknown' } : { letter }
}

/** An operand, or `--`, which is passed over. */
function endsOptions(arg: string, state: OptionState): boolean {
  if (arg === '--') state.index++
  return arg === '--' || !/^-./.test(arg)
}

/** The rest of the word, or the next one. */
function withArgument(args: readonly string[], state: OptionState, letter: string, rest: string | undefined): OptionFound {
  state.index++
  state.offset = 0
  if (rest !== undefined) return { letter, argument: rest }
  const argument = args[state.index - 1]
  if (argument === undefined) return { letter, problem: 'missing' }
  state.index++
  return { letter, argument }
}

export const umaskBuiltin = builtin(async (call) => {
  const { process } = call.shell
  const { flags, rest } = parseOptions(call, 'pS')
  const mask = process.umask()
  const [mode] = rest
  if (mode === undefined) {
    const text = flags.has('S') ? symbolic(mask) : mask.toString(8).padStart(4, '0')
    await write(call, `${flags.has('p') ? `umask ${flags.has('S') ? '-S ' : ''}` : ''}${text}\n`)
    return 0
  }
  if (/^\d/.test(mode)) {
    if (!/^[0-7]+$/.test(mode) || Number.parseInt(mode, 8) > 0o777) throw new BuiltinError(`${mode}: octal number out of range`)
    process.umask(Number.parseInt(mode, 8))
  } else process.umask(symbolicMask(mode, mask))
  if (flags.has('S')) await write(call, `${symbolic(process.umask())}\n`)
  return 0
})

function symbolic(mask: number): string {
  const letters = (bits: number): string => `${bits & 4 ? 'r' : ''}${bits & 2 ? 'w' : ''}${bits & 1 ? 'x' : ''}`
  const allowed = ~mask & 0o777
  return `u=${letters(allowed >> 6)},g=${letters((allowed >> 3) & 7)},o=${letters(allowed & 7)}`
}

function symbolicMask(text: string, mask: number): number {
  let allowed = ~mask & 0o777
  for (const clause of text.split(',')) {
    const match = /^([ugoa]*)([-+=])([rwx]*)$/.exec(clause)
    if (!match) {
      const bad = /[^ugoa]/.exec(clause)?.[0] ?? ''
      throw new BuiltinError(/^[ugoa]*[-+=]/.test(clause) ? `\`${/[^rwxugoa+=-]/.exec(clause)?.[0] ?? ''}': invalid symbolic mode character` : `\`${bad}': invalid symbolic mode operator`)
    }
    const bits = [...(match[3] as string)].reduce((sum, letter) => sum | (letter === 'r' ? 4 : letter === 'w' ? 2 : 1), 0)
    for (const who of !match[1] || match[1].includes('a') ? 'ugo' : match[1]) {
      const shift = who === 'u' ? 6 : who === 'g' ? 3 : 0
      if (match[2] === '=') allowed = (allowed & ~(7 << shift)) | (bits << shift)
      else allowed = match[2] === '+' ? allowed | (bits << shift) : allowed & ~(bits << shift)
    }
  }
  return ~allowed & 0o777
}

export const timesBuiltin = builtin(async (call) => {
  const line = `${clock(0)} ${clock(0)}\n`
  await write(call, line + line)
  return 0
})

export const callerBuiltin = builtin(async (call) => {
  const { shell } = call
  const [text] = call.args
  if (shell.frames.length === 0) return 1
  if (text !== undefined && !/^\d+$/.test(text)) throw usageError('caller', `${text}: invalid number`)
  const list = (name: string): readonly string[] => {
    const value = lookup(shell, name)?.value
    return value instanceof IndexedArray ? value.values() : []
  }
  const [lines, files, names] = [list('BASH_LINENO'), list('BASH_SOURCE'), list('FUNCNAME')]
  if (text === undefined) {
    await write(call, `${lines[0] ?? 'NULL'} ${files[1] ?? 'NULL'}\n`)
    return 0
  }
  const at = Number(text)
  const [line, file, name] = [lines[at], files[at + 1], names[at + 1]]
  if (line === undefined || file === undefined || name === undefined) return 1
  await write(call, `${line} ${name} ${file}\n`)
  return 0
})

export const enableBuiltin = builtin(async (call) => {
  const { shell } = call
  const { flags, rest } = parseOptions(call, 'adnpsf:')
  if (flags.has('f') || flags.has('d')) throw new BuiltinError('dynamic loading is not supported')
  if (rest.length === 0) {
    const names = Object.keys(builtinHelp).filter((name) => !flags.has('s') || specialBuiltins.has(name)).filter((name) => (flags.has('a') ? true : shell.disabledBuiltins.has(name) === flags.has('n')))
    await write(call, names.map((name) => `enable ${shell.disabledBuiltins.has(name) ? '-n ' : ''}${name}\n`).join(''))
    return 0
  }
  let status = 0
  for (const name of rest) {
    if (!Object.hasOwn(builtinHelp, name)) {
      await shell.error(`enable: ${name}: not a shell builtin`)
      status = 1
    } else if (flags.has('n')) shell.disabledBuiltins.add(name)
    else shell.disabledBuiltins.delete(name)
  }
  return status
})

export const suspendBuiltin = builtin((call) => {
  if (!call.shell.interactive) throw new BuiltinError('cannot suspend: no job control')
  call.shell.process.kill(call.shell.process.pid, 'SIGSTOP')
  return 0
})

/** Key bindings are those of emacs mode and cannot be changed. */
export const bindBuiltin = builtin(async (call) => {
  if (!call.shell.interactive) await call.shell.error('bind: warning: line editing not enabled')
  return 0
})
