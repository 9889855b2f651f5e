/** declare, typeset, local, export, readonly, unset. */
import { builtin, type BuiltinCall, HelpWanted, usageError, write } from '#engine/shell/builtins/builtin'
import { assign, isName, keyOf, lookup, resolve } from '#engine/shell/state/access'
import { declarationOf, valueText } from '#engine/shell/state/describe'
import { doAssignment, type PreparedAssignment, prepareElements } from '#engine/shell/interpreter/assignment'
import { BuiltinError, DiscardLine, ExpansionError, VariableError } from '#engine/shell/state/signals'
import type { Shell } from '#engine/shell/state/shell'
import { specialNames } from '#engine/shell/state/specials'
import type { Variable } from '#engine/shell/state/variables';
import { AssociativeArray, IndexedArray } from '#engine/shell/state/variables'
import { quoteIfNeeded } from '#engine/shell/expand/quote'

interface Request {
  readonly on: Set<string>
  readonly off: Set<string>
  readonly rest: readonly { text: string; prepared: PreparedAssignment | undefined }[]
}

function parse(call: BuiltinCall, letters: string): Request {
  const on = new Set<string>()
  const off = new Set<string>()
  let i = 0
  for (; i < call.args.length; i++) {
    const arg = call.args[i] as string
    if (arg === '--') {
      i++
      break
    }
    if (arg === '--help') throw new HelpWanted()
    if (!/^[-+]./.test(arg)) break
    for (const letter of arg.slice(1)) {
      if (!letters.includes(letter)) throw usageError(call.name, `${arg.charAt(0)}${letter}: invalid option`)
      ;(arg.startsWith('-') ? on : off).add(letter)
    }
  }
  const rest = call.args.slice(i).map((text, index) => ({ text, prepared: call.assignments.get(i + index) }))
  return { on, off, rest }
}

const attributeOf: Readonly<Record<string, 'exported' | 'readonly' | 'integer' | 'upper' | 'lower' | 'nameref' | 'trace'>> = { x: 'exported', r: 'readonly', i: 'integer', u: 'upper', l: 'lower', n: 'nameref', t: 'trace' }

export const declareBuiltin = builtin((call) => declareVariables(call, false))

export const localBuiltin = builtin((call) => {
  if (!call.shell.frames.some((frame) => frame.kind === 'function')) throw new BuiltinError('can only be used in a function')
  return declareVariables(call, true)
})

async function declareVariables(call: BuiltinCall, local: boolean): Promise<number> {
  const { shell } = call
  const request = parse(call, local ? 'aAilnrtuxpgI-' : 'aAfFgiIlnrtuxp')
  const { on } = request
  if (on.has('f') || on.has('F')) return declareFunctions(call, request)
  if (request.rest.length === 0) return listVariables(call, request, local)
  if (on.has('p')) return printVariables(call, request.rest.map((entry) => entry.text))
  let status = 0
  for (const entry of request.rest) if (!(await declareOne(call, entry, request, local || (!on.has('g') && shell.frames.some((frame) => frame.kind === 'function'))))) status = 1
  return status
}

/** One name with its value. False after a complaint. */
async function declareOne(call: BuiltinCall, entry: Request['rest'][number], request: Request, local: boolean): Promise<boolean> {
  const { shell } = call
  if (entry.text === '-' && call.name === 'local') return true
  const prepared = entry.prepared ?? (await preparedFromText(shell, entry.text))
  const name = prepared?.name ?? /^([^[=]*)/.exec(entry.text)?.[1] ?? entry.text
  const bare = entry.text.replace(/\[[^\]]*\]$/, '')
  if (!isName(prepared ? name : bare)) {
    await shell.error(`${call.name}: \`${entry.text}': not a valid identifier`)
    return false
  }
  try {
    await apply(shell, prepared ? name : bare, prepared, request, local)
    return true
  } catch (error) {
    if (!(error instanceof ExpansionError) || error.fatal) throw error
    await shell.error(error.message.includes('must use subscript') || (marks(call) && error instanceof VariableError) ? error.message : `${call.name}: ${error.message}`)
    if (error.message.includes('(error token is')) throw new DiscardLine(1, true)
    return false
  }
}

