/** declare, typeset, local, export, readonly. */
import { attributeOf, hasAttribute, listVariables, printVariables, sortedFunctions } from '#engine/shell/builtins/declare-list'
import { builtin, type BuiltinCall, HelpWanted, usageError, write } from '#engine/shell/builtins/builtin'
import { isName, lookup, resolve } from '#engine/shell/state/access'
import { declarationOf } from '#engine/shell/state/describe'
import { doAssignment, type PreparedAssignment, prepareElements } from '#engine/shell/interpreter/assignment'
import { BuiltinError, DiscardLine, ExpansionError, VariableError } from '#engine/shell/state/signals'
import { Options } from '#engine/shell/state/options'
import type { Shell } from '#engine/shell/state/shell'
import { AssociativeArray, IndexedArray, type Variable } from '#engine/shell/state/variables'


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

export const declareBuiltin = builtin((call) => declareVariables(call, false))

export const localBuiltin = builtin((call) => {
  if (!call.shell.frames.some((frame) => frame.kind === 'function')) throw new BuiltinError('can only be used in a function')
  return declareVariables(call, true)
})

async function declareVariables(call: BuiltinCall, local: boolean): Promise<number> {
  const { shell } = call
  const request = parse(call, local ? 'aAcilnrtuxpgI-' : 'aAcfFgiIlnrtuxp')
  const { on } = request
  if (on.has('f') || on.has('F')) return declareFunctions(call, request)
  if (request.rest.length === 0) return listVariables(call, on, local)
  if (on.has('p')) return printVariables(call, request.rest.map((entry) => entry.text))
  let status = 0
  for (const entry of request.rest) if (!(await declareOne(call, entry, request, local || (!on.has('g') && shell.frames.some((frame) => frame.kind === 'function'))))) status = 1
  return status
}

/** One name with its value. False after a complaint. */
async function declareOne(call: BuiltinCall, entry: Request['rest'][number], request: Request, local: boolean): Promise<boolean> {
  const { shell } = call
  if (entry.text === '-' && call.name === 'local') return keepOptions(shell)
  const prepared = entry.prepared ?? (await preparedFromText(shell, entry.text))
  const name = prepared?.name ?? (marks(call) ? entry.text : entry.text.replace(/\[[^\]]*\]$/, ''))
  if (!isName(name)) {
    await shell.error(`${call.name}: \`${entry.text}': not a valid identifier`)
    return false
  }
  try {
    await apply(shell, name, prepared, request, local)
    return true
  } catch (error) {
    if (!(error instanceof ExpansionError) || error.fatal) throw error
    await complain(call, error)
    return false
  }
}

/** `local -`. */
function keepOptions(shell: Shell): true {
  const frame = shell.frames.findLast(({ kind }) => kind === 'function')
  if (frame) frame.options ??= new Options(shell.options)
  return true
}

