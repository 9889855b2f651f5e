/** complete, compgen, compopt. */
import { builtin, type BuiltinCall, usageError, write } from '#engine/shell/builtins/builtin'
import { generate } from '#engine/shell/builtins/completion-actions'
import type { CompletionSpec } from '#engine/shell/state/completion'
import { BuiltinError } from '#engine/shell/state/signals'

const actionLetters: Readonly<Record<string, string>> = { a: 'alias', b: 'builtin', c: 'command', d: 'directory', e: 'export', f: 'file', g: 'group', j: 'job', k: 'keyword', s: 'service', u: 'user', v: 'variable' }

interface Parsed {
  readonly spec: CompletionSpec
  readonly names: readonly string[]
  readonly flags: ReadonlySet<string>
}

function parse(call: BuiltinCall, switches: string): Parsed {
  const actions: string[] = []
  const options: string[] = []
  const values: Record<string, string> = {}
  const flags = new Set<string>()
  const { args } = call
  let i = 0
  for (; i < args.length; i++) {
    const arg = args[i] as string
    if (arg === '--') {
      i++
      break
    }
    if (!/^-./.test(arg)) break
    for (let at = 1; at < arg.length; at++) {
      const letter = arg.charAt(at)
      if (actionLetters[letter] !== undefined) actions.push(actionLetters[letter])
      else if (switches.includes(letter)) flags.add(letter)
      else if ('oAGWFCXPS'.includes(letter)) {
        const value = at + 1 < arg.length ? arg.slice(at + 1) : args[++i]
        if (value === undefined) throw usageError(call.name, `-${letter}: option requires an argument`)
        if (letter === 'o') options.push(value)
        else if (letter === 'A') actions.push(value)
        else values[letter] = value
        break
      } else throw usageError(call.name, `-${letter}: invalid option`)
    }
  }
  const pick = (letter: string, key: string): Record<string, string> => (values[letter] === undefined ? {} : { [key]: values[letter] })
  const spec = { actions, options, ...pick('F', 'function'), ...pick('C', 'command'), ...pick('W', 'words'), ...pick('G', 'glob'), ...pick('P', 'prefix'), ...pick('S', 'suffix'), ...pick('X', 'filter') }
  return { spec, names: args.slice(i), flags }
}

export const completeBuiltin = builtin(async (call) => {
  const { shell } = call
  const { spec, names, flags } = parse(call, 'prDEI')
  const targets = [...names, ...(flags.has('D') ? ['-D'] : []), ...(flags.has('E') ? ['-E'] : []), ...(flags.has('I') ? ['-I'] : [])]
  if (flags.has('r')) {
    if (targets.length === 0) shell.completions.clear()
    for (const name of targets) shell.completions.delete(name)
    return 0
  }
  if (flags.has('p') || (targets.length === 0 && call.args.length === 0)) return print(call, targets)
  if (targets.length === 0) throw new BuiltinError('', 2, "complete [-abcdefgjksuv] [-pr] [-DEI] [-o option] [-A action] [-G globpat] [-W wordlist] [-F function] [-C command] [-X filterpat] [-P prefix] [-S suffix] [name ...]")
  for (const name of targets) shell.completions.set(name, spec)
  return 0
})

async function print(call: BuiltinCall, names: readonly string[]): Promise<number> {
  const { completions } = call.shell
  let status = 0
  for (const name of names.length > 0 ? names : [...completions.keys()]) {
    const spec = completions.get(name)
    if (spec) await write(call, `complete ${describe(spec)}${name}\n`)
    else {
      await call.shell.error(`complete: ${name}: no completion specification`)
      status = 1
    }
  }
  return status
}

function describe(spec: CompletionSpec): string {
  const letter = (action: string): string => {
    const found = Object.entries(actionLetters).find(([, name]) => name === action)
    return found ? `-${found[0]} ` : `-A ${action} `
  }
  const quoted = (flag: string, value: string | undefined): string => (value === undefined ? '' : `${flag} ${/^[\w./-]+$/.test(value) ? value : `'${value}'`} `)
  return spec.options.map((option) => `-o ${option} `).join('') + spec.actions.map(letter).join('') + quoted('-G', spec.glob) + quoted('-W', spec.words === undefined ? undefined : spec.words) + quoted('-P', spec.prefix) + quoted('-S', spec.suffix) + quoted('-X', spec.filter) + (spec.function === undefined ? '' : `-F ${spec.function} `) + quoted('-C', spec.command)
}

export const compgenBuiltin = builtin(async (call) => {
  const { spec, names } = parse(call, '')
  const word = names[0] ?? ''
  if (spec.function !== undefined) await call.shell.error('compgen: warning: -F option may not work as you expect')
  const found = await generate(call.shell, spec, { word, words: [], index: 0, line: '', point: 0, previous: '' })
  await write(call, found.map((text) => `${text}\n`).join(''))
  return found.length > 0 ? 0 : 1
})

export const compoptBuiltin = builtin((call) => {
  const { shell } = call
  if (shell.currentCompletion === undefined && !compoptNames(call.args)) throw new BuiltinError('not currently executing completion function')
  const { args } = call
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '-o') shell.currentCompletion?.add(args[++i] ?? '')
    else if (args[i] === '+o') shell.currentCompletion?.delete(args[++i] ?? '')
  }
  return 0
})

/** Whether names follow the options: then it is about them. */
function compoptNames(args: readonly string[]): boolean {
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '-o' || args[i] === '+o') i++
    else if (!/^[-+]/.test(args[i] as string)) return true
  }
  return false
}
