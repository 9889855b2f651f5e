import { keyOf, lookup, readElement, readScalar, resolve } from '#engine/shell/state/access'
import type { Shell } from '#engine/shell/state/shell'
import { AssociativeArray, IndexedArray } from '#engine/shell/state/variables'

/** `-v name`, `-v name[key]`. */
export function variableIsSet(shell: Shell, text: string): boolean {
  if (/^\d+$/.test(text)) return Number(text) === 0 || Number(text) <= shell.positional.length
  const match = /^([A-Za-z_]\w*)(?:\[([^]*)\])?$/.exec(text)
  if (!match) return false
  const name = match[1] as string
  if (match[2] === undefined) return readScalar(shell, name) !== undefined
  const value = lookup(shell, resolve(shell, name).name)?.value
  if ((match[2] === '@' || match[2] === '*') && (value instanceof IndexedArray || value instanceof AssociativeArray)) return value.size > 0
  return readElement(shell, name, keyOf(shell, name, match[2])) !== undefined
}