/** `export` and `readonly` do not name themselves before what is wrong with a variable. */
function marks(call: BuiltinCall): boolean {
  return call.name === 'export' || call.name === 'readonly'
}

/** An assignment that came as plain text (`declare "$x"`). */
async function preparedFromText(shell: Shell, text: string): Promise<PreparedAssignment | undefined> {
  const match = /^([A-Za-z_]\w*)(?:\[([^\]]*)\])?(\+?)=([^]*)$/.exec(text)
  if (!match) return undefined
  const raw = match[4] as string
  const list = /^\(([^]*)\)$/.exec(raw)
  const value = list && shell.vars.find(match[1] as string)?.value instanceof IndexedArray ? await prepareElements(shell, (list[1] as string).split(/\s+/).filter((word) => word !== '')) : raw
  return { name: match[1] as string, index: match[2], append: match[3] === '+', value, text }
}

async function apply(shell: Shell, name: string, prepared: PreparedAssignment | undefined, request: Request, local: boolean): Promise<void> {
  const { on, off } = request
  const follows = !on.has('n') && !local
  const target = follows ? resolve(shell, name).name : name
  const fresh = local && !shell.vars.findLocal(target)
  const before = fresh ? shell.vars.find(target) : undefined
  if (before?.readonly && local) throw new VariableError(`${target}: readonly variable`)
  const variable = local ? shell.vars.declare(target, false) : request.on.has('g') ? shell.vars.declare(target, true) : shell.vars.obtain(target)
  if (before && (on.has('I') || shell.options.shopt.get('localvar_inherit'))) Object.assign(variable, before.copy())
  if (variable.readonly && (off.has('r') || prepared)) throw new VariableError(`${target}: readonly variable`)
  startLocal(shell, target, local)
  makeArray(target, variable, on, prepared)
  for (const letter of ['i', 'u', 'l'] as const) if (on.has(letter)) variable[attributeOf[letter] as 'integer'] = true
  if (on.has('u')) variable.lower = false
  if (on.has('l')) variable.upper = false
  for (const letter of off) {
    const key = attributeOf[letter]
    if (key) variable[key] = false
  }
  if (on.has('n')) return applyReference(shell, variable, name, prepared)
  if (prepared) await doAssignment(shell, { ...prepared, name: target }, { local, ...(on.has('A') ? { kind: 'associative' as const } : on.has('a') ? { kind: 'indexed' as const } : {}) })
  for (const letter of ['x', 'r', 't'] as const) if (on.has(letter)) (shell.vars.find(target) ?? variable)[attributeOf[letter] as 'exported'] = true
}

/** A local OPTIND starts `getopts` anew; the caller's state comes back with the function's end. */
function startLocal(shell: Shell, name: string, local: boolean): void {
  if (local && name === 'OPTIND') shell.getopts = { index: 1, offset: 0 }
}

function applyReference(shell: Shell, variable: Variable, name: string, prepared: PreparedAssignment | undefined): void {
  void shell
  const value = prepared ? String(prepared.value) : typeof variable.value === 'string' ? variable.value : undefined
  if (value !== undefined && !/^[A-Za-z_]\w*(\[.+\])?$/.test(value)) throw new ExpansionError(`\`${value}': invalid variable name for name reference`)
  if (value === name) throw new ExpansionError(`${name}: nameref variable self references not allowed`)
  variable.nameref = true
  variable.value = value
}

function makeArray(name: string, variable: Variable, on: ReadonlySet<string>, prepared: PreparedAssignment | undefined): void {
  const { value } = variable
  if (on.has('A')) {
    if (value instanceof IndexedArray) throw new ExpansionError(`${name}: cannot convert indexed to associative array`)
    if (!(value instanceof AssociativeArray)) {
      const array = new AssociativeArray()
      if (typeof value === 'string') array.set('0', value)
      variable.value = array
      variable.declaredOnly = !prepared && value === undefined
    }
  } else if (on.has('a') || (prepared && prepared.index !== undefined && typeof prepared.value === 'string' && value === undefined)) {
    if (value instanceof AssociativeArray) {
      if (on.has('a')) throw new ExpansionError(`${name}: cannot convert associative to indexed array`)
    } else if (!(value instanceof IndexedArray)) {
      variable.value = new IndexedArray(typeof value === 'string' ? [value] : [])
      variable.declaredOnly = !prepared && value === undefined
    }
  }
}

