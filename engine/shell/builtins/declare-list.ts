/** What `declare` lists: variables and functions. */
import { type BuiltinCall, write } from '#engine/shell/builtins/builtin'
import { quoteIfNeeded } from '#engine/shell/expand/quote'
import { lookup } from '#engine/shell/state/access'
import { declarationOf, valueText } from '#engine/shell/state/describe'
import type { Shell } from '#engine/shell/state/shell'
import { specialNames } from '#engine/shell/state/specials'
import { AssociativeArray, IndexedArray, type Variable } from '#engine/shell/state/variables'

export const attributeOf: Readonly<Record<string, 'exported' | 'readonly' | 'integer' | 'upper' | 'lower' | 'capital' | 'nameref' | 'trace'>> = { x: 'exported', r: 'readonly', i: 'integer', u: 'upper', l: 'lower', c: 'capital', n: 'nameref', t: 'trace' }

/** `wanted`: attributes that all must have; without them, and without `-p`, plain assignments and functions. */
export async function listVariables(call: BuiltinCall, on: ReadonlySet<string>, local: boolean): Promise<number> {
  const { shell } = call
  const names = local ? shell.vars.localNames() : [...new Set([...shell.vars.names(), ...specialNames(shell)])].sort((a, b) => (a < b ? -1 : 1))
  const wanted = [...on].filter((letter) => letter !== 'p' && letter !== 'g')
  const declared = local || on.has('p') || wanted.length > 0
  let out = ''
  for (const name of names) {
    const variable = listed(shell, name)
    if (variable && wanted.every((letter) => hasAttribute(variable, letter))) out += line(name, variable, declared)
  }
  if (!declared && !local) for (const definition of sortedFunctions(shell)) out += `${definition.text}\n`
  await write(call, out)
  return 0
}

/** These fill themselves when they are asked for, so in a list they are empty. */
const filledOnDemand = new Set(['DIRSTACK', 'GROUPS'])

function listed(shell: Shell, name: string): Variable | undefined {
  const variable = lookup(shell, name)
  if (!variable || !filledOnDemand.has(name)) return variable
  const empty = variable.copy()
  empty.value = new IndexedArray()
  return empty
}

function line(name: string, variable: Variable, declared: boolean): string {
  if (declared) return `${declarationOf(name, variable)}\n`
  return variable.isSet ? `${name}=${plainValue(variable)}\n` : ''
}

export function hasAttribute(variable: Variable, letter: string): boolean {
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

export async function printVariables(call: BuiltinCall, names: readonly string[]): Promise<number> {
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
