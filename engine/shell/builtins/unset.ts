/** unset. */
import { builtin, type BuiltinCall, parseOptions } from '#engine/shell/builtins/builtin'
import { isName, keyOf, resolve } from '#engine/shell/state/access'
import { AssociativeArray, IndexedArray, type Variable } from '#engine/shell/state/variables'

export const unsetBuiltin = builtin(async (call) => {
  const { flags, rest } = parseOptions(call, 'fvn')
  if (flags.has('f') && flags.has('v')) {
    await call.shell.error('unset: cannot simultaneously unset a function and a variable')
    return 1
  }
  let status = 0
  for (const text of rest) if (!(await unsetOne(call, text, flags))) status = 1
  return status
})

async function unsetOne(call: BuiltinCall, text: string, on: ReadonlyMap<string, string | true>): Promise<boolean> {
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
  if (value instanceof AssociativeArray) {
    value.delete(String(keyOf(shell, name, await shell.hooks.words.text(shell, index))))
    return true
  }
  return unsetIndexed(call, name, index, variable)
}

async function unsetIndexed(call: BuiltinCall, name: string, index: string, { value }: Variable): Promise<boolean> {
  const { shell } = call
  if (value === undefined) return true
  if (!(value instanceof IndexedArray)) {
    await shell.error(`unset: ${name}: not an array variable`)
    return false
  }
  const key = Number(keyOf(shell, name, index))
  if (key < 0 && value.end + key < 0) {
    await shell.error(`unset: [${index}]: bad array subscript`)
    return false
  }
  value.delete(key < 0 ? value.end + key : key)
  return true
}