async function listVariables(call: BuiltinCall, request: Request, local: boolean): Promise<number> {
  const { shell } = call
  const names = local || (call.name === 'local') ? shell.vars.localNames() : [...new Set([...shell.vars.names(), ...specialNames(shell)])].sort((a, b) => (a < b ? -1 : 1))
  const wanted = [...request.on].filter((letter) => letter !== 'p' && letter !== 'g')
  let out = ''
  for (const name of names) {
    const variable = lookup(shell, name)
    if (!variable) continue
    if (wanted.length > 0 && !wanted.every((letter) => hasAttribute(variable, letter))) continue
    if (request.on.has('p') || wanted.length > 0) out += `${declarationOf(name, variable)}\n`
    else if (variable.isSet) out += `${name}=${plainValue(variable)}\n`
  }
  if (!request.on.has('p') && wanted.length === 0 && !local) for (const definition of sortedFunctions(shell)) out += `${definition.text}\n`
  await write(call, out)
  return 0
}

function hasAttribute(variable: Variable, letter: string): boolean {
  if (letter === 'a') return variable.value instanceof IndexedArray
  if (letter === 'A') return variable.value instanceof AssociativeArray
  const key = attributeOf[letter]
  return key ? variable[key] : true
}

export function plainValue(variable: Variable): string {
  return typeof variable.value === 'object' ? valueText(variable.value) : quoteIfNeeded(variable.value ?? '').replace(/^''$/, '')
}