async function complain(call: BuiltinCall, error: ExpansionError): Promise<void> {
  const plain = /must use subscript|^\[/.test(error.message) || (marks(call) && error instanceof VariableError)
  await call.shell.error(plain ? error.message : `${call.name}: ${error.message}`)
  if (error.message.includes('(error token is')) throw new DiscardLine(1, true)
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
  const target = !on.has('n') && !local ? resolve(shell, name).name : name
  const variable = place(shell, target, on, local)
  if (variable.readonly && (off.has('r') || prepared)) throw new VariableError(`${target}: readonly variable`)
  if (off.has('a') || off.has('A')) throw new ExpansionError(`${target}: cannot destroy array variables in this way`)
  startLocal(shell, target, local)
  makeArray(target, variable, on, prepared)
  changeAttributes(variable, on, off)
  if (on.has('n')) return applyReference(variable, name, prepared)
  if (prepared) await doAssignment(shell, { ...prepared, name: target }, { local, declared: true, ...arrayKind(on) })
  for (const letter of ['x', 'r', 't'] as const) if (on.has(letter)) (shell.vars.find(target) ?? variable)[attributeOf[letter] as 'exported'] = true
}

/** The variable where it is to be declared; a fresh local one may begin as what it hides. */
function place(shell: Shell, target: string, on: ReadonlySet<string>, local: boolean): Variable {
  if (!local) return on.has('g') ? shell.vars.declare(target, true) : shell.vars.obtain(target)
  const before = shell.vars.findLocal(target) ? undefined : shell.vars.find(target)
  if (before?.readonly) throw new VariableError(`${target}: readonly variable`)
  const variable = shell.vars.declare(target, false)
  if (before && (on.has('I') || shell.options.shopt.get('localvar_inherit'))) Object.assign(variable, before.copy())
  return variable
}

/** Those that change how a value is taken; the others follow the assignment. */
function changeAttributes(variable: Variable, on: ReadonlySet<string>, off: ReadonlySet<string>): void {
  if (on.has('i')) variable.integer = true
  const wanted = (['u', 'l', 'c'] as const).filter((letter) => on.has(letter))
  if (wanted.length > 0) for (const letter of ['u', 'l', 'c'] as const) variable[attributeOf[letter] as 'upper'] = wanted.length === 1 && wanted[0] === letter
  for (const letter of off) {
    const key = attributeOf[letter]
    if (key) variable[key] = false
  }
}

function arrayKind(on: ReadonlySet<string>): { kind?: 'associative' | 'indexed' } {
  if (on.has('A')) return { kind: 'associative' }
  return on.has('a') ? { kind: 'indexed' } : {}
}

/** A local OPTIND starts `getopts` anew; the caller's state comes back with the function's end. */
function startLocal(shell: Shell, name: string, local: boolean): void {
  if (local && name === 'OPTIND') shell.getopts = { index: 1, offset: 0 }
}

function applyReference(variable: Variable, name: string, prepared: PreparedAssignment | undefined): void {
  const value = prepared ? String(prepared.value) : typeof variable.value === 'string' ? variable.value : undefined
  if (value !== undefined && !/^[A-Za-z_]\w*(\[.+\])?$/.test(value)) throw new ExpansionError(`\`${value}': invalid variable name for name reference`)
  if (value === name) throw new ExpansionError(`${name}: nameref variable self references not allowed`)
  variable.nameref = true
  variable.value = value
}

function makeArray(name: string, variable: Variable, on: ReadonlySet<string>, prepared: PreparedAssignment | undefined): void {
  const { value } = variable
  if (on.has('A')) return makeAssociative(name, variable, prepared)
  const subscripted = prepared?.index !== undefined && typeof prepared.value === 'string' && value === undefined
  if (!on.has('a') && !subscripted) return
  if (value instanceof AssociativeArray && on.has('a')) throw new ExpansionError(`${name}: cannot convert associative to indexed array`)
  if (typeof value === 'object') return
  variable.value = new IndexedArray(typeof value === 'string' ? [value] : [])
  variable.declaredOnly = !prepared && value === undefined
}

function makeAssociative(name: string, variable: Variable, prepared: PreparedAssignment | undefined): void {
  const { value } = variable
  if (value instanceof IndexedArray) throw new ExpansionError(`${name}: cannot convert indexed to associative array`)
  if (value instanceof AssociativeArray) return
  const array = new AssociativeArray()
  if (typeof value === 'string') array.set('0', value)
  variable.value = array
  variable.declaredOnly = !prepared && value === undefined
}

async function declareFunctions(call: BuiltinCall, request: Request): Promise<number> {
  if (request.rest.length === 0) return listFunctions(call, request)
  let status = 0
  for (const { text: name } of request.rest) if (!(await declareFunction(call, name, request))) status = 1
  return status
}

async function listFunctions(call: BuiltinCall, { on }: Request): Promise<number> {
  const { shell } = call
  const suffix = (name: string): string => `${shell.readonlyFunctions.has(name) ? 'r' : ''}${shell.exportedFunctionNames.has(name) ? 'x' : ''}`
  const wanted = (name: string): boolean => (!on.has('r') || shell.readonlyFunctions.has(name)) && (!on.has('x') || shell.exportedFunctionNames.has(name))
  for (const { name, text } of sortedFunctions(shell)) {
    if (!wanted(name)) continue
    const declaration = `declare -f${suffix(name)} ${name}\n`
    await write(call, on.has('F') ? declaration : `${text}\n${suffix(name) === '' ? '' : declaration}`)
  }
  return 0
}

/** Shows a function or gives it attributes. False where there is none of that name. */
async function declareFunction(call: BuiltinCall, name: string, { on, off }: Request): Promise<boolean> {
  const { shell } = call
  const definition = shell.functions.get(name)
  if (!definition) {
    if (on.has('x') || on.has('r')) await shell.error(`${call.name}: ${name}: not a function`)
    return false
  }
  if (on.has('x')) shell.exportedFunctionNames.add(name)
  else if (on.has('r')) shell.readonlyFunctions.add(name)
  else if (on.has('t')) shell.tracedFunctions.add(name)
  else if (off.has('t')) shell.tracedFunctions.delete(name)
  else await write(call, on.has('F') ? `${name}\n` : `${definition.text}\n`)
  return true
}

async function mark(call: BuiltinCall, letter: 'x' | 'r'): Promise<number> {
  const request = parse(call, letter === 'x' ? 'aAfnp' : 'aAfp')
  if (request.on.has('f')) return markFunctions(call, request, letter)
  if (request.rest.length === 0) return listMarked(call, letter)
  const off = new Set(request.on.has('n') ? ['x'] : [])
  const on = new Set(['a', 'A'].filter((kind) => request.on.has(kind)))
  if (!request.on.has('n')) on.add(letter)
  let status = 0
  for (const entry of request.rest) if (!(await declareOne(call, entry, { on, off, rest: [] }, false))) status = 1
  return status
}

async function listMarked(call: BuiltinCall, letter: 'x' | 'r'): Promise<number> {
  const { shell } = call
  const line = (name: string, variable: Variable): string => (shell.posixShell ? `${call.name} ${name}='${variable.scalar() ?? ''}'\n` : `${declarationOf(name, variable)}\n`)
  let out = ''
  for (const name of shell.vars.names()) {
    const variable = lookup(shell, name)
    if (variable && hasAttribute(variable, letter) && (letter === 'r' || name !== '_')) out += line(name, variable)
  }
  await write(call, out)
  return 0
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
