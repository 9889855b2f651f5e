/** set, shopt, shift. */
import { builtin, type BuiltinCall, parseOptions, usageError, usageOf, write } from '#engine/shell/builtins/builtin'
import { tooMany } from '#engine/shell/builtins/control'
import { plainValue, sortedFunctions } from '#engine/shell/builtins/declare-list'
import { lookup } from '#engine/shell/state/access'
import { setOptions } from '#engine/shell/state/options'
import { specialNames } from '#engine/shell/state/specials'
import type { Shell } from '#engine/shell/state/shell'
import { BuiltinError } from '#engine/shell/state/signals'

export const setBuiltin = builtin(async (call) => {
  const { shell, args } = call
  if (args.length === 0) return listAll(call)
  let i = 0
  for (; i < args.length; i++) {
    const arg = args[i] as string
    if (arg === '--') {
      shell.positional = args.slice(i + 1)
      return 0
    }
    if (arg === '-') {
      shell.options.put('xtrace', false)
      shell.options.put('verbose', false)
      if (i + 1 < args.length) shell.positional = args.slice(i + 1)
      return 0
    }
    if (!/^[-+]./.test(arg)) break
    const used = await applyLetters(call, arg, args[i + 1])
    if (used < 0) return 2
    i += used
  }
  if (i < args.length) shell.positional = args.slice(i)
  return 0
})

/** How many further arguments were taken; negative after a complaint. */
async function applyLetters(call: BuiltinCall, arg: string, next: string | undefined): Promise<number> {
  const { shell } = call
  const on = arg.startsWith('-')
  let used = 0
  for (const letter of arg.slice(1)) if (letter !== 'o' && shell.options.nameOf(letter) === undefined) throw usageError('set', `${arg.charAt(0)}${letter}: invalid option`)
  for (const letter of arg.slice(1)) {
    if (letter !== 'o') {
      shell.options.put(shell.options.nameOf(letter) as string, on)
      continue
    }
    if (next === undefined) {
      await listOptions(call, on)
      continue
    }
    used = 1
    if (!shell.options.has(next)) {
      await shell.error(`set: ${next}: invalid option name`)
      return -1
    }
    shell.options.put(next, on)
  }
  return used
}

async function listOptions(call: BuiltinCall, table: boolean): Promise<void> {
  const { options } = call.shell
  await write(call, setOptions.map(([name]) => (table ? `${name.padEnd(15)}\t${options.on(name) ? 'on' : 'off'}\n` : `set ${options.on(name) ? '-' : '+'}o ${name}\n`)).join(''))
}

async function listAll(call: BuiltinCall): Promise<number> {
  const { shell } = call
  let out = ''
  for (const name of [...new Set([...shell.vars.names(), ...specialNames(shell)])].sort((a, b) => (a < b ? -1 : 1))) {
    const variable = lookup(shell, name)
    if (variable?.isSet) out += `${name}=${plainValue(variable)}\n`
  }
  for (const { text } of sortedFunctions(shell)) out += `${text}\n`
  await write(call, out)
  return 0
}

/** The options that `shopt` speaks of: its own, or with `-o` those of `set`. */
class OptionSet {
  constructor(
    private readonly shell: Shell,
    readonly ofSet: boolean,
    private readonly reusable: boolean,
  ) {}

  get names(): string[] {
    return this.ofSet ? setOptions.map(([name]) => name) : [...this.shell.options.shopt.keys()]
  }

  has(name: string): boolean {
    return this.ofSet ? this.shell.options.has(name) : this.shell.options.shopt.has(name)
  }

  on(name: string): boolean {
    return this.ofSet ? this.shell.options.on(name) : (this.shell.options.shopt.get(name) ?? false)
  }

  put(name: string, on: boolean): void {
    if (this.ofSet) this.shell.options.put(name, on)
    else if (name !== 'login_shell' && name !== 'restricted_shell') this.shell.options.shopt.set(name, on)
  }

  line(name: string): string {
    if (!this.reusable) return `${name.padEnd(15)}\t${this.on(name) ? 'on' : 'off'}\n`
    return this.ofSet ? `set ${this.on(name) ? '-' : '+'}o ${name}\n` : `shopt ${this.on(name) ? '-s' : '-u'} ${name}\n`
  }
}

export const shoptBuiltin = builtin(async (call) => {
  const { flags, rest } = parseOptions(call, 'pqsuo')
  if (flags.has('s') && flags.has('u')) throw new BuiltinError('cannot set and unset shell options simultaneously')
  const options = new OptionSet(call.shell, flags.has('o'), flags.has('p'))
  const wanted = flags.has('s') ? true : flags.has('u') ? false : undefined
  if (rest.length === 0) {
    if (!flags.has('q')) await write(call, options.names.filter((name) => wanted === undefined || options.on(name) === wanted).map((name) => options.line(name)).join(''))
    return 0
  }
  let status = 0
  for (const name of rest) if (!(await changeOrShow(call, options, name, wanted, flags.has('q')))) status = 1
  return status
})

async function changeOrShow(call: BuiltinCall, options: OptionSet, name: string, wanted: boolean | undefined, quiet: boolean): Promise<boolean> {
  if (!options.has(name)) {
    await call.shell.error(`shopt: ${name}: invalid ${options.ofSet ? '' : 'shell '}option name`)
    return false
  }
  if (wanted !== undefined) {
    options.put(name, wanted)
    return true
  }
  if (!quiet) await write(call, options.line(name))
  return options.on(name)
}

export const shiftBuiltin = builtin((call) => {
  const { shell } = call
  const args = call.args[0] === '--' ? call.args.slice(1) : call.args
  const [text = '1'] = args
  if (args.length > 1) return tooMany(call)
  if (!/^[+-]?\d+$/.test(text)) throw new BuiltinError(`${text}: numeric argument required`)
  const count = Number(text)
  if (count < 0) throw new BuiltinError(`${text}: shift count out of range`)
  if (count > shell.positional.length) {
    if (shell.options.shopt.get('shift_verbose')) throw new BuiltinError(`${text}: shift count out of range`)
    if (shell.posixShell && !shell.ash) throw new BuiltinError("can't shift that many", 2)
    return 1
  }
  shell.positional = shell.positional.slice(count)
  return 0
})

export { usageOf }