export function sortedFunctions(shell: Shell): { name: string; text: string }[] {
  return [...shell.functions.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function printVariables(call: BuiltinCall, names: readonly string[]): Promise<number> {
  let status = 0
  for (const name of names) {
    const variable = call.shell.vars.find(name)?.nameref ? call.shell.vars.find(name) : lookup(call.shell, name)
    if (variable) await write(call, `${declarationOf(name, variable)}\n`)
    else {
      await call.shell.error(`${call.name}: ${name}: not found`)
      status = 1
    }
  }
  return status
}

async function declareFunctions(call: BuiltinCall, request: Request): Promise<number> {
  const { shell } = call
  let status = 0
  const suffix = (name: string): string => `${shell.readonlyFunctions.has(name) ? 'r' : ''}${shell.exportedFunctionNames.has(name) ? 'x' : ''}`
  if (request.rest.length === 0) {
    const wanted = (name: string): boolean => (!request.on.has('r') || shell.readonlyFunctions.has(name)) && (!request.on.has('x') || shell.exportedFunctionNames.has(name))
    for (const { name, text } of sortedFunctions(shell)) if (wanted(name)) await write(call, request.on.has('F') ? `declare -f${suffix(name)} ${name}\n` : `${text}\n${suffix(name) === '' ? '' : `declare -f${suffix(name)} ${name}\n`}`)
    return 0
  }
  for (const { text: name } of request.rest) {
    const definition = shell.functions.get(name)
    if (!definition) {
      status = 1
      if (request.on.has('x') || request.on.has('r')) await shell.error(`${call.name}: ${name}: not a function`)
    } else if (request.on.has('x')) shell.exportedFunctionNames.add(name)
    else if (request.on.has('r')) shell.readonlyFunctions.add(name)
    else if (request.on.has('t')) shell.tracedFunctions.add(name)
    else if (request.off.has('t')) shell.tracedFunctions.delete(name)
    else await write(call, request.on.has('F') ? `${name}\n` : `${definition.text}\n`)
  }
  return status
}

async function mark(call: BuiltinCall, letter: 'x' | 'r'): Promise<number> {
  const { shell } = call
  const request = parse(call, letter === 'x' ? 'aAfnp' : 'aAfp')
  if (request.on.has('f')) return markFunctions(call, request, letter)
  if (request.rest.length === 0) {
    let out = ''
    for (const name of shell.vars.names()) {
      const variable = lookup(shell, name)
      if (variable && hasAttribute(variable, letter) && (letter === 'r' || name !== '_')) out += shell.posixShell ? `${letter === 'x' ? 'export' : 'readonly'} ${name}='${variable.scalar() ?? ''}'\n` : `${declarationOf(name, variable)}\n`
    }
    await write(call, out)
    return 0
  }
  let status = 0
  for (const entry of request.rest) {
    const on = new Set(request.on.has('n') ? [] : [letter as string])
    if (request.on.has('a')) on.add('a')
    if (request.on.has('A')) on.add('A')
    if (!(await declareOne(call, entry, { on, off: new Set(request.on.has('n') ? ['x'] : []), rest: [] }, false))) status = 1
  }
  return status
}

async function markFunctions(call: BuiltinCall, request: Request, letter: 'x' | 'r'): Promise<number> {
  let status = 0
  for (const { text: name } of request.rest) {
    if (!call.shell.functions.has(name)) {
      await call.shell.error(`${call.name}: ${name}: not a function`)
      status = 1
    } else if (letter === 'r') call.shell.readonlyFunctions.add(name)
    else if (request.on.has('n')) call.shell.exportedFunctionNames.delete(name)
    else call.shell.exportedFunctionNames.add(name)
  }
  return status
}

export const exportBuiltin = builtin((call) => mark(call, 'x'))
export const readonlyBuiltin = builtin((call) => mark(call, 'r'))

export const unsetBuiltin = builtin(async (call) => {
  const { shell } = call
  const request = parse(call, 'fvn')
  let status = 0
  for (const { text } of request.rest) if (!(await unsetOne(call, text, request.on))) status = 1
  void shell
  return status
})

async function unsetOne(call: BuiltinCall, text: string, on: ReadonlySet<string>): Promise<boolean> {
  const { shell } = call
  if (on.has('f')) return unsetFunction(call, text)
  const element = /^([A-Za-z_]\w*)\[([^]*)\]$/.exec(text)
  if (element) return unsetElement(call, element[1] as string, element[2] as string)
  if (!isName(text)) {
    if (!on.has('v')) return true
    await shell.error(`unset: \`${text}': not a valid identifier`)
    return false
  }
  const place = on.has('n') ? { name: text, index: undefined } : resolve(shell, text)
  if (place.index !== undefined) return unsetElement(call, place.name, place.index)
  const variable = shell.vars.find(place.name)
  if (!variable && !on.has('v') && shell.functions.has(text)) return unsetFunction(call, text)
  if (variable?.readonly) {
    await shell.error(`unset: ${place.name}: cannot unset: readonly variable`)
    return false
  }
  shell.vars.unset(place.name)
  if (place.name === 'PATH') shell.hashed.clear()
  return true
}

async function unsetFunction(call: BuiltinCall, name: string): Promise<boolean> {
  if (call.shell.readonlyFunctions.has(name)) {
    await call.shell.error(`unset: ${name}: cannot unset: readonly function`)
    return false
  }
  call.shell.functions.delete(name)
  call.shell.exportedFunctionNames.delete(name)
  return true
}

async function unsetElement(call: BuiltinCall, name: string, index: string): Promise<boolean> {
  const { shell } = call
  const variable = shell.vars.find(resolve(shell, name).name)
  if (!variable) return true
  if (variable.readonly) {
    await shell.error(`unset: ${name}: cannot unset: readonly variable`)
    return false
  }
  const { value } = variable
  if (index === '@' || index === '*') {
    if (value instanceof AssociativeArray && index !== '@') value.delete(index)
    else shell.vars.unset(name)
    return true
  }
  if (value instanceof AssociativeArray) value.delete(String(keyOf(shell, name, await shell.hooks.words.text(shell, index))))
  else if (value instanceof IndexedArray) {
    const key = Number(keyOf(shell, name, index))
    if (key < 0 && value.end + key < 0) {
      await shell.error(`unset: [${index}]: bad array subscript`)
      return false
    }
    value.delete(key < 0 ? value.end + key : key)
  } else if (value !== undefined) {
    await shell.error(`unset: ${name}: not an array variable`)
    return false
  }
  return true
}

export { assign }
